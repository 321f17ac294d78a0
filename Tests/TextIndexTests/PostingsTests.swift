// Postings are read back as they were written, whatever their number lies next to and however far
// a walk skips.

import Storage
import TestSupport
import Testing
import TextIndex

struct PostingsTests {
    static let counts = [1, 2, 127, 128, 129, 255, 256, 257, 383, 384, 385, 1_000]

    /// Random postings; `occurrences` makes a document's frequency.
    private func postings(
        _ count: Int, gapsUpTo gap: UInt32, _ random: inout SeededRandom,
        _ occurrences: (inout SeededRandom) -> Int
    ) -> [Posting] {
        var next: UInt32 = 0
        return (0..<count).map { index in
            let document = next + UInt32.random(in: 0..<gap, using: &random)
            next = document + 1
            var position: UInt32 = 0
            let positions = (0..<occurrences(&random)).map { _ in
                position += UInt32.random(in: 1...40, using: &random)
                return position
            }
            return Posting(document: document, positions: positions)
        }
    }

    /// Writes postings between those of two other terms, and opens cursors over them.
    private func reader(_ all: [Posting]) throws -> () throws -> PostingsCursor? {
        var sample = TextSample()
        sample.terms = [
            [1, 1]: [Posting(document: 3, positions: [1, 2])], [1, 2]: all,
            [1, 3]: [Posting(document: 4)],
        ]
        let sections = try sample.sections()
        return { try sections.cursor([1, 2]) }
    }

    @Test(arguments: counts, [UInt32(1), 5, 100_000])
    func `documents frequencies and positions come back`(count: Int, gap: UInt32) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for most in [1, 3, 70] {
            let all = postings(count, gapsUpTo: gap, &random) { random in
                Int.random(in: 1...most, using: &random)
            }
            let open = try reader(all)
            let cursor = try #require(try open())
            #expect(cursor.documentFrequency == count)
            #expect(cursor.rest() == all, "seed \(seed)")
            // Frequencies without positions, and positions of some documents only.
            let frequencies = try #require(try open())
            let some = try #require(try open())
            var positions: [UInt32] = []
            for (index, posting) in all.enumerated() {
                #expect(frequencies.frequency == UInt32(posting.positions.count))
                frequencies.advance()
                some.advance(to: posting.document)
                guard index % 3 == 1 else { continue }
                some.positions(into: &positions)
                #expect(positions == posting.positions, "seed \(seed), \(index)")
            }
        }
    }

    @Test(arguments: counts) func `a walk can skip to every document and between`(count: Int) throws
    {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let all = postings(count, gapsUpTo: 4, &random) { random in random.oneIn(3) ? 2 : 1 }
        let open = try reader(all)
        let last = try #require(all.last).document
        for target in 0...last + 2 {
            let cursor = try #require(try open())
            if random.oneIn(2) { cursor.advance() }
            let start = cursor.document
            cursor.advance(to: target)
            let expected = all.first { $0.document >= max(target, start) }
            #expect(
                cursor.document == expected?.document ?? PostingsCursor.end,
                "seed \(seed), to \(target)")
            guard let expected else { continue }
            #expect(cursor.frequency == UInt32(expected.positions.count), "seed \(seed)")
        }
        // Many skips of one walk.
        for step in [1, 2, 7, 63, 130] {
            let cursor = try #require(try open())
            for posting in all where Int(posting.document) % step == 0 {
                cursor.advance(to: posting.document)
                #expect(cursor.document == posting.document, "seed \(seed)")
            }
            cursor.advance(to: last + 1)
            #expect(cursor.document == PostingsCursor.end)
            cursor.advance(to: PostingsCursor.end)
            #expect(cursor.document == PostingsCursor.end)
        }
    }

    @Test(arguments: counts + [3_000]) func `documents are found among others`(count: Int) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let all = postings(count, gapsUpTo: 9, &random) { random in random.oneIn(3) ? 2 : 1 }
        let open = try reader(all)
        let held = Set(all.map(\.document))
        let last = try #require(all.last).document
        // Blocks next to each other, some apart, and many.
        for share in [1, 40, 500, 5_000] {
            let cursor = try #require(try open())
            for round in 0..<4 {
                let list = (0...last + 3).filter { _ in random.oneIn(share) }
                #expect(
                    list.filter { cursor.holds($0) } == list.filter { held.contains($0) },
                    "seed \(seed), one in \(share), round \(round)")
            }
        }
    }

    @Test(arguments: [1, 128, 130]) func `extremes come back`(count: Int) throws {
        let most = UInt32.max - 1
        var all = (0..<count).map { index in
            Posting(document: UInt32(index), positions: [0, most])
        }
        all[count - 1] = Posting(
            document: most, positions: (0..<5_000).map { $0 * 3 } + [most - 1, most])
        let cursor = try #require(try reader(all)())
        #expect(cursor.rest() == all)
        let frequencies = try #require(try reader(all)())
        frequencies.advance(to: most)
        #expect(frequencies.document == most && frequencies.frequency == 5_002)
    }

    @Test(arguments: counts) func `terms without positions occur once`(count: Int) throws {
        let all = (0..<count).map { Posting(document: UInt32($0 * 2)) }
        let cursor = try #require(try reader(all)())
        for posting in all {
            #expect(cursor.document == posting.document && cursor.frequency == 1)
            cursor.advance()
        }
        #expect(cursor.document == PostingsCursor.end)
    }

    @Test func `a term that nothing holds is left out`() throws {
        var writer = PostingsWriter.inMemory()
        #expect(try writer.finishTerm() == nil)
        #expect(try reader([])() == nil)
    }
}
