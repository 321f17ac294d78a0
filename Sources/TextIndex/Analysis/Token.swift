// What analysis says of a token beside its term: where it stands, and what it was made of.

/// Where a token stands in its text.
package struct TokenPlace: Sendable, Equatable {
    /// What a token is made of.
    package enum Kind: Sendable {
        /// A word between spaces or punctuation.
        case word
        /// The parts of a hyphenated word as one, at the positions of all of them; or, at its own,
        /// an abbreviation with its full stops, or a number as English has it.
        case joined
        /// The number or name before 's, before what Turkish adds to a name, or behind the letter
        /// of O'Brien, at the place of both: texts have it, queries do not.
        case base
        /// Two neighbouring characters of a script that is indexed by pairs.
        case pair
        /// Two such characters with only spaces or punctuation between them.
        case bridge
        /// Such a character that stands alone. Terms that begin with it are its finds.
        case lone
        /// The last such character before a word or the end: a query does not end with it.
        case tail
        /// The first such character behind a word or at the beginning, alone, at the place of the
        /// pair that it begins: texts have it, queries do not.
        case head
    }

    /// What it is made of.
    package var kind: Kind
    /// Its position among the words of the text.
    package var position: Int
    /// Positions covered: more than 1 for a joined form.
    package var span = 1
    /// The bytes of the text that it was made from.
    package var range: Range<Int>

    /// Whether it is another form of what stands there: no length counts it, no phrase needs it.
    package var isOtherForm: Bool { [.joined, .base, .head].contains(kind) }
    /// Whether only texts have it.
    var isOfLine: Bool { kind == .base || kind == .head }
}

/// A word of a query, or of a line in which words are marked.
package struct Token: Sendable, Equatable {
    /// Its exact form, folded.
    package var term: [UInt8]
    /// Its stem, folded; nil when the language has none.
    package var stem: [UInt8]?
    /// Further stems that find it in a line.
    package var otherStems: [[UInt8]] = []
    /// It and its form with accents, as `WrittenForm` gives them; nil when it has none.
    package var written: [UInt8]?
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
