// The best documents that hold a phrase, in windows of 4,096 documents: where all its words occur
// by their bits or, with a rare word, by its postings; then by their positions. A phrase occurs no
// more often than the rarest of its words in the document: so where one occurrence cannot enter,
// only documents are looked at that repeat every word.

import CKernels

/// Evaluates a query that is one phrase, whose words all occur.
@safe struct PhraseEvaluator: ~Copyable {
    private let words: FixedList<WindowWord>
    private let cursors: [PostingsCursor]
    private let idf: Float
    /// The place of the word that the fewest documents hold.
    private let rarest: Int
    private let documentCount: UInt32
    private let selected = FixedList<UInt64>(
        repeating: 0, count: PostingsFormat.windowCount / 64)
    private let candidates = FixedList<UInt32>(repeating: 0, count: PostingsFormat.windowPart)
    private var window = 0
    private var places: PhrasePlaces

    /// The phrase of some words in their order, which together weigh `idf`, in an index of so many
    /// documents.
    init(_ words: [PostingsCursor], idf: Float, documents: UInt32) {
        self.words = FixedList(
            words.map { WindowWord(WeightedCursor(cursor: $0, idf: idf, isRequired: true)) })
        cursors = words
        places = PhrasePlaces(words: words.count)
        self.idf = idf
        documentCount = documents
        rarest =
            words.indices.min { words[$0].documentFrequency < words[$1].documentFrequency } ?? 0
    }

    deinit {
        for index in words.indices { words[index].deallocate() }
    }

    /// Offers the matching documents and counts them.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        let few = max(Int(documentCount) / 40, 256)
        return cursors[rarest].documentFrequency <= few
            ? runByBlocks(walk, &best) : runByWindows(walk, &best)
    }

    // MARK: By the postings of a rare word

    private mutating func runByBlocks(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        walk.runByBlocks(of: cursors[rarest], &best) { stratum, end, best, hits in
            visitBlock(from: stratum, before: end, walk, &best, &hits)
        }
    }

    /// Looks at the documents of the rarest word's block, from the current one on, that come before
    /// `end`: at all of them where each may enter that is of the first one's stratum, else at those
    /// of that stratum.
    private mutating func visitBlock(
        from first: Int, before end: UInt32, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) -> (stratum: Int, least: UInt32) {
        var stratum = first
        best.beginRun(walk.strata[stratum].documents)
        if hits.count > walk.countLimit { hits.isExact = false }
        let state = unsafe cursors[rarest].state
        let largest = unsafe state.pointee.largestOfBlock
        var least = need(walk.strata[stratum], largest: largest, walk, best, hits)
        let end = least == 1 ? end : min(end, walk.strata[stratum].documents.upperBound)
        if least <= largest {
            let count = unsafe candidates(of: state, before: end, atLeast: least)
            for at in 0..<count {
                if candidates[at] >= walk.strata[stratum].documents.upperBound {
                    stratum = walk.stratum(of: candidates[at], from: stratum)
                    best.beginRun(walk.strata[stratum].documents)
                    least = need(walk.strata[stratum], largest: largest, walk, best, hits)
                }
                guard least <= largest else {
                    hits.isExact = false
                    continue
                }
                let norm = walk.norms[Int(walk.strata[stratum].lengthCode)]
                visit(candidates[at], walk.isByLength ? norm : nil, walk, &best, &hits)
            }
        }
        let last = unsafe state.pointee.lastLooked(before: end)
        stratum = walk.stratum(of: last, from: stratum)
        best.beginRun(walk.strata[stratum].documents)
        return (stratum, need(walk.strata[stratum], largest: .max, walk, best, hits))
    }

    /// Puts into `candidates` the documents of the rarest word's block that hold it so often and
    /// every other word, and tells how many they are.
    private func candidates(
        of state: UnsafeMutablePointer<PostingsState>, before end: UInt32, atLeast least: UInt32
    ) -> Int {
        var count = unsafe state.pointee.documentsOfBlock(
            before: end, atLeast: least, into: candidates.base)
        for isDense in [true, false] {
            for index in words.indices where index != rarest && words[index].isDense == isDense {
                guard count > 0 else { return 0 }
                count = unsafe words[index].state.pointee.keep(candidates.base, count)
            }
        }
        for index in words.indices {
            unsafe words[index].state.pointee.fetch(candidates.base, count)
        }
        return count
    }

    /// How often the phrase must occur in a document of a stratum to be found, where it occurs
    /// `largest` times at most; `.max` when it cannot be.
    @inline(__always)
    private func need(
        _ stratum: Stratum, largest: UInt32, _ walk: DocumentWalk, _ best: TopK, _ hits: HitCount
    ) -> UInt32 {
        guard hits.count > walk.countLimit, best.bar > -.infinity else { return 1 }
        return need(walk.norms[Int(stratum.lengthCode)], largest: largest, bar: best.bar)
    }

    /// How often the phrase must occur in a document to reach `bar`, where it occurs `largest`
    /// times at most; `.max` when it cannot.
    private func need(_ norm: Float, largest: UInt32, bar: Float) -> UInt32 {
        guard BM25.bound(idf: idf, frequency: largest, norm: norm) >= bar else { return .max }
        var frequency: UInt32 = 1
        while frequency < min(largest, PostingsFormat.frequencyCap),
            BM25.bound(idf: idf, frequency: frequency, norm: norm) < bar
        {
            frequency += 1
        }
        return frequency
    }

    private mutating func visit(
        _ document: UInt32, _ known: Float?, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        let frequency = places.count(words, in: document)
        guard frequency > 0, walk.accepts?(document) ?? true else { return }
        hits.count += 1
        let norm = unsafe known ?? walk.norms[Int(walk.lengthCodes[Int(document)])]
        best.offer(BM25.impact(idf: idf, frequency: frequency, norm: norm), document)
    }

    // MARK: By bits

    private mutating func runByWindows(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
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
                visit(document, norm, walk, &best, &hits)
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
