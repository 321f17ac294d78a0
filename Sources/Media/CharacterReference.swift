// Character references in cue text: &amp; and its kin. Only the names that WebVTT files and SubRip
// files from the web use; the semicolon is required, and what is not recognised stays as written
// ("AT&T", "R&B;").

/// Decodes character references.
enum CharacterReference {
    /// The characters for the reference at `start`, where an `&` stands, and the index after it.
    static func decode(
        _ text: [UInt8], at start: Int, end: Int
    ) -> (value: UInt32, next: Int)? {
        var semicolon = start + 1
        let furthest = min(end, start + 12)
        while semicolon < furthest, text[semicolon] != UInt8(ascii: ";") { semicolon += 1 }
        guard semicolon < furthest, semicolon > start + 1 else { return nil }
        let isNumeric = text[start + 1] == UInt8(ascii: "#")
        let value =
            isNumeric
            ? numeric(text[(start + 2)..<semicolon]) : named(text, (start + 1)..<semicolon)
        guard let value else { return nil }
        return (value, semicolon + 1)
    }

    private static func named(_ text: [UInt8], _ range: Range<Int>) -> UInt32? {
        let name = ShortName(text, range, ignoringCase: false)
        return names.first { $0.name == name }?.value
    }

    /// `&#8217;` or `&#x2019;`; nil if a character that is no digit is in it or it is no character.
    private static func numeric(_ digits: ArraySlice<UInt8>) -> UInt32? {
        let isHexadecimal = digits.first.map { $0 | 0x20 } == UInt8(ascii: "x")
        let digits = isHexadecimal ? digits.dropFirst() : digits
        guard (1...8).contains(digits.count) else { return nil }
        var value: UInt32 = 0
        for byte in digits {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46 where isHexadecimal: digit = byte - 0x41 + 10
            case 0x61...0x66 where isHexadecimal: digit = byte - 0x61 + 10
            default: return nil
            }
            value = value * (isHexadecimal ? 16 : 10) + UInt32(digit)
        }
        guard value >= 0x20 || value == 0x0A, Unicode.Scalar(value) != nil else { return nil }
        return value
    }

    private static let names: [(name: ShortName, value: UInt32)] = [
        ("amp", 0x26), ("lt", 0x3C), ("gt", 0x3E), ("nbsp", 0xA0), ("lrm", 0x200E),
        ("rlm", 0x200F), ("quot", 0x22), ("apos", 0x27), ("hellip", 0x2026), ("ndash", 0x2013),
        ("mdash", 0x2014), ("lsquo", 0x2018), ("rsquo", 0x2019), ("ldquo", 0x201C),
        ("rdquo", 0x201D), ("laquo", 0xAB), ("raquo", 0xBB), ("copy", 0xA9), ("deg", 0xB0),
    ].map { (ShortName($0.0), $0.1) }
}
