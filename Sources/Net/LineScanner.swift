// The tokens of one line: words, key=value, double quotes with escapes, and the literals that stand
// at the ends of its parts. Knows no verb.

/// Reads tokens from left to right.
struct LineScanner {
    /// A word, or a value with its key.
    struct Token {
        /// Where it begins in the line.
        let start: Int
        let key: String?
        let value: [UInt8]
        /// Whether the value stands in double quotes.
        let isQuoted: Bool
    }

    /// What cannot be read, and where.
    struct Problem: Error {
        let code: String
        let text: String
        let at: Int
    }

    private let line: [UInt8]
    private let literals: [Frame.Literal]
    private var nextLiteral = 0
    private var at: Int

    init(line: [UInt8], literals: [Frame.Literal], from start: Int) {
        self.line = line
        self.literals = literals
        at = start
    }

    /// Refuses control characters and what is not UTF-8.
    static func checkCharacters(_ line: [UInt8]) throws(Complaint) {
        var isASCII = true
        for index in line.indices {
            let byte = line[index]
            if byte < 0x20 || byte == 0x7F {
                throw Complaint(
                    "SYNTAX.character",
                    "a control character at column \(column(index, in: line)); "
                        + "in double quotes write \\n or \\t, or send a literal")
            }
            if byte >= 0x80 { isASCII = false }
        }
        guard !isASCII else { return }
        do {
            _ = try UTF8Span(validating: line.span)
        } catch {
            let column = column(error.byteOffsets.lowerBound, in: line)
            throw Complaint("SYNTAX.utf8", "the line is not UTF-8 at column \(column)")
        }
    }

    /// Characters (Unicode scalars) from the start of the line, from 1.
    func column(_ offset: Int) -> Int {
        LineScanner.column(offset, in: line)
    }

    /// The next token, or nil at the end of the line.
    mutating func next() throws(Problem) -> Token? {
        skipSpaces()
        guard at < line.count else { return nil }
        let start = at
        var key: String?
        if let equals = keyEnd(from: at) {
            key = String(decoding: line[at..<equals], as: UTF8.self)
            at = equals + 1
        }
        let isQuoted = at < line.count && line[at] == UInt8(ascii: "\"")
        let value = isQuoted ? try quoted() : try bare()
        return Token(start: start, key: key, value: value, isQuoted: isQuoted)
    }

    /// The text as it stands up to the first key that `isKey` knows, at the start of a token and
    /// outside double quotes that are closed; nil when there is none.
    mutating func freeText(until isKey: (String) -> Bool) throws(Problem) -> [UInt8]? {
        skipSpaces()
        var text: [UInt8] = []
        var start = at
        var endsInLiteral = false
        // Once a quote is not closed, no later one before the next literal is.
        var quotesEnd = false
        while at < line.count {
            let byte = line[at]
            if let literal = pendingLiteral, literal.marker.lowerBound == at {
                text += line[start..<at]
                text += literal.bytes
                try leaveLiteral(literal)
                start = at
                endsInLiteral = true
                quotesEnd = false
                continue
            }
            if at == 0 || line[at - 1] == 0x20, let equals = keyEnd(from: at),
                isKey(String(decoding: line[at..<equals], as: UTF8.self))
            {
                break
            }
            if byte == UInt8(ascii: "\""), !quotesEnd {
                if let close = closingQuote(after: at) { at = close } else { quotesEnd = true }
            }
            at += 1
        }
        var end = at
        while end > start, line[end - 1] == 0x20 { end -= 1 }
        text += line[start..<end]
        return text.isEmpty && !endsInLiteral ? nil : text
    }

    /// An unquoted value up to the next space, or up to and with a literal.
    private mutating func bare() throws(Problem) -> [UInt8] {
        let start = at
        let limit = pendingLiteral?.marker.upperBound ?? line.count
        while at < limit, line[at] != 0x20 { at += 1 }
        guard at == limit, let literal = pendingLiteral else { return Array(line[start..<at]) }
        try leaveLiteral(literal)
        let prefix = line[start..<literal.marker.lowerBound]
        return prefix.isEmpty ? literal.bytes : Array(prefix) + literal.bytes
    }

    /// A value in double quotes.
    private mutating func quoted() throws(Problem) -> [UInt8] {
        let open = at
        let limit = pendingLiteral?.marker.upperBound ?? line.count
        var value: [UInt8] = []
        at += 1
        while at < limit, line[at] != UInt8(ascii: "\"") {
            var byte = line[at]
            if byte == 0x5C {
                at += 1
                guard at < limit else { break }
                switch line[at] {
                case UInt8(ascii: "\""), 0x5C: byte = line[at]
                case UInt8(ascii: "n"): byte = 0x0A
                case UInt8(ascii: "t"): byte = 0x09
                default:
                    throw Problem(
                        code: "SYNTAX.quote",
                        text: "only \\\" \\\\ \\n and \\t may follow a backslash in quotes;"
                            + " another one stands", at: at - 1)
                }
            }
            value.append(byte)
            at += 1
        }
        guard at < limit else {
            throw Problem(code: "SYNTAX.quote", text: "a double quote is not closed", at: open)
        }
        at += 1
        guard at == line.count || line[at] == 0x20 else {
            throw Problem(
                code: "SYNTAX.quote", text: "a space must follow the closing quote", at: at)
        }
        return value
    }

    private var pendingLiteral: Frame.Literal? {
        nextLiteral < literals.count ? literals[nextLiteral] : nil
    }

    /// Goes past a literal; what follows it must be set off by a space.
    private mutating func leaveLiteral(_ literal: Frame.Literal) throws(Problem) {
        at = literal.marker.upperBound
        nextLiteral += 1
        guard at == line.count || line[at] == 0x20 else {
            throw Problem(
                code: "SYNTAX.literal",
                text: "after a literal of \(literal.bytes.count) bytes comes a space or the end of"
                    + " the line, not \(Spelling.shown(line[at...])),", at: at)
        }
    }

    private mutating func skipSpaces() {
        while at < line.count, line[at] == 0x20 { at += 1 }
    }

    /// Where the `=` is, when a key `[A-Za-z_][A-Za-z0-9_.-]*` and `=` begin here.
    private func keyEnd(from start: Int) -> Int? {
        var index = start
        while index < line.count {
            switch line[index] {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "_"):
                break
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
                if index == start { return nil }
            case UInt8(ascii: "="):
                return index > start ? index : nil
            default:
                return nil
            }
            index += 1
        }
        return nil
    }

    /// The quote that closes the one at `open`, before the next literal.
    private func closingQuote(after open: Int) -> Int? {
        let limit = pendingLiteral?.marker.lowerBound ?? line.count
        var index = open + 1
        while index < limit {
            if line[index] == UInt8(ascii: "\"") { return index }
            index += line[index] == 0x5C ? 2 : 1
        }
        return nil
    }

    private static func column(_ offset: Int, in line: [UInt8]) -> Int {
        1 + line[..<offset].count { $0 & 0xC0 != 0x80 }
    }
}
