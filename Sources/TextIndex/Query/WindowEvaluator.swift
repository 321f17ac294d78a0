// The best documents that hold some words, in windows of 4,096 documents: the words' bits are
// combined for a whole window, and only what is left is looked at, scored exactly and in query
// order. So the answer is the exhaustive one to the last bit.
//
// In a segment documents come by length (TextOrder). The strata are visited from that of the
// query's own length upwards, then the shorter ones: the best documents are soon found, and windows
// of longer ones cannot reach them, which their bounds tell.

import CKernels

/// Evaluates words that must, may or must not occur.
@safe struct WindowEvaluator {
    private var words: [WindowWord]
    private var excluded: [WindowWord]
    private let cursors: [PostingsCursor]
    private let atLeast: Int
    private let requiredCount: Int
    private var bounds: WindowBounds
    private let selected: UnsafeMutablePointer<UInt64>
    private var window = 0

    /// `atLeast` of the words that are not required must occur, and none of `excluded`.
    init(
        _ words: [WeightedCursor], excluding excluded: [PostingsCursor] = [], atLeast: Int
    ) {
        self.words = words.map { WindowWord($0) }
        self.excluded = excluded.map { WindowWord(WeightedCursor(cursor: $0, idf: 0)) }
        cursors = words.map(\.cursor) + excluded
        self.atLeast = atLeast
        requiredCount = words.count { $0.isRequired }
        bounds = WindowBounds(words: words.count)
        unsafe selected = .allocate(capacity: PostingsFormat.windowCount / 64)
    }

    /// Offers the matching documents and counts them; the last call.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        defer { deallocate() }
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

    private func deallocate() {
        for word in words + excluded { word.deallocate() }
        bounds.deallocate()
        unsafe selected.deallocate()
    }

    /// The first document from `start` on that may match.
    private func next(from start: UInt32) -> UInt32 {
        if requiredCount > 0 {
            return words.reduce(start) {
                unsafe $1.isRequired ? max($0, $1.state.pointee.next(from: start)) : $0
            }
        }
        return words.reduce(PostingsCursor.end) {
            unsafe min($0, $1.state.pointee.next(from: start))
        }
    }

    /// Puts into `selected` the documents of a part of the window that match, or may match and
    /// enter; false when there are none.
    private mutating func select(
        _ part: Range<UInt32>, norm: Float, _ isPruning: Bool, _ best: TopK
    ) -> Bool {
        var present = 0
        var most: Float = 0
        for index in words.indices {
            words[index].visit(window, part, norm: norm)
            guard words[index].isPresent else {
                if words[index].isRequired { return false }
                continue
            }
            most += words[index].most
            if !words[index].isRequired { present += 1 }
        }
        guard present >= atLeast else { return false }
        guard !isPruning || best.wouldEnter(most * WindowBounds.padding) else { return false }
        select(part)
        if isPruning { prune(best) }
        return true
    }

    /// Puts what matches of a part into `selected`.
    private mutating func select(_ part: Range<UInt32>) {
        let first = UInt32(window * PostingsFormat.windowCount)
        unsafe Self.fill(selected, Int(part.lowerBound - first)..<Int(part.upperBound - first))
        bounds.removeAll()
        for index in words.indices where words[index].isPresent {
            words[index].loadBits(window)
            if words[index].isRequired {
                unsafe mspd_window_keep(selected, words[index].bits)
            } else {
                unsafe bounds.add(words[index].bits, 0)
            }
        }
        if atLeast > 0 {
            unsafe bounds.select(from: selected, reaching: -.infinity, least: atLeast)
        }
        for index in excluded.indices {
            excluded[index].visit(window, part, norm: 1)
            guard excluded[index].isPresent else { continue }
            excluded[index].loadBits(window)
            unsafe mspd_window_drop(selected, excluded[index].bits)
        }
    }

    /// Keeps in `selected` what may enter.
    ///
    /// Where no document can that holds every word once, it matters which words are repeated where;
    /// else each is taken for as often repeated as anywhere in the window.
    private mutating func prune(_ best: TopK) {
        let once = words.reduce(Float(0)) { $1.isPresent ? $0 + $1.once : $0 }
        let needsRepeats = !best.wouldEnter(once * WindowBounds.padding)
        bounds.removeAll()
        for index in words.indices where words[index].isPresent {
            guard needsRepeats else {
                unsafe bounds.add(words[index].bits, words[index].most)
                continue
            }
            unsafe bounds.add(words[index].bits, words[index].once)
            guard words[index].largestFrequency > 1 else { continue }
            words[index].loadRepeats(window)
            unsafe bounds.add(
                UnsafePointer(words[index].repeats), words[index].most - words[index].once)
        }
        unsafe bounds.select(from: selected, reaching: best.bar)
    }

    /// Scores the selected documents and offers them.
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
                if hits.count > walk.countLimit, !mayEnter(place, best) {
                    hits.isExact = false
                    continue
                }
                guard let score = score(document, place, norm) else { continue }
                if hits.count > walk.countLimit, !best.wouldEnter(score) {
                    hits.isExact = false
                    continue
                }
                guard walk.accepts?(document) ?? true else { continue }
                hits.count += 1
                best.offer(score, document)
            }
        }
    }

    /// Whether a document could enter if each of its words were repeated as often as anywhere in
    /// the window.
    private func mayEnter(_ place: Int, _ best: TopK) -> Bool {
        var most: Float = 0
        for index in words.indices where words[index].holds(place) {
            most += words[index].mayRepeat(place) ? words[index].most : words[index].once
        }
        return best.wouldEnter(most * WindowBounds.padding)
    }

    /// The score of a document; nil when too few words occur in it.
    private func score(_ document: UInt32, _ place: Int, _ norm: Float) -> Float? {
        var sum: Float = 0
        var occurring = 0
        for index in words.indices where words[index].holds(place) {
            if !words[index].isRequired { occurring += 1 }
            let frequency = words[index].frequency(document, place)
            sum += BM25.impact(idf: words[index].idf, frequency: frequency, norm: norm)
        }
        return occurring >= atLeast ? sum : nil
    }

    /// Sets the bits of a range that is not empty and clears all others.
    static func fill(_ words: UnsafeMutablePointer<UInt64>, _ range: Range<Int>) {
        let (first, last) = (range.lowerBound / 64, (range.upperBound - 1) / 64)
        unsafe words.update(repeating: 0, count: PostingsFormat.windowCount / 64)
        unsafe (words + first).update(repeating: .max, count: last - first + 1)
        unsafe words[first] &= .max << UInt64(range.lowerBound % 64)
        unsafe words[last] &= .max >> UInt64(63 - (range.upperBound - 1) % 64)
    }
}
