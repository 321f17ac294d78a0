// The best documents that hold a phrase, in windows of 4,096 documents: where all its words occur
// by their bits, then by their positions. Once documents are passed over, a window in which one
// occurrence cannot enter is looked at only where every word is repeated.

import CKernels

/// Evaluates a query that is one phrase, whose words all occur.
@safe struct PhraseEvaluator {
    private var words: [WindowWord]
    private let cursors: [PostingsCursor]
    private let idf: Float
    /// The rarest word, when so few documents hold it that they are looked at one by one.
    private let lead: UnsafeMutablePointer<PostingsState>?
    private let selected: UnsafeMutablePointer<UInt64>
    private var window = 0
    private var starts: [UInt32] = []
    private var positions: [UInt32] = []

    /// The phrase of some words in their order, which together weigh `idf`, in an index of so many
    /// documents.
    init(_ words: [PostingsCursor], idf: Float, documents: UInt32) {
        self.words = words.map {
            WindowWord(WeightedCursor(cursor: $0, idf: idf, isRequired: true))
        }
        cursors = words
        self.idf = idf
        let rarest = words.min { $0.documentFrequency < $1.documentFrequency }
        let isSparse =
            rarest.map { $0.documentFrequency <= Int(documents) / SparseEvaluator.share } ?? false
        unsafe lead = isSparse ? rarest?.state : nil
        unsafe selected = .allocate(capacity: PostingsFormat.windowCount / 64)
    }

    /// Offers the matching documents and counts them; the last call.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        defer {
            for word in words { word.deallocate() }
            unsafe selected.deallocate()
        }
        if let lead = unsafe lead { return unsafe runSparsely(lead, walk, &best) }
        var hits = HitCount()
        var parts = WindowWalk(walk, fromLength: words.count)
        while let part = parts.part({ next(from: $0) }) {
            best.beginRun(part.run)
            window = part.window
            let norm = walk.norms[Int(part.lengthCode)]
            let isPruning = hits.count > walk.countLimit
            if isPruning { hits.isExact = false }
            guard select(part.documents, norm: norm, isPruning, best) else { continue }
            visit(walk, &best, &hits)
        }
        return hits
    }

    private mutating func runSparsely(
        _ lead: UnsafeMutablePointer<PostingsState>, _ walk: DocumentWalk, _ best: inout TopK
    ) -> HitCount {
        let states = unsafe cursors.map { unsafe $0.state }
        let most = unsafe states.reduce(UInt32.max) { unsafe min($0, $1.pointee.largestFrequency) }
        let (idf, cursors) = (idf, cursors)
        return walk.run(
            &best,
            next: {
                unsafe lead.pointee.seek(to: $0)
                return unsafe lead.pointee.document
            }, most: { BM25.bound(idf: idf, frequency: most, norm: $0) },
            score: { document, norm, bar in
                let repeated = unsafe lead.pointee.frequency(of: document)
                guard BM25.bound(idf: idf, frequency: repeated, norm: norm) >= bar else {
                    return nil
                }
                for cursor in cursors where unsafe !cursor.state.pointee.holds(document) {
                    return nil
                }
                let frequency = occurrences(document)
                return frequency == 0
                    ? nil : BM25.impact(idf: idf, frequency: frequency, norm: norm)
            })
    }

    /// The first document from `start` on that may hold all words.
    private func next(from start: UInt32) -> UInt32 {
        words.reduce(start) { unsafe max($0, $1.state.pointee.next(from: start)) }
    }

    /// Puts into `selected` the documents of a part of the window that hold all words, and may
    /// enter; false when there are none.
    private mutating func select(
        _ part: Range<UInt32>, norm: Float, _ isPruning: Bool, _ best: TopK
    ) -> Bool {
        var most = Float.infinity
        for index in words.indices {
            words[index].visit(window, part, norm: norm)
            guard words[index].isPresent else { return false }
            most = min(most, words[index].most)
        }
        guard !isPruning || best.wouldEnter(most) else { return false }
        let onlyRepeated = isPruning && !best.wouldEnter(words[0].once * WindowBounds.padding)
        let first = UInt32(window * PostingsFormat.windowCount)
        unsafe WindowEvaluator.fill(
            selected, Int(part.lowerBound - first)..<Int(part.upperBound - first))
        for index in words.indices {
            if onlyRepeated {
                words[index].loadRepeats(window)
                unsafe mspd_window_keep(selected, words[index].repeats)
            } else {
                words[index].loadBits(window)
                unsafe mspd_window_keep(selected, words[index].bits)
            }
        }
        return true
    }

    private mutating func visit(
        _ walk: DocumentWalk, _ best: inout TopK, _ hits: inout HitCount
    ) {
        for word in 0..<PostingsFormat.windowCount / 64 {
            var bits = unsafe selected[word]
            while bits != 0 {
                let place = word * 64 + bits.trailingZeroBitCount
                bits &= bits &- 1
                let document = UInt32(window * PostingsFormat.windowCount + place)
                let norm = unsafe walk.norms[Int(walk.lengthCodes[Int(document)])]
                guard hits.count <= walk.countLimit || mayEnter(document, norm, best) else {
                    hits.isExact = false
                    continue
                }
                let frequency = occurrences(document)
                guard frequency > 0, walk.accepts?(document) ?? true else { continue }
                hits.count += 1
                best.offer(BM25.impact(idf: idf, frequency: frequency, norm: norm), document)
            }
        }
    }

    /// Whether a document is worth a look at its positions.
    private func mayEnter(_ document: UInt32, _ norm: Float, _ best: TopK) -> Bool {
        if best.wouldEnter(BM25.bound(idf: idf, frequency: 1, norm: norm)) { return true }
        let place = Int(document) % PostingsFormat.windowCount
        let most = words.reduce(UInt32.max) { min($0, $1.frequency(document, place)) }
        return best.wouldEnter(BM25.bound(idf: idf, frequency: most, norm: norm))
    }

    /// How often the words follow each other in a document that holds all of them.
    private mutating func occurrences(_ document: UInt32) -> UInt32 {
        unsafe words[0].state.pointee.positions(of: document, into: &starts)
        for offset in 1..<words.count {
            unsafe words[offset].state.pointee.positions(of: document, into: &positions)
            var kept = 0
            var other = 0
            for start in starts {
                let wanted = start &+ UInt32(offset)
                while other < positions.count, positions[other] < wanted { other += 1 }
                guard other < positions.count else { break }
                guard positions[other] == wanted else { continue }
                starts[kept] = start
                kept += 1
            }
            starts.removeLast(starts.count - kept)
            if kept == 0 { return 0 }
        }
        return UInt32(starts.count)
    }
}
