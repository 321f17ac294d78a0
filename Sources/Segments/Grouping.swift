// Titles in the order of their best hits, without a look at all hits: the best hits of all name the
// first titles, then the best hits of all other titles name the next ones, and so on. A title is a
// range of documents, so no row is read.

package import Storage
package import TextIndex

/// Titles with hits, best first.
package struct TitleRanking: Sendable {
    /// Their names.
    package var titles: [[UInt8]] = []
    /// Whether more titles have hits.
    package var hasMore = false
    /// How many rows matched, of all titles.
    package var count = HitCount()
    /// Tracks that could not be searched.
    package var damaged: [UInt32: StorageError] = [:]
    /// The share of documents that were looked at before the deadline.
    package var coverage = 1.0
}

extension View {
    /// The first titles in the order of their best hits, those of equal ones by name; `limit` of
    /// them at most.
    package func titles(
        _ tracks: [UInt32], _ request: SearchRequest, limit: Int
    ) throws(StorageError) -> TitleRanking {
        var (ranking, damaged) = try onSoundTracks(tracks) { sound throws(TrackFailure) in
            try rank(sound, request, limit)
        }
        ranking.damaged = damaged
        return ranking
    }

    private func rank(
        _ tracks: [UInt32], _ request: SearchRequest, _ limit: Int
    ) throws(TrackFailure) -> TitleRanking {
        var ranking = TitleRanking()
        var round = request
        // Where hits crowd in few titles, each round looks further.
        round.limit = max(2 * limit, 32)
        var isFirst = true
        while ranking.titles.count <= limit {
            let (documents, count) = try findAll(tracks, round)
            if isFirst { ranking.count = count }
            ranking.coverage = min(ranking.coverage, count.coverage)
            for title in titles(of: documents, first: round.limit)
            where round.exceptTitles.insert(title).inserted {
                ranking.titles.append(title)
            }
            guard documents.count >= round.limit, count.missed == 0 else { break }
            isFirst = false
            round.countLimit = 0
            round.limit = min(2 * round.limit, 1 << 20)
        }
        ranking.hasMore = ranking.titles.count > limit
        ranking.titles.removeSubrange(min(limit, ranking.titles.count)...)
        return ranking
    }

    /// The titles of the first documents in the order of hits.
    private func titles(of documents: [FoundDocument], first count: Int) -> [[UInt8]] {
        // Of a title the order of equal scores does not matter, so rows need not be known.
        let hits = documents.map { (score: $0.score, title: title(of: $0)) }
        let ordered = hits.sorted { a, b in
            a.score != b.score
                ? a.score > b.score : a.title.lexicographicallyPrecedes(b.title)
        }
        return ordered.prefix(count).map(\.title)
    }

    private func title(of found: FoundDocument) -> [UInt8] {
        let source = source(of: found)
        return source.title(found.document(in: source))
    }

    /// What a search asks for, its prefixes and fuzzy words expanded once for many searches.
    package func expanded(
        _ request: SearchRequest, _ tracks: [UInt32]
    ) throws(StorageError) -> SearchRequest {
        var request = request
        for number in tracks {
            guard let track = self.tracks[number] else { continue }
            var query = request.queries[number] ?? request.query
            try query.expand(over: track.parts)
            request.queries[number] = query
        }
        return request
    }
}
