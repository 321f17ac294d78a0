// How many edits lie between a word and others: a character put in, left out, replaced, or two
// neighbours exchanged, no stretch of the word being edited twice (optimal string alignment).
// Words that come in order share rows of the table with the one before, and a row that is beyond
// the limit all along says that no word with this beginning can be near.

/// Measures words against one word.
package struct EditDistance {
    /// What is known of a word.
    package enum Answer: Equatable {
        case near(Int)
        case far
        /// No word that begins with this many bytes of the term is near.
        case hopeless(Int)
    }

    private let wanted: [UInt32]
    private let limit: UInt8
    /// A row for each character of the word measured last, after the row of none.
    private var rows: [UInt8]
    /// The bytes of that word, its characters, and where each ends; as far as they were measured.
    private var bytes: [UInt8] = []
    private var characters: [UInt32] = []
    private var ends: [Int] = []

    /// Measures from a term as `TermKey` builds it, whose first byte is no character of the word.
    package init(to term: [UInt8], atMost limit: Int) {
        var wanted: [UInt32] = []
        var at = 1
        while at < term.count {
            let (character, length) = Self.character(term, at: at)
            wanted.append(character)
            at += length
        }
        self.wanted = wanted
        self.limit = UInt8(clamping: limit)
        rows = (0...wanted.count).map { UInt8(clamping: $0) }
    }

    /// The distance of a term, which has the same first byte.
    package mutating func measure(_ term: [UInt8]) -> Answer {
        keep(term)
        let width = wanted.count + 1
        var at = ends.last ?? 1
        while at < term.count {
            let (character, length) = Self.character(term, at: at)
            at += length
            addRow(character, width)
            characters.append(character)
            ends.append(at)
            bytes.append(contentsOf: term[bytes.count..<at])
            var least = UInt8.max
            for place in rows.count - width..<rows.count { least = min(least, rows[place]) }
            if least > limit { return .hopeless(at) }
        }
        let distance = rows[rows.count - 1]
        return distance <= limit ? .near(Int(distance)) : .far
    }

    /// Keeps of the last word what the next has in common with it.
    private mutating func keep(_ term: [UInt8]) {
        if bytes.isEmpty, let kind = term.first { bytes.append(kind) }
        var shared = 0
        let most = min(bytes.count, term.count)
        while shared < most, bytes[shared] == term[shared] { shared += 1 }
        var count = ends.count
        while count > 0, ends[count - 1] > shared { count -= 1 }
        let width = wanted.count + 1
        rows.removeLast(rows.count - (count + 1) * width)
        characters.removeLast(characters.count - count)
        ends.removeLast(ends.count - count)
        bytes.removeLast(bytes.count - (ends.last ?? min(1, bytes.count)))
    }

    private mutating func addRow(_ character: UInt32, _ width: Int) {
        let above = rows.count - width
        rows.append(rows[above] == .max ? .max : rows[above] + 1)
        for place in 1..<width {
            let isSame = wanted[place - 1] == character
            var least = Self.sum(rows[above + place - 1], isSame ? 0 : 1)
            least = min(least, Self.sum(rows[above + place], 1))
            least = min(least, Self.sum(rows[rows.count - 1], 1))
            if place > 1, let last = characters.last, wanted[place - 1] == last,
                wanted[place - 2] == character
            {
                least = min(least, Self.sum(rows[above - width + place - 2], 1))
            }
            rows.append(least)
        }
    }

    private static func sum(_ a: UInt8, _ b: UInt8) -> UInt8 { a > .max - b ? .max : a + b }

    /// The character that begins at a place, and its length; a byte that begins none is one.
    private static func character(_ bytes: [UInt8], at start: Int) -> (UInt32, Int) {
        let first = bytes[start]
        let length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        let end = min(start + length, bytes.count)
        var character: UInt32 = 0
        for at in start..<end { character = character << 8 | UInt32(bytes[at]) }
        return (character, end - start)
    }
}
