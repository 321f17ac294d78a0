// A query joined with all parts of one track: what it became there, what it weighs by the
// statistics of the whole, and where its phrases go over rows.

import Storage
import TextIndex

/// A query joined with all parts of a track.
struct BoundTrack: ~Copyable {
    /// The query for each part, oldest first.
    let queries: [BoundQuery]
    /// The query as it is evaluated, prefixes and fuzzy words expanded.
    let query: TextQuery
    /// Words that were left out, since they are too frequent beside many others.
    let ignored: [[UInt8]]
    let weights: QueryWeights
    private let crossings: Crossings

    /// Bound as a search at the operation `sequence` sees the track.
    init(
        _ number: UInt32, _ track: TrackView, _ request: borrowing SearchRequest,
        at sequence: UInt64
    ) throws(StorageError) {
        let (sources, parts) = (track.sources, track.parts)
        // In place: a query that is handed around is counted by everyone who has it.
        var query = request.queries[number] ?? request.query
        let ignored = try query.becomeFrugal(over: parts)
        try query.expand(over: parts, until: request.deadline)
        let queries = try Self.queries(query, request, sources, parts)
        let leaves = queries.first?.leaves ?? []
        var crossings = Crossings()
        if request.gap != nil {
            crossings = try Crossings(
                leaves, Self.documentFrequencies(queries), track, request, sources, at: sequence)
        }
        if !crossings.isEmpty, leaves.count > 1 {
            crossings.askAllRows(sources, try Self.queries(query, request, sources, parts))
        }
        for (part, source) in sources.enumerated() where !crossings.isEmpty {
            queries[part].crossings = crossings.ordinals(in: part, source)
        }
        var weights = QueryWeights(queries, track.ranking)
        weights.bound(by: leaves)
        if request.order == .timeline { weights.forgetScores() }
        self.weights = weights
        (self.queries, self.crossings) = (queries, crossings)
        (self.query, self.ignored) = (query, ignored)
    }

    private static func queries(
        _ query: TextQuery, _ request: borrowing SearchRequest, _ sources: [Source],
        _ parts: [any TermSource]
    ) throws(StorageError) -> [BoundQuery] {
        var queries: [BoundQuery] = []
        queries.reserveCapacity(sources.count)
        for part in sources.indices {
            queries.append(
                try BoundQuery(sources[part].query(query, request.titles), parts[part], part: part))
        }
        return queries
    }

    /// For each leaf and each of its terms, how many documents of the track hold it.
    var documentFrequencies: [[UInt64]] { Self.documentFrequencies(queries) }

    private static func documentFrequencies(_ queries: [BoundQuery]) -> [[UInt64]] {
        var sums: [[UInt64]]?
        for query in queries {
            let here = query.documentFrequencies
            sums =
                sums.map { sums in
                    zip(sums, here).map { sum, part in zip(sum, part).map { $0 + $1 } }
                } ?? here
        }
        return sums ?? []
    }

    /// The rows in which phrases go on that begin in the row with an ordinal of a part; nil where
    /// none does.
    func following(
        _ part: Int, _ ordinal: UInt32, in track: TrackView
    ) -> [(source: Source, document: UInt32, repeated: Int)]? {
        guard !crossings.isEmpty else { return nil }
        let row = RowPlace(part: part, document: track.sources[part].document(ordinal))
        return crossings.rows(after: row, queries[part], ordinal: ordinal).map {
            (track.sources[$0.row.part], $0.row.document, $0.repeated)
        }
    }
}
