// The best documents for a prefix or a fuzzy word alone. All documents of one length and one
// distance score alike, and short ones stand in front: so the first documents of the words are
// nearly always enough, and a heap of the words by their next document gives them in order.

/// Evaluates a query of one expanded word.
@safe struct ExpansionEvaluator {
    private struct Word {
        /// The place of its cursor below.
        let cursor: Int
        /// The place of its distance in `weights`.
        let place: Int
        var document: UInt32
    }

    /// What a document weighs, for each distance that occurs, nearest first.
    private let weights: [Float]
    /// Whether documents at each distance could still be among the best of the stratum at hand.
    private var isOpen: [Bool]
    private let cursors: [PostingsCursor]
    /// A heap whose root has the first document.
    private var heap: [Word] = []

    init(_ words: ExpandedWords, idf: Float) {
        weights = words.classes.map { idf * Expansion.damping(distance: $0.distance) }
        isOpen = weights.map { _ in true }
        cursors =
            words.classes.count == 1
            ? words.classes[0].cursors : words.classes.flatMap { $0.cursors }
        heap.reserveCapacity(cursors.count)
        var number = 0
        for (place, each) in words.classes.enumerated() {
            for _ in each.cursors.indices {
                let document = cursors[number].document
                heap.append(Word(cursor: number, place: place, document: document))
                number += 1
            }
        }
        heap.removeAll { $0.document == PostingsCursor.end }
        for parent in (0..<heap.count / 2).reversed() { sift(parent) }
    }

    /// Offers the matching documents and counts them.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        var hits = HitCount()
        for range in walk.ranges {
            for stratum in walk.strata {
                let documents = stratum.documents.clamped(to: range)
                guard !documents.isEmpty else { continue }
                guard let first = heap.first?.document, first < range.upperBound else { break }
                guard first < documents.upperBound else { continue }
                let norm = walk.norms[Int(stratum.lengthCode)]
                if hits.count > walk.countLimit, !best.wouldEnterAnywhere(most(0, norm)) {
                    hits.isExact = false
                    return hits
                }
                skip(to: documents.lowerBound)
                best.beginRun(stratum.documents)
                run(documents, norm, walk, &best, &hits)
                if walk.watch?.isOver ?? false {
                    hits.miss(walk.ranges.count(in: next..<PostingsCursor.end))
                    return hits
                }
            }
        }
        return hits
    }

    /// The first document that is left; `PostingsCursor.end` for none.
    private var next: UInt32 { heap.first?.document ?? PostingsCursor.end }

    /// The most that a document at a distance can score, at least as long as the norm says.
    private func most(_ place: Int, _ norm: Float) -> Float {
        guard place < weights.count, weights[place] > 0 else { return 0 }
        return BM25.bound(idf: weights[place], frequency: 1, norm: norm)
    }

    private mutating func run(
        _ documents: Range<UInt32>, _ norm: Float, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        for place in isOpen.indices { isOpen[place] = true }
        var isPruning = hits.count > walk.countLimit
        if isPruning { close(norm, best, &hits) }
        while !(walk.watch?.isTimeAtLast() ?? false), next < documents.upperBound {
            let document = next
            // Those left are passed when the next stratum can do better, which it seldom can.
            guard isOpen.contains(true) else { return }
            let place = takeNext(document, documents.upperBound)
            guard isOpen[place], walk.accepts?(document) ?? true else { continue }
            hits.count += 1
            let own = walk.isByLength ? norm : self.norm(of: document, walk)
            best.offer(score(place, own), document)
            isPruning = isPruning || hits.count > walk.countLimit
            if isPruning { close(norm, best, &hits) }
        }
    }

    /// Goes past distances at which no document of the stratum can enter.
    private mutating func close(_ norm: Float, _ best: TopK, _ hits: inout HitCount) {
        for place in isOpen.indices where isOpen[place] && !best.wouldEnter(most(place, norm)) {
            isOpen[place] = false
            hits.isExact = false
        }
    }

    private func norm(of document: UInt32, _ walk: DocumentWalk) -> Float {
        unsafe walk.norms[Int(walk.lengthCodes[Int(document)])]
    }

    private func score(_ place: Int, _ norm: Float) -> Float {
        guard weights[place] > 0 else { return 0 }
        return BM25.impact(idf: weights[place], frequency: 1, norm: norm)
    }

    /// Takes a document from all words that hold it, and tells how near the nearest is; words whose
    /// distance is closed go on at `end`.
    private mutating func takeNext(_ document: UInt32, _ end: UInt32) -> Int {
        var nearest = Int.max
        while let word = heap.first, word.document == document {
            nearest = min(nearest, word.place)
            moveRoot(to: isOpen[word.place] ? document + 1 : end)
        }
        return nearest
    }

    /// Takes all words to their first document that is `target` or later.
    private mutating func skip(to target: UInt32) {
        while let word = heap.first, word.document < target { moveRoot(to: target) }
    }

    /// Takes the root's word to its first document that is `target` or later.
    private mutating func moveRoot(to target: UInt32) {
        let state = unsafe cursors[heap[0].cursor].state
        unsafe state.pointee.advance(to: target)
        heap[0].document = unsafe state.pointee.document
        if heap[0].document == PostingsCursor.end {
            heap.swapAt(0, heap.count - 1)
            heap.removeLast()
        }
        sift(0)
    }

    /// Puts a word where it belongs below its place.
    private mutating func sift(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2 where child < heap.count {
                if heap[child].document < heap[least].document { least = child }
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
