// Typed text becomes a query, whatever was typed.

import Gateway
import Glibc
import TestSupport
import Testing
import TextIndex

@Suite struct QueryReaderTests {
    private func query(_ text: String, _ match: QueryReader.Match = .any) -> TextQuery {
        QueryReader.read(
            QuerySyntax(Array(text.utf8)), match, Analyzer(), attributes: [Array("speaker".utf8)]
        ).query
    }

    private func read(_ text: String, _ match: QueryReader.Match = .any) -> [TextQuery.Clause] {
        query(text, match).clauses
    }

    private func term(_ word: String) -> [UInt8] { TermKey.word(Array(word.utf8)) }

    private func clause(
        _ occurrence: TextQuery.Occurrence, _ words: String...
    ) -> TextQuery.Clause {
        TextQuery.Clause(occurrence, words.map(term))
    }

    private func group(
        _ occurrence: TextQuery.Occurrence, _ clauses: [TextQuery.Clause], boost: Float = 1
    ) -> TextQuery.Clause {
        TextQuery.Clause(occurrence, .group(clauses, atLeast: nil), boost: boost)
    }

    @Test func `words may occur, signs say must and must not, quotes keep together`() {
        #expect(read("Go back") == [clause(.should, "go"), clause(.should, "back")])
        #expect(read("+go -back") == [clause(.must, "go"), clause(.mustNot, "back")])
        #expect(read("\"we have\" to") == [clause(.should, "we", "have"), clause(.should, "to")])
        #expect(read("-\"go back\"") == [clause(.mustNot, "go", "back")])
        #expect(read("go back", .all) == [clause(.must, "go"), clause(.must, "back")])
        #expect(query("go way back", .atLeast(2)).atLeast == 2)
        #expect(query("go +way back", .atLeast(9)).atLeast == 2)
        let forms = [clause(.should, "well", "known"), clause(.should, "wellknown")]
        #expect(read("well-known") == forms)
        #expect(read("+well-known") == forms)
        #expect(read("\"well-known\"") == [clause(.should, "well", "known")])
        #expect(read("a +well-known") == [clause(.should, "a"), group(.must, forms)])
    }

    @Test func `dashes of who speaks are no signs`() {
        let line = [clause(.should, "we"), clause(.should, "go")]
        #expect(read("-We go.") == line && read("--we go") == line && read(" -We go… ") == line)
        #expect(read("-We?\n-Go!") == line && read("-We? -Go!") == line)
        #expect(read("-We\n-Go.") == line)
        #expect(read("-we go") == [clause(.mustNot, "we"), clause(.should, "go")])
        #expect(read("go -we.") == [clause(.should, "go"), clause(.mustNot, "we")])
        #expect(read("-Go -we.") == [clause(.should, "go"), clause(.mustNot, "we")])
        #expect(read("-go。") == [clause(.should, "go")] && read("-").isEmpty)
    }

    @Test func `operators take what stands beside them, or weaker than and`() {
        let a = clause(.should, "a")
        let (b, c) = (clause(.must, "b"), clause(.must, "c"))
        #expect(read("a | b & c") == [a, group(.should, [b, c])])
        #expect(read("a b & c") == [a, group(.should, [b, c])])
        let either = group(.must, [a, clause(.should, "d")], boost: 2)
        #expect(read("(a | d)^2 & c") == [either, c])
        #expect(read("-(a d)") == [clause(.mustNot, "a"), clause(.mustNot, "d")])
        #expect(read("r&b") == [clause(.should, "r", "b")])
        #expect(read("c & -d") == [c, clause(.mustNot, "d")])
    }

    @Test
    func `groups that ask nothing of their own are opened, and what is said twice is said once`() {
        let (a, c, d) = (clause(.should, "a"), clause(.should, "c"), clause(.should, "d"))
        #expect(read("(a | d) | c") == [a, d, c])
        #expect(read("(a | (d | (c)))") == [a, d, c])
        #expect(read("(a d) c") == [a, d, c])
        let b = clause(.must, "b")
        #expect(
            read("(b & (c & e)) & b") == [
                b.times(2), clause(.must, "c"), clause(.must, "e"),
            ])
        #expect(read("+(a | d) c") == [group(.must, [a, d]), c])
        #expect(read("(a | (d | (a))^2)") == [a.times(3), d.times(2)])
        #expect(read("\"a d\" \"a d\"") == [clause(.should, "a", "d").times(2)])
        #expect(read("-c -c") == [clause(.mustNot, "c").times(2)])
        let deep =
            String(repeating: "(a | ", count: 10_000) + "d" + String(repeating: ")", count: 10_000)
        #expect(read(deep) == [a.times(256)])
    }

    @Test func `quotes of other kinds keep together too`() {
        let phrase = [clause(.should, "go", "back")]
        for text in [
            "“go back”", "„go back“", "”go back”", "« go back »", "»go back«", "“Go back„",
        ] {
            #expect(read(text) == phrase, "\(text)")
        }
        #expect(read("don’t go") == [clause(.should, "dont"), clause(.should, "go")])
        #expect(read("+“go back” x") == [clause(.must, "go", "back"), clause(.should, "x")])
        #expect(read("“go back»") == [clause(.should, "go"), clause(.should, "back")])
        #expect(read("“") == [] && read("«»") == [] && read("x«") == [clause(.should, "x")])
        let two = TermKey.attribute(Array("speaker".utf8), Array("two words".utf8))
        #expect(read("speaker:“Two words”") == [.init(.filter, .anyOf([two]))])
        let spoken = QuerySyntax(Array("“go back” »way«".utf8)).spoken
        #expect(spoken == [3..<10, 16..<19])
    }

    @Test func `a quote between Hebrew letters is a part of their word`() {
        let word = clause(.should, "בצהל")
        for text in ["בצה\"ל", "בצה״ל", "בצה”ל", "בצהל"] {
            #expect(read(text) == [word], "\(text)")
        }
        let phrase = [clause(.should, "אני", "בצהל", "בארהב")]
        #expect(read("\"אני בצה\"ל בארה\"ב\"") == phrase.map { $0 })
        #expect(read("“אני בצה”ל בארה”ב”") == phrase)
        #expect(read("\"אני\" לא") == [clause(.should, "אני"), clause(.should, "לא")])
    }

    @Test func `abbreviations are one word, in quotes too`() {
        let dotted = [clause(.should, "fbi"), clause(.should, "f.b.i")]
        #expect(read("F.B.I.") == dotted)
        #expect(read("FBI") == [clause(.should, "fbi")])
        #expect(read("\"the F.B.I. man\"") == [clause(.should, "the", "fbi", "man")])
        #expect(read("90's") == [clause(.should, "90s")])
        #expect(read("F-16") == [clause(.should, "f", "16"), clause(.should, "f16")])
    }

    @Test func `what hangs on a word says how it is meant`() {
        func only(_ text: String) -> TextQuery.Clause? { read(text).first }
        #expect(only("pre*") == .init(.should, .prefix(term("pre"))))
        #expect(only("fuzy~1") == .init(.should, .fuzzy(term("fuzy"), edits: 1)))
        #expect(only("ab~") == .init(.should, .terms([term("ab")], slop: 0)))
        #expect(only("fuzy~") == .init(.should, .fuzzy(term("fuzy"), edits: 1)))
        #expect(only("longer~") == .init(.should, .fuzzy(term("longer"), edits: 2)))
        #expect(only("go^2.5") == .init(.should, .terms([term("go")], slop: 0), boost: 2.5))
        #expect(only("go*^2") == .init(.should, .prefix(term("go")), boost: 2))
        #expect(
            only("\"go back\"~3^2")
                == .init(
                    .should, .terms([term("go"), term("back")], slop: 3), boost: 2))
        let others = [
            TextQuery.Clause(.must, .prefix(TermKey.anyWritten(Array("going".utf8)))),
            TextQuery.Clause(.mustNot, [TermKey.plainWritten(Array("going".utf8))]),
        ]
        #expect(read("=Going") == [clause(.must, "going"), group(.mustNot, others)])
        #expect(only("=Oú") == .init(.should, [TermKey.written(Array("ou ou\u{301}".utf8))]))
        let speaker = Array("speaker".utf8)
        let okafor = TermKey.attribute(speaker, Array("okafor".utf8))
        #expect(only("speaker:Okafor") == .init(.filter, .anyOf([okafor])))
        #expect(only("-speaker:Okafor") == .init(.mustNot, .anyOf([okafor])))
        let two = TermKey.attribute(speaker, Array("two words".utf8))
        #expect(only("speaker:\"Two words\"") == .init(.filter, .anyOf([two])))
        let noted = [clause(.should, "note", "well"), clause(.should, "notewell")]
        #expect(read("note:well") == noted)
        #expect(read("note:\"a b\"") == [clause(.should, "note"), clause(.should, "a", "b")])
    }

    @Test(arguments: [
        "\"", "((", "))", ")(", "a |", "| a", "+", "-", "+ -", "&", "^2", "*", "~", "a~9", "=",
        ":x", "x:", "a^", "\"\"~", "()", "+()", "a | | b", "& & a", "^", "a**", "~~", "\"a",
        "a\u{202E}b",
    ])
    func `a stray quote, sign or operator is text`(text: String) {
        let letters = "abx".filter { text.contains($0) }
        var found: [UInt8] = []
        func collect(_ clauses: [TextQuery.Clause]) {
            for clause in clauses {
                switch clause.content {
                case .terms(let terms, _): found += terms.joined()
                case .prefix(let term): found += term
                case .group(let inner, _): collect(inner)
                default: break
                }
            }
        }
        collect(read(text))
        #expect(letters.utf8.allSatisfy { found.contains($0) }, "\(text)")
    }

    @Test func `what is too much is dropped, and said to be`() {
        let words = (0..<10_000).map { "w\($0)" }.joined(separator: " ")
        let many = QueryReader.read(QuerySyntax(Array(words.utf8)), .any, Analyzer())
        #expect(many.query.leaves.count == QuerySyntax.leavesMax)
        #expect(many.dropped == 10_000 - QuerySyntax.leavesMax)
        let deep = String(repeating: "(", count: 1_000) + "a" + String(repeating: ")", count: 1_000)
        #expect(query(deep).leaves.count == 1)
        let open = (0..<20_000).map { "(w\($0) " }.joined()
        #expect(query(open).leaves.count == QuerySyntax.leavesMax)
        let again = QueryReader.read(
            QuerySyntax(Array(String(repeating: "a ", count: 999).utf8)), .any, Analyzer())
        #expect(again.query.clauses == [.init(.should, .terms([term("a")], slop: 0), boost: 256)])
        #expect(again.dropped == 999 - QuerySyntax.leavesMax)
        let long = QueryReader.read(
            QuerySyntax(Array("\"\(words.prefix(900))\"".utf8)), .any, Analyzer())
        guard case .terms(let phrase, 0)? = long.query.clauses.first?.content else {
            Issue.record("no phrase")
            return
        }
        #expect(phrase.count == QueryReader.phraseWordsMax)
        #expect(long.dropped > 100)
        let phrases = read((0..<40).map { "\"a w\($0)\"~9" }.joined(separator: " "))
        let (plain, sloppy) = phrases.reduce(into: (0, 0)) { counts, clause in
            guard case .terms(_, let slop) = clause.content else { return }
            if slop > 0 { counts.1 += 1 } else { counts.0 += 1 }
        }
        #expect(sloppy == QueryReader.sloppyMax)
        #expect(plain + sloppy == QueryReader.phrasesMax)
        #expect(read("a~2") == [clause(.should, "a")])
        #expect(read("abc~2") == [.init(.should, .fuzzy(term("abc"), edits: 1))])
        let excluded = read((0..<99).map { "-w\($0)" }.joined(separator: " "))
        #expect(excluded.count == QueryReader.excludedMax)
        #expect(read(words, .all).count == QueryReader.requiredMax)
        let values = read("speaker:" + (0..<2_000).map { "v\($0)" }.joined(separator: ","))
        guard case .anyOf(let terms)? = values.first?.content else {
            Issue.record("no values")
            return
        }
        #expect(terms.count == QueryReader.valuesMax)
        let short = read("a* b* c* de* fg*").count {
            if case .prefix = $0.content { true } else { false }
        }
        #expect(short == 2)
        let prefixes = (0..<20).map { "pre\($0)*" }.joined(separator: " ")
        let expanded = read(prefixes).count { if case .prefix = $0.content { true } else { false } }
        #expect(expanded == QueryReader.expansionsMax)
        // A character alone is looked up once.
        let alone = read("左右上下前後東西南北春夏秋冬".map(String.init).joined(separator: " "))
        let begun = alone.count { if case .prefix = $0.content { true } else { false } }
        #expect(begun == QueryReader.expansionsMax)
    }

    @Test func `words that are to be found as they are are known by their places`() {
        let text = Array("go +back -not \"a phrase\" =form pre* fuz~ speaker:ann b^2".utf8)
        let words = QuerySyntax(text).spoken.map { String(decoding: text[$0], as: UTF8.self) }
        #expect(words == ["go", "back", "a phrase", "=form", "b"])
    }

    @Test func `large queries of every kind are read within ten milliseconds`() {
        for part in ["(a ", "a|", "+a ", "\"a\" ", "a~1 ", "((", "\"", "a&b ", "字", "x:y "] {
            let text = Array(String(repeating: part, count: 65_536 / part.utf8.count).utf8)
            var best = Int.max
            for _ in 0..<20 {
                let start = Self.nanoseconds
                _ = QueryReader.read(QuerySyntax(text), .any, Analyzer())
                best = min(best, Self.nanoseconds - start)
            }
            #expect(best < 10_000_000, "\(part) takes \(best) ns")
        }
    }

    /// What this thread has used of a processor, whatever runs beside it.
    private static var nanoseconds: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    @Test func `nothing typed is an error`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let alphabet = Array("ab+-\"() \t|&~^*=:12.{}é字".utf8)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...16, using: &random)
            let text = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let query = QueryReader.read(
                QuerySyntax(text), .any, Analyzer(), attributes: [[97]]
            ).query
            let isSound = query.leaves.allSatisfy { leaf in
                if case .terms(let terms, _) = leaf.content { return !terms.isEmpty }
                return true
            }
            #expect(isSound, "seed \(seed)")
            _ = Highlight(query, Analyzer()).mark(text)
        }
    }

    @Test func `what matched is marked, and what was ruled out is not`() {
        func mark(_ typed: String, _ text: String) -> String {
            let marked = Highlight(query(typed), Analyzer()).mark(Array(text.utf8))
            return String(decoding: marked, as: UTF8.self)
        }
        #expect(mark("GO -home", "Gö home, go!") == "[[Gö]] home, [[go]]!")
        #expect(mark("\"go back\"", "go on, go back") == "go on, [[go]] [[back]]")
        #expect(mark("ho* | lagn~1", "Land ho, home.") == "Land [[ho]], [[home]].")
        #expect(mark("(lnad~1)", "Land ho") == "[[Land]] ho")
    }
}

extension TextQuery.Clause {
    /// The same, weighing so many times as much.
    fileprivate func times(_ count: Float) -> TextQuery.Clause {
        var clause = self
        clause.boost *= count
        return clause
    }
}
