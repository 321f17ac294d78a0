// The verbs a server knows, found by name without making a String: the decoder asks for every line.

/// All verbs, and the one question about their meaning that framing has to ask.
package struct Grammar: Sendable {
    /// Sorted by name.
    let shapes: [VerbShape]
    /// For verbs answered here: what follows `+` and the id, with its line end.
    let constants: [[UInt8]?]
    /// Whether a key is an attribute of the tracks named by the first word of a free-text request.
    let isTrackKey: @Sendable (_ firstWord: String, _ key: String) -> Bool
    /// The attributes of these tracks.
    let trackKeys: @Sendable (_ firstWord: String) -> [String]
    /// The first eight bytes of each name, in the order of `shapes`.
    private let codes: [UInt64]
    /// The length of each name in bytes.
    private let lengths: [Int]

    /// - Parameters:
    ///   - verbs: names are unique.
    ///   - isTrackKey: asked on a worker thread for keys that are not the verb's own; the first
    ///     word is the one that names tracks: after a wrapped verb's name, `""` when there is none.
    ///   - trackKeys: asked for who gave a key that is none.
    package init(
        verbs: [VerbShape],
        isTrackKey: @escaping @Sendable (_ firstWord: String, _ key: String) -> Bool,
        trackKeys: @escaping @Sendable (_ firstWord: String) -> [String] = { _ in [] }
    ) {
        shapes = verbs.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        precondition(Set(verbs.map(\.name)).count == verbs.count, "two verbs of one name")
        codes = shapes.map { Grammar.code($0.name.utf8Span.span) }
        lengths = shapes.map(\.name.utf8.count)
        constants = shapes.map { shape in
            guard case .constant(let reply) = shape.order else { return nil }
            return [UInt8(ascii: " ")] + reply + [0x0A]
        }
        self.isTrackKey = isTrackKey
        self.trackKeys = trackKeys
    }

    /// The index in `shapes` of the verb of this name in any case, or -1.
    package func find(_ word: Span<UInt8>) -> Int {
        let code = Grammar.code(word)
        var low = 0
        var high = codes.count
        while low < high {
            let middle = (low + high) / 2
            if codes[middle] < code { low = middle + 1 } else { high = middle }
        }
        while low < codes.count, codes[low] == code {
            // Eight bytes are all of most names.
            if lengths[low] == word.count,
                word.count <= 8 || Grammar.equal(shapes[low].name.utf8Span.span, word)
            {
                return low
            }
            low += 1
        }
        return -1
    }

    /// The reply, from after the id on, to a line that is a verb answered here and no more.
    func constant(_ line: Span<UInt8>, head: LineHead, shape: Int) -> [UInt8]? {
        guard shape >= 0, !head.hasMore, head.idIsSound else { return nil }
        return constants[shape]
    }

    private static func code(_ word: Span<UInt8>) -> UInt64 {
        var code: UInt64 = 0
        let count = min(word.count, 8)
        for index in 0..<count { code = code << 8 | UInt64(upper(word[index])) }
        // Names sort as their bytes do, shorter ones first.
        return code << UInt64(8 * (8 - count))
    }

    private static func equal(_ name: Span<UInt8>, _ word: Span<UInt8>) -> Bool {
        for index in name.indices where name[index] != upper(word[index]) { return false }
        return true
    }

    private static func upper(_ byte: UInt8) -> UInt8 {
        byte >= 0x61 && byte <= 0x7A ? byte & 0xDF : byte
    }
}
