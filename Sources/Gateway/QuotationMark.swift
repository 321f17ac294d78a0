// The marks that phrases are put in: those of ASCII, and those that macOS and word processors make
// of them in many languages. The single one that stands for an apostrophe is none.

/// A kind of double quotation marks, of which one ends what another began.
enum QuotationMark {
    /// "so"
    case straight
    /// In any of their forms: English, German, Swedish.
    case curly
    /// French, or German the other way round.
    case angled

    /// The mark at a place, and its bytes; nil where there is none.
    ///
    /// Between Hebrew letters it is a part of an abbreviation.
    static func read(_ text: [UInt8], _ place: Int) -> (mark: QuotationMark, length: Int)? {
        let found: (mark: QuotationMark, length: Int)
        switch text[place] {
        case UInt8(ascii: "\""): found = (.straight, 1)
        case 0xC2 where place + 1 < text.count && [0xAB, 0xBB].contains(text[place + 1]):
            return (.angled, 2)
        case 0xE2
        where place + 2 < text.count && text[place + 1] == 0x80
            && (0x9C...0x9F).contains(text[place + 2]):
            found = (.curly, 3)
        default: return nil
        }
        let after = place + found.length
        let isHebrew = place > 1 && isHebrewLead(text[place - 2]) && text[place - 1] & 0xC0 == 0x80
        guard isHebrew, after + 1 < text.count, text[after] == 0xD7,
            (0x90...0xAA).contains(text[after + 1])
        else { return found }
        return nil
    }

    /// Whether a byte begins a Hebrew letter or a point on one.
    private static func isHebrewLead(_ byte: UInt8) -> Bool { byte == 0xD6 || byte == 0xD7 }
}
