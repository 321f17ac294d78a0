// Base64 (RFC 4648) for bytes that have to travel as text.

/// Bytes as text and back.
package enum Base64 {
    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The text of some bytes, padded with `=`.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                text.append(
                    place <= group.count
                        ? digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return text
    }

    /// The bytes of a text, whether padded or not; nil when it is no base64.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var filled = 0
        var digitCount = 0
        for character in text.reversed().drop(while: { $0 == UInt8(ascii: "=") }).reversed() {
            guard let value = digits.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            filled += 6
            digitCount += 1
            guard filled >= 8 else { continue }
            filled -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(filled)))
            bits &= 1 << UInt32(filled) - 1
        }
        return digitCount % 4 == 1 || bits != 0 ? nil : bytes
    }
}
