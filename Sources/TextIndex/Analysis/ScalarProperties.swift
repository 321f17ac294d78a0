// What segmentation asks about a scalar, packed in a byte.

import CUnicode

/// The Word_Break property (UAX #29, table 3).
struct WordBreak: Equatable {
    let rawValue: UInt8

    static let carriageReturn = WordBreak(rawValue: UInt8(MSPD_WB_CR))
    static let lineFeed = WordBreak(rawValue: UInt8(MSPD_WB_LF))
    static let newline = WordBreak(rawValue: UInt8(MSPD_WB_NEWLINE))
    static let extend = WordBreak(rawValue: UInt8(MSPD_WB_EXTEND))
    static let joiner = WordBreak(rawValue: UInt8(MSPD_WB_ZWJ))
    static let format = WordBreak(rawValue: UInt8(MSPD_WB_FORMAT))
    static let regionalIndicator = WordBreak(rawValue: UInt8(MSPD_WB_REGIONAL_INDICATOR))
    static let katakana = WordBreak(rawValue: UInt8(MSPD_WB_KATAKANA))
    static let hebrewLetter = WordBreak(rawValue: UInt8(MSPD_WB_HEBREW_LETTER))
    static let letter = WordBreak(rawValue: UInt8(MSPD_WB_ALETTER))
    static let singleQuote = WordBreak(rawValue: UInt8(MSPD_WB_SINGLE_QUOTE))
    static let doubleQuote = WordBreak(rawValue: UInt8(MSPD_WB_DOUBLE_QUOTE))
    static let midNumLet = WordBreak(rawValue: UInt8(MSPD_WB_MIDNUMLET))
    static let midLetter = WordBreak(rawValue: UInt8(MSPD_WB_MIDLETTER))
    static let midNum = WordBreak(rawValue: UInt8(MSPD_WB_MIDNUM))
    static let numeric = WordBreak(rawValue: UInt8(MSPD_WB_NUMERIC))
    static let extendNumLet = WordBreak(rawValue: UInt8(MSPD_WB_EXTENDNUMLET))
    static let space = WordBreak(rawValue: UInt8(MSPD_WB_WSEGSPACE))

    /// AHLetter of the rules.
    var isLetter: Bool { self == .letter || self == .hebrewLetter }
    /// CR, LF or Newline: a boundary before and after, always.
    var isNewline: Bool { self == .carriageReturn || self == .lineFeed || self == .newline }
    /// What rule WB4 looks through.
    var isIgnored: Bool { self == .extend || self == .format || self == .joiner }
    /// MidNumLetQ of the rules.
    var isMidNumLetQ: Bool { self == .midNumLet || self == .singleQuote }
}

/// Everything segmentation asks about one scalar.
struct ScalarProperties {
    /// Bits 0 to 4: Word_Break; 5: pictographic; 6: letter or number; 7: alphanumeric.
    let rawValue: UInt8

    var wordBreak: WordBreak { WordBreak(rawValue: rawValue & 0x1F) }
    var isPictographic: Bool { rawValue & 0x20 != 0 }
    /// Makes its segment a token of `Analyzer.Segmentation.words`.
    var isLetterOrNumber: Bool { rawValue & 0x40 != 0 }
    /// Belongs to a token of `Analyzer.Segmentation.alphanumeric`.
    var isAlphanumeric: Bool { rawValue & 0x80 != 0 }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Asks the Unicode library.
    init(of scalar: UInt32) {
        var wordBreak = mspd_word_break(scalar)
        // Tailored, as UAX #29 section 4.1 invites: what stands for an apostrophe acts like one.
        if [0x60, 0xB4, 0x201B, 0x2032].contains(scalar) { wordBreak = UInt8(MSPD_WB_MIDLETTER) }
        // The narrow no-break space, before French punctuation and between digits, joins no words.
        if scalar == 0x202F { wordBreak = UInt8(MSPD_WB_OTHER) }
        // What word processors make of the quote in a Hebrew abbreviation.
        if scalar == 0x201D { wordBreak = UInt8(MSPD_WB_DOUBLE_QUOTE) }
        rawValue =
            wordBreak
            | (mspd_extended_pictographic(scalar) ? 0x20 : 0)
            | (mspd_letter_or_number(scalar) ? 0x40 : 0)
            | (mspd_alphanumeric(scalar) ? 0x80 : 0)
    }
}
