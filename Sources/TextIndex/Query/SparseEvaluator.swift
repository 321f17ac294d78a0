// The best documents that hold some words, document by document: for queries that so few documents
// can match that windows of bits would be nearly empty.

/// Evaluates words that must, may or must not occur, of which few documents hold enough.
@safe struct SparseEvaluator {
    /// With more documents to look at than one of so many, windows are faster.
    static let share = 160

    private let words: [WeightedCursor]
    private let excluded: [PostingsCursor]
    /// The words that propose documents: one that is required, or all.
    private let leads: [WeightedCursor]
    /// All others.
    private let others: [WeightedCursor]
    private let atLeast: Int

    /// `atLeast` of the words that are not required must occur, and none of `excluded`; nil when
    /// that is better done in windows.
    init?(
        _ words: [WeightedCursor], excluding excluded: [PostingsCursor] = [], atLeast: Int,
        documents: UInt32
    ) {
        let required = words.filter(\.isRequired)
        let rarest = required.min { $0.cursor.documentFrequency < $1.cursor.documentFrequency }
        leads = rarest.map { [$0] } ?? words
        others = rarest == nil ? [] : words.filter { $0.cursor !== rarest?.cursor }
        let proposed = leads.reduce(0) { $0 + $1.cursor.documentFrequency }
        guard proposed <= max(Int(documents) / Self.share, 1_024) else { return nil }
        self.words = words
        self.excluded = excluded
        self.atLeast = atLeast
    }

    /// Offers the matching documents and counts them.
    func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        // What the words that do not lead can add in the stratum at hand.
        var rest: Float = 0
        let (leading, following) = (bounds(leads), bounds(others))
        return walk.run(
            &best, next: next,
            most: { norm in
                rest = most(norm, of: following)
                return rest + most(norm, of: leading)
            },
            score: { document, norm, bar in
                score(document, norm, leading: bar - rest)
            })
    }

    /// The first document from `start` on that a leading word holds.
    private func next(from start: UInt32) -> UInt32 {
        leads.reduce(PostingsCursor.end) {
            unsafe $1.cursor.state.pointee.seek(to: start)
            return unsafe min($0, $1.cursor.state.pointee.document)
        }
    }

    /// What each word weighs, and how often it occurs in a document at most.
    private func bounds(_ words: [WeightedCursor]) -> [(idf: Float, frequency: UInt32)] {
        words.map { unsafe ($0.idf, $0.cursor.state.pointee.largestFrequency) }
    }

    private func most(_ norm: Float, of words: [(idf: Float, frequency: UInt32)]) -> Float {
        words.reduce(0) {
            $0 + BM25.bound(idf: $1.idf, frequency: $1.frequency, norm: norm)
        } * WindowBounds.padding
    }

    /// The score of a document; nil when it does not match, or a single leading word does not add
    /// as much as is asked of it.
    private func score(_ document: UInt32, _ norm: Float, leading bar: Float) -> Float? {
        if leads.count == 1 {
            let frequency = unsafe leads[0].cursor.state.pointee.frequency(of: document)
            let most = BM25.bound(idf: leads[0].idf, frequency: frequency, norm: norm)
            guard most * WindowBounds.padding >= bar else { return nil }
        }
        var sum: Float = 0
        var occurring = 0
        for word in words {
            guard unsafe word.cursor.state.pointee.holds(document) else {
                if word.isRequired { return nil }
                continue
            }
            if !word.isRequired { occurring += 1 }
            let frequency = unsafe word.cursor.state.pointee.frequency(of: document)
            sum += BM25.impact(idf: word.idf, frequency: frequency, norm: norm)
        }
        guard occurring >= atLeast else { return nil }
        for other in excluded where unsafe other.state.pointee.holds(document) { return nil }
        return sum
    }
}
