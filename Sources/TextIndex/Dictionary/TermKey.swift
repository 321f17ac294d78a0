// What a term is about, as the first byte of its bytes in every dictionary, so that words,
// attribute values and keys share one dictionary without mixing.

/// The kinds of terms.
package enum TermKind: UInt8, Sendable, CaseIterable {
    /// A word of the text, folded; scored, with positions.
    case word = 1
    /// `name` NUL `value`, folded: a keyword attribute. Matches or not, no score.
    case attribute = 2
    /// A title's name. Only in memtables: a segment has a title's documents as a range.
    case title = 4
    /// The stem of a word, in a track whose language has stems; scored, without positions.
    case stem = 5
    /// The first word of a line, or the joined form that begins there. Matches or not, no score.
    case beginning = 6
    /// The last word of a line. Matches or not, no score.
    case ending = 7
    /// A folded word, a space, and the word with its accents, or once more without where a row has
    /// both; scored, without positions.
    case written = 8

    /// Whether a segment has a term's documents by their ordinals (see TextOrder): what scores.
    package static func isByOrdinal(_ term: [UInt8]) -> Bool {
        term.first == word.rawValue || term.first == stem.rawValue
            || term.first == written.rawValue
    }
}

/// Builds the bytes of terms.
package enum TermKey {
    /// The term of a folded word.
    package static func word(_ folded: [UInt8]) -> [UInt8] { [TermKind.word.rawValue] + folded }

    /// The term of a folded stem.
    package static func stem(_ folded: [UInt8]) -> [UInt8] { [TermKind.stem.rawValue] + folded }

    /// The term of a word with its accents, as `WrittenForm` gives it.
    package static func written(_ form: [UInt8]) -> [UInt8] { [TermKind.written.rawValue] + form }

    /// What the terms of a folded word with any accents begin with.
    package static func anyWritten(_ folded: [UInt8]) -> [UInt8] {
        written(folded + [WrittenForm.separator])
    }

    /// The term of a folded word without accents in a row that has it with some too.
    package static func plainWritten(_ folded: [UInt8]) -> [UInt8] { anyWritten(folded) + folded }

    /// The term of the lines that begin with a word, by the word's own.
    package static func beginning(_ word: [UInt8]) -> [UInt8] {
        [TermKind.beginning.rawValue] + word.dropFirst()
    }

    /// The term of the lines that end with a word, by the word's own.
    package static func ending(_ word: [UInt8]) -> [UInt8] {
        [TermKind.ending.rawValue] + word.dropFirst()
    }

    /// Whether a term begins with another, which is no kana whose voicing mark comes behind: that
    /// is another kana.
    package static func begins(_ term: [UInt8], with beginning: [UInt8]) -> Bool {
        guard term.starts(with: beginning) else { return false }
        let rest = term[beginning.count...]
        return !endsInKana(beginning) || !voicings.contains { rest.starts(with: $0) }
    }

    /// Whether a term ends with a scalar among which the kana are.
    static func endsInKana(_ term: [UInt8]) -> Bool {
        let last = term.suffix(3)
        return last.count == 3 && last.first == 0xE3
    }

    private static let voicings = ["\u{3099}", "\u{309A}"].map { Array($0.utf8) }

    /// The term of a keyword attribute whose value has been folded.
    package static func attribute(_ name: [UInt8], _ folded: [UInt8]) -> [UInt8] {
        [TermKind.attribute.rawValue] + name + [0] + folded
    }

    /// The term of a title.
    package static func title(_ name: [UInt8]) -> [UInt8] { [TermKind.title.rawValue] + name }
}
