// Vectors whose first numbers vary most, whose codes are of their numbers in another order.

import TestSupport
import Testing
import VectorIndex

struct PermutationTests {
    @Test(arguments: Metric.allCases)
    func `vectors whose first numbers vary most are found as well as others`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 3_000, queries: 30, fading: 0.8, &random)
        let index = sample.index(lists: 1)
        let searcher = VectorSearcher()
        let effort = VectorEffort(scanned: 1, ranked: 60)
        let recall = sample.recall {
            searcher.search(index, over: sample.stored, $0, limit: 10, effort)
        }
        #expect(recall > 0.85, "seed \(seed)")
    }

    @Test func `an order that is none is refused`() throws {
        var random = SeededRandom(seed: 31)
        let sample = try VectorSample(.l2, count: 2_000, queries: 0, fading: 0.8, &random)
        let written = WrittenIndex(sample.index(lists: 4))
        // Behind the layout and the count of lists the count of the order, four numbers, and it.
        let count = 16
        #expect(written.sections[.epoch]?[count] == 64)
        for (place, byte) in [(count, UInt8(63)), (count + 20, 48), (count + 23, 0x80)] {
            var broken = written
            broken.sections[.epoch]?[place] = byte
            #expect(throws: VectorDamage.self, "byte \(place)") { try broken.read() }
        }
    }
}
