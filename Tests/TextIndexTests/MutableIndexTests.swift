// A memtable's index against a dictionary of lists, seen whole and from every earlier moment.

import TestSupport
import Testing
import TextIndex

struct MutableIndexTests {
    private func term(_ kind: TermKind, _ bytes: [UInt8]) -> [UInt8] { [kind.rawValue] + bytes }

    private func add(
        _ index: MutableIndex, _ kind: TermKind, _ bytes: [UInt8], _ document: UInt32,
        _ position: UInt32
    ) {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe index.add(kind, bytes, document: document, position: position)
        }
    }

    @Test func `an index holds what a dictionary of lists holds`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let index = MutableIndex(Arena())
        var lists: [[UInt8]: [Posting]] = [:]
        let kinds: [TermKind] = [.word, .word, .attribute, .stem, .title]
        for document in 0..<UInt32(3_000) {
            var position: UInt32 = 0
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let kind = kinds[Int(random.next() % 5)]
                // Rare and frequent terms of all lengths, the empty one among them.
                let x = Double.random(in: 0..<1, using: &random)
                let number = UInt64(x * x * x * 4_000)
                let bytes = [UInt8](
                    repeating: UInt8(truncatingIfNeeded: number), count: Int(number / 256))
                position += UInt32.random(in: 1...300, using: &random)
                add(index, kind, bytes, document, position)
                var list = lists[term(kind, bytes)] ?? []
                if list.last?.document != document { list.append(Posting(document: document)) }
                list[list.count - 1].positions.append(position)
                lists[term(kind, bytes)] = list
            }
        }
        #expect(index.termCount == lists.count)
        for limit in [UInt32(0), 1, 127, 1_500, 2_999, 3_000] {
            for (term, list) in lists {
                let found = index.postings(term, below: limit)
                let visible = list.filter { $0.document < limit }
                #expect(found?.all ?? [] == visible.map(\.document), "seed \(seed)")
                #expect(found?.last == visible.last?.document)
                for (number, posting) in visible.enumerated() {
                    #expect(found.map { Array($0.positions(of: number)) } == posting.positions)
                }
                #expect((found.map { PostingsCursor($0) }?.rest() ?? []) == visible)
            }
        }
        for (term, list) in lists {
            unsafe Array(term.dropFirst()).withUnsafeBufferPointer { bytes in
                let kind = TermKind(rawValue: term[0]) ?? .word
                #expect(unsafe index.lastDocument(kind, bytes) == list.last?.document)
            }
        }
        #expect(index.postings([1, 200, 201], below: 3_000) == nil)
        #expect(index.postings([], below: 3_000) == nil)
        #expect(index.postings([99, 1], below: 3_000) == nil)
        let sorted = index.sortedTerms(except: [.stem, .title]).map { index.bytes(ofTerm: $0) }
        let expected = lists.keys.filter { $0[0] <= TermKind.attribute.rawValue }
        #expect(sorted == expected.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test func `a walk over decoded postings skips to every document`() throws {
        let index = MutableIndex(Arena())
        let documents = (0..<300).map { UInt32($0 * 3 + 1) }
        for document in documents { add(index, .word, [9], document, 0) }
        let view = MutableIndexView(index, documentCount: 1_000)
        for target in UInt32(0)...905 {
            let cursor = try #require(try view.cursor([TermKind.word.rawValue, 9]))
            cursor.advance(to: target)
            let expected = documents.first { $0 >= target } ?? PostingsCursor.end
            #expect(cursor.document == expected)
        }
    }
}
