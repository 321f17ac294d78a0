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

    @Test func `a run of characters is broken between any two`() {
        // The first line ends with a pair's first character alone, as texts do.
        #expect(splits("見える") == ["見え え | る", "見 | える"])
        #expect(
            splits("左に見える") == ["左に に見 見え え | る", "左に に見 見 | える", "左に に | 見え える", "左 | に見 見え える"])
        #expect(splits("見え") == ["見 | え"])
    }

    @Test func `a run of characters before a word is broken where it ends too`() {
        #expect(splits("見える ok") == ["見え える る | ok", "見え え | る ok", "見 | える る ok"])
        #expect(splits("ok 見える") == ["ok 見え え | る", "ok 見 | える", "ok | 見え える"])
    }

    @Test func `both pieces are what lines are indexed by`() {
        func word(_ token: Token) -> [UInt8] { TermKey.word(token.term) }
        for phrase in ["左に見えるのは", "가나 다라", "ガラスのドア", "ไปกันเถอะ", "ok 見える go", "我们，去吧"] {
            let analyzer = Analyzer(.auto)
            let all = PhraseSplit.all(
                of: analyzer.terms(Array(phrase.utf8)).map { TermKey.word($0) })
            let characters = Array(phrase)
            for split in 1..<characters.count {
                let isInWord = characters[split - 1].isASCII && characters[split].isASCII
                if isInWord { continue }
                let parts = [characters[..<split], characters[split...]].map {
                    analyzer.tokens(Array(String($0).utf8), ofLine: true)
                }
                let before = parts[0].filter { !$0.place.isOtherForm }.map(word)
                // A phrase does not tell what a last character would be paired with.
                let after = parts[1].filter { !$0.place.isOtherForm }.map(word)
                #expect(
                    all.contains {
                        $0.before.suffix(2) == before.suffix(2)
                            && ($0.after == after || $0.after == after.dropLast())
                    }, "\(phrase) at \(split)")
            }
        }
    }
}
