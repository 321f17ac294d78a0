// The documents that an evaluation looks at one by one: strata in ascending order, until nothing
// longer can reach the worst of the best.

/// Where to look, and what is made of it.
@safe struct DocumentWalk {
    /// Documents by length.
    let strata: [Stratum]
    /// Ascending, disjoint ranges of documents.
    let ranges: [Range<UInt32>]
    /// A length code for each document.
    let lengthCodes: UnsafePointer<UInt8>
    /// Whether the documents of a stratum are all of its length.
    let isByLength: Bool
    let norms: [Float]
    /// Hits are counted exactly up to here.
    let countLimit: Int
    /// Asked last; nil takes all.
    let accepts: ((UInt32) -> Bool)?
    /// Nil where there is no deadline.
    let watch: Watch?

    /// Whether it is time to stop; then the documents from this one on were missed.
    @inline(__always)
    func stops(at document: UInt32, _ hits: inout HitCount) -> Bool {
        guard let watch, watch.isTime() else { return false }
        hits.miss(ranges.count(in: document..<PostingsCursor.end))
        return true
    }

    /// The number of the stratum that a document lies in, which is `start` or a later one.
    @inline(__always)
    func stratum(of document: UInt32, from start: Int) -> Int {
        var stratum = start
        while strata[stratum].documents.upperBound <= document { stratum += 1 }
        return stratum
    }

    /// Walks the postings of a word by blocks.
    ///
    /// `visit` gets the number of the current document's stratum, and looks at the documents of the
    /// block at hand from there on that come before another: at all of them, or at those of that
    /// stratum. It tells in which stratum it ended, and how often a document of that one must hold
    /// the word to be found later on.
    @inline(__always)
    func runByBlocks(
        of word: PostingsCursor, _ best: inout TopK,
        visit: (Int, UInt32, inout TopK, inout HitCount) -> (stratum: Int, least: UInt32)
    ) -> HitCount {
        var hits = HitCount()
        var stratum = 0
        let state = unsafe word.state
        for range in ranges {
            unsafe state.pointee.seek(to: range.lowerBound)
            while unsafe state.pointee.document < range.upperBound {
                let document = unsafe state.pointee.document
                if stops(at: document, &hits) { return hits }
                unsafe state.pointee.enterBlock()
                let first = self.stratum(of: document, from: stratum)
                let seen = visit(first, range.upperBound, &best, &hits)
                stratum = seen.stratum
                if seen.least > 1 { hits.isExact = false }
                let end = min(range.upperBound, strata[stratum].documents.upperBound)
                unsafe state.pointee.leaveBlock(before: end, atLeast: seen.least)
            }
        }
        return hits
    }

    /// Offers the documents that `next` gives (the first candidate at or after a document) and
    /// `score` scores, which may refuse what does not reach the bar that it is given; `most` bounds
    /// the scores of documents at least as long as a norm says, and is asked before a bar is given.
    @inline(__always)
    func run(
        _ best: inout TopK, next: (UInt32) -> UInt32, most: (Float) -> Float,
        score: (UInt32, Float, Float) -> Float?
    ) -> HitCount {
        var hits = HitCount()
        var stratum = 0
        var end: UInt32 = 0
        var isPruning = false
        var stratumNorm: Float = 0
        for range in ranges {
            var document = next(range.lowerBound)
            while document < range.upperBound {
                if watch?.isTimeAtLast() ?? false {
                    hits.miss(ranges.count(in: document..<PostingsCursor.end))
                    return hits
                }
                if document >= end {
                    while strata[stratum].documents.upperBound <= document { stratum += 1 }
                    end = strata[stratum].documents.upperBound
                    best.beginRun(strata[stratum].documents)
                    stratumNorm = norms[Int(strata[stratum].lengthCode)]
                    isPruning = hits.count > countLimit
                    if isPruning {
                        hits.isExact = false
                        guard best.wouldEnter(most(stratumNorm)) else { return hits }
                    }
                }
                let norm =
                    isByLength ? stratumNorm : unsafe norms[Int(lengthCodes[Int(document)])]
                let bar = isPruning ? best.bar : -.infinity
                if let score = score(document, norm, bar), accepts?(document) ?? true {
                    hits.count += 1
                    best.offer(score, document)
                }
                document = next(document + 1)
            }
        }
        return hits
    }
}

extension [Range<UInt32>] {
    /// How many documents of the ranges lie among these.
    func count(in documents: Range<UInt32>) -> Int {
        reduce(0) { $0 + $1.clamped(to: documents).count }
    }
}
