// The tokens of a typed query: words with what hangs on them, phrases, signs, operators and
// parentheses. Bytes beyond ASCII are parts of words, whatever they are.

/// Cuts what was typed into tokens.
enum QueryTokens {
    enum Token: Equatable {
        case leaf(QuerySyntax.Node, boost: Float)
        case must, mustNot, both, either, open
        case close(boost: Float)
    }

    /// The tokens, where words and phrases stand that are to be found as they are, and how many
    /// leaves beyond `limit` were dropped, with the operators after them.
    static func read(
        _ text: [UInt8], leaves limit: Int
    ) -> (tokens: [Token], spoken: [Range<Int>], dropped: Int) {
        var reader = Reader(text: text, limit: limit)
        reader.readAll()
        return (reader.tokens, reader.spoken, max(0, -reader.leavesLeft))
    }

    /// Drops parentheses that have no partner, or lie too deep.
    static func matchParentheses(_ tokens: inout [Token], depth: Int) {
        var opened: [Int] = []
        var isDropped = [Bool](repeating: false, count: tokens.count)
        for (place, token) in tokens.enumerated() {
            switch token {
            case .open: opened.append(place)
            case .close:
                guard let start = opened.popLast() else {
                    isDropped[place] = true
                    continue
                }
                isDropped[place] = opened.count >= depth
                isDropped[start] = opened.count >= depth
            default: break
            }
        }
        for place in opened { isDropped[place] = true }
        tokens = zip(tokens, isDropped).compactMap { $1 ? nil : $0 }
    }
}

private struct Reader {
    let text: [UInt8]
    var tokens: [QueryTokens.Token] = []
    var spoken: [Range<Int>] = []
    /// Leaves that there is room for; below zero, how many were dropped.
    var leavesLeft: Int
    private var next = 0
    /// Whether the text is a line as subtitles have it: with a dash in front, and a full stop, a
    /// question mark or the like at its end.
    private let isLine: Bool

    init(text: [UInt8], limit: Int) {
        self.text = text
        leavesLeft = limit
        isLine = text.first { $0 > 32 } == UInt8(ascii: "-") && Self.endsSentence(text[...])
    }

    mutating func readAll() {
        while next < text.count {
            let byte = text[next]
            if byte <= 32 {
                next += 1
                continue
            }
            if let (mark, length) = QuotationMark.read(text, next) {
                readPhrase(mark, length)
                continue
            }
            switch byte {
            case UInt8(ascii: "("): add(.open)
            case UInt8(ascii: ")"):
                next += 1
                tokens.append(.close(boost: boost() ?? 1))
            case UInt8(ascii: "|"): add(.either)
            case UInt8(ascii: "&"): add(.both)
            case UInt8(ascii: "+") where isSign: add(.must)
            case UInt8(ascii: "-") where isSign && !isDash: add(.mustNot)
            default: readWord()
            }
        }
    }

    private mutating func add(_ token: QueryTokens.Token) {
        if leavesLeft > 0 { tokens.append(token) }
        next += 1
    }

    /// `place` is where words stand, when they are to be found as they are.
    private mutating func add(
        _ leaf: @autoclosure () -> QuerySyntax.Node, boost: Float, at place: Range<Int>? = nil
    ) {
        leavesLeft -= 1
        if let place, leavesLeft >= 0, tokens.last != .mustNot { spoken.append(place) }
        if leavesLeft >= 0 { tokens.append(.leaf(leaf(), boost: boost)) }
    }

    /// Whether something follows that a sign can be about.
    private var isSign: Bool { next + 1 < text.count && text[next + 1] > 32 }

    /// Whether a dash says that somebody speaks: two of them, or one before a sentence of a line.
    private var isDash: Bool {
        if text[next + 1] == UInt8(ascii: "-") { return true }
        guard isLine else { return false }
        let before = Self.withoutBlanks(text[..<next])
        return before.isEmpty || text[before.endIndex..<next].contains(10)
            || Self.endsSentence(before)
    }

    /// Marks that end a sentence, each a list of bytes.
    private static let sentenceEnds = [".", "?", "!", "…", "。", "？", "！", "؟", "।"].map {
        Array($0.utf8)
    }

    private static func endsSentence(_ text: ArraySlice<UInt8>) -> Bool {
        let text = withoutBlanks(text)
        return sentenceEnds.contains { text.suffix($0.count).elementsEqual($0) }
    }

    /// A text up to the last byte that is no blank.
    private static func withoutBlanks(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        text.lastIndex { $0 > 32 }.map { text[...$0] } ?? []
    }

    private mutating func readPhrase(_ mark: QuotationMark, _ length: Int) {
        let start = next + length
        guard let inner = quoted(mark, length) else {
            next += length
            return
        }
        var slop = 0
        if let (number, end) = number(after: UInt8(ascii: "~")), number >= 0 {
            slop = Int(min(number, Float(QuerySyntax.slopMax)))
            next = end
        }
        add(
            .phrase(inner, slop: slop), boost: boost() ?? 1, at: start..<start + inner.count)
    }

    /// What stands between the mark here and the next of its kind; nil when there is no other.
    private mutating func quoted(_ mark: QuotationMark, _ length: Int) -> [UInt8]? {
        for end in (next + length)..<max(text.count, next + length) {
            guard let found = QuotationMark.read(text, end), found.mark == mark else { continue }
            let inner = Array(text[(next + length)..<end])
            next = end + found.length
            return inner
        }
        return nil
    }

    private mutating func readWord() {
        let start = next
        // The first byte belongs to the word whatever it is.
        next += 1
        while next < text.count, !endsWord(next) { next += 1 }
        var word = text[start..<next]
        if word.last == UInt8(ascii: ":"), word.count > 1, next < text.count,
            let (mark, length) = QuotationMark.read(text, next), let value = quoted(mark, length)
        {
            let name = Array(word.dropLast())
            return add(.field(name: name, value: value, isQuoted: true), boost: boost() ?? 1)
        }
        // Counted, but not looked at.
        guard leavesLeft > 0 else { return add(.word([]), boost: 1) }
        var weight: Float = 1
        if let caret = word.lastIndex(of: UInt8(ascii: "^")), caret > start,
            let number = Self.decimal(word[(caret + 1)...])
        {
            weight = min(number, QuerySyntax.boostMax)
            word = word[..<caret]
        }
        let node = Self.node(word)
        switch node {
        case .word, .exact: add(node, boost: weight, at: word.startIndex..<word.endIndex)
        default: add(node, boost: weight)
        }
    }

    private func endsWord(_ place: Int) -> Bool {
        switch text[place] {
        case ...32, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "|"):
            return true
        case UInt8(ascii: "&"):
            // R&B is a word.
            return place + 1 == text.count || text[place + 1] <= 32
                || [UInt8(ascii: "("), UInt8(ascii: "\"")].contains(text[place + 1])
        default: return QuotationMark.read(text, place) != nil
        }
    }

    private static func node(_ word: ArraySlice<UInt8>) -> QuerySyntax.Node {
        if word.count > 1, word.first == UInt8(ascii: "=") {
            return .exact(Array(word.dropFirst()))
        }
        if word.count > 1, word.last == UInt8(ascii: "*") { return .prefix(Array(word.dropLast())) }
        if word.count > 1, word.last == UInt8(ascii: "~") {
            return .fuzzy(Array(word.dropLast()), edits: nil)
        }
        if word.count > 2, let edits = word.last.map({ Int($0) - 48 }), (0...2).contains(edits),
            word[word.endIndex - 2] == UInt8(ascii: "~")
        {
            return .fuzzy(Array(word.dropLast(2)), edits: edits)
        }
        if let colon = word.firstIndex(of: UInt8(ascii: ":")), colon > word.startIndex,
            colon + 1 < word.endIndex
        {
            return .field(
                name: Array(word[..<colon]), value: Array(word[(colon + 1)...]), isQuoted: false)
        }
        return .word(Array(word))
    }

    /// A boost that stands here.
    private mutating func boost() -> Float? {
        guard let (number, end) = number(after: UInt8(ascii: "^")) else { return nil }
        next = end
        return min(number, QuerySyntax.boostMax)
    }

    /// A number behind a mark that stands here, and where it ends.
    private func number(after mark: UInt8) -> (Float, Int)? {
        guard next < text.count, text[next] == mark else { return nil }
        let end = text[(next + 1)...].firstIndex { !Self.isDecimal($0) } ?? text.count
        return Self.decimal(text[(next + 1)..<end]).map { ($0, end) }
    }

    private static func isDecimal(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || byte == UInt8(ascii: ".")
    }

    private static func decimal(_ digits: ArraySlice<UInt8>) -> Float? {
        guard !digits.isEmpty, digits.count < 16, digits.allSatisfy(isDecimal) else { return nil }
        return Float(String(decoding: digits, as: UTF8.self))
    }
}
