// What analysis says of a token beside its term: where it stands, and what it was made of.

/// Where a token stands in its text.
package struct TokenPlace: Sendable, Equatable {
    /// What a token is made of.
    package enum Kind: Sendable {
        /// A word between spaces or punctuation.
        case word
        /// The parts of a hyphenated word as one; covers the positions of all of them.
        case joined
        /// Two neighbouring characters of a script that is written without spaces.
        case pair
        /// A character of such a script that stands alone. Terms that begin with it are its finds.
        case lone
        /// The last character of a run of such a script, alone: texts have it, queries do not.
        case tail
    }

    /// What it is made of.
    package var kind: Kind
    /// Its position among the words of the text.
    package var position: Int
    /// Positions covered: more than 1 for a joined form.
    package var span = 1
    /// The bytes of the text that it was made from.
    package var range: Range<Int>
}

/// A word of a query, or of a line in which words are marked.
package struct Token: Sendable, Equatable {
    /// Its exact form, folded.
    package var term: [UInt8]
    /// Its stem, folded; nil when the language has none.
    package var stem: [UInt8]?
    /// Where it stands.
    package var place: TokenPlace

    /// A token whose stem is not known.
    package init(term: [UInt8], place: TokenPlace) {
        self.term = term
        self.place = place
    }

    /// Its position among the words of the text.
    package var position: Int { place.position }
    /// Positions covered: more than 1 for a joined form.
    package var span: Int { place.span }
    /// The bytes of the text that it was made from.
    package var range: Range<Int> { place.range }
}
