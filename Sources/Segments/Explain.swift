// Why a search finds what it finds: what its query became in a track, and what each leaf of it adds
// to the score of each hit. The same parts evaluate as in a search, one document at a time.

package import Storage
package import TextIndex

/// A hit with what its score is made of.
package struct ExplainedHit: Sendable {
    /// What was found.
    package let hit: Hit
    /// The length that it was scored with, in words.
    package let length: Int
    /// What the leaves add, in the order in which it adds up.
    package let parts: [LeafScore]
}

/// What became of a query in a track.
package struct Explanation: Sendable {
    /// The query, prefixes and fuzzy words expanded.
    package let query: TextQuery
    /// Words that were left out of it, since they are too frequent beside many others.
    package let ignored: [[UInt8]]
    /// For each leaf and each of its terms, how many documents of the track hold it.
    package let documentFrequencies: [[UInt64]]
    /// The weight of each leaf, without its boost.
    package let weights: [Float]
    /// Documents with text.
    package let documents: UInt64
    /// The mean of their lengths in words.
    package let averageLength: Float
    /// The track's best hits.
    package let hits: [ExplainedHit]
}

extension View {
    /// Searches one track, and tells what the query became and why each hit scores what it does.
    package func explain(
        _ number: UInt32, _ request: SearchRequest
    ) throws(StorageError) -> Explanation? {
        guard let track = try soundTrack(number) else { return nil }
        let bound = try BoundTrack(number, track, request, at: sequence)
        var hits: [ExplainedHit] = []
        for found in try find([number], request).documents {
            hits.append(
                try explain(found, try BoundTrack(number, track, request, at: sequence)))
        }
        hits.sort { $0.hit.precedes($1.hit) }
        return Explanation(
            query: bound.query, ignored: bound.ignored,
            documentFrequencies: bound.documentFrequencies,
            weights: bound.weights.clauses, documents: track.statistics.documents,
            averageLength: track.statistics.averageLength,
            hits: Array(hits.prefix(request.limit)))
    }

    /// `bound` has not been used before: its cursors only go forward.
    private func explain(
        _ found: FoundDocument, _ bound: borrowing BoundTrack
    ) throws(StorageError) -> ExplainedHit {
        let hit = try found.hit(self, LaneReader(self), margin: nil)
        let source = source(of: found)
        let ordinal = source.ordinal(found.document(in: source))
        let parts = bound.queries[found.part].explain(bound.weights, ordinal)
        let code = unsafe source.terms.lengthCodes[Int(ordinal)]
        return ExplainedHit(
            hit: hit, length: Int(LengthCode.lengths[Int(code)]),
            parts: parts)
    }
}

extension Source {
    /// The number that the text index has for a document.
    func ordinal(_ document: UInt32) -> UInt32 {
        switch self {
        case .segment(let segment): return segment.text.ordinal(document)
        case .memtable: return document
        }
    }
}
