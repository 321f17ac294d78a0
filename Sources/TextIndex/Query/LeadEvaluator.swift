// The best documents that hold a rare word and, with it, others that must, may or must not occur: a
// block of the rare word's postings at a time. What the block's documents can add at most says
// whether they are looked at, all or only those that repeat the word; the other words are asked for
// the whole block before a document is scored.

/// Evaluates words of which one is required and rare.
@safe struct LeadEvaluator: ~Copyable {
    /// With more documents that hold the lead than these, of so many, windows are faster.
    static func most(of documents: Int) -> Int { max(documents / 120, 256) }

    /// Own what `words`, `required` and `excluded` point to.
    private let cursors: [PostingsCursor]
    /// The place of the lead among `words`.
    private let place: Int
    private let words: FixedList<Word>
    /// What must occur beside the lead, bitmaps first, then the rarest first.
    private let required: FixedList<UnsafeMutablePointer<PostingsState>>
    private let excluded: FixedList<UnsafeMutablePointer<PostingsState>>
    private let atLeast: Int
    private let candidates = FixedList<UInt32>(
        repeating: 0, count: max(PostingsFormat.blockCount, PostingsFormat.windowPart))

    /// `words[place]` leads; `atLeast` of the words that are not required must occur, and none of
    /// `excluded`.
    init(
        _ words: [WeightedCursor], lead place: Int, excluding excluded: [PostingsCursor],
        atLeast: Int
    ) {
        cursors = words.map(\.cursor) + excluded
        self.words = FixedList(
            words.map {
                unsafe Word(state: $0.cursor.state, idf: $0.idf, isRequired: $0.isRequired)
            }
        )
        self.place = place
        var required: [PostingsCursor] = []
        required.reserveCapacity(words.count)
        for index in words.indices where words[index].isRequired && index != place {
            let cursor = words[index].cursor
            let next = required.firstIndex { cursor.isAsked(before: $0) }
            required.insert(cursor, at: next ?? required.count)
        }
        unsafe self.required = FixedList(required.map { unsafe $0.state })
        unsafe self.excluded = FixedList(excluded.map { unsafe $0.state })
        self.atLeast = atLeast
    }

    /// Offers the matching documents and counts them.
    func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        var rest = Rest()
        return walk.runByBlocks(of: cursors[place], &best) { stratum, end, best, hits in
            visitBlock(from: stratum, before: end, walk, &rest, &best, &hits)
        }
    }

    /// A word without a reference to its cursor.
    @safe private struct Word {
        let state: UnsafeMutablePointer<PostingsState>
        let idf: Float
        let isRequired: Bool
    }

    /// A stratum, and what the words beside the lead can add in it.
    private struct Rest {
        var documents: Range<UInt32> = 0..<0
        var norm: Float = 0
        /// Nil while nobody asked.
        var most: Float?
        /// How often a document must hold the lead to reach a bar, and that.
        var need: UInt32 = 1
        var bar: Float = -.infinity
    }

    /// Turns to another stratum.
    private func turn(
        _ rest: inout Rest, to stratum: Stratum, _ walk: DocumentWalk, _ best: inout TopK
    ) {
        guard rest.documents != stratum.documents else { return }
        rest = Rest(documents: stratum.documents, norm: walk.norms[Int(stratum.lengthCode)])
        best.beginRun(stratum.documents)
    }

    private func most(_ rest: inout Rest) -> Float {
        if let most = rest.most { return most }
        var most: Float = 0
        for index in words.indices where index != place {
            let here = unsafe words[index].state.pointee.largestFrequency(in: rest.documents)
            most += BM25.bound(idf: words[index].idf, frequency: here, norm: rest.norm)
        }
        rest.most = most
        return most
    }

    /// Looks at the documents of the lead's block, from the current one on, that come before `end`:
    /// at all of them where each may enter that is of the first one's stratum, else at those of
    /// that stratum.
    private func visitBlock(
        from first: Int, before end: UInt32, _ walk: DocumentWalk, _ rest: inout Rest,
        _ best: inout TopK, _ hits: inout HitCount
    ) -> (stratum: Int, least: UInt32) {
        var stratum = first
        turn(&rest, to: walk.strata[stratum], walk, &best)
        if hits.count > walk.countLimit { hits.isExact = false }
        let state = unsafe words[place].state
        let largest = unsafe state.pointee.largestOfBlock
        let least = need(&rest, largest: largest, walk, best, hits)
        let end = least == 1 ? end : min(end, rest.documents.upperBound)
        if least <= largest {
            var count = unsafe state.pointee.documentsOfBlock(
                before: end, atLeast: least, into: candidates.base)
            for index in unsafe required.indices where count > 0 {
                count = unsafe required[index].pointee.keep(candidates.base, count)
            }
            for at in 0..<count {
                if candidates[at] >= rest.documents.upperBound {
                    stratum = walk.stratum(of: candidates[at], from: stratum)
                    turn(&rest, to: walk.strata[stratum], walk, &best)
                }
                visit(candidates[at], rest.norm, walk, &best, &hits)
            }
        }
        let last = unsafe state.pointee.lastLooked(before: end)
        stratum = walk.stratum(of: last, from: stratum)
        turn(&rest, to: walk.strata[stratum], walk, &best)
        return (stratum, need(&rest, largest: .max, walk, best, hits))
    }

    /// How often a document must hold the lead to be found, of documents that hold it `largest`
    /// times at most; `.max` when none can be.
    @inline(__always)
    private func need(
        _ rest: inout Rest, largest: UInt32, _ walk: DocumentWalk, _ best: TopK, _ hits: HitCount
    ) -> UInt32 {
        guard hits.count > walk.countLimit, best.bar > -.infinity else { return 1 }
        if rest.bar != best.bar {
            rest.need = need(most(&rest), rest.norm, bar: best.bar)
            rest.bar = best.bar
        }
        return rest.need <= largest ? rest.need : .max
    }

    /// How often a document must hold the lead to reach `bar`, where the others add `rest` at most,
    /// no more than blocks tell; `.max` when none can.
    private func need(_ rest: Float, _ norm: Float, bar: Float) -> UInt32 {
        let idf = words[place].idf
        func reaches(_ frequency: UInt32) -> Bool {
            let most = rest + BM25.bound(idf: idf, frequency: frequency, norm: norm)
            return most * WindowSums.padding >= bar
        }
        guard reaches(.max) else { return .max }
        var frequency: UInt32 = 1
        while frequency < PostingsFormat.frequencyCap, !reaches(frequency) { frequency += 1 }
        return frequency
    }

    private func visit(
        _ document: UInt32, _ stratumNorm: Float, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        for index in unsafe excluded.indices where unsafe excluded[index].pointee.holds(document) {
            return
        }
        let norm =
            walk.isByLength
            ? stratumNorm : unsafe walk.norms[Int(walk.lengthCodes[Int(document)])]
        var sum: Float = 0
        var occurring = 0
        for index in words.indices {
            let word = words[index]
            guard unsafe word.isRequired || word.state.pointee.holds(document) else { continue }
            if !word.isRequired { occurring += 1 }
            let frequency = unsafe word.state.pointee.frequency(of: document)
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

extension PostingsCursor {
    /// Whether documents that a rarer word proposes are sooner fewer by asking this word first:
    /// bits come before what has to be unpacked, and then the rarer word.
    func isAsked(before other: PostingsCursor) -> Bool {
        let (first, second) = unsafe (state.pointee.isDense, other.state.pointee.isDense)
        return first == second ? documentFrequency < other.documentFrequency : first
    }
}
