// How the bytes of a subtitle file are characters, and those characters as UTF-8.
//
// SubRip has no encoding of its own. A byte-order mark decides; else zero bytes in every other
// place mean UTF-16; else bytes that are valid UTF-8 are UTF-8 (no other encoding is valid by
// chance in a text of any length); else they are Windows-1252, the commonest of the old ones. A
// text that is plainly UTF-8 but for a few bytes, cut or pasted wrongly, stays UTF-8 with U+FFFD
// for those: reading all of it as Windows-1252 would spoil every accent for the sake of one. What
// must always hold: decoding never fails and never traps, and gives valid UTF-8 or bytes that
// `String(decoding:as:)` repairs.

/// The encoding of a text file.
package enum TextEncoding: String, Sendable, Hashable {
    /// UTF-8 without a byte-order mark.
    case utf8
    /// UTF-8 after the mark EF BB BF.
    case utf8WithMark
    /// UTF-16, low byte first, with or without a mark.
    case utf16LE
    /// UTF-16, high byte first, with or without a mark.
    case utf16BE
    /// Windows code page 1252, the Western European one (WHATWG Encoding, "windows-1252").
    case windows1252

    /// A text as UTF-8 without a mark.
    struct Decoded {
        let encoding: TextEncoding
        let text: [UInt8]
        /// Where in `text` the first byte is that is no character and will read as U+FFFD.
        let damage: Int?
    }

    /// Finds the encoding of a file and turns it into UTF-8.
    static func decode(_ bytes: [UInt8]) -> Decoded {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            let text = Array(bytes.dropFirst(3))
            return Decoded(encoding: .utf8WithMark, text: text, damage: firstInvalid(text))
        }
        if let (encoding, markLength) = utf16(bytes) {
            return decodeUTF16(bytes, from: markLength, encoding)
        }
        guard let damage = firstInvalid(bytes) else {
            return Decoded(encoding: .utf8, text: bytes, damage: nil)
        }
        if isMostlyUTF8(bytes) { return Decoded(encoding: .utf8, text: bytes, damage: damage) }
        return Decoded(encoding: .windows1252, text: utf8(windows1252: bytes), damage: nil)
    }

    /// Where the first bytes are that are not UTF-8.
    private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    /// Whether at least ten characters beyond ASCII are whole for every byte that is not UTF-8.
    private static func isMostlyUTF8(_ bytes: [UInt8]) -> Bool {
        var whole = 0
        var damaged = 0
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): whole += scalar.value >= 0x80 ? 1 : 0
            case .error: damaged += 1
            case .emptyInput: return whole >= 10 * damaged
            }
        }
    }

    /// The byte order of UTF-16 and the length of its mark, by the mark or by where zeros stand.
    private static func utf16(_ bytes: [UInt8]) -> (encoding: TextEncoding, markLength: Int)? {
        guard bytes.count >= 2 else { return nil }
        if bytes[0] == 0xFF, bytes[1] == 0xFE { return (.utf16LE, 2) }
        if bytes[0] == 0xFE, bytes[1] == 0xFF { return (.utf16BE, 2) }
        // Times and indexes are ASCII, so unmarked UTF-16 has a zero beside most early characters.
        var zeros = (even: 0, odd: 0)
        let sample = bytes.prefix(512)
        for (index, byte) in sample.enumerated() where byte == 0 {
            if index % 2 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
        }
        if zeros.even == 0, zeros.odd * 4 >= sample.count { return (.utf16LE, 0) }
        if zeros.odd == 0, zeros.even * 4 >= sample.count { return (.utf16BE, 0) }
        return nil
    }

    private static func decodeUTF16(
        _ bytes: [UInt8], from start: Int, _ encoding: TextEncoding
    ) -> Decoded {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        var index = start
        while index + 1 < bytes.count {
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            units.append(encoding == .utf16LE ? second << 8 | first : first << 8 | second)
            index += 2
        }
        var text: [UInt8] = []
        text.reserveCapacity(units.count)
        let hasErrors = transcode(
            units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: false
        ) { text.append($0) }
        let isDamaged = hasErrors || index < bytes.count
        return Decoded(encoding: encoding, text: text, damage: isDamaged ? 0 : nil)
    }

    private static func utf8(windows1252 bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            let isSpecial = (0x80...0x9F).contains(byte)
            let value = isSpecial ? windows1252Specials[Int(byte) - 0x80] : UInt16(byte)
            text.appendScalar(UInt32(value))
        }
        return text
    }

    /// Bytes 80 to 9F; the five that are unassigned stand for the control characters of Latin-1.
    private static let windows1252Specials: [UInt16] = [
        0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
        0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
    ]
}

extension [UInt8] {
    /// Appends a code point as UTF-8; U+FFFD for one that is no character.
    mutating func appendScalar(_ value: UInt32) {
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        if let bytes = UTF8.encode(scalar) { append(contentsOf: bytes) }
    }
}
