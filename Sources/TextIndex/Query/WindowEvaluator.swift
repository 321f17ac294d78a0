// The best documents that hold some words, in windows of 4,096 documents. From what the words can
// add in a window follows how often a document must hold each of them to enter: where one must be
// repeated, only its few repetitions are looked at; else the words' bits are combined for the whole
// window, and only what is left is looked at. All is scored exactly and in query order, so the
// answer is the exhaustive one to the last bit.
//
// In a segment documents come by length (TextOrder). The shortest are visited first: so the best
// documents are soon found, and windows of longer ones cannot reach them, which their bounds tell.

import CKernels

/// Evaluates words that must, may or must not occur.
@safe struct WindowEvaluator: ~Copyable {
    /// Of so few documents it is not asked which words they repeat before they are looked at; of
    /// more where no document can enter without, and of many always.
    static let few = 4
    private static let many = 10
    /// With so many candidates in a window its bits are combined.
    static let driverMax = 96

    let words: FixedList<WindowWord>
    /// The places among the words of those that may occur in the part at hand, ascending.
    let present: FixedList<Int>
    private(set) var presentCount = 0
    let excluded: FixedList<WindowWord>
    private let cursors: [PostingsCursor]
    let atLeast: Int
    let documentCount: UInt32
    /// Whether a window without one of the words that are not dense may be passed over, and whether
    /// all of those must be there.
    private let skips: Bool
    private let requiresAll: Bool
    private var sums: WindowSums
    private let selected = FixedList<UInt64>(
        repeating: 0, count: PostingsFormat.windowCount / 64)
    let candidates = FixedList<UInt32>(repeating: 0, count: PostingsFormat.windowCount)
    // The part at hand.
    private(set) var window = 0
    private(set) var part: Range<UInt32> = 0..<0
    private(set) var lengthCode: UInt8 = 0
    /// Whether all documents of the part have this length code.
    private(set) var isUniform = false

    /// `atLeast` of the words that are not required must occur, and none of `excluded`.
    init(
        _ words: [WeightedCursor], excluding excluded: [PostingsCursor] = [], atLeast: Int,
        documents: UInt32
    ) {
        documentCount = documents
        self.words = FixedList(words.map { WindowWord($0) })
        present = FixedList(repeating: 0, count: words.count)
        self.excluded = FixedList(
            excluded.map { WindowWord(WeightedCursor(cursor: $0, idf: 0)) })
        cursors = words.map(\.cursor) + excluded
        self.atLeast = atLeast
        requiresAll = words.contains { $0.isRequired }
        skips = requiresAll || !words.contains { unsafe $0.cursor.state.pointee.isDense }
        sums = WindowSums(words: words.count)
    }

    deinit {
        for index in words.indices { words[index].deallocate() }
        for index in excluded.indices { excluded[index].deallocate() }
    }

    /// Offers the matching documents and counts them.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        var hits = HitCount()
        var parts = WindowWalk(walk)
        while let next = parts.part({ next(from: $0) }) {
            best.beginRun(next.run)
            (window, part, lengthCode) = (next.window, next.documents, next.lengthCode)
            isUniform = walk.isByLength && !next.run.isEmpty
            let isPruning = hits.count > walk.countLimit
            if isPruning { hits.isExact = false }
            let norm = walk.norms[Int(lengthCode)]
            guard turn(norm, bar: isPruning ? best.bar : -.infinity) else { continue }
            if let word = driver() {
                visitDocuments(of: word, walk, &best, &hits)
            } else {
                select(isPruning ? best.bar : -.infinity, isPruning)
                visit(walk, &best, &hits)
            }
        }
        hits.miss(parts.missed)
        return hits
    }

    /// The first document from `start` on that may match.
    @inline(__always)
    private func next(from start: UInt32) -> UInt32 {
        guard skips else { return start }
        var document = requiresAll ? start : PostingsCursor.end
        for index in words.indices {
            if requiresAll {
                guard words[index].isRequired, !words[index].isDense else { continue }
                document = max(document, words[index].next(from: start))
            } else {
                document = min(document, words[index].next(from: start))
            }
        }
        return document
    }

    /// Turns to the part, and finds how often a document must hold each word; false when none of
    /// them can match and reach `bar`.
    private mutating func turn(_ norm: Float, bar: Float) -> Bool {
        var optional = 0
        var most: Float = 0
        presentCount = 0
        for index in words.indices {
            words[index].turn(to: window, part, norm: norm)
            guard words[index].isPresent else {
                if words[index].isRequired { return false }
                continue
            }
            present[presentCount] = index
            presentCount += 1
            words[index].before = most
            words[index].need = words[index].isRequired ? 1 : 0
            most += words[index].most
            if !words[index].isRequired { optional += 1 }
        }
        guard optional >= atLeast, most * WindowSums.padding >= bar else { return false }
        guard bar > -.infinity else { return true }
        var after: Float = 0
        for at in (0..<presentCount).reversed() {
            let index = present[at]
            let need = words[index].need(bar, rest: words[index].before + after)
            words[index].need = max(words[index].need, need)
            after += words[index].most
        }
        return true
    }

    // MARK: By bits

    /// Puts into `selected` the documents of the part that match or, when pruning, may match and
    /// enter.
    private mutating func select(_ bar: Float, _ isPruning: Bool) {
        let first = UInt32(window * PostingsFormat.windowCount)
        unsafe Self.fill(selected.base, Int(part.lowerBound - first)..<Int(part.upperBound - first))
        var once: Float = 0
        var least = atLeast
        sums.removeAll()
        for at in 0..<presentCount {
            let index = present[at]
            words[index].loadBits(window)
            once += words[index].once
            if words[index].need > 0 {
                unsafe mspd_window_keep(selected.base, words[index].bits)
                sums.addAlways(words[index].most)
                if !words[index].isRequired { least -= 1 }
            } else if words[index].isDense || bar == -.infinity {
                unsafe sums.add(words[index].bits, words[index].most)
            } else {
                unsafe sums.add(words[index].bits, words[index].once)
                addRepeats(of: index)
            }
        }
        // What reaches the bar holds one of the items at least.
        let isAsked = isPruning && sums.keep(in: selected, reaching: bar)
        if least > (isAsked ? 1 : 0) { sums.keep(in: selected, holding: least) }
        dropExcluded()
        guard isPruning, bar > -.infinity else { return }
        let count = unsafe mspd_window_count(selected.base)
        guard count > (once * WindowSums.padding < bar ? Self.few : Self.many) else { return }
        selectRepeating(reaching: bar)
    }

    private func dropExcluded() {
        for index in excluded.indices {
            excluded[index].turn(to: window, part, norm: 1)
            guard excluded[index].isPresent else { continue }
            excluded[index].loadBits(window)
            unsafe mspd_window_drop(selected.base, excluded[index].bits)
        }
    }

    /// Keeps in `selected` what reaches the bar by the words that a document repeats.
    private mutating func selectRepeating(reaching bar: Float) {
        sums.removeAll()
        for at in 0..<presentCount {
            let index = present[at]
            if words[index].need > 0 {
                sums.addAlways(words[index].once)
            } else {
                unsafe sums.add(words[index].bits, words[index].once)
            }
            addRepeats(of: index)
        }
        sums.keep(in: selected, reaching: bar)
    }

    private mutating func addRepeats(of index: Int) {
        guard words[index].largestFrequency > 1, words[index].hasRepeats else { return }
        words[index].loadRepeats(window)
        unsafe sums.add(
            UnsafePointer(words[index].repeats), words[index].most - words[index].once)
    }

    /// Scores the selected documents and offers them.
    private mutating func visit(
        _ walk: DocumentWalk, _ best: inout TopK, _ hits: inout HitCount
    ) {
        let first = UInt32(window * PostingsFormat.windowCount)
        for word in 0..<PostingsFormat.windowCount / 64 {
            var bits = selected[word]
            while bits != 0 {
                let place = word * 64 + bits.trailingZeroBitCount
                bits &= bits &- 1
                visit(place, first + UInt32(place), walk, &best, &hits)
            }
        }
    }

    @inline(__always)
    func visit(
        _ place: Int, _ document: UInt32, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        let isPruning = hits.count > walk.countLimit
        let code = isUniform ? lengthCode : unsafe walk.lengthCodes[Int(document)]
        var occurring: UInt64 = 0
        var sum: Float = 0
        var extra: Float = 0
        for at in 0..<presentCount {
            let word = words[present[at]].look(place)
            occurring &+= word.counts
            sum += word.once
            extra += word.extra
        }
        let isExact = extra == 0 && code == lengthCode
        sum += extra
        guard Int(occurring) >= atLeast else { return }
        if isPruning, !best.wouldEnter(isExact ? sum : sum * WindowSums.padding) {
            hits.isExact = false
            return
        }
        if !isExact {
            let bar = isPruning ? best.bar : -.infinity
            sum = score(document, place, walk.norms[Int(code)], atMost: sum, reaching: bar)
        }
        if isPruning, !best.wouldEnter(sum) {
            hits.isExact = false
            return
        }
        guard walk.accepts?(document) ?? true else { return }
        hits.count += 1
        best.offer(sum, document)
    }

    /// The score of a document of the window, which is `most` at most; less than it when it does
    /// not reach `bar`.
    private func score(
        _ document: UInt32, _ place: Int, _ norm: Float, atMost most: Float, reaching bar: Float
    ) -> Float {
        var sum: Float = 0
        var most = most * WindowSums.padding
        for at in 0..<presentCount {
            let index = present[at]
            guard words[index].holds(place) else { continue }
            let repeats = words[index].mayRepeat(place)
            let frequency = repeats ? unsafe words[index].state.pointee.frequency(of: document) : 1
            let impact = BM25.impact(idf: words[index].idf, frequency: frequency, norm: norm)
            sum += impact
            most -= (repeats ? words[index].most : words[index].once) - impact
            if most * WindowSums.padding < bar { return -1 }
        }
        return sum
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
