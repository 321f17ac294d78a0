// The header lines that go to and fro between the server and an encoder: each a flat JSON object,
// which every language can read and write. Values are texts, whole numbers, true, false and null.

/// A header that an encoder wrote.
struct HeaderLine: Equatable {
    /// The longest header in bytes, its line end excluded.
    static let bytesMax = 4_096

    private(set) var numbers: [String: Int] = [:]
    private(set) var texts: [String: String] = [:]

    /// Reads a line without its end; nil when it is no flat JSON object.
    init?(_ line: [UInt8]) {
        var scanner = Scanner(line)
        guard scanner.take("{") else { return nil }
        if scanner.take("}"), scanner.isAtEnd { return }
        repeat {
            guard let name = scanner.text(), scanner.take(":"), scanner.skipSpaces() else {
                return nil
            }
            if scanner.next == UInt8(ascii: "\"") {
                guard let text = scanner.text() else { return nil }
                texts[name] = text
            } else if let number = scanner.number() {
                numbers[name] = number
            } else if !["true", "false", "null"].contains(where: { scanner.take($0) }) {
                return nil
            }
        } while scanner.take(",")
        guard scanner.take("}"), scanner.isAtEnd else { return nil }
    }

    /// The header of a request; `kind` is a plain word.
    static func request(
        id: UInt64, kind: String, bytes: Int, more: Int, dimension: Int?
    ) -> [UInt8] {
        let dim = dimension.map { ",\"dim\":\($0)" } ?? ""
        return Array(
            "{\"id\":\(id),\"kind\":\"\(kind)\",\"bytes\":\(bytes),\"more\":\(more)\(dim)}\n".utf8)
    }
}

/// A place in a line.
private struct Scanner {
    private let line: [UInt8]
    private var place = 0

    init(_ line: [UInt8]) { self.line = line }

    /// The byte at the place.
    var next: UInt8? { place < line.count ? line[place] : nil }

    var isAtEnd: Bool { line[place...].allSatisfy { $0 == 32 || $0 == 9 || $0 == 13 } }

    /// Goes on behind spaces; always true.
    mutating func skipSpaces() -> Bool {
        while let byte = next, byte == 32 || byte == 9 { place += 1 }
        return true
    }

    /// Goes on behind spaces and these characters, if they come next.
    mutating func take(_ characters: StaticString) -> Bool {
        _ = skipSpaces()
        let wanted = Array("\(characters)".utf8)
        guard line[place...].starts(with: wanted) else { return false }
        place += wanted.count
        return true
    }

    /// A whole number of at most 18 digits.
    mutating func number() -> Int? {
        let digits = line[place...].prefix { (48...57).contains($0) || $0 == 45 }
        guard digits.count <= 18, let number = Int(String(decoding: digits, as: UTF8.self)) else {
            return nil
        }
        place += digits.count
        return number
    }

    /// A text in quotes.
    mutating func text() -> String? {
        guard take("\"") else { return nil }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        var text = ""
        while let byte = next {
            place += 1
            if byte == UInt8(ascii: "\\"), let escaped = next {
                place += 1
                text += String(decoding: plain, as: UTF8.self)
                plain = []
                guard let unit = unit(escaped) else { return nil }
                units.append(unit)
                continue
            }
            text += String(decoding: units, as: UTF16.self)
            units = []
            if byte == UInt8(ascii: "\"") { return text + String(decoding: plain, as: UTF8.self) }
            plain.append(byte)
        }
        return nil
    }

    /// What an escape stands for.
    private mutating func unit(_ escaped: UInt8) -> UInt16? {
        switch escaped {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(escaped)
        case UInt8(ascii: "u"):
            let digits = line[place...].prefix(4)
            place += digits.count
            return digits.count == 4
                ? UInt16(String(decoding: digits, as: UTF8.self), radix: 16) : nil
        default: return nil
        }
    }
}
