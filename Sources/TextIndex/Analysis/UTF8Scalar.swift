// One Unicode scalar to and from UTF-8. Decoding never fails and always advances: bytes that are
// not UTF-8 come out as U+FFFD, one for each maximal subpart (Unicode 15.0, section 3.9), so that
// text from a damaged file is analysed rather than refused. Cyrillic letters that are written with
// a mark of their own behind them are one scalar, as they are where they are composed.

/// A scalar decoded from UTF-8 and the number of bytes it took: 1 to 4.
struct UTF8Scalar {
    var value: UInt32
    var length: Int

    static let replacement: UInt32 = 0xFFFD

    /// Decodes the scalar at `position`, which must lie inside `text`.
    @inline(__always)
    init(_ text: UnsafeBufferPointer<UInt8>, at position: Int) {
        let lead = unsafe text[position]
        if lead < 0x80 {
            self.init(value: UInt32(lead), length: 1)
        } else {
            unsafe self.init(beyondASCII: text, at: position, lead: UInt32(lead))
        }
    }

    private init(value: UInt32, length: Int) {
        self.value = value
        self.length = length
    }

    private init(beyondASCII text: UnsafeBufferPointer<UInt8>, at position: Int, lead: UInt32) {
        // The second byte's range is narrower after some leads: no overlong forms, no surrogates,
        // nothing above U+10FFFF (table 3-7).
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: count = 4
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        default:
            self.init(value: UTF8Scalar.replacement, length: 1)
            return
        }
        var value = lead & (0x7F >> UInt32(count))
        var length = 1
        while length < count {
            guard position + length < text.count else { break }
            let byte = unsafe text[position + length]
            guard length == 1 ? second.contains(byte) : byte & 0xC0 == 0x80 else { break }
            value = value << 6 | UInt32(byte & 0x3F)
            length += 1
        }
        self.init(value: length < count ? UTF8Scalar.replacement : value, length: length)
        if lead == 0xD0 || lead == 0xD1 { unsafe compose(with: text, at: position + length) }
    }

    /// Takes up the mark at a place with which this is a letter of its own.
    private mutating func compose(with text: UnsafeBufferPointer<UInt8>, at position: Int) {
        guard position + 1 < text.count, unsafe text[position] == 0xCC else { return }
        let mark = unsafe 0x0300 | UInt32(text[position + 1] & 0x3F)
        guard let whole = FoldedLetters.whole(value, with: mark) else { return }
        value = whole
        length += 2
    }

    /// Writes the UTF-8 of `scalar` at `out`, which must have room for 4 bytes; returns its length.
    @discardableResult
    static func encode(_ scalar: UInt32, into out: UnsafeMutablePointer<UInt8>) -> Int {
        func tail(_ shift: UInt32) -> UInt8 {
            UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F | 0x80
        }
        switch scalar {
        case 0..<0x80:
            unsafe out[0] = UInt8(truncatingIfNeeded: scalar)
            return 1
        case 0x80..<0x800:
            unsafe out[0] = UInt8(truncatingIfNeeded: scalar >> 6) | 0xC0
            unsafe out[1] = tail(0)
            return 2
        case 0x800..<0x10000:
            unsafe out[0] = UInt8(truncatingIfNeeded: scalar >> 12) | 0xE0
            unsafe out[1] = tail(6)
            unsafe out[2] = tail(0)
            return 3
        default:
            unsafe out[0] = UInt8(truncatingIfNeeded: scalar >> 18) | 0xF0
            unsafe out[1] = tail(12)
            unsafe out[2] = tail(6)
            unsafe out[3] = tail(0)
            return 4
        }
    }
}
