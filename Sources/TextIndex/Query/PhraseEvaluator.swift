// The best documents that hold a phrase of frequent words, in windows of 4,096 documents: where all
// its words occur by their bits, then by their positions. A phrase occurs no more often than the
// rarest of its words in the document: so where one occurrence cannot enter, only documents are
// looked at that repeat every word.

import CKernels

/// Evaluates a query that is one phrase, whose words all occur.
@safe struct PhraseEvaluator: ~Copyable {
    private let words: FixedList<WindowWord>
    private let cursors: [PostingsCursor]
    private let idf: Float
    private let selected = FixedList<UInt64>(
        repeating: 0, count: PostingsFormat.windowCount / 64)
    private var window = 0
    private var places: PhrasePlaces

    /// The phrase of some words in their order, which together weigh `idf`.
    init(_ words: [PostingsCursor], idf: Float) {
        self.words = FixedList(
            words.map { WindowWord(WeightedCursor(cursor: $0, idf: idf, isRequired: true)) })
        cursors = words
        places = PhrasePlaces(words)
        self.idf = idf
    }

    deinit {
        for index in words.indices { words[index].deallocate() }
    }

    /// Offers the matching documents and counts them.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        var hits = HitCount()
        var parts = WindowWalk(walk)
        while let part = parts.part({ next(from: $0) }) {
            best.beginRun(part.run)
            window = part.window
            let norm = walk.norms[Int(part.lengthCode)]
            let isPruning = hits.count > walk.countLimit
            if isPruning { hits.isExact = false }
            guard select(part.documents, norm: norm, isPruning, best) else { continue }
            visit(walk, &best, &hits)
        }
        hits.miss(parts.missed)
        return hits
    }

    /// The first document from `start` on that may hold all words.
    private func next(from start: UInt32) -> UInt32 {
        var document = start
        for index in words.indices where !words[index].isDense {
            document = max(document, unsafe words[index].state.pointee.next(from: start))
        }
        return document
    }

    /// Puts into `selected` the documents of a part of the window that hold all words, and may
    /// enter; false when there are none.
    private func select(
        _ part: Range<UInt32>, norm: Float, _ isPruning: Bool, _ best: TopK
    ) -> Bool {
        var most = Float.infinity
        for index in words.indices {
            words[index].turn(to: window, part, norm: norm)
            guard words[index].isPresent else { return false }
            most = min(most, words[index].most)
        }
        guard !isPruning || best.wouldEnter(most) else { return false }
        let onlyRepeated = isPruning && !best.wouldEnter(words[0].once * WindowSums.padding)
        let first = UInt32(window * PostingsFormat.windowCount)
        unsafe WindowEvaluator.fill(
            selected.base, Int(part.lowerBound - first)..<Int(part.upperBound - first))
        for index in words.indices {
            if onlyRepeated {
                words[index].loadRepeats(window)
                unsafe mspd_window_keep(selected.base, words[index].repeats)
            } else {
                words[index].loadBits(window)
                unsafe mspd_window_keep(selected.base, words[index].bits)
            }
        }
        return true
    }

    private mutating func visit(
        _ walk: DocumentWalk, _ best: inout TopK, _ hits: inout HitCount
    ) {
        for word in 0..<PostingsFormat.windowCount / 64 {
            var bits = selected[word]
            while bits != 0 {
                let place = word * 64 + bits.trailingZeroBitCount
                bits &= bits &- 1
                let document = UInt32(window * PostingsFormat.windowCount + place)
                let norm = unsafe walk.norms[Int(walk.lengthCodes[Int(document)])]
                guard hits.count <= walk.countLimit || mayEnter(document, norm, best) else {
                    hits.isExact = false
                    continue
                }
                let frequency = places.count(in: document)
                guard frequency > 0, walk.accepts?(document) ?? true else { continue }
                hits.count += 1
                best.offer(BM25.impact(idf: idf, frequency: frequency, norm: norm), document)
            }
        }
    }

    /// Whether a document is worth a look at its positions.
    private func mayEnter(_ document: UInt32, _ norm: Float, _ best: TopK) -> Bool {
        if best.wouldEnter(BM25.bound(idf: idf, frequency: 1, norm: norm)) { return true }
        guard idf > 0 else { return false }
        let place = Int(document) % PostingsFormat.windowCount
        var most = UInt32.max
        for index in words.indices {
            guard words[index].mayRepeat(place) else { return false }
            most = min(most, unsafe words[index].state.pointee.frequency(of: document))
        }
        return best.wouldEnter(BM25.bound(idf: idf, frequency: most, norm: norm))
    }
}
