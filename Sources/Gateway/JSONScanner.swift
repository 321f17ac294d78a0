// Reads one JSON object a line (RFC 8259), as LOAD takes them: flat objects whose values are
// strings, numbers, true, false, null or arrays of numbers. A million lines pass through here, so
// it reads bytes in place and makes an array only for a value that is kept.

/// A value of a flat object.
package enum JSONValue: Sendable, Equatable {
    case string([UInt8])
    /// A number as it is written.
    case number([UInt8])
    case flag(Bool)
    case null
    case numbers([Double])
}

/// What is wrong with a line of JSON, and at which byte of it.
struct JSONError: Error, Equatable {
    let offset: Int
    let expected: String
}

/// Reads one object from bytes.
package struct JSONScanner: ~Escapable {
    private let bytes: Span<UInt8>
    private var next = 0

    /// Reads the object that is all of these bytes.
    @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>) { self.bytes = bytes }

    /// Reads the whole object, calling `member` with each name and value.
    package mutating func object(
        _ member: ([UInt8], JSONValue) throws(GatewayError) -> Void
    ) throws(GatewayError) {
        do throws(JSONError) {
            try expect(UInt8(ascii: "{"), "an object: {\"title\":\"...\",...}")
        } catch { throw Self.refusal(error) }
        skipSpace()
        if peek == UInt8(ascii: "}") { next += 1 } else { try members(member) }
        skipSpace()
        guard next == bytes.count else {
            throw Self.refusal(JSONError(offset: next, expected: "the end of the line"))
        }
    }

    private mutating func members(
        _ member: ([UInt8], JSONValue) throws(GatewayError) -> Void
    ) throws(GatewayError) {
        while true {
            let name: [UInt8]
            let value: JSONValue
            let isLast: Bool
            do throws(JSONError) {
                skipSpace()
                name = try string()
                try expect(UInt8(ascii: ":"), "a colon")
                value = try self.value()
                skipSpace()
                isLast = peek == UInt8(ascii: "}")
                if !isLast { try expect(UInt8(ascii: ","), "a comma or }") }
            } catch { throw Self.refusal(error) }
            try member(name, value)
            if isLast {
                next += 1
                return
            }
        }
    }

    private static func refusal(_ error: JSONError) -> GatewayError {
        GatewayError(
            "SYNTAX.json", "at byte \(error.offset + 1) of the line \(error.expected) is expected")
    }

    private var peek: UInt8? { next < bytes.count ? bytes[next] : nil }

    private mutating func skipSpace() {
        while next < bytes.count, bytes[next] == 32 || bytes[next] == 9 || bytes[next] == 13 {
            next += 1
        }
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(JSONError) {
        skipSpace()
        guard peek == byte else { throw JSONError(offset: next, expected: what) }
        next += 1
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        switch peek {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "["): return .numbers(try numbers())
        case UInt8(ascii: "t"): return try word("true", .flag(true))
        case UInt8(ascii: "f"): return try word("false", .flag(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for byte in word.utf8 {
            guard peek == byte else { throw JSONError(offset: next, expected: word) }
            next += 1
        }
        return value
    }

    private mutating func number() throws(JSONError) -> [UInt8] {
        let start = next
        while let byte = peek, (48...57).contains(byte) || "+-.eE".utf8.contains(byte) { next += 1 }
        guard next > start else {
            throw JSONError(
                offset: next, expected: "a string, a number, true, false, null or [numbers]")
        }
        return bytes.extracting(start..<next).array
    }

    private mutating func numbers() throws(JSONError) -> [Double] {
        next += 1
        var list: [Double] = []
        skipSpace()
        if peek == UInt8(ascii: "]") {
            next += 1
            return list
        }
        while true {
            skipSpace()
            let start = next
            guard let value = Double(String(decoding: try number(), as: UTF8.self)) else {
                throw JSONError(offset: start, expected: "a number")
            }
            list.append(value)
            skipSpace()
            guard peek != UInt8(ascii: "]") else { break }
            try expect(UInt8(ascii: ","), "a comma or ]")
        }
        next += 1
        return list
    }

    private mutating func string() throws(JSONError) -> [UInt8] {
        guard peek == UInt8(ascii: "\"") else { throw JSONError(offset: next, expected: "a \"") }
        next += 1
        let start = next
        while next < bytes.count {
            let byte = bytes[next]
            if byte == UInt8(ascii: "\"") {
                next += 1
                return bytes.extracting(start..<next - 1).array
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            guard byte >= 32 else { break }
            next += 1
        }
        throw JSONError(offset: next, expected: "the end of a string")
    }

    private mutating func escapedString(from start: Int) throws(JSONError) -> [UInt8] {
        var string = bytes.extracting(start..<next).array
        while next < bytes.count {
            let byte = bytes[next]
            guard byte >= 32 else { break }
            next += 1
            if byte == UInt8(ascii: "\"") { return string }
            guard byte == UInt8(ascii: "\\") else {
                string.append(byte)
                continue
            }
            string.append(contentsOf: String(try escape()).utf8)
        }
        throw JSONError(offset: next, expected: "the end of a string")
    }

    private mutating func escape() throws(JSONError) -> Character {
        guard let byte = peek else { throw JSONError(offset: next, expected: "an escape") }
        next += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Character(Unicode.Scalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try scalar())
        default: throw JSONError(offset: next - 1, expected: "an escape")
        }
    }

    /// The scalar of one \u escape, or of two that are a surrogate pair; U+FFFD for half a pair.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, peek == UInt8(ascii: "\\"), next + 1 < bytes.count,
            bytes[next + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        next += 2
        let second = try unit()
        guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    private mutating func unit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw JSONError(offset: next, expected: "four hexadecimal digits")
            }
            unit = unit << 4 | UInt32(digit)
            next += 1
        }
        return unit
    }
}

extension Span<UInt8> {
    /// A copy of the bytes.
    var array: [UInt8] {
        unsafe withUnsafeBufferPointer { unsafe Array($0) }
    }
}
