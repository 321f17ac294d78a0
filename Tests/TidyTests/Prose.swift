// Swift source with its prose blanked: comments, string and regex literals, and names in backticks
// become spaces of equal length, so that rules about code are not misled by what is only said.
// A rough lexer on purpose: it must hold for formatted source that compiles, no more.

/// `text` with every byte of a comment, a literal or a quoted name replaced by a space; line ends
/// stay.
func blankingProse(_ text: [UInt8]) -> [UInt8] {
    var lexer = ProseLexer(text: text)
    return lexer.blanked()
}

private struct ProseLexer {
    private let text: [UInt8]
    private var result: [UInt8]
    private var position = 0

    init(text: [UInt8]) {
        self.text = text
        result = text
    }

    mutating func blanked() -> [UInt8] {
        while position < text.count {
            let start = position
            if starts(with: "//") {
                skip { $0.starts(with: "\n") }
            } else if starts(with: "/*") {
                skipBlockComment()
            } else if starts(with: "`") {
                position += 1
                skip { $0.starts(with: "`") || $0.starts(with: "\n") }
                position += 1
            } else if let fence = literalFence() {
                skipLiteral(fence)
            } else {
                position += 1
                continue
            }
            position = min(position, text.count)
            for index in start..<position where text[index] != UInt8(ascii: "\n") {
                result[index] = UInt8(ascii: " ")
            }
        }
        return result
    }

    private func starts(with token: String) -> Bool { text[position...].starts(with: token.utf8) }

    private mutating func skip(until isEnd: (ProseLexer) -> Bool) {
        while position < text.count, !isEnd(self) { position += 1 }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                position += 2
            } else if starts(with: "*/") {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < text.count
    }

    /// How a literal is closed.
    private struct Fence {
        var opening: String
        var closing: String
        /// What begins an escape; empty in regex literals.
        var escape: String
        var isMultiline: Bool
    }

    /// The literal that begins here, if one does: quotes or a slash, after any number of `#`.
    private func literalFence() -> Fence? {
        let hashes = String(repeating: "#", count: text[position...].prefix { $0 == 0x23 }.count)
        for quote in ["\"\"\"", "\""] where starts(with: hashes + quote) {
            return Fence(
                opening: hashes + quote, closing: quote + hashes, escape: "\\" + hashes,
                isMultiline: quote.utf8.count == 3)
        }
        if !hashes.isEmpty, starts(with: hashes + "/") {
            return Fence(
                opening: hashes + "/", closing: "/" + hashes, escape: "", isMultiline: true)
        }
        return nil
    }

    private mutating func skipLiteral(_ fence: Fence) {
        position += fence.opening.utf8.count
        while position < text.count, !starts(with: fence.closing) {
            if starts(with: "\n"), !fence.isMultiline { return }
            if !fence.escape.isEmpty, starts(with: fence.escape) {
                position += fence.escape.utf8.count
                if starts(with: "(") { skipInterpolation() } else { position += 1 }
            } else {
                position += 1
            }
        }
        position += fence.closing.utf8.count
    }

    private mutating func skipInterpolation() {
        var depth = 0
        while position < text.count {
            if let fence = literalFence() {
                skipLiteral(fence)
                continue
            }
            if starts(with: "(") { depth += 1 }
            if starts(with: ")") { depth -= 1 }
            position += 1
            if depth == 0 { return }
        }
    }
}
