// The list of the nearest annotations over all parts of the tracks searched, cut to what is wanted
// of it.

import Storage
import TextIndex
import VectorIndex

/// What is nearest in several parts.
struct SimilarList {
    /// What a score may lack of the least that is asked for, since vectors are kept in 16 bits.
    private static let rounding: Float = 1e-5
    /// Annotations that are looked at for each that is wanted, to find as many that differ.
    private static let lookedAt = 256

    private let parts: [SimilarPart]
    private let request: SimilarRequest

    init(_ parts: [SimilarPart], _ request: SimilarRequest) {
        self.parts = parts
        self.request = request
    }

    /// As many as are wanted, best first, and those that tie with the last.
    ///
    /// `isCut` becomes true when the deadline passed before there were as many.
    func best(_ isCut: inout Bool) throws(TrackFailure) -> [FoundSimilar] {
        switch request.distinct {
        case .none: return try nearest(request.limit)
        case .shot: return try distinctShots(&isCut)
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
        if let minimum = request.minimum {
            let least = minimum - max(1, abs(minimum)) * Self.rounding
            found.removeAll { $0.score < least }
        }
        return found.sorted { $0.score > $1.score }
    }

    /// Looks further until enough of them differ, or so many were looked at that the rest are
    /// repetitions.
    private func distinctShots(_ isCut: inout Bool) throws(TrackFailure) -> [FoundSimilar] {
        let most = request.limit * Self.lookedAt
        var wanted = request.limit * 2
        while true {
            let found = try nearest(wanted)
            let kept = differing(found, &isCut)
            if kept.count == request.limit || found.count < wanted || wanted >= most || isCut {
                return kept
            }
            wanted = min(most, wanted * 4)
        }
    }

    /// The first of some that differ from those before them in their track.
    private func differing(_ found: [FoundSimilar], _ isCut: inout Bool) -> [FoundSimilar] {
        var seen: [UInt32: DistinctVectors] = [:]
        var places: [UInt32: [Int]] = [:]
        var kept: [FoundSimilar] = []
        for (count, one) in found.enumerated() where kept.count < request.limit {
            if count % 64 == 63, request.scope.deadline?.hasPassed ?? false {
                isCut = true
                return kept
            }
            guard let stored = part(of: one)?.vectors.stored else { continue }
            let track = one.document.track
            let vectors = seen[track, default: DistinctVectors(stored.layout)]
            seen[track] = vectors
            if let order = vectors.insert(one.vector, of: stored) {
                kept[places[track]?[order] ?? 0].alike += 1
            } else {
                places[track, default: []].append(kept.count)
                kept.append(one)
            }
        }
        return kept
    }

    private func part(of found: FoundSimilar) -> SimilarPart? {
        parts.first { $0.track == found.document.track && $0.part == found.document.part }
    }

    /// The best of each title: every part has given its best titles.
    private func distinctTitles() throws(TrackFailure) -> [FoundSimilar] {
        var titles: Set<[UInt8]> = []
        let best = try all(request.limit).filter {
            guard let source = part(of: $0)?.source else { return false }
            return titles.insert(source.title($0.document.document(in: source))).inserted
        }
        return Array(best.prefix(request.limit))
    }
}
