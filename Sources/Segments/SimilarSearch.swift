// The search for what is alike: every part of every track gives its nearest annotations, the best
// of all are merged, and only the winners' rows are read. An annotation is as near as the nearest
// of its vectors.

package import Storage
import TextIndex
import VectorIndex

/// Which vectors to look for, and where.
package struct SimilarRequest: Sendable {
    /// Which annotations are shown once only.
    package enum Distinct: String, Sendable, CaseIterable {
        /// None: all are shown.
        case none
        /// Those whose vectors are nearly the same: the best of them.
        case shot
        /// Those of one title: the best of them.
        case title
    }

    /// Titles, times and attributes; of the rest nothing counts.
    package var scope: SearchRequest
    /// The vector that is looked for in each track; it fits the track's shape.
    package var vectors: [UInt32: [Float]]
    /// Nearest annotations wanted.
    package var limit: Int
    /// Which share of the true nearest is to be found, about.
    package var recall: Float = 0.95
    /// Whether every vector is looked at.
    package var isExact = false
    /// Nothing that is less alike.
    package var minimum: Float?
    /// What is shown once only.
    package var distinct = Distinct.none
    /// None of these.
    package var except: Set<DocumentPlace> = []

    /// The `limit` nearest annotations in a scope.
    package init(_ scope: SearchRequest, _ vectors: [UInt32: [Float]], limit: Int) {
        self.scope = scope
        self.vectors = vectors
        self.limit = limit
    }
}

extension View {
    /// The annotations whose vectors are nearest, best first.
    ///
    /// Tracks with damaged files are left out and named, unless all are damaged: then what is wrong
    /// with one of them is thrown.
    package func similar(
        _ tracks: [UInt32], _ request: SimilarRequest
    ) throws(StorageError) -> SearchResult {
        var (result, damaged) = try onSoundTracks(tracks) { sound throws(TrackFailure) in
            try similarAll(sound, request)
        }
        result.damaged = damaged
        return result
    }

    private func similarAll(
        _ tracks: [UInt32], _ request: SimilarRequest
    ) throws(TrackFailure) -> SearchResult {
        var parts: [SimilarPart] = []
        for number in tracks {
            do throws(StorageError) {
                parts += try similarParts(number, request)
            } catch { throw TrackFailure(track: number, reason: error) }
        }
        var isCut = false
        let found = try SimilarList(parts, request).best(&isCut)
        var result = SearchResult(
            hits: try hits(found.map(\.document), limit: request.limit, margin: nil))
        for one in found where one.alike > 0 {
            result.alike[one.document.place(in: self)] = one.alike
        }
        result.isCut = isCut
        return result
    }

    private func similarParts(
        _ number: UInt32, _ request: SimilarRequest
    ) throws(StorageError) -> [SimilarPart] {
        guard let track = try soundTrack(number), let vector = request.vectors[number] else {
            return []
        }
        var parts: [SimilarPart] = []
        for (part, source) in track.sources.enumerated() {
            guard let vectors = source.vectors else { continue }
            var scope = try self.scope(vectors, source, number, request.scope)
            for place in request.except where place.track == number && place.part == part {
                scope.remove(vectors.vectors(of: place.document))
            }
            parts.append(SimilarPart(number, part, source, vectors, scope, vector, request))
        }
        return parts
    }

    /// The vectors of the annotations that a search may answer with.
    private func scope(
        _ vectors: PartVectors, _ source: Source, _ track: UInt32, _ request: SearchRequest
    ) throws(StorageError) -> VectorScope {
        let filters = request.queries[track]?.filters ?? []
        let values = ValueFilter(request, track, source)
        guard filters.isEmpty, values == nil else {
            return try matching(filters, values, vectors, source, request)
        }
        let times = DocumentScope(request, source, at: sequence)
        var allowed = VectorScope(all: vectors.count)
        if let titles = request.titles {
            let documents = source.documents(ofTitles: Set(titles)).ranges
            allowed = VectorScope(vectors, of: documents, times)
        } else if times.hasTimes {
            allowed = VectorScope(vectors, of: [0..<source.documentCount], times)
        }
        for range in source.documents(ofTitles: request.exceptTitles).ranges {
            allowed.remove(vectors.vectors(of: range))
        }
        for document in source.deleted(by: sequence) {
            allowed.remove(vectors.vectors(of: document))
        }
        return allowed
    }

    /// The same where attributes are asked for: the documents that match, a bit for each.
    private func matching(
        _ filters: [[[UInt8]]], _ values: ValueFilter?, _ vectors: PartVectors, _ source: Source,
        _ request: SearchRequest
    ) throws(StorageError) -> VectorScope {
        var documents = VectorFilter(documents: Int(source.documentCount))
        let titles = request.titles.map { source.documents(ofTitles: Set($0)).ranges }
        for range in titles ?? [0..<source.documentCount] { documents.insert(range.asInts) }
        for terms in filters {
            documents.formIntersection(try source.documents(holding: terms))
        }
        for range in source.documents(ofTitles: request.exceptTitles).ranges {
            documents.remove(range.asInts)
        }
        for document in source.deleted(by: sequence) { documents.remove(Int(document)) }
        let times = DocumentScope(request, source, at: sequence)
        if times.hasTimes { documents.keep(where: times.overlaps) }
        try values?.keep(in: &documents)
        return VectorScope(vectors, of: documents)
    }
}

extension Source {
    /// The documents that hold one of some terms.
    fileprivate func documents(holding terms: [[UInt8]]) throws(StorageError) -> VectorFilter {
        var documents = VectorFilter(documents: Int(documentCount))
        for term in terms {
            let cursor: PostingsCursor?
            switch self {
            case .segment(let segment): cursor = try segment.text.documents(term)
            case .memtable: cursor = try self.terms.cursor(term, withPositions: false)
            }
            while let cursor, cursor.document < documentCount {
                documents.insert(Int(cursor.document))
                cursor.advance()
            }
        }
        return documents
    }
}

extension VectorFilter {
    /// Leaves those documents for which `holds` is true.
    mutating func keep(where holds: (UInt32) -> Bool) {
        var gone: [Int] = []
        forEach(in: 0..<capacity) { if !holds(UInt32($0)) { gone.append($0) } }
        for document in gone { remove(document) }
    }
}
