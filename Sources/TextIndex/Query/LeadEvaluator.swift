// The best documents that hold a rare word and, with it, others that must, may or must not occur: a
// block of the rare word's postings at a time. What the block's documents can add at most says
// whether they are looked at, all or only those that repeat the word; the other words are asked for
// the whole block before a document is scored.

/// Evaluates words of which one is required and rare.
@safe struct LeadEvaluator: ~Copyable {
    /// With more documents that hold the lead than these, of so many, windows are faster.
    static func most(of documents: Int) -> Int { max(documents / 120, 256) }

    private let lead: WeightedCursor
    /// The place of the lead among `words`.
    private let place: Int
    private let words: [WeightedCursor]
    /// How often each word occurs in a document at most, as far as that is known.
    private let largest: [UInt32]
    /// What must occur beside the lead, bitmaps first, then the rarest first.
    private let required: [PostingsCursor]
    private let excluded: [PostingsCursor]
    private let atLeast: Int
    private let candidates = FixedList<UInt32>(
        repeating: 0, count: max(PostingsFormat.blockCount, PostingsFormat.windowPart))

    /// `words[place]` leads; `atLeast` of the words that are not required must occur, and none of
    /// `excluded`.
    init(
        _ words: [WeightedCursor], lead place: Int, excluding excluded: [PostingsCursor],
        atLeast: Int
    ) {
        self.words = words
        self.place = place
        lead = words[place]
        largest = words.map { unsafe $0.cursor.state.pointee.largestFrequency }
        let others = words.indices.filter { words[$0].isRequired && $0 != place }
        required = others.map { words[$0].cursor }.sorted {
            let (first, second) = unsafe ($0.state.pointee.isDense, $1.state.pointee.isDense)
            return first == second
                ? $0.documentFrequency < $1.documentFrequency : first
        }
        self.excluded = excluded
        self.atLeast = atLeast
    }

    /// Offers the matching documents and counts them.
    func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        var rest = Rest()
        return walk.runByBlocks(of: lead.cursor, &best) { stratum, end, best, hits in
            if rest.documents != stratum.documents { rest = self.rest(in: stratum, walk) }
            visitBlock(before: end, rest, walk, &best, &hits)
            guard hits.count > walk.countLimit else { return 1 }
            return need(rest, largest: .max, bar: best.bar)
        }
    }

    /// What the words beside the lead can add in a stratum.
    private struct Rest {
        var documents: Range<UInt32> = 0..<0
        var norm: Float = 0
        var most: Float = 0
    }

    private func rest(in stratum: Stratum, _ walk: DocumentWalk) -> Rest {
        let norm = walk.norms[Int(stratum.lengthCode)]
        var most: Float = 0
        for index in words.indices where index != place {
            let state = unsafe words[index].cursor.state
            let here = unsafe state.pointee.largestOfWindows(stratum.documents) ?? largest[index]
            most += BM25.bound(idf: words[index].idf, frequency: here, norm: norm)
        }
        return Rest(documents: stratum.documents, norm: norm, most: most)
    }

    /// Looks at the documents of the lead's block, from the current one on, that come before `end`
    /// and are of one stratum.
    private func visitBlock(
        before end: UInt32, _ rest: Rest, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        let isPruning = hits.count > walk.countLimit
        if isPruning { hits.isExact = false }
        let state = unsafe lead.cursor.state
        let largest = unsafe state.pointee.largestOfBlock
        let least = isPruning ? need(rest, largest: largest, bar: best.bar) : 1
        guard least <= largest else { return }
        var count = unsafe state.pointee.documentsOfBlock(
            before: end, atLeast: least, into: candidates.base)
        for cursor in required where count > 0 {
            count = unsafe cursor.state.pointee.keep(candidates.base, count)
        }
        for at in 0..<count {
            visit(candidates[at], rest.norm, walk, &best, &hits)
        }
    }

    /// How often a document must hold the lead to reach `bar`, of documents that hold it `largest`
    /// times at most; `.max` when none can.
    private func need(_ rest: Rest, largest: UInt32, bar: Float) -> UInt32 {
        let most = min(largest, PostingsFormat.frequencyCap)
        var frequency: UInt32 = 1
        while frequency < most, !reaches(bar, rest, frequency) { frequency += 1 }
        return reaches(bar, rest, frequency) || reaches(bar, rest, largest) ? frequency : .max
    }

    private func reaches(_ bar: Float, _ rest: Rest, _ frequency: UInt32) -> Bool {
        let most = rest.most + BM25.bound(idf: lead.idf, frequency: frequency, norm: rest.norm)
        return most * WindowSums.padding >= bar
    }

    private func visit(
        _ document: UInt32, _ stratumNorm: Float, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        for other in excluded where unsafe other.state.pointee.holds(document) { return }
        let norm =
            walk.isByLength
            ? stratumNorm : unsafe walk.norms[Int(walk.lengthCodes[Int(document)])]
        var sum: Float = 0
        var occurring = 0
        for word in words {
            guard unsafe word.isRequired || word.cursor.state.pointee.holds(document) else {
                continue
            }
            if !word.isRequired { occurring += 1 }
            let frequency = unsafe word.cursor.state.pointee.frequency(of: document)
            sum += BM25.impact(idf: word.idf, frequency: frequency, norm: norm)
        }
        guard occurring >= atLeast else { return }
        if hits.count > walk.countLimit, !best.wouldEnter(sum) {
            hits.isExact = false
            return
        }
        guard walk.accepts?(document) ?? true else { return }
        hits.count += 1
        best.offer(sum, document)
    }
}
