// Search over one view: every part of every track runs to its own best hits, from the score on that
// the parts before it have set and with what is left to count; the best of all are merged, and only
// the winners' rows are read.

package import Storage
package import TextIndex

/// What to search for, and where.
package struct SearchRequest: Sendable {
    /// How hits are ordered.
    package enum Order: Sendable { case score, timeline }

    /// What to look for in the text of each track that has no query of its own.
    package var query: TextQuery
    /// What to look for in tracks whose languages read the same words in their own ways.
    package var queries: [UInt32: TextQuery] = [:]
    /// Numbers that what is found in a track must have.
    package var numbers: [UInt32: [NumberCondition]] = [:]
    /// Boxes that what is found in a track must have.
    package var boxes: [UInt32: [BoxCondition]] = [:]
    /// Only these titles; nil for all.
    package var titles: [[UInt8]]?
    /// Only what overlaps this range of nanoseconds.
    package var start: Int64?
    /// The end of that range, not included.
    package var end: Int64?
    /// How hits are ordered.
    package var order = Order.score
    /// A phrase may begin in one row and end in the next of its lane, when at most so many
    /// nanoseconds lie between them; nil for within rows alone.
    package var gap: Int64?
    /// Best hits wanted.
    package var limit: Int
    /// Hits are counted exactly up to here.
    package var countLimit = 1_000
    /// Only what comes after this place in the order of hits.
    package var after: HitPlace?
    /// Nothing of these titles.
    package var exceptTitles: Set<[UInt8]> = []
    /// Nothing but these documents.
    package var only: Set<DocumentPlace>?
    /// Texts of a hit's lane come with it when at most so many nanoseconds part them from it.
    package var margin: Int64?
    /// When to answer with what was found by then.
    package var deadline: Deadline?

    /// A search for `query` in everything.
    package init(_ query: TextQuery, limit: Int) {
        self.query = query
        self.limit = limit
    }
}

/// One annotation found.
package struct Hit: Sendable {
    /// The track it was found in.
    package let track: UInt32
    /// BM25 in its own track, or how alike it is.
    package let score: Float
    /// The operation that wrote the annotation.
    package let sequence: UInt64
    /// What was found.
    package let annotation: Annotation
    /// Its document in the view.
    package let place: DocumentPlace
    /// What lies within the margin that was asked for.
    package let nearby: [NearbyText]
    /// The rows that follow it in its lane and hold the rest of a phrase that begins in it.
    package let following: [FollowingRow]
}

/// A row in which a phrase goes on.
package struct FollowingRow: Sendable, Equatable {
    /// What it holds.
    package let annotation: Annotation
    /// So many words at its beginning only say again what the row before ended with.
    package let repeated: Int
}

/// What a search found.
package struct SearchResult: Sendable {
    /// Best first.
    package var hits: [Hit] = []
    /// How many matched.
    package var count = HitCount()
    /// Tracks that could not be searched, since their files are damaged; the rest is without them.
    package var damaged: [UInt32: StorageError] = [:]
    /// How many others each hit stands for that are nearly the same; of those without any, nothing.
    package var alike: [DocumentPlace: Int] = [:]
    /// Whether the deadline came before all that was to be compared was.
    package var isCut = false
    /// The share of documents that were looked at before the deadline.
    package var coverage: Double { count.coverage }
}

/// A document found, before its row is read; says where, but holds nothing of that, since many are
/// handed around.
package struct FoundDocument {
    let track: UInt32
    let part: Int
    /// BM25 in its own track, or how alike it is.
    package let score: Float
    /// Its number in the segment or memtable, or in the text index of the segment.
    let number: Number
    /// The rows in which a phrase goes on that begins in it; nil for none.
    let following: [(source: Source, document: UInt32, repeated: Int)]?

    /// By which of its two numbers a document was found.
    enum Number {
        case document(UInt32)
        case ordinal(UInt32)
    }

    /// Its place in a view, whose part it was found in.
    package func place(in view: View) -> DocumentPlace {
        DocumentPlace(track: track, part: part, document: document(in: view.source(of: self)))
    }

    /// Its number in the segment or memtable that it was found in.
    func document(in source: Source) -> UInt32 {
        switch number {
        case .document(let document): return document
        case .ordinal(let ordinal): return source.document(ordinal)
        }
    }
}

extension View {
    /// Searches tracks; each is scored with its own statistics.
    ///
    /// Tracks with damaged files are left out and named, unless all are damaged: then what is wrong
    /// with one of them is thrown.
    package func search(
        _ tracks: [UInt32], _ request: SearchRequest
    ) throws(StorageError) -> SearchResult {
        var (result, damaged) = try onSoundTracks(tracks) { sound throws(TrackFailure) in
            try searchAll(sound, request)
        }
        result.damaged = damaged
        return result
    }

    /// An answer from those tracks whose files are sound, and what is wrong with the others.
    func onSoundTracks<Answer>(
        _ tracks: [UInt32], _ answer: ([UInt32]) throws(TrackFailure) -> Answer
    ) throws(StorageError) -> (answer: Answer, damaged: [UInt32: StorageError]) {
        var sound = tracks
        var damaged: [UInt32: StorageError] = [:]
        while true {
            do throws(TrackFailure) {
                return (try answer(sound), damaged)
            } catch {
                guard case .corrupt = error.reason, sound.count > 1 else { throw error.reason }
                sound.removeAll { $0 == error.track }
                damaged[error.track] = error.reason
            }
        }
    }

    private func searchAll(
        _ tracks: [UInt32], _ request: SearchRequest
    ) throws(TrackFailure) -> SearchResult {
        let (documents, count) = try findAll(tracks, request)
        return SearchResult(
            hits: try hits(documents, limit: request.limit, margin: request.margin), count: count)
    }

    /// The rows of documents found, in the order of hits and no more than are wanted.
    func hits(
        _ documents: [FoundDocument], limit: Int, margin: Int64?
    ) throws(TrackFailure) -> [Hit] {
        var hits: [Hit] = []
        let lanes = LaneReader(self)
        for found in documents {
            do throws(StorageError) {
                hits.append(try found.hit(self, lanes, margin: margin))
            } catch { throw TrackFailure(track: found.track, reason: error) }
        }
        // A single part's hits come in order; those of several need their rows to settle ties.
        hits.sort { $0.precedes($1) }
        hits.removeSubrange(min(limit, hits.count)...)
        return hits
    }

    /// The documents that may be among the best: those and, where several parts have equal scores
    /// at the end of the list, all of these.
    package func find(
        _ tracks: [UInt32], _ request: SearchRequest
    ) throws(StorageError) -> (documents: [FoundDocument], count: HitCount) {
        do throws(TrackFailure) { return try findAll(tracks, request) } catch { throw error.reason }
    }

    func findAll(
        _ tracks: [UInt32], _ request: SearchRequest
    ) throws(TrackFailure) -> (documents: [FoundDocument], count: HitCount) {
        var found: [FoundDocument] = []
        found.reserveCapacity(min(request.limit, 1_024))
        var count = HitCount()
        for number in tracks {
            do throws(StorageError) {
                guard let track = try soundTrack(number) else { continue }
                try find(number, track, request, &found, &count)
            } catch { throw TrackFailure(track: number, reason: error) }
        }
        if found.count > request.limit { _ = keepBest(request.limit, of: &found) }
        return (found, count)
    }

    /// Leaves out what is not among the best, and tells the score below which nothing can be.
    private func keepBest(_ limit: Int, of found: inout [FoundDocument]) -> Float {
        guard found.count >= limit, limit > 0 else { return -.infinity }
        let last = found.map(\.score).sorted(by: >)[limit - 1]
        found.removeAll { $0.score < last }
        return last
    }

    private func find(
        _ number: UInt32, _ track: TrackView, _ request: SearchRequest,
        _ found: inout [FoundDocument], _ count: inout HitCount
    ) throws(StorageError) {
        let bound = try BoundTrack(number, track, request, at: sequence)
        for part in track.sources.indices {
            let source = track.sources[part]
            let floor = keepBest(request.limit, of: &found)
            // A closure here would copy the whole request.
            var start: TopK.Start?
            if let place = request.after { start = try source.start(behind: place) }
            var best = TopK(
                capacity: request.limit, precedes: source.tieOrder, inRuns: source.isByLength,
                from: start, floor: floor)
            let only = request.only.map { places in
                places.filter { $0.track == number && $0.part == part }.map(\.document)
            }
            let query = bound.queries[part]
            var filter = filter(request, source, only)
            let values = ValueFilter(request, number, source)
            values?.apply(to: query, &filter, request.titles)
            var counted = query.evaluate(
                bound.weights, filter, into: &best, countLimit: request.countLimit - count.count)
            try values?.checkSound()
            counted.documents = filter.ranges.reduce(0) { $0 + $1.count }
            count += counted
            (consume best).forEachSorted { scored in
                found.append(
                    FoundDocument(
                        track: number, part: part, score: scored.score,
                        number: .ordinal(scored.document),
                        following: bound.following(part, scored.document, in: track)))
            }
        }
    }

    /// Where in the text index of a part to look; `only` are the documents that count, nil for all.
    func filter(
        _ request: SearchRequest, _ source: Source, _ only: [UInt32]? = nil
    ) -> DocumentFilter {
        let scope = DocumentScope(request, source, at: sequence)
        var filter = DocumentFilter(
            ranges: only.map(source.ranges) ?? source.ranges(of: request.titles))
        filter.deadline = request.deadline
        guard !scope.isOpen else { return filter }
        filter.accepts = { scope.allows(source.document($0)) }
        return filter
    }
}

/// A track that could not be searched.
struct TrackFailure: Error {
    let track: UInt32
    let reason: StorageError
}

extension View {
    /// What is to be seen of a track, nil when there is none; throws what is wrong with the files
    /// of one that was set aside.
    func soundTrack(_ track: UInt32) throws(StorageError) -> TrackView? {
        if let reason = quarantined[track] { throw reason }
        return tracks[track]
    }

    /// The part in which a document of this view was found.
    func source(of found: FoundDocument) -> Source {
        guard let track = tracks[found.track] else { preconditionFailure("of another view") }
        return track.sources[found.part]
    }
}

extension Source {
    /// In a memtable a title is a filter term; in a segment it is a range of documents.
    func query(_ query: TextQuery, _ titles: [[UInt8]]?) -> TextQuery {
        guard case .memtable = self, let titles else { return query }
        var query = query
        query.filters.append(titles.map { TermKey.title($0) })
        return query
    }

    fileprivate func ranges(of titles: [[UInt8]]?) -> [Range<UInt32>] {
        switch self {
        case .segment(let segment):
            guard let titles else { return segment.text.everything }
            return segment.documents(of: titles).flatMap { segment.text.ordinals($0) }
                .sorted { $0.lowerBound < $1.lowerBound }
        case .memtable(let view): return view.text.everything
        }
    }

    fileprivate var tieOrder: TopK.TieOrder? {
        switch self {
        case .segment(let segment): return { segment.text.document($0) < segment.text.document($1) }
        case .memtable(let view): return { view.memtable.precedes($0, $1) }
        }
    }

    /// Whether the text index has the documents by length, those of one length by title and time.
    fileprivate var isByLength: Bool {
        if case .segment = self { return true }
        return false
    }

    /// The document that the text index has as an ordinal.
    func document(_ ordinal: UInt32) -> UInt32 {
        guard case .segment(let segment) = self else { return ordinal }
        return segment.text.document(ordinal)
    }
}

extension Hit {
    /// The order of hits: score, then title, in, out, key, sequence.
    package func precedes(_ other: Hit) -> Bool {
        if score != other.score { return score > other.score }
        return annotation.precedes(other.annotation) { sequence < other.sequence }
    }
}

extension Annotation {
    /// The order on titles' timelines: by title, in, out, key; `last` decides among equals.
    package func precedes(_ other: Annotation, _ last: () -> Bool) -> Bool {
        if title != other.title { return title.lexicographicallyPrecedes(other.title) }
        if start != other.start { return start < other.start }
        if end != other.end { return end < other.end }
        if key != other.key { return key.lexicographicallyPrecedes(other.key) }
        return last()
    }
}
