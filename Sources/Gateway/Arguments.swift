// The words, keys and free text of a request, with the checks that every verb needs.

/// A request as any front end hands it over.
///
/// Which keys a verb knows was checked before.
package struct Arguments: Sendable {
    /// Values without a name, in order.
    package var words: [[UInt8]]
    /// Named values, in order.
    package var keys: [(name: String, value: [UInt8])]
    /// The names of those whose values were set off as a whole, commas and all.
    package var quoted: Set<String>
    /// The query of a search as it was typed.
    package var text: [UInt8]?

    /// The parts of a request.
    package init(
        words: [[UInt8]] = [], keys: [(name: String, value: [UInt8])] = [],
        quoted: Set<String> = [], text: [UInt8]? = nil
    ) {
        self.words = words
        self.keys = keys
        self.quoted = quoted
        self.text = text
    }

    /// The value of a key.
    package func bytes(_ key: String) -> [UInt8]? { keys.first { $0.name == key }?.value }

    /// The request without a key.
    func without(_ key: String) -> Arguments {
        Arguments(
            words: words, keys: keys.filter { $0.name != key }, quoted: quoted, text: text)
    }

    func string(_ key: String) throws(GatewayError) -> String? {
        guard let bytes = bytes(key) else { return nil }
        return try utf8(bytes, key)
    }

    /// The word at a place, as text; `what` names it in errors, such as "the title".
    func word(_ index: Int, _ what: String) throws(GatewayError) -> String {
        guard index < words.count else {
            let key = what.split(separator: " ").last.map(String.init) ?? what
            let hint = bytes(key) == nil ? "" : ": it stands for itself, without '\(key)='"
            throw GatewayError("SYNTAX.missing", "\(what) is missing\(hint)")
        }
        return try utf8(words[index], what)
    }

    /// Throws when there are more words than the verb takes.
    func expectWords(atMost count: Int) throws(GatewayError) {
        guard words.count > count else { return }
        let extra = String(decoding: words[count].prefix(64), as: UTF8.self)
        throw GatewayError(
            "SYNTAX.word", "'\(extra)' is one word too many; quote values with spaces")
    }

    /// A whole number in a range, or what it is by default.
    func integer(
        _ key: String, _ range: ClosedRange<Int>, default value: Int
    ) throws(GatewayError) -> Int {
        guard let text = try string(key) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw GatewayError(
                "SYNTAX.value",
                "\(key)=\(text.prefix(32)) is not a whole number from \(range.lowerBound) to "
                    + "\(range.upperBound)")
        }
        return number
    }

    /// One of a list of words, or what it is by default.
    func choice(
        _ key: String, _ choices: [String], default value: String
    ) throws(GatewayError) -> String {
        guard let text = try string(key) else { return value }
        guard choices.contains(text) else {
            let list = choices.joined(separator: ", ")
            throw GatewayError("SYNTAX.value", "\(key)=\(text.prefix(32)) is none of \(list)")
        }
        return text
    }
}

/// Throws when bytes are not UTF-8.
///
/// `what` names them in errors. Cheap where all is ASCII.
func checkUTF8(_ bytes: [UInt8], _ what: String) throws(GatewayError) {
    let isASCII = bytes.reduce(0, |) < 128
    if !isASCII { _ = try utf8(bytes, what) }
}

/// Text of bytes that must be UTF-8.
///
/// `what` names them in errors.
func utf8(_ bytes: [UInt8], _ what: String) throws(GatewayError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw GatewayError("SYNTAX.utf8", "\(what) is not valid UTF-8")
    }
    return text
}

/// The rule for names of titles, tracks and attributes.
enum Name {
    /// The longest name in bytes.
    static let bytesMax = 255

    /// Throws when a name holds what the protocol needs for itself.
    static func check(_ name: String, _ what: String) throws(GatewayError) {
        let isBad = name.unicodeScalars.contains { scalar in
            scalar.value <= 32 || scalar.value == 127 || ",@\"=".unicodeScalars.contains(scalar)
        }
        guard !isBad, !name.isEmpty, name.utf8.count <= bytesMax else {
            throw GatewayError(
                "SYNTAX.name",
                "'\(name.prefix(64))' cannot name \(what): names have 1 to \(bytesMax) bytes and "
                    + "no space, comma, @, quote, = or control character")
        }
    }
}
