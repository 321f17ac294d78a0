// Walks the documents in which the words of a phrase stand near their places. With every position
// lessened by the word's place in the phrase, the words of an exact phrase have one number in
// common; here the numbers may differ by the slop. So a word between two costs one, two words in
// each other's place cost two. No position serves two words of a phrase.

/// The documents of one phrase with slop, in ascending order.
final class SloppyPhrase {
    /// At most this many documents match.
    let cost: Int
    /// The current document; `PostingsCursor.end` past the last.
    private(set) var document: UInt32 = 0
    /// From how many places of the first word the others can be reached.
    private(set) var frequency: UInt32 = 0

    private let cursors: [PostingsCursor]
    /// The rarest first, each with how often its word is in the phrase.
    private let byRarity: [(cursor: PostingsCursor, needed: UInt32)]
    /// For each word, the place of the first that is the same.
    private let same: [Int]
    private let slop: UInt32
    private let idf: Float
    private var positions: [[UInt32]]
    /// For each word, how many of the first one's positions are taken while places are given.
    private var taken: [Int]

    init(_ terms: [[UInt8]], _ cursors: [PostingsCursor], slop: Int, idf: Float) {
        self.cursors = cursors
        byRarity = zip(terms, cursors).map { term, cursor in
            (cursor: cursor, needed: UInt32(terms.count { $0 == term }))
        }.sorted { $0.cursor.documentFrequency < $1.cursor.documentFrequency }
        same = terms.indices.map { terms.firstIndex(of: terms[$0]) ?? $0 }
        self.slop = UInt32(slop)
        self.idf = idf
        cost = byRarity[0].cursor.documentFrequency
        positions = cursors.map { _ in [] }
        taken = cursors.map { _ in 0 }
        settle(from: 0)
    }

    /// Goes to the first match that is `target` or later.
    func advance(to target: UInt32) {
        if target > document { settle(from: target) }
    }

    /// What the phrase adds to the current document's score.
    func score(norm: Float) -> Float {
        idf > 0 ? BM25.impact(idf: idf, frequency: frequency, norm: norm) : 0
    }

    private func settle(from start: UInt32) {
        var candidate = start
        search: while candidate != PostingsCursor.end {
            for (cursor, needed) in byRarity {
                cursor.advance(to: candidate)
                if cursor.document != candidate {
                    candidate = cursor.document
                    continue search
                }
                // No position serves two words.
                if needed > 1, cursor.frequency < needed {
                    candidate += 1
                    continue search
                }
            }
            frequency = count()
            if frequency > 0 { break }
            candidate += 1
        }
        document = candidate
    }

    private func count() -> UInt32 {
        for (index, cursor) in cursors.enumerated() { cursor.positions(into: &positions[index]) }
        var count: UInt32 = 0
        for start in positions[0] where (0...slop).contains(where: { fits(start, below: $0) }) {
            count += 1
        }
        return count
    }

    /// Whether all words have places of their own when the first stands at `start`, and the
    /// lowest of the lessened positions may be `below` it.
    private func fits(_ start: UInt32, below: UInt32) -> Bool {
        // Words can stand before the beginning of the text only in theory.
        let lowest = Int(start) - Int(below)
        for index in taken.indices { taken[index] = 0 }
        for index in cursors.indices {
            // The windows of words that are the same only move on: the first free place is best.
            let first = same[index]
            let window =
                index == 0
                ? Int(start)...Int(start) : lowest + index...lowest + index + Int(slop)
            var next = taken[first]
            while next < positions[index].count {
                let position = Int(positions[index][next])
                let isFirst = index > 0 && first == 0 && position == Int(start)
                if window.contains(position), !isFirst { break }
                if position > window.upperBound { return false }
                next += 1
            }
            guard next < positions[index].count else { return false }
            // The first word's own place is kept from the others above.
            taken[first] = index == 0 ? 0 : next + 1
        }
        return true
    }
}
