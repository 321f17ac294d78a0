// The best documents that hold one word: a block of its postings at a time, past blocks whose
// largest frequency and smallest length say that none of their documents can enter.

/// Evaluates a query that is one word whose postings are packed.
struct WordEvaluator {
    private let word: WeightedCursor

    /// Nil for postings without blocks.
    init?(_ word: WeightedCursor) {
        guard unsafe word.cursor.state.pointee.hasBlocks else { return nil }
        self.word = word
    }

    /// Offers the documents that hold the word and counts them.
    func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        var hits = HitCount()
        var stratum = 0
        let state = unsafe word.cursor.state
        for range in walk.ranges {
            unsafe state.pointee.seek(to: range.lowerBound)
            while unsafe state.pointee.document < range.upperBound {
                if unsafe walk.stops(at: state.pointee.document, &hits) { return hits }
                let isPruning = hits.count > walk.countLimit
                if isPruning { hits.isExact = false }
                visitBlock(range.upperBound, walk, &stratum, &best, &hits)
                guard unsafe state.pointee.lastOfBlock < range.upperBound - 1 else { break }
                unsafe state.pointee.advanceToBlock { before, frequency in
                    // Of documents that do not exist nothing is known.
                    guard isPruning, before < range.upperBound else { return true }
                    let norm = unsafe walk.norms[Int(walk.lengthCodes[Int(before)])]
                    return best.wouldEnterAnywhere(
                        BM25.bound(idf: word.idf, frequency: frequency, norm: norm))
                }
            }
        }
        return hits
    }

    /// Offers the documents of the block at hand, from the current one on, that come before `end`,
    /// up to a length from which on none of them can enter.
    private func visitBlock(
        _ end: UInt32, _ walk: DocumentWalk, _ stratum: inout Int, _ best: inout TopK,
        _ hits: inout HitCount
    ) {
        let idf = word.idf
        let largest = unsafe word.cursor.state.pointee.largestOfBlock
        var runEnd: UInt32 = 0
        var norm: Float = 0
        var once: Float = 0
        unsafe word.cursor.state.pointee.forEachInBlock(before: end) { document, frequency in
            if document >= runEnd {
                while walk.strata[stratum].documents.upperBound <= document { stratum += 1 }
                runEnd = walk.strata[stratum].documents.upperBound
                best.beginRun(walk.strata[stratum].documents)
                norm = walk.norms[Int(walk.strata[stratum].lengthCode)]
                once = BM25.impact(idf: idf, frequency: 1, norm: norm)
                let most = BM25.bound(idf: idf, frequency: largest, norm: norm)
                if hits.count > walk.countLimit, !best.wouldEnterAnywhere(most) {
                    hits.isExact = false
                    return false
                }
            }
            let score =
                frequency == 1 ? once : BM25.impact(idf: idf, frequency: frequency, norm: norm)
            if !best.wouldEnter(score), hits.count > walk.countLimit {
                hits.isExact = false
                return true
            }
            guard walk.accepts?(document) ?? true else { return true }
            hits.count += 1
            best.offer(score, document)
            return true
        }
    }
}
