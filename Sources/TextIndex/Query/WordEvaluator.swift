// The best documents that hold one word: a block of its postings at a time, past blocks whose
// largest frequency and smallest length say that none of their documents can enter.

/// Evaluates a query that is one word.
struct WordEvaluator {
    /// Makes up for the rounding of a bound.
    private static let padding: Float = 1.00001

    private let word: WeightedCursor
    private let norms: [Float]
    private let countLimit: Int

    init(_ word: WeightedCursor, norms: [Float], countLimit: Int) {
        self.word = word
        self.norms = norms
        self.countLimit = countLimit
    }

    /// Offers the documents of one range; ranges come in ascending order.
    func run(
        _ range: Range<UInt32>, lengthCodes: UnsafePointer<UInt8>, _ accepts: ((UInt32) -> Bool)?,
        _ best: inout TopK, _ hits: inout HitCount
    ) {
        let state = unsafe word.state
        unsafe state.pointee.advance(to: range.lowerBound)
        while unsafe state.pointee.document < range.upperBound {
            let isPruning = hits.count > countLimit
            let limits = unsafe state.pointee.blockLimits
            if !isPruning {
                unsafe visitAll(range.upperBound, lengthCodes, accepts, &best, &hits)
            } else {
                hits.isExact = false
                if canEnter(limits.frequency, limits.length, best) {
                    unsafe visitBest(range.upperBound, lengthCodes, accepts, &best, &hits)
                }
            }
            guard unsafe state.pointee.lastOfBlock < range.upperBound - 1 else {
                return unsafe state.pointee.advance(to: range.upperBound)
            }
            unsafe state.pointee.advanceToBlock { frequency, length in
                !isPruning || canEnter(frequency, length, best)
            }
        }
    }

    private func canEnter(_ frequency: UInt32, _ length: UInt8, _ best: TopK) -> Bool {
        let bound =
            frequency == .max
            ? word.idf
            : BM25.impact(idf: word.idf, frequency: frequency, norm: norms[Int(length)])
        return best.wouldEnter(bound * Self.padding)
    }

    /// Offers and counts every document of the block.
    private func visitAll(
        _ end: UInt32, _ lengthCodes: UnsafePointer<UInt8>, _ accepts: ((UInt32) -> Bool)?,
        _ best: inout TopK, _ hits: inout HitCount
    ) {
        let (norms, idf) = (norms, word.idf)
        unsafe word.state.pointee.forEachInBlock(before: end) { document, frequency in
            guard accepts?(document) ?? true else { return }
            hits.count += 1
            let norm = unsafe norms[Int(lengthCodes[Int(document)])]
            best.offer(BM25.impact(idf: idf, frequency: frequency, norm: norm), document)
        }
    }

    /// Offers those documents of the block that can enter, and counts these.
    private func visitBest(
        _ end: UInt32, _ lengthCodes: UnsafePointer<UInt8>, _ accepts: ((UInt32) -> Bool)?,
        _ best: inout TopK, _ hits: inout HitCount
    ) {
        let (norms, idf) = (norms, word.idf)
        unsafe word.state.pointee.forEachInBlock(before: end) { document, frequency in
            let norm = unsafe norms[Int(lengthCodes[Int(document)])]
            let impact = BM25.impact(idf: idf, frequency: frequency, norm: norm)
            guard best.wouldEnter(impact), accepts?(document) ?? true else { return }
            hits.count += 1
            best.offer(impact, document)
        }
    }
}
