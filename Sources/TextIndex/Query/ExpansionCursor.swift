// Walks the documents that hold any of many words, which count as one word that a document holds
// once, at the distance of the nearest.

/// The documents of an expanded word in ascending order.
final class ExpansionCursor {
    /// At most this many documents match.
    let cost: Int
    /// The current document; `PostingsCursor.end` past the last.
    private(set) var document: UInt32 = 0

    /// No two have a document in common.
    private let words: [WeightedCursor]

    init(_ words: [WeightedCursor]) {
        self.words = words
        cost = words.reduce(0) { $0 + $1.cursor.documentFrequency }
        settle()
    }

    /// Goes to the first match that is `target` or later.
    func advance(to target: UInt32) {
        guard target > document else { return }
        for word in words { word.cursor.advance(to: target) }
        settle()
    }

    private func settle() {
        document = words.reduce(PostingsCursor.end) { min($0, $1.cursor.document) }
    }

    /// What the word adds to the current document's score.
    func score(norm: Float) -> Float {
        for word in words where word.cursor.document == document && word.idf > 0 {
            return BM25.impact(idf: word.idf, frequency: 1, norm: norm)
        }
        return 0
    }
}
