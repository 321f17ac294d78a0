// Letters that a language spells out where a keyboard does not have them: `Mueller` and `fuer` find
// Müller and für, and `Müller` finds Mueller.

import TextIndex

extension QueryReader {
    /// Words of one phrase that are looked for in another spelling each by itself.
    private static let spelledMax = 2

    /// What was typed in the other spelling that its language has; empty when it has none.
    ///
    /// Where letters are put together only rows that have just that are meant: a word may hold them
    /// for another reason, such as Steuer.
    func spelled(_ text: [UInt8], _ boost: Float) -> [TextQuery.Clause] {
        guard let other = analyzer.language.spelled(Self.beginning(text)) else { return [] }
        let tokens = analyzer.tokens(other)
        guard tokens.count == 1 else { return [] }
        let term = tokens[0].written.map(TermKey.written) ?? TermKey.word(tokens[0].term)
        return [TextQuery.Clause(.should, .terms([term], slop: 0), boost: boost)]
    }

    /// A phrase with all of its words, or one of them, in the other spelling.
    func spelled(_ words: [Token], _ text: [UInt8]) -> [[[UInt8]]] {
        let others = words.map { word -> [UInt8]? in
            guard let other = analyzer.language.spelled(Array(text[word.range])) else { return nil }
            let terms = analyzer.terms(other)
            return terms.count == 1 ? terms[0] : nil
        }
        let places = words.indices.filter { others[$0] != nil }
        let single = places.prefix(Self.spelledMax).map { [$0] }
        let choices = places.count > 1 ? [places] + single : single
        return choices.map { choice in
            words.indices.map { place in
                let other = choice.contains(place) ? others[place] : nil
                return TermKey.word(other ?? words[place].term)
            }
        }
    }
}
