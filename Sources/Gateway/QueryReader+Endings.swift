// The last of several words side by side, such as those of `fine-tune` and `fine-tun*`: any form of
// it that a language has, or any word that begins so, behind the words before it.

import TextIndex

extension QueryReader {
    /// What phrases with many endings take of the expansions of one query.
    private static let prefixEndingCost = 3
    private static let formEndingCost = 2

    /// A word of several parts, with the last one in any form; nil where it has no others.
    mutating func endings(_ tokens: [Token]) -> TextQuery.Content? {
        let parts = tokens.filter { !$0.place.isOtherForm }
        guard parts.count > 1, parts.count <= Self.phraseWordsMax, let last = parts.last,
            let stem = last.stem, expansionsLeft >= Self.formEndingCost
        else { return nil }
        expansionsLeft -= Self.formEndingCost
        return .ending(
            parts.dropLast().map { TermKey.word($0.term) },
            .form(TermKey.word(last.term), stem: stem, analyzer.language))
    }

    /// Words with what comes behind them: right behind, where that is a prefix.
    mutating func apart(_ words: [[UInt8]], _ last: TextQuery.Content) -> TextQuery.Content {
        if case .prefix(let term) = last, expansionsLeft >= Self.prefixEndingCost,
            words.count < Self.phraseWordsMax
        {
            expansionsLeft -= Self.prefixEndingCost
            return .ending(words, .prefix(term))
        }
        let all = [
            TextQuery.Clause(.must, .terms(words, slop: 0)), TextQuery.Clause(.must, last),
        ]
        return .group(all, atLeast: nil)
    }
}
