// Values of reply fields, and how they are written: in the plain form, where TAB LF CR and \ are
// escaped and everything else stands as it is, and in JSON.

/// The value of one field of a reply.
package enum Field: Sendable, Equatable {
    /// Text.
    case text(String)
    /// UTF-8, or in the plain form anything.
    case bytes([UInt8])
    /// An integer.
    case integer(Int64)
    /// A number with a fixed count of decimals, 0...9.
    case number(Double, decimals: Int)
    /// A number as short as it can be read back.
    case decimal(Double)
    /// Written `1` or `0`, in JSON `true` or `false`.
    case flag(Bool)
}

/// Writers of single values into a growing array of bytes.
enum Writer {
    /// Appends bytes with TAB LF CR and `\` escaped.
    static func plain(_ bytes: Span<UInt8>, into out: inout [UInt8]) {
        var clean = 0
        for index in bytes.indices {
            let escape: UInt8
            switch bytes[index] {
            case 0x09: escape = UInt8(ascii: "t")
            case 0x0A: escape = UInt8(ascii: "n")
            case 0x0D: escape = UInt8(ascii: "r")
            case 0x5C: escape = 0x5C
            default: continue
            }
            append(bytes.extracting(clean..<index), to: &out)
            out.append(0x5C)
            out.append(escape)
            clean = index + 1
        }
        append(bytes.extracting(clean..<bytes.count), to: &out)
    }

    /// Appends a JSON string.
    ///
    /// What is not UTF-8 becomes U+FFFD, since JSON has no other way.
    static func json(_ bytes: Span<UInt8>, into out: inout [UInt8]) {
        guard (try? UTF8Span(validating: bytes)) != nil else {
            var copy: [UInt8] = []
            append(bytes, to: &copy)
            let repaired = Array(String(decoding: copy, as: UTF8.self).utf8)
            json(repaired.span, into: &out)
            return
        }
        out.append(UInt8(ascii: "\""))
        var clean = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
            append(bytes.extracting(clean..<index), to: &out)
            clean = index + 1
            out.append(0x5C)
            switch byte {
            case 0x22, 0x5C: out.append(byte)
            case 0x09: out.append(UInt8(ascii: "t"))
            case 0x0A: out.append(UInt8(ascii: "n"))
            case 0x0D: out.append(UInt8(ascii: "r"))
            default:
                out.append(contentsOf: [0x75, 0x30, 0x30])
                out.append(hex(byte >> 4))
                out.append(hex(byte & 15))
            }
        }
        append(bytes.extracting(clean..<bytes.count), to: &out)
        out.append(UInt8(ascii: "\""))
    }

    /// Appends an integer in decimal digits.
    static func integer(_ value: Int64, into out: inout [UInt8]) {
        digits(value.magnitude, negative: value < 0, decimals: 0, into: &out)
    }

    /// Appends a number rounded to so many decimals.
    ///
    /// One too large to be scaled exactly is written in its shortest form. False when it is not
    /// finite, and nothing is written.
    static func number(_ value: Double, decimals: Int, into out: inout [UInt8]) -> Bool {
        guard value.isFinite else { return false }
        let decimals = min(max(decimals, 0), 9)
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else {
            out.append(contentsOf: "\(value)".utf8)
            return true
        }
        digits(UInt64(scaled), negative: value < 0 && scaled > 0, decimals: decimals, into: &out)
        return true
    }

    /// Appends raw bytes.
    static func append(_ bytes: Span<UInt8>, to out: inout [UInt8]) {
        unsafe bytes.withUnsafeBufferPointer { unsafe out.append(contentsOf: $0) }
    }

    private static func digits(
        _ magnitude: UInt64, negative: Bool, decimals: Int, into out: inout [UInt8]
    ) {
        if negative { out.append(UInt8(ascii: "-")) }
        let start = out.count
        var rest = magnitude
        var written = 0
        repeat {
            if written == decimals && decimals > 0 { out.append(UInt8(ascii: ".")) }
            out.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
            written += 1
        } while rest > 0 || written <= decimals
        out[start...].reverse()
    }

    private static func hex(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }
}
