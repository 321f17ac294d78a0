// Which segments are merged, as a table.

import Segments
import Testing

@Suite struct MergePolicyTests {
    private func segments(_ megabytes: [UInt64], deleted: [Int: Int] = [:]) -> [MergeCandidate] {
        megabytes.enumerated().map { index, size in
            MergeCandidate(
                id: UInt64(index + 1), bytes: size << 20, documents: 1_000,
                deleted: deleted[index + 1] ?? 0)
        }
    }

    private func choose(_ segments: [MergeCandidate], fanout: Int = 4) -> [UInt64]? {
        var policy = MergePolicy()
        policy.fanout = fanout
        return policy.choose(segments)?.sorted()
    }

    @Test func `few or different segments stay`() {
        #expect(choose([]) == nil)
        #expect(choose(segments([1, 1, 1])) == nil)
        #expect(choose(segments([1, 10, 100, 1_000])) == nil)
    }

    @Test func `as many of one size as the fanout says are merged`() {
        #expect(choose(segments([1, 1, 1, 1])) == [1, 2, 3, 4])
        #expect(choose(segments([50, 60, 1_000, 40, 55])) == [1, 2, 4, 5])
        #expect(choose(segments([1, 1, 1]), fanout: 3) == [1, 2, 3])
    }

    @Test func `smaller ones come along`() {
        #expect(choose(segments([50, 2, 60, 40, 55])) == [1, 2, 3, 4, 5])
    }

    @Test func `a segment is cleaned when a quarter of it is deleted, however large`() {
        #expect(choose(segments([9_000, 1], deleted: [1: 250])) == [1])
        #expect(choose(segments([9_000, 1], deleted: [1: 249])) == nil)
        #expect(choose(segments([1, 1], deleted: [2: 1_000])) == [2])
    }

    @Test func `segments of half the largest merge are left alone`() {
        #expect(choose(segments([3_000, 3_000, 3_000, 3_000])) == nil)
        #expect(choose(segments([2_000, 2_000, 2_000, 2_000])) == [1, 2])
    }

    @Test func `nothing is merged unasked below a fanout of two`() {
        #expect(choose(segments([1, 1, 1, 1, 1], deleted: [1: 1_000]), fanout: 1) == nil)
    }
}
