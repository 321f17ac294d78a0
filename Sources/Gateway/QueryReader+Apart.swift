// What is typed in several words and texts have as one: numbers, as in `10 000`, and letters that
// an apostrophe joins to what is behind them, as in `o clock` and `d artagnan`. The words are words
// like any others, and what they are together is looked for too.

import TextIndex

extension QueryReader {
    /// Words side by side that stand for something together, from a place on.
    typealias Together = (clauses: [TextQuery.Clause], count: Int)

    /// A number or a word with its letter that the item at a place begins; nil when it is an item
    /// like any other.
    mutating func apart(
        _ items: [QuerySyntax.Item], at place: Int, _ numbers: [Int: NumberRun],
        _ occurrence: TextQuery.Occurrence
    ) -> Together? {
        if let run = numbers[place] {
            let groups = items[place..<place + run.count]
            return (number(groups, run.digits, occurrence), run.count)
        }
        guard place + 1 < items.count, let letter = Self.plainWord(items[place]),
            Self.isLetter(letter[...]), let word = Self.plainWord(items[place + 1]), word.count > 1
        else { return nil }
        let both = items[place..<place + 2].flatMap { clauses($0, occurrence) }
        // As much as both, which rows may have that have no such word.
        let whole = QuerySyntax.Item(node: .word(letter + [UInt8(ascii: "'")] + word), boost: 2)
        return (Self.together(both, or: clauses(whole, .should), occurrence), 2)
    }

    /// What an item without a sign or a boost is; nil when it is more than a word.
    static func plainWord(_ item: QuerySyntax.Item) -> [UInt8]? {
        guard item.sign == .none, item.boost == 1, case .word(let text) = item.node else {
            return nil
        }
        return text
    }

    /// What was typed in quotes, and the same with what texts have as one or spell otherwise.
    mutating func together(inQuotes tokens: [Token], _ text: [UInt8]) -> TextQuery.Content? {
        guard let parts = together(tokens, slop: 0) else { return nil }
        let words = tokens.filter { !$0.place.isOtherForm }
        guard words.count <= Self.phraseWordsMax else { return parts }
        let others =
            [numbered(words, text), joined(words, text)].compactMap { $0 } + spelled(words, text)
        guard !others.isEmpty else { return parts }
        let wholes = others.map { terms -> TextQuery.Content in
            terms.count == 1 ? .terms(terms, slop: 0) : phrase(terms, slop: 0)
        }
        return .group(([parts] + wholes).map { TextQuery.Clause(.should, $0) }, atLeast: nil)
    }

    /// A phrase with each such letter joined to the word behind it; nil when there is none, or no
    /// other phrase comes of it.
    private func joined(_ words: [Token], _ text: [UInt8]) -> [[UInt8]]? {
        var joined = text
        for word in words where word.place.kind == .word && Self.isLetter(text[word.range]) {
            let end = word.range.upperBound
            guard end < text.count, text[end] == UInt8(ascii: " ") else { continue }
            joined[end] = UInt8(ascii: "'")
        }
        guard joined != text else { return nil }
        let terms = analyzer.terms(joined)
        return terms.count < words.count ? terms.map(TermKey.word) : nil
    }

    private static func isLetter(_ text: ArraySlice<UInt8>) -> Bool {
        text.count == 1 && text.allSatisfy { Analyzer.isNamePrefix($0 | 0x20) }
    }
}
