// The nearest annotations of one part of a track: those of its nearest vectors, of which an
// annotation may have several.

import Storage
import VectorIndex

/// One part of a track that is searched.
struct SimilarPart {
    let track: UInt32
    let part: Int
    let source: Source
    let vectors: PartVectors
    private(set) var scope: VectorScope
    private let query: [Float]
    private let request: SimilarRequest

    init(
        _ track: UInt32, _ part: Int, _ source: Source, _ vectors: PartVectors,
        _ scope: VectorScope, _ query: [Float], _ request: SimilarRequest
    ) {
        self.track = track
        self.part = part
        self.source = source
        self.vectors = vectors
        self.scope = scope
        self.query = query
        self.request = request
    }

    /// Leaves the documents of some titles out.
    mutating func exclude(_ titles: Set<[UInt8]>) {
        for range in source.documents(ofTitles: titles).ranges {
            scope.remove(vectors.vectors(of: range))
        }
    }

    /// The `limit` nearest annotations, best first; fewer only where there are fewer.
    func nearest(_ limit: Int) throws(StorageError) -> [FoundSimilar] {
        var wanted = limit
        while true {
            let hits = try nearestVectors(min(wanted, scope.count))
            var seen: Set<UInt32> = []
            var found: [FoundSimilar] = []
            for hit in hits where found.count < limit {
                let document = vectors.owner(Int(hit.document))
                guard seen.insert(document).inserted else { continue }
                let place = DocumentPlace(track: track, part: part, document: document)
                found.append(
                    FoundSimilar(
                        score: hit.score, place: place, source: source, vector: Int(hit.document)))
            }
            if found.count == limit || hits.count < wanted { return found }
            wanted *= 4
        }
    }

    private func nearestVectors(_ limit: Int) throws(StorageError) -> [VectorHit] {
        guard limit > 0 else { return [] }
        if case .segment(let segment) = source {
            try segment.vectors?.verify(0..<vectors.count)
        }
        return vectors.stored.nearest(query, limit: limit, filter: scope.filter)
    }
}

/// An annotation found, before its row is read.
struct FoundSimilar {
    let score: Float
    let place: DocumentPlace
    let source: Source
    /// Which of the part's vectors is the nearest.
    let vector: Int
}

/// The list of the nearest annotations over all parts.
struct SimilarList {
    /// Vectors are nearly the same from this cosine on.
    private static let sameCosine: Float = 0.97

    private var parts: [SimilarPart]
    private let request: SimilarRequest

    init(_ parts: [SimilarPart], _ request: SimilarRequest) {
        self.parts = parts
        self.request = request
    }

    /// As many as are wanted, best first, and those that tie with the last.
    mutating func best() throws(TrackFailure) -> [FoundSimilar] {
        switch request.distinct {
        case .none: return try nearest(request.limit)
        case .shot: return try distinctShots()
        case .title: return try distinctTitles()
        }
    }

    /// The nearest of all parts, in the order of their scores.
    private func nearest(_ limit: Int) throws(TrackFailure) -> [FoundSimilar] {
        var found: [FoundSimilar] = []
        for part in parts {
            do throws(StorageError) { found += try part.nearest(limit) } catch {
                throw TrackFailure(track: part.track, reason: error)
            }
        }
        if let minimum = request.minimum { found.removeAll { $0.score < minimum } }
        found.sort { $0.score > $1.score }
        guard found.count > limit, limit > 0 else { return found }
        let last = found[limit - 1].score
        return Array(found.prefix { $0.score >= last })
    }

    /// Looks further until enough of them differ.
    private func distinctShots() throws(TrackFailure) -> [FoundSimilar] {
        var wanted = request.limit * 2
        while true {
            let found = try nearest(wanted)
            var kept: [(found: FoundSimilar, vector: [Float])] = []
            for one in found where kept.count < request.limit {
                let vector = vector(one)
                let isNew = kept.allSatisfy { other in
                    other.found.place.track != one.place.track
                        || Self.cosine(other.vector, vector) < Self.sameCosine
                }
                if isNew { kept.append((one, vector)) }
            }
            if kept.count == request.limit || found.count < wanted { return kept.map(\.found) }
            wanted *= 4
        }
    }

    private func vector(_ found: FoundSimilar) -> [Float] {
        let part = parts.first {
            $0.track == found.place.track && $0.part == found.place.part
        }
        return part?.vectors.stored.numbers(found.vector) ?? []
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Float {
        var (product, squareA, squareB): (Float, Float, Float) = (0, 0, 0)
        for (x, y) in zip(a, b) {
            product += x * y
            squareA += x * x
            squareB += y * y
        }
        let lengths = (squareA * squareB).squareRoot()
        return lengths > 0 ? product / lengths : 1
    }

    /// The best of each title: titles found are left out of the next look.
    private mutating func distinctTitles() throws(TrackFailure) -> [FoundSimilar] {
        var kept: [FoundSimilar] = []
        while kept.count < request.limit {
            var titles: Set<[UInt8]> = []
            let found = try nearest(request.limit)
            for one in found where titles.insert(one.source.title(one.place.document)).inserted {
                kept.append(one)
            }
            guard !found.isEmpty else { break }
            for index in parts.indices { parts[index].exclude(titles) }
        }
        return Array(kept.prefix(request.limit))
    }
}
