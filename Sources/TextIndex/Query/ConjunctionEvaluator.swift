// The best documents that hold all of some words. The rarest word leads; a document whose score
// cannot count, by its length and by how often the other words can occur in its part of their
// postings, is passed over before these are unpacked.

/// Evaluates a query of words that must all occur.
struct ConjunctionEvaluator {
    /// Makes up for the rounding of a sum of bounds.
    private static let padding: Float = 1.00001

    /// In the order of the query, in which impacts add up.
    private let words: [WeightedCursor]
    /// The rarest first.
    private let byRarity: [WeightedCursor]
    private let norms: [Float]
    private let countLimit: Int

    init(_ words: [WeightedCursor], norms: [Float], countLimit: Int) {
        self.words = words
        byRarity = words.sorted { $0.documentFrequency < $1.documentFrequency }
        self.norms = norms
        self.countLimit = countLimit
    }

    /// Offers the documents of one range; ranges come in ascending order.
    func run(
        _ range: Range<UInt32>, lengthCodes: UnsafePointer<UInt8>, _ accepts: ((UInt32) -> Bool)?,
        _ best: inout TopK, _ hits: inout HitCount
    ) {
        let lead = unsafe byRarity[0].state
        unsafe lead.pointee.advance(to: range.lowerBound)
        search: while true {
            let document = unsafe lead.pointee.document
            guard document < range.upperBound else { return }
            let norm = unsafe norms[Int(lengthCodes[Int(document)])]
            if hits.count > countLimit, !canEnter(document, norm, best) {
                hits.isExact = false
                unsafe lead.pointee.advance()
                continue
            }
            for place in 1..<byRarity.count {
                let other = unsafe byRarity[place].state
                unsafe other.pointee.advance(to: document)
                let met = unsafe other.pointee.document
                if met != document {
                    unsafe lead.pointee.advance(to: met)
                    continue search
                }
            }
            if accepts?(document) ?? true {
                hits.count += 1
                best.offer(score(norm), document)
            }
            unsafe lead.pointee.advance()
        }
    }

    /// Whether the document that the rarest word stands at may be among the best.
    @inline(__always)
    private func canEnter(_ document: UInt32, _ norm: Float, _ best: TopK) -> Bool {
        let lead = byRarity[0]
        var bound = unsafe BM25.impact(
            idf: lead.idf, frequency: lead.state.pointee.frequency, norm: norm)
        for place in 1..<byRarity.count {
            let word = byRarity[place]
            bound += unsafe word.state.pointee.bound(document, document + 1) { frequency, _ in
                frequency == .max
                    ? word.idf : BM25.impact(idf: word.idf, frequency: frequency, norm: norm)
            }
        }
        return best.wouldEnter(bound * Self.padding)
    }

    /// The score of the document that all words stand at.
    private func score(_ norm: Float) -> Float {
        var sum: Float = 0
        for word in words {
            sum += unsafe BM25.impact(
                idf: word.idf, frequency: word.state.pointee.frequency, norm: norm)
        }
        return sum
    }
}
