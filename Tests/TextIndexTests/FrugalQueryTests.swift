// Of many words side by side the too frequent ones are left out, the same ones however the
// documents are spread.

import TestSupport
import Testing
import TextIndex

@Suite struct FrugalQueryTests {
    private func view(_ documents: Range<Int>) -> MutableIndexView {
        let index = MutableIndex(Arena())
        for (document, number) in documents.enumerated() {
            for word in 0..<40 where number % (word + 1) == 0 {
                let term = Array("w\(word)".utf8)
                unsafe term.withUnsafeBufferPointer { bytes in
                    for position in [UInt32(word * 2), UInt32(word * 2 + 1)] {
                        unsafe index.add(
                            .word, bytes, document: UInt32(document), position: position)
                    }
                }
            }
        }
        return MutableIndexView(index, documentCount: UInt32(documents.count))
    }

    private func query(_ words: Int) -> TextQuery {
        TextQuery(
            clauses: (0..<words).map { .init(.should, [TermKey.word(Array("w\($0)".utf8))]) })
    }

    /// How many of 40 words are in so many of 1,000 documents, rarest first.
    private func rarest(postings: Int) -> Int {
        var sum = 0
        return (0..<40).reversed().prefix { word in
            sum += (1_000 + word) / (word + 1)
            return sum <= postings
        }.count
    }

    @Test func `few words all count, of many the rarest do`() throws {
        let whole = view(0..<1_000)
        var few = query(TextQuery.wordsUntouched)
        #expect(try few.becomeFrugal(over: [whole]).isEmpty)
        #expect(few == query(TextQuery.wordsUntouched))
        var many = query(40)
        let ignored = try many.becomeFrugal(over: [whole])
        #expect(many.clauses.count == rarest(postings: 500))
        #expect(ignored.count == 40 - many.clauses.count)
        #expect(ignored.first == TermKey.word(Array("w0".utf8)))
        var parts = query(40)
        #expect(try parts.becomeFrugal(over: [view(0..<300), view(300..<1_000)]) == ignored)
        #expect(parts == many)
        var fewer = query(40)
        _ = try fewer.becomeFrugal(over: [whole], postings: 400)
        #expect(fewer.clauses.count == rarest(postings: 400))
        #expect(fewer.clauses.count < many.clauses.count)
        var required = query(40)
        for place in required.clauses.indices { required.clauses[place].occurrence = .must }
        #expect(try required.becomeFrugal(over: [whole]).isEmpty)
        var counted = query(40)
        counted.atLeast = 2
        #expect(try counted.becomeFrugal(over: [whole]).isEmpty)
    }
}
