// Dense terms are read back as they were written: by a walk, by skips, and as windows.

import Storage
import TestSupport
import Testing
import TextIndex

struct DensePostingsTests {
    /// A term held by one in `share` of some documents; one in `repeated` of those holds it often.
    private func sample(
        _ documents: Int, share: Int, repeated: Int, _ random: inout SeededRandom
    ) -> TextSample {
        var sample = TextSample()
        sample.lengthCodes = [UInt8](repeating: 9, count: documents)
        let all = (0..<documents).compactMap { document -> Posting? in
            guard share == 1 || !random.oneIn(share) == (share < 3) else { return nil }
            let most = random.oneIn(repeated) ? [2, 3, 16, 17, 40][Int(random.next() % 5)] : 1
            var position = UInt32(random.next() % 9)
            let positions = (0..<most).map { _ in
                defer { position += UInt32.random(in: 1...3, using: &random) }
                return position
            }
            return Posting(document: UInt32(document), positions: positions)
        }
        sample.terms = [
            [1, 1]: [Posting(document: 3, positions: [1, 2])], [1, 2]: all,
            [1, 3]: [Posting(document: 4, positions: [1])],
        ]
        return sample
    }

    @Test(arguments: [4_096, 4_097, 8_191, 13_000], [1, 2, 5, 12])
    func `a dense term comes back`(documents: Int, share: Int) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for repeated in [3, 1_000_000] {
            let sample = sample(documents, share: share, repeated: repeated, &random)
            let all = try #require(sample.terms[[1, 2]])
            try #require(all.count * 16 >= documents)
            let sections = try sample.sections()
            let cursor = try #require(try sections.cursor([1, 2]))
            #expect(cursor.rest() == all, "seed \(seed)")
            for step in [1, 3, 130, 700, 5_000] {
                let cursor = try #require(try sections.cursor([1, 2]))
                var positions: [UInt32] = []
                for target in stride(from: 0, to: documents, by: step) {
                    cursor.advance(to: UInt32(target))
                    let expected = all[all.partition(from: UInt32(target))...].first
                    #expect(cursor.document == expected?.document ?? PostingsCursor.end)
                    guard let expected else { break }
                    #expect(cursor.frequency == UInt32(expected.positions.count), "seed \(seed)")
                    cursor.positions(into: &positions)
                    #expect(positions == expected.positions, "seed \(seed)")
                }
            }
            // And whole again by a check, which reads as a merge does.
            var check = TextCheck(sections, Pace())
            #expect(check.run()?.what == nil)
            #expect(check.tokens == UInt64(3 + all.reduce(0) { $0 + $1.positions.count }))
        }
    }
}

extension [Posting] {
    /// The index of the first document that is `target` or later.
    fileprivate func partition(from target: UInt32) -> Int {
        firstIndex { $0.document >= target } ?? count
    }
}
