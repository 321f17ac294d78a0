// The best documents that hold one phrase. How often it can occur in a document is known before its
// positions are read, and so is a bound of its score: most documents are passed over unread.

/// Evaluates a query that is one phrase.
struct PhraseEvaluator {
    /// Makes up for the rounding of a bound.
    private static let padding: Float = 1.00001

    private let phrase: ClauseScorer
    private let idf: Float
    private let norms: [Float]
    private let countLimit: Int

    /// `phrase` is a clause of several terms with the weight `idf`.
    init(_ phrase: ClauseScorer, idf: Float, norms: [Float], countLimit: Int) {
        self.phrase = phrase
        self.idf = idf
        self.norms = norms
        self.countLimit = countLimit
    }

    /// Offers the documents of one range; ranges come in ascending order.
    func run(
        _ range: Range<UInt32>, lengthCodes: UnsafePointer<UInt8>, _ accepts: ((UInt32) -> Bool)?,
        _ best: inout TopK, _ hits: inout HitCount
    ) {
        var next = range.lowerBound
        while next < range.upperBound {
            var wasPassed = false
            let isPruning = hits.count > countLimit
            phrase.advance(to: next) { document, occurrences in
                guard isPruning, document < range.upperBound else { return false }
                let norm = unsafe norms[Int(lengthCodes[Int(document)])]
                let bound = BM25.impact(idf: idf, frequency: occurrences, norm: norm)
                guard !best.wouldEnter(bound * Self.padding) else { return false }
                wasPassed = true
                return true
            }
            if wasPassed { hits.isExact = false }
            let document = phrase.document
            guard document < range.upperBound else { return }
            next = document + 1
            guard accepts?(document) ?? true else { continue }
            hits.count += 1
            let norm = unsafe norms[Int(lengthCodes[Int(document)])]
            best.offer(phrase.score(norm: norm), document)
        }
    }
}
