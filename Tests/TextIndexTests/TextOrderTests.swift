// Documents by length, and the way between their two numbers.

import TestSupport
import Testing
import TextIndex

struct TextOrderTests {
    @Test(arguments: [0, 1, 5, 700]) func `documents are sorted by length and stay in order`(
        count: Int
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let lengths = (0..<count).map { _ in UInt8.random(in: 0...12, using: &random) }
        let order = TextOrder(lengths: lengths)
        let sorted = (0..<UInt32(count)).sorted {
            (lengths[Int($0)], $0) < (lengths[Int($1)], $1)
        }
        #expect(order.documents == sorted, "seed \(seed)")
        for (ordinal, document) in sorted.enumerated() {
            #expect(order.ordinals[Int(document)] == UInt32(ordinal))
        }
        for stratum in order.strata {
            for ordinal in stratum.documents {
                #expect(lengths[Int(sorted[Int(ordinal)])] == stratum.lengthCode)
            }
        }
        guard count > 0 else { return }
        var sample = TextSample()
        sample.lengthCodes = lengths
        let sections = try sample.sections()
        #expect(sections.strata == order.strata)
        for document in 0..<UInt32(count) {
            let ordinal = sections.ordinal(document)
            #expect(
                ordinal == order.ordinals[Int(document)] && sections.document(ordinal) == document)
        }
        for _ in 0..<50 {
            let cuts = (0..<2).map { _ in UInt32.random(in: 0...UInt32(count), using: &random) }
                .sorted()
            let ordinals = sections.ordinals(cuts[0]..<cuts[1]).flatMap { Array($0) }
            let expected = (cuts[0]..<cuts[1]).map { order.ordinals[Int($0)] }.sorted()
            #expect(ordinals == expected, "seed \(seed), \(cuts)")
        }
    }
}
