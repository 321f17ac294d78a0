// The best documents that hold some of several rare words, document by document: for queries that
// so few documents can match that windows of bits would be nearly empty.

/// Evaluates words that may occur, of which few documents hold any.
@safe struct SparseEvaluator {
    /// With more documents to look at than these, of so many, windows are faster.
    static func most(of documents: Int) -> Int { max(documents / 700, 256) }

    private let words: [WeightedCursor]
    private let excluded: [PostingsCursor]
    private let atLeast: Int

    /// `atLeast` of the words must occur, and none of `excluded`.
    init(_ words: [WeightedCursor], excluding excluded: [PostingsCursor], atLeast: Int) {
        self.words = words
        self.excluded = excluded
        self.atLeast = atLeast
    }

    /// Offers the matching documents and counts them.
    func run(_ walk: DocumentWalk, _ best: inout TopK) -> HitCount {
        let bounds = words.map {
            unsafe (idf: $0.idf, frequency: $0.cursor.state.pointee.largestFrequency)
        }
        return walk.run(
            &best, next: next,
            most: { norm in
                bounds.reduce(0) {
                    $0 + BM25.bound(idf: $1.idf, frequency: $1.frequency, norm: norm)
                } * WindowSums.padding
            }, score: { document, norm, _ in score(document, norm) })
    }

    /// The first document from `start` on that one of the words holds.
    private func next(from start: UInt32) -> UInt32 {
        var document = PostingsCursor.end
        for word in words {
            document = min(document, unsafe word.cursor.state.pointee.next(from: start))
        }
        return document
    }

    /// The score of a document; nil when it does not match.
    private func score(_ document: UInt32, _ norm: Float) -> Float? {
        var sum: Float = 0
        var occurring = 0
        for word in words where unsafe word.cursor.state.pointee.holds(document) {
            occurring += 1
            let frequency = unsafe word.cursor.state.pointee.frequency(of: document)
            sum += BM25.impact(idf: word.idf, frequency: frequency, norm: norm)
        }
        guard occurring >= atLeast else { return nil }
        for other in excluded where unsafe other.state.pointee.holds(document) { return nil }
        return sum
    }
}
