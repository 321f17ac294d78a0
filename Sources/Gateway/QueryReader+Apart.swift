// What is typed in several words and texts have as one: numbers, as in `10 000`, and letters that
// an apostrophe joins to what is behind them, as in `o clock` and `o brien`. The words are words
// like any others, and what they are together is looked for too.

import TextIndex

extension QueryReader {
    /// Words side by side that stand for something together, from a place on.
    typealias SideBySide = (clauses: [TextQuery.Clause], count: Int)

    /// Other readings of what was typed that are looked for in one query.
    static let readingsMax = 8

    /// A number or a word with its letter that the item at a place begins; nil when it is an item
    /// like any other.
    mutating func asOne(
        _ items: [QuerySyntax.Item], at place: Int, _ numbers: [Int: NumberRun],
        _ synonyms: [Int: SynonymRun], _ occurrence: TextQuery.Occurrence
    ) -> SideBySide? {
        if let run = numbers[place] {
            let groups = items[place..<place + run.count]
            return (number(groups, run.digits, occurrence), run.count)
        }
        guard place + 1 < items.count, numbers[place + 1] == nil, synonyms[place + 1] == nil,
            let letter = Self.plainWord(items[place]), let word = Self.plainWord(items[place + 1]),
            Self.isLetter(letter[...])
        else { return nil }
        let words = [letter, word].flatMap { analyzer.tokens(Self.beginning($0)) }
        guard words.count == 2, let content = joined(words, at: 0) else { return nil }
        let both = items[place..<place + 2].flatMap { clauses($0, occurrence) }
        // As much as both, which rows may have that have no such word.
        let whole = TextQuery.Clause(.should, content, boost: 2)
        return (Self.together(both, or: [whole], occurrence), 2)
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
        var readings: [TextQuery.Content] = []
        if let terms = numbered(words, text), let whole = reading(terms) { readings.append(whole) }
        for place in words.indices.dropLast() where Self.isLetter(text[words[place].range]) {
            let end = words[place].range.upperBound
            guard text[end] == UInt8(ascii: " "), words[place + 1].range.lowerBound == end + 1
            else {
                continue
            }
            if let joined = joined(words, at: place) { readings.append(joined) }
        }
        for terms in spelled(words, text) {
            if let spelled = reading(terms) { readings.append(spelled) }
        }
        guard !readings.isEmpty else { return parts }
        return .group(([parts] + readings).map { TextQuery.Clause(.should, $0) }, atLeast: nil)
    }

    /// Words that follow each other, in another reading; nil when there are too many of them.
    private mutating func reading(_ terms: [[UInt8]]) -> TextQuery.Content? {
        guard readingsLeft > 0 else { return nil }
        readingsLeft -= 1
        return .terms(terms, slop: 0)
    }

    /// Words that follow each other, with a letter and the word behind it as one; nil where they
    /// are words of their own.
    ///
    /// Rows have the name behind the letter beside both, or the word is another: omen.
    private mutating func joined(_ words: [Token], at place: Int) -> TextQuery.Content? {
        let (letter, word) = (words[place], words[place + 1])
        guard analyzer.language != .plain, word.place.kind == .word, word.term.count > 1 else {
            return nil
        }
        let whole = analyzer.terms(letter.term + [UInt8(ascii: "'")] + word.term)
        guard whole.count == 1 else { return nil }
        let terms = words[..<place].map(\.term) + whole + words[(place + 2)...].map(\.term)
        guard let joined = reading(terms.map(TermKey.word)) else { return nil }
        guard word.term != Array("clock".utf8) else { return joined }
        let name = TextQuery.Content.terms([TermKey.word(word.term)], slop: 0)
        return .group(
            [TextQuery.Clause(.must, joined), TextQuery.Clause(.must, name)], atLeast: nil)
    }

    private static func isLetter(_ text: ArraySlice<UInt8>) -> Bool {
        text.count == 1 && text.allSatisfy { Analyzer.isNamePrefix($0 | 0x20) }
    }
}
