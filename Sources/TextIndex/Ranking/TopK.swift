// The k best documents of one part of a track, once there are so many in a heap whose root is the
// worst of them.
// Equal scores are ordered by `precedes` where it is given, else by document number.
//
// Most offers are refused, by one comparison. Where ties are many, as in short lines, it matters
// that those are refused too: within a run, whose documents come in the order of ties, a document
// that ties with the worst comes after it.

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

    /// A place in the list of all documents, best first, from which a shorter list goes on.
    package struct Start {
        /// The score at that place.
        package let score: Float
        /// Whether a document with this score comes after the place.
        package let isAfter: (UInt32) -> Bool

        /// The place behind a document of this score.
        package init(score: Float, isAfter: @escaping (UInt32) -> Bool) {
            self.score = score
            self.isAfter = isAfter
        }

        fileprivate func precedes(_ score: Float, _ document: UInt32) -> Bool {
            score < self.score || score == self.score && isAfter(document)
        }
    }

    /// So many and no more are sorted one by one.
    private static let few = 32

    private let capacity: Int
    private let hasRuns: Bool
    private let precedes: TieOrder?
    private let start: Start?
    /// A document, and the run that it was offered in.
    private struct Entry {
        var scored: ScoredDocument
        var run: UInt32
    }

    private var heap: [Entry] = []
    /// What is offered now comes in the order of ties among the documents of a run, which is told
    /// by the document behind its last; 0 for none.
    private var run: UInt32
    /// The worst score, once there are enough: the least with which a document of any run could
    /// enter.
    private(set) package var worst: Float
    /// The least score with which a document of the run could enter.
    private(set) package var bar: Float

    /// Room for `capacity` documents; nil orders ties by document number.
    ///
    /// `inRuns` says that documents of one length come in the order of ties. What comes before
    /// `start` is not taken, nor what scores less than `floor`, since so many better ones are known
    /// from elsewhere.
    package init(
        capacity: Int, precedes: TieOrder? = nil, inRuns: Bool = false, from start: Start? = nil,
        floor: Float = -.infinity
    ) {
        self.capacity = capacity
        self.start = start
        (worst, bar) = (floor, floor)
        hasRuns = inRuns
        self.precedes = precedes
        run = precedes == nil ? .max : 0
        heap.reserveCapacity(min(capacity, 1_024))
    }

    /// Begins a run: what is offered from now on are these documents, in ascending order, which is
    /// that of ties among them; none when there is no such order.
    package mutating func beginRun(_ documents: Range<UInt32>) {
        let next = documents.isEmpty ? 0 : documents.upperBound
        guard hasRuns, run != next else { return }
        run = next
        setBar()
    }

    /// Whether a document of the run with at most this score could still enter.
    @inline(__always)
    package func wouldEnter(_ score: Float) -> Bool { score >= bar }

    /// Whether a document of any run with at most this score could still enter.
    @inline(__always)
    package func wouldEnterAnywhere(_ score: Float) -> Bool { score >= worst }

    private mutating func setBar() {
        guard let last = heap.first, heap.count == capacity else { return }
        worst = last.scored.score
        bar = run > 0 && last.run == run ? worst.nextUp : worst
    }

    /// Offers one document.
    package mutating func offer(_ score: Float, _ document: UInt32) {
        guard capacity > 0, wouldEnter(score), start?.precedes(score, document) ?? true else {
            return
        }
        let candidate = Entry(
            scored: ScoredDocument(score: score, document: document), run: run)
        if heap.count < capacity {
            heap.append(candidate)
            guard heap.count == capacity else { return }
            makeHeap()
        } else {
            guard isBetter(candidate, heap[0]) else {
                // What ties with the worst later in the run comes after this one.
                if run > 0 { bar = worst.nextUp }
                return
            }
            heap[0] = candidate
            siftDown(from: 0)
        }
        setBar()
    }

    /// Takes the documents collected, best first.
    package consuming func forEachSorted(_ body: (ScoredDocument) -> Void) {
        // Those of a heap come worst first, nearly; few are put in order faster one by one.
        var entries: [Entry] = []
        swap(&entries, &heap)
        if entries.count == capacity { entries.reverse() }
        if entries.count > Self.few {
            entries.sort { isBetter($0, $1) }
        } else {
            for place in entries.indices.dropFirst() {
                let entry = entries[place]
                var free = place
                while free > 0, isBetter(entry, entries[free - 1]) {
                    entries[free] = entries[free - 1]
                    free -= 1
                }
                entries[free] = entry
            }
        }
        for entry in entries { body(entry.scored) }
    }

    /// The documents collected, best first.
    package consuming func sorted() -> [ScoredDocument] {
        var sorted: [ScoredDocument] = []
        sorted.reserveCapacity(heap.count)
        forEachSorted { sorted.append($0) }
        return sorted
    }

    /// Makes a heap of documents in any order.
    private mutating func makeHeap() {
        // The best come first, nearly always: turned round they are a heap already.
        heap.reverse()
        for parent in (0..<heap.count / 2).reversed() {
            siftDown(from: parent)
        }
    }

    @inline(__always)
    private func isBetter(_ a: Entry, _ b: Entry) -> Bool {
        let (first, second) = (a.scored, b.scored)
        if first.score != second.score { return first.score > second.score }
        if a.run == b.run, a.run != 0 { return first.document < second.document }
        return precedes?(first.document, second.document) ?? (first.document < second.document)
    }

    /// Moves an entry down, as far as it is better than what is there.
    private mutating func siftDown(from start: Int) {
        let (entry, end) = (heap[start], heap.count)
        var parent = start
        while 2 * parent + 1 < end {
            var child = 2 * parent + 1
            if child + 1 < end, isBetter(heap[child], heap[child + 1]) { child += 1 }
            guard isBetter(entry, heap[child]) else { break }
            heap[parent] = heap[child]
            parent = child
        }
        heap[parent] = entry
    }
}
