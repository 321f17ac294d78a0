// `=word`: the word as it is written, accents and all. Terms are folded, so a word with accents is
// looked up by its form, and one without them where no row has it with some, or has both.

import TextIndex

extension QueryReader {
    /// Words that follow each other as they are written, accents and all.
    mutating func asWritten(_ tokens: [Token]) -> TextQuery.Content? {
        guard let together = together(tokens, slop: 0) else { return nil }
        if tokens.count == 1, let form = tokens[0].written {
            return .terms([TermKey.written(form)], slop: 0)
        }
        let conditions = tokens.filter { $0.place.kind == .word }.compactMap { condition($0) }
        guard !conditions.isEmpty else { return together }
        return .group([TextQuery.Clause(.must, together)] + conditions, atLeast: nil)
    }

    /// What rows have to hold or not to hold for a word to be in them as it is written: its form
    /// with accents; or none with accents, unless the row has it without too.
    private mutating func condition(_ token: Token) -> TextQuery.Clause? {
        if let form = token.written {
            return TextQuery.Clause(.filter, .terms([TermKey.written(form)], slop: 0))
        }
        guard expansionsLeft > 0 else { return nil }
        expansionsLeft -= 1
        let others = [
            TextQuery.Clause(.must, .prefix(TermKey.anyWritten(token.term))),
            TextQuery.Clause(.mustNot, [TermKey.plainWritten(token.term)]),
        ]
        return TextQuery.Clause(.mustNot, .group(others, atLeast: nil))
    }
}
