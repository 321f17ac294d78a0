// The k best documents of one part of a track, kept in a heap whose root is the worst of them.
// Equal scores are ordered by `precedes` where it is given, else by document number.

/// One scored document of one part of a track.
package struct ScoredDocument: Sendable, Equatable {
    /// At least 0.
    package var score: Float
    /// Its number in the part of the track.
    package var document: UInt32

    /// A document with its score.
    package init(score: Float, document: UInt32) {
        self.score = score
        self.document = document
    }
}

/// Collects the k best of the documents offered.
package struct TopK {
    /// The order among documents with equal scores: true when the first comes first.
    package typealias TieOrder = (UInt32, UInt32) -> Bool

    private let capacity: Int
    private let precedes: TieOrder?
    private var heap: [ScoredDocument] = []

    /// The score that a document must pass, or reach where ties may still enter.
    private(set) package var threshold: Float = -.infinity

    /// Room for `capacity` documents; nil orders ties by document number.
    package init(capacity: Int, precedes: TieOrder? = nil) {
        self.capacity = capacity
        self.precedes = precedes
        heap.reserveCapacity(min(capacity, 1_024))
    }

    /// Whether a document with at most this score could still enter when it comes after all
    /// documents seen so far.
    @inline(__always)
    package func wouldEnter(_ score: Float) -> Bool {
        precedes == nil ? score > threshold : score >= threshold
    }

    /// Offers one document.
    package mutating func offer(_ score: Float, _ document: UInt32) {
        guard capacity > 0, wouldEnter(score) else { return }
        let candidate = ScoredDocument(score: score, document: document)
        if heap.count < capacity {
            heap.append(candidate)
            siftUp(heap.count - 1)
        } else {
            guard isBetter(candidate, heap[0]) else { return }
            heap[0] = candidate
            siftDown()
        }
        if heap.count == capacity { threshold = heap[0].score }
    }

    /// The documents collected, best first.
    package func sorted() -> [ScoredDocument] {
        heap.sorted(by: isBetter)
    }

    private func isBetter(_ a: ScoredDocument, _ b: ScoredDocument) -> Bool {
        if a.score != b.score { return a.score > b.score }
        guard let precedes else { return a.document < b.document }
        return precedes(a.document, b.document)
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard isBetter(heap[parent], heap[child]) else { return }
            heap.swapAt(parent, child)
            child = parent
        }
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if isBetter(heap[worst], heap[child]) { worst = child }
            }
            guard worst != parent else { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
