// The list of the nearest annotations over all parts of the tracks searched, cut to what is wanted
// of it.

import Storage
import TextIndex
import VectorIndex

/// What is nearest in several parts.
struct SimilarList {
    /// Vectors are nearly the same from this cosine on.
    private static let sameCosine: Float = 0.97

    private let parts: [SimilarPart]
    private let request: SimilarRequest

    init(_ parts: [SimilarPart], _ request: SimilarRequest) {
        self.parts = parts
        self.request = request
    }

    /// As many as are wanted, best first, and those that tie with the last.
    func best() throws(TrackFailure) -> [FoundSimilar] {
        switch request.distinct {
        case .none: return try nearest(request.limit)
        case .shot: return try distinctShots()
        case .title: return try distinctTitles()
        }
    }

    /// The nearest of all parts, in the order of their scores.
    private func nearest(_ limit: Int) throws(TrackFailure) -> [FoundSimilar] {
        let found = try all(limit)
        guard found.count > limit, limit > 0 else { return found }
        let last = found[limit - 1].score
        return Array(found.prefix { $0.score >= last })
    }

    /// The nearest of each part, in the order of their scores.
    private func all(_ limit: Int) throws(TrackFailure) -> [FoundSimilar] {
        var found: [FoundSimilar] = []
        for part in parts {
            do throws(StorageError) { found += try part.nearest(limit) } catch {
                throw TrackFailure(track: part.track, reason: error)
            }
        }
        if let minimum = request.minimum { found.removeAll { $0.score < minimum } }
        return found.sorted { $0.score > $1.score }
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
                    other.found.document.track != one.document.track
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
            $0.track == found.document.track && $0.part == found.document.part
        }
        return part?.vectors.stored[found.vector] ?? []
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

    /// The best of each title: every part has given its best titles.
    private func distinctTitles() throws(TrackFailure) -> [FoundSimilar] {
        var titles: Set<[UInt8]> = []
        let best = try all(request.limit).filter {
            let found = $0.document
            return titles.insert(found.source.title(found.document)).inserted
        }
        return Array(best.prefix(request.limit))
    }
}
