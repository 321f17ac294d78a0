// Walks the documents that hold any of many words, which count as one word: its frequency is that
// of all together, its distance that of the nearest. Documents are gathered in windows, each word's
// postings being read from front to back through one, so that many words cost little more than few.

/// The documents of an expanded word in ascending order.
final class ExpansionCursor {
    private static let windowCount: UInt32 = 1_024

    /// At most this many documents match.
    let cost: Int
    /// The current document; `PostingsCursor.end` past the last.
    private(set) var document: UInt32 = 0
    /// How often the words occur in it.
    var frequency: UInt32 { frequencies[Int(document - start)] }

    private var words: [(cursor: PostingsCursor, distance: UInt8)]
    private let idf: Float
    private var start: UInt32 = 0
    private var end: UInt32 = 0
    /// For each document of the window, 0 for those without any of the words.
    private var frequencies = [UInt32](repeating: 0, count: Int(windowCount))
    private var distances = [UInt8](repeating: .max, count: Int(windowCount))

    init(_ words: [(PostingsCursor, Int)], idf: Float) {
        self.words = words.map { ($0.0, UInt8(clamping: $0.1)) }
        self.idf = idf
        cost = words.reduce(0) { $0 + $1.0.documentFrequency }
        fill(from: 0)
    }

    /// Goes to the first match that is `target` or later.
    func advance(to target: UInt32) {
        guard target > document else { return }
        var next = target
        while next < end, frequencies[Int(next - start)] == 0 { next += 1 }
        if next < end { document = next } else { fill(from: next) }
    }

    /// What the word adds to the current document's score.
    func score(norm: Float) -> Float {
        let weight = idf * Expansion.damping(distance: Int(distances[Int(document - start)]))
        return weight > 0 ? BM25.impact(idf: weight, frequency: frequency, norm: norm) : 0
    }

    /// Gathers the window that begins at the first match from `target` on, and stands there.
    private func fill(from target: UInt32) {
        for word in words { word.cursor.advance(to: target) }
        words.removeAll { $0.cursor.document == PostingsCursor.end }
        document = words.reduce(PostingsCursor.end) { min($0, $1.cursor.document) }
        guard document != PostingsCursor.end else { return }
        start = document
        end = start > .max - Self.windowCount ? .max : start + Self.windowCount
        for place in frequencies.indices {
            frequencies[place] = 0
            distances[place] = .max
        }
        for (cursor, distance) in words {
            while cursor.document < end {
                let place = Int(cursor.document - start)
                frequencies[place] &+= cursor.frequency
                distances[place] = min(distances[place], distance)
                cursor.advance()
            }
        }
    }
}
