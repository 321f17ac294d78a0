// Typed text becomes a query, whatever was typed.

import Gateway
import TestSupport
import Testing
import TextIndex

@Suite struct QueryReaderTests {
    private func read(_ text: String, all: Bool = false) -> [TextQuery.Clause] {
        QueryReader.read(Array(text.utf8), matchesAll: all, Analyzer()).clauses
    }

    private func clause(
        _ occurrence: TextQuery.Occurrence, _ words: String...
    ) -> TextQuery.Clause {
        TextQuery.Clause(occurrence, words.map { TermKey.word(Array($0.utf8)) })
    }

    @Test func `words may occur, signs say must and must not, quotes keep together`() {
        #expect(read("Go back") == [clause(.should, "go"), clause(.should, "back")])
        #expect(read("+go -back") == [clause(.must, "go"), clause(.mustNot, "back")])
        #expect(read("\"we have\" to") == [clause(.should, "we", "have"), clause(.should, "to")])
        #expect(read("-\"go back\"") == [clause(.mustNot, "go", "back")])
        #expect(read("go back", all: true) == [clause(.must, "go"), clause(.must, "back")])
    }

    @Test func `a stray quote or sign is text`() {
        #expect(read("say \"go") == [clause(.should, "say"), clause(.should, "go")])
        #expect(read("+ - go") == [clause(.should, "go")])
        #expect(read("\"\" \"") == [])
        #expect(read("well-known") == [clause(.should, "well"), clause(.should, "known")])
        #expect(read("+well-known") == [clause(.must, "well", "known")])
    }

    @Test func `nothing typed is an error`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let alphabet = Array("ab+-\"() \t{}=é字".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let query = QueryReader.read(text, matchesAll: false, Analyzer())
            #expect(query.clauses.allSatisfy { !$0.terms.isEmpty }, "MSPD_SEED=\(seed)")
        }
    }

    @Test func `matched words are marked, and those ruled out are not`() {
        let query = QueryReader.read(Array("GO -home".utf8), matchesAll: false, Analyzer())
        let marked = Highlight(query, Analyzer()).mark(Array("Gö home, go!".utf8))
        #expect(String(decoding: marked, as: UTF8.self) == "[[Gö]] home, [[go]]!")
    }
}
