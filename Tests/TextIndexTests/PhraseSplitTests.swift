// Where phrases may be broken, in scripts with and without spaces.

import Testing
import TextIndex

@Suite struct PhraseSplitTests {
    private func splits(_ phrase: String, _ language: Language = .auto) -> [String] {
        let terms = Analyzer(language).terms(Array(phrase.utf8)).map { TermKey.word($0) }
        func text(_ terms: [[UInt8]]) -> String {
            terms.map { String(decoding: $0.dropFirst(), as: UTF8.self) }.joined(separator: " ")
        }
        return PhraseSplit.all(of: terms).map { "\(text($0.before)) | \(text($0.after))" }
    }

    @Test func `a phrase is broken between any two words`() {
        #expect(
            splits("We have to go") == ["we have to | go", "we have | to go", "we | have to go"])
        #expect(splits("well-known") == ["well | known"])
        #expect(splits("back").isEmpty)
        #expect(splits("").isEmpty)
    }

    @Test func `a run of characters is broken between any two, but before the last`() {
        // The first line ends with a pair and its second character alone, as texts do.
        #expect(splits("見える") == ["見 | える"])
        #expect(splits("左に見える") == ["左に に見 見 | える", "左に に | 見え える", "左 | に見 見え える"])
        #expect(splits("見え").isEmpty)
    }

    @Test func `what follows a run lets a character alone begin a line`() {
        #expect(splits("見える ok") == ["見え える る | ok", "見え え | る ok", "見 | える ok"])
        #expect(splits("ok 見える") == ["ok 見 | える", "ok | 見え える"])
    }

    @Test func `both pieces are what lines are indexed by`() {
        for phrase in ["左に見えるのは", "가나다라", "ガラスのドア", "ไปกันเถอะ", "ok 見える go", "我们去吧"] {
            let analyzer = Analyzer(.auto)
            let characters = Array(phrase)
            for split in 1..<characters.count {
                let isInWord = characters[split - 1].isASCII && characters[split].isASCII
                if isInWord { continue }
                let parts = [characters[..<split], characters[split...]].map {
                    Array(String($0).utf8)
                }
                let (first, second) = (parts[0], parts[1])
                // A character alone at the end of the phrase is not looked for.
                if analyzer.tokens(second).first?.place.kind == .lone, split == characters.count - 1
                {
                    continue
                }
                let before = analyzer.tokens(first, tails: true).map { TermKey.word($0.term) }
                let after = analyzer.terms(second).map { TermKey.word($0) }
                guard !before.isEmpty, !after.isEmpty else { continue }
                let all = PhraseSplit.all(
                    of: analyzer.terms(Array(phrase.utf8)).map { TermKey.word($0) })
                #expect(
                    all.contains { $0.after == after && $0.before.suffix(2) == before.suffix(2) },
                    "\(phrase) at \(split)")
            }
        }
    }
}
