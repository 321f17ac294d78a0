// The nearest annotations of one part of a track: those of its nearest vectors, of which an
// annotation may have several.

import Storage
import TextIndex
import VectorIndex

/// One part of a track that is searched.
struct SimilarPart {
    let track: UInt32
    let part: Int
    let source: Source
    let vectors: PartVectors
    private let scope: VectorScope
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

    /// The `limit` nearest annotations, or titles by their nearest, best first; fewer only where
    /// there are fewer.
    func nearest(_ limit: Int) throws(StorageError) -> [FoundSimilar] {
        guard limit > 0, scope.count > 0 else { return [] }
        return try nearestVectors(limit).map { hit in
            let vector = Int(hit.document)
            return FoundSimilar(
                document: FoundDocument(
                    track: track, part: part, score: hit.score,
                    number: .document(vectors.owner(vector)), following: nil),
                vector: vector)
        }
    }

    private func nearestVectors(_ limit: Int) throws(StorageError) -> [VectorHit] {
        guard case .segment(let segment) = source, let own = segment.vectors else {
            return exact(limit)
        }
        guard !request.isExact, let index = segment.index else {
            try own.verify(0..<vectors.count)
            return exact(limit)
        }
        let effort = index.calibration.effort(recall: request.recall)
        let hits = SearcherPool.shared.lend {
            $0.indexed.search(
                index, over: vectors.stored, query, limit: limit, effort, filter: scope.filter,
                group: group)
        }
        for hit in hits { try own.verify(Int(hit.document)..<Int(hit.document) + 1) }
        return hits
    }

    private func exact(_ limit: Int) -> [VectorHit] {
        guard case .memtable(let view) = source else { return exactInOrder(limit) }
        // Rows come in any order, and of equals those count that are first on their timelines.
        let hits = exactInOrder(limit + 1)
        guard hits.count > limit, hits[limit].score == hits[limit - 1].score else {
            return Array(hits.prefix(limit))
        }
        let all = exactInOrder(scope.count).sorted { one, other in
            one.score == other.score
                ? view.memtable.precedes(
                    vectors.owner(Int(one.document)), vectors.owner(Int(other.document)))
                : one.score > other.score
        }
        return Array(all.prefix(limit))
    }

    private func exactInOrder(_ limit: Int) -> [VectorHit] {
        SearcherPool.shared.lend {
            $0.exact.search(
                vectors.stored, query, limit: limit, filter: scope.filter, group: group)
        }
    }

    /// What of a vector may be found once only; nil when every vector may.
    private var group: ((UInt32) -> UInt32)? {
        let (vectors, source) = (vectors, source)
        if request.distinct == .title {
            return { source.titleNumber(vectors.owner(Int($0))) }
        }
        return vectors.areSingle ? nil : { vectors.owner(Int($0)) }
    }
}

/// An annotation found, before its row is read.
struct FoundSimilar {
    let document: FoundDocument
    /// Which of the part's vectors is the nearest.
    let vector: Int
    /// How many worse ones are left out since they are nearly the same.
    var alike = 0

    /// How alike it is.
    var score: Float { document.score }
}
