// Walks the documents of a phrase that may begin in one line and end in a later one: those that
// hold it, and those that were found beforehand to begin it at their end. The latter count as one
// occurrence, in the line where the phrase begins; a line that holds the phrase as well is scored
// by what it holds.

/// The documents of one phrase in ascending order, crossings included.
final class CrossingPhrase {
    /// Those that hold the whole phrase; nil where a word of it does not occur.
    private let inside: ClauseScorer?
    /// The others in ascending order, and perhaps some that hold it.
    private let crossings: [UInt32]
    private let idf: Float
    private var next = 0

    init(_ inside: ClauseScorer?, _ crossings: [UInt32], idf: Float) {
        self.inside = inside
        self.crossings = crossings
        self.idf = idf
    }

    /// The current document; `PostingsCursor.end` past the last.
    var document: UInt32 { min(insideDocument, crossingDocument) }

    /// At most this many documents match.
    var cost: Int { crossings.count + (inside?.cost ?? 0) }

    /// Whether the phrase goes on in a later line than the current document.
    var crosses: Bool { insideDocument > crossingDocument }

    /// How often the phrase occurs in the current document.
    var frequency: UInt32 { crosses ? 1 : inside?.frequency ?? 0 }

    /// Goes to the first match that is `target` or later.
    func advance(to target: UInt32) {
        inside?.advance(to: target)
        guard crossingDocument < target else { return }
        var end = crossings.count
        while next < end {
            let middle = (next + end) / 2
            if crossings[middle] < target { next = middle + 1 } else { end = middle }
        }
    }

    /// What the phrase adds to the current document's score.
    func score(norm: Float) -> Float {
        idf > 0 ? BM25.impact(idf: idf, frequency: frequency, norm: norm) : 0
    }

    private var insideDocument: UInt32 { inside?.document ?? PostingsCursor.end }
    private var crossingDocument: UInt32 {
        next < crossings.count ? crossings[next] : PostingsCursor.end
    }
}
