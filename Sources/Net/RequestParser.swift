// A framed request to a Request: label, verb, words, keys and free text.
// Invariants: the time is linear in the line; nothing is guessed: what does not fit the verb's form
// is a Complaint with its column, counted in characters from 1 over the joined line.

/// Reads one frame.
package struct RequestParser {
    private let grammar: Grammar
    private var shape: VerbShape
    private var scanner: LineScanner
    private var words: [[UInt8]] = []
    private var keys: [(name: String, value: [UInt8])] = []
    /// The names of keys whose values are in double quotes.
    private var quoted: Set<String> = []
    /// The names in `keys`, once there are too many to look through.
    private var names: Set<String> = []
    private var text: [UInt8]?
    /// How many words come before the free text.
    private var wordsBeforeText: Int?
    /// Which word names the tracks.
    private var trackWord = 0

    /// The request, or why there is none.
    ///
    /// The frame has no fault.
    package static func parse(
        _ frame: Frame, head: LineHead, grammar: Grammar
    ) -> Result<Request, Complaint> {
        do throws(Complaint) {
            try LineScanner.checkCharacters(frame.line)
            if !head.idIsSound {
                throw Complaint(
                    "SYNTAX.id",
                    "a label is # and 1 to \(LineHead.idBytes) printable characters, at column 1")
            }
            var parser = try RequestParser(frame, head: head, grammar: grammar)
            try parser.readAll()
            return .success(
                Request(
                    id: head.label(in: frame.line.span), verb: grammar.shapes[frame.shape].name,
                    words: parser.words, keys: parser.keys, quoted: parser.quoted,
                    text: parser.text))
        } catch {
            return .failure(error)
        }
    }

    private init(_ frame: Frame, head: LineHead, grammar: Grammar) throws(Complaint) {
        scanner = LineScanner(
            line: frame.line, literals: frame.literals, from: head.verb.upperBound)
        guard frame.shape >= 0 else {
            throw RequestParser.unknownVerb(
                frame.line[head.verb], column: scanner.column(head.verb.lowerBound), grammar)
        }
        self.grammar = grammar
        shape = grammar.shapes[frame.shape]
        wordsBeforeText = shape.freeTextAfterWords
        // A literal may not stand for the label or the verb.
        if let first = frame.literals.first, first.marker.lowerBound < head.verb.upperBound {
            throw complain("SYNTAX.literal", "a literal is no verb", at: head.verb.lowerBound)
        }
    }

    private mutating func readAll() throws(Complaint) {
        while words.count != wordsBeforeText {
            guard let token = try nextToken() else { return }
            if token.key != nil {
                try add(token)
            } else {
                words.append(token.value)
                if shape.wrapsVerb { try unwrap(token) }
            }
        }
        try readText()
        while let token = try nextToken() {
            if token.key == nil {
                throw complain(
                    "SYNTAX.word",
                    "a word \(Spelling.shown(token.value)) after the first key", at: token.start)
            }
            try add(token)
        }
    }

    /// The first word of a wrapping verb: from here on the wrapped verb's form counts.
    private mutating func unwrap(_ token: LineScanner.Token) throws(Complaint) {
        let inner = grammar.find(token.value.span)
        guard inner >= 0 else {
            throw RequestParser.unknownVerb(
                token.value[...], column: scanner.column(token.start), grammar)
        }
        let outer = shape
        shape = grammar.shapes[inner]
        shape = VerbShape(
            name: shape.name, usage: "\(outer.name) \(shape.usage)",
            keys: shape.keys.union(outer.keys), openKeys: shape.openKeys || outer.openKeys,
            freeTextAfterWords: shape.freeTextAfterWords, order: outer.order)
        wordsBeforeText = shape.freeTextAfterWords.map { $0 + words.count }
        trackWord = words.count
    }

    private mutating func readText() throws(Complaint) {
        let isKey = { [self] (name: String) in isKnown(name) }
        do throws(LineScanner.Problem) {
            text = try scanner.freeText(until: isKey)
        } catch {
            throw complain(error)
        }
    }

    private mutating func nextToken() throws(Complaint) -> LineScanner.Token? {
        do throws(LineScanner.Problem) {
            return try scanner.next()
        } catch {
            throw complain(error)
        }
    }

    /// Takes a key with its value.
    private mutating func add(_ token: LineScanner.Token) throws(Complaint) {
        guard let name = token.key else { return }
        guard shape.openKeys || isKnown(name) else {
            throw complain(
                "SYNTAX.key", "unknown key \(Spelling.shown(name.utf8))", at: token.start,
                hint: hint(for: name))
        }
        if keys.count == 16 { names = Set(keys.map(\.name)) }
        let isGiven = names.isEmpty ? keys.contains { $0.name == name } : names.contains(name)
        guard !isGiven else {
            throw complain(
                "SYNTAX.repeated", "the key \(Spelling.shown(name.utf8)) is given again",
                at: token.start)
        }
        keys.append((name, token.value))
        if token.isQuoted { quoted.insert(name) }
        if !names.isEmpty { names.insert(name) }
    }

    private func isKnown(_ name: String) -> Bool {
        if shape.keys.contains(name) { return true }
        return wordsBeforeText != nil && grammar.isTrackKey(tracks, name)
    }

    /// The word that names tracks.
    private var tracks: String {
        words.indices.contains(trackWord) ? String(decoding: words[trackWord], as: UTF8.self) : ""
    }

    /// Attributes that are named.
    private static let attributesShown = 16

    /// What may have been meant by a key that is none: one of the verb, or an attribute.
    private func hint(for name: String) -> String? {
        let attributes = wordsBeforeText == nil ? [] : grammar.trackKeys(tracks)
        let near = Spelling.nearest(to: name, among: Array(shape.keys) + attributes)
            .map { "did you mean '\($0)'?" }
        guard !attributes.isEmpty else { return near }
        if let near, Spelling.nearest(to: name, among: attributes) != nil { return near }
        let list = attributes.prefix(Self.attributesShown).joined(separator: ", ")
        return "the attributes of what is searched are \(list);" + (near.map { " \($0)" } ?? "")
    }

    private func complain(_ problem: LineScanner.Problem) -> Complaint {
        complain(problem.code, problem.text, at: problem.at)
    }

    /// The full text of a complaint: what, where, a hint, the verb's usage.
    private func complain(
        _ code: String, _ what: String, at offset: Int, hint: String? = nil
    ) -> Complaint {
        var text = "\(what) at column \(scanner.column(offset)); "
        if let hint { text += hint + " " }
        return Complaint(code, text + "usage: \(shape.usage)")
    }

    private static func unknownVerb(
        _ word: ArraySlice<UInt8>, column: Int, _ grammar: Grammar
    ) -> Complaint {
        let name = String(decoding: word, as: UTF8.self).uppercased()
        let near = Spelling.nearest(to: name, among: grammar.shapes.map(\.name))
        let hint = near.map { "did you mean '\($0)'? " } ?? ""
        return Complaint(
            "SYNTAX.verb",
            "unknown verb \(Spelling.shown(word)) at column \(column); \(hint)HELP lists them")
    }
}
