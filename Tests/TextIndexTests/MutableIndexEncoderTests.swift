// A memtable's terms as a segment has them, against lists that are renumbered and sorted plainly.

import TestSupport
import Testing
import TextIndex

struct MutableIndexEncoderTests {
    /// Terms of all kinds and of all frequencies: some in nearly every document, most in a few.
    private func lists(_ documents: Int, _ random: inout SeededRandom) -> [[UInt8]: [Posting]] {
        var lists: [[UInt8]: [Posting]] = [:]
        let kinds: [TermKind] = [.word, .word, .word, .stem, .written, .attribute, .title]
        for number in 0..<90 {
            let kind = kinds[number % kinds.count]
            let rarity = [1, 3, 20, 100, 1_000][number % 5]
            var list: [Posting] = []
            for document in 0..<UInt32(documents) where random.oneIn(rarity) {
                var posting = Posting(document: document)
                var position: UInt32 = 0
                repeat {
                    position += UInt32.random(in: 1...200, using: &random)
                    posting.positions.append(position)
                } while random.oneIn(4)
                list.append(posting)
            }
            lists[[kind.rawValue] + Array("term \(number)".utf8)] = list
        }
        return lists
    }

    /// What the segment is to have of a term.
    private func expected(
        _ list: [Posting], _ kind: TermKind, _ numbers: [UInt32], _ order: TextOrder
    ) -> [Posting] {
        list.compactMap { posting in
            let number = numbers[Int(posting.document)]
            guard number != MutableIndexEncoder.dropped else { return nil }
            let isByOrdinal = [.word, .stem, .written].contains(kind)
            return Posting(
                document: isByOrdinal ? order.ordinals[Int(number)] : number,
                positions: posting.positions)
        }.sorted { $0.document < $1.document }
    }

    @Test(arguments: [0, 1, 25, 6_000], [false, true])
    func `terms are renumbered, sorted and encoded`(documents: Int, isShuffled: Bool) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var sample = TextSample()
        sample.terms = lists(documents, &random)
        sample.lengthCodes = Array(repeating: 1, count: documents)
        let memory = sample.memory()
        var kept = (0..<documents).filter { _ in !random.oneIn(7) }
        if isShuffled { kept.shuffle(using: &random) }
        var numbers = [UInt32](repeating: MutableIndexEncoder.dropped, count: documents)
        for (number, document) in kept.enumerated() { numbers[document] = UInt32(number) }
        let lengths = kept.map { _ in UInt8.random(in: 1...40, using: &random) }
        let order = TextOrder(lengths: lengths)

        var tokens: UInt64 = 0
        let sections = try TextSample.sections(lengths) { writer in
            var encoder = MutableIndexEncoder(memory.index, numbers: numbers, order: order)
            try encoder.run(into: &writer)
            tokens = encoder.tokens
        }
        var words = 0
        for (term, list) in sample.terms {
            guard let kind = TermKind(rawValue: term[0]), kind != .title else {
                #expect(try sections.dictionary.find(term) == nil)
                continue
            }
            let expected = expected(list, kind, numbers, order)
            guard let info = try sections.dictionary.find(term) else {
                #expect(expected.isEmpty, "seed \(seed), \(term)")
                continue
            }
            let cursor = try sections.cursor(info, withPositions: kind == .word)
            if kind == .word { words += expected.reduce(0) { $0 + $1.positions.count } }
            for posting in expected {
                try #require(cursor.document == posting.document, "seed \(seed), \(term)")
                let frequency = kind == .attribute ? 1 : posting.positions.count
                #expect(cursor.frequency == UInt32(frequency), "seed \(seed), \(term)")
                if kind == .word {
                    var positions: [UInt32] = []
                    cursor.positions(into: &positions)
                    #expect(positions == posting.positions, "seed \(seed), \(term)")
                }
                cursor.advance()
            }
            #expect(cursor.document == PostingsCursor.end)
        }
        #expect(tokens == UInt64(words))
    }
}
