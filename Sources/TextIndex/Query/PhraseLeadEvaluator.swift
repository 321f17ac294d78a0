// The best documents that hold a phrase with a rare word: a block of its postings at a time. Of the
// block's documents those are kept that hold the other words; where words with packed postings
// stand in them is read on the way, while their blocks are at hand, and refutes most of them before
// a dense word is asked for its positions.

import CKernels

/// Evaluates a query that is one phrase, whose words all occur, one of them in few documents.
@safe struct PhraseLeadEvaluator: ~Copyable {
    /// With more documents that hold the rarest word than these, of so many, windows are faster.
    static func most(of documents: UInt32) -> Int { max(Int(documents) / 40, 256) }

    /// Owns what `words` point to.
    private let cursors: [PostingsCursor]
    private let words: FixedList<UnsafeMutablePointer<PostingsState>>
    private let idf: Float
    /// The place of the word that the fewest documents hold.
    private let lead: Int
    /// The places of the other words, bits first, the rarer before the more frequent.
    private let others: [Int]
    /// The places of words with packed postings; none where a word's are neither packed nor dense.
    private let packed: [Int]
    private let candidates: FixedList<UInt32>
    /// Where each candidate holds the packed words.
    private let begins: FixedList<PhraseBegin>
    /// For each word, as many as there can be candidates.
    private let firsts: FixedList<FirstPlace>
    /// Where the candidates stand in a word's blocks.
    private let placesInBlock: FixedList<UInt32>
    private var places: PhrasePlaces
    /// What `need` found last, and for which norm and bar.
    private var known: (norm: Float, bar: Float, need: UInt32) = (.nan, .nan, 1)

    /// The phrase of some words in their order, which together weigh `idf`; `lead` is the place of
    /// the rarest.
    init(_ cursors: [PostingsCursor], lead: Int, idf: Float) {
        self.cursors = cursors
        unsafe words = FixedList(cursors.map { unsafe $0.state })
        self.idf = idf
        self.lead = lead
        let dense = cursors.indices.filter { unsafe cursors[$0].state.pointee.isDense }
        let packed = cursors.indices.filter { unsafe cursors[$0].state.pointee.hasBlocks }
        let isKnown = dense.count + packed.count == cursors.count
        self.packed = isKnown ? packed : []
        others = cursors.indices.filter { $0 != lead }.sorted {
            cursors[$0].isAsked(before: cursors[$1])
        }
        let hasBlocks = unsafe cursors[lead].state.pointee.hasBlocks
        let room = hasBlocks ? PostingsFormat.blockCount : PostingsFormat.windowPart
        candidates = FixedList(repeating: 0, count: room)
        begins = FixedList(repeating: PhraseBegin(), count: room)
        firsts = FixedList(repeating: FirstPlace(), count: isKnown ? room * cursors.count : 0)
        placesInBlock = FixedList(repeating: 0, count: isKnown ? room : 0)
        places = PhrasePlaces(cursors, asking: isKnown ? dense : nil)
    }

    /// Offers the matching documents and counts them.
    mutating func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        walk.runByBlocks(of: cursors[lead], &best) { stratum, end, best, hits in
            visitBlock(from: stratum, before: end, walk, &best, &hits)
        }
    }

    /// Looks at the documents of the lead's block, from the current one on, that come before
    /// `end`: at all of them where each may enter that is of the first one's stratum, else at those
    /// of that stratum.
    private mutating func visitBlock(
        from first: Int, before end: UInt32, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) -> (stratum: Int, least: UInt32) {
        var stratum = first
        best.beginRun(walk.strata[stratum].documents)
        if hits.count > walk.countLimit { hits.isExact = false }
        let state = unsafe words[lead]
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
                visit(at, walk.isByLength ? norm : nil, walk, &best, &hits)
            }
        }
        let last = unsafe state.pointee.lastLooked(before: end)
        stratum = walk.stratum(of: last, from: stratum)
        best.beginRun(walk.strata[stratum].documents)
        return (stratum, need(walk.strata[stratum], largest: .max, walk, best, hits))
    }

    /// Puts into `candidates` the documents of the lead's block that hold it so often and every
    /// other word, without those where the places of packed words say that the phrase does not
    /// occur, and tells how many they are.
    private func candidates(
        of state: UnsafeMutablePointer<PostingsState>, before end: UInt32, atLeast least: UInt32
    ) -> Int {
        unsafe state.pointee.fetchFirsts()
        var count = unsafe state.pointee.documentsOfBlock(
            before: end, atLeast: least, into: candidates.base)
        for index in others {
            guard count > 0 else { return 0 }
            count = unsafe words[index].pointee.keep(
                candidates.base, count, firsts: firsts(of: index))
        }
        guard count > 0, !packed.isEmpty else { return count }
        count = unsafe state.pointee.keep(candidates.base, count, firsts: firsts(of: lead))
        count = keepPossible(count)
        for index in others { unsafe words[index].pointee.fetch(candidates.base, count) }
        return count
    }

    /// Where to put the first places of a word; nil where they do not tell enough.
    private func firsts(of index: Int) -> FirstPlaces? {
        packed.isEmpty
            ? nil
            : unsafe FirstPlaces(
                base: firsts.base + index * begins.count, places: placesInBlock.base)
    }

    /// Keeps those of `count` candidates that the places of packed words do not refute.
    private func keepPossible(_ count: Int) -> Int {
        for at in 0..<count { begins[at] = PhraseBegin() }
        for index in packed {
            guard var first = unsafe firsts(of: index)?.base else { continue }
            for at in 0..<count {
                // Others of the list were not kept.
                while unsafe first.pointee.document != candidates[at] { unsafe first += 1 }
                let begin = unsafe Int(first.pointee.position) - index
                begins[at].add(begin)
                if unsafe first.pointee.isOnce { begins[at].addOnce(begin) }
                unsafe first += 1
            }
        }
        var kept = 0
        for at in 0..<count {
            (candidates[kept], begins[kept]) = (candidates[at], begins[at])
            kept += begins[at].isRefuted ? 0 : 1
        }
        return kept
    }

    /// How often the phrase must occur in a document of a stratum to be found, where it occurs
    /// `largest` times at most; `.max` when it cannot be.
    @inline(__always)
    private mutating func need(
        _ stratum: Stratum, largest: UInt32, _ walk: DocumentWalk, _ best: TopK, _ hits: HitCount
    ) -> UInt32 {
        guard hits.count > walk.countLimit, best.bar > -.infinity else { return 1 }
        let norm = walk.norms[Int(stratum.lengthCode)]
        if known.norm != norm || known.bar != best.bar {
            known = (norm, best.bar, need(norm, bar: best.bar))
        }
        return known.need <= largest ? known.need : .max
    }

    /// How often the phrase must occur in a document to reach `bar`, no more than can be told;
    /// `.max` when it cannot.
    private func need(_ norm: Float, bar: Float) -> UInt32 {
        guard BM25.bound(idf: idf, frequency: .max, norm: norm) >= bar else { return .max }
        var frequency: UInt32 = 1
        while frequency < PostingsFormat.frequencyCap,
            BM25.bound(idf: idf, frequency: frequency, norm: norm) < bar
        {
            frequency += 1
        }
        return frequency
    }

    private mutating func visit(
        _ at: Int, _ known: Float?, _ walk: DocumentWalk, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        let document = candidates[at]
        let frequency =
            packed.isEmpty
            ? places.count(in: document) : places.count(in: document, begins[at])
        guard frequency > 0, walk.accepts?(document) ?? true else { return }
        hits.count += 1
        let norm = unsafe known ?? walk.norms[Int(walk.lengthCodes[Int(document)])]
        best.offer(BM25.impact(idf: idf, frequency: frequency, norm: norm), document)
    }
}
