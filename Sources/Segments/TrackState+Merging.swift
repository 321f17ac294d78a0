// A track as merging sees it: what there is to merge, what a merge keeps, and the switch.

import Storage
import TextIndex

extension TrackState {
    /// The next segment's number.
    func takeSegmentNumber() -> UInt64 {
        defer { manifest.nextSegment += 1 }
        return manifest.nextSegment
    }

    /// The segments that the manifest on disk names; others are in the log.
    private var covered: [Segment] {
        let known = Set(manifest.segments.map(\.id))
        return segments.filter { known.contains($0.id) }
    }

    /// What the policy is asked about.
    var mergeCandidates: [MergeCandidate] {
        covered.map { segment in
            MergeCandidate(
                id: segment.id, bytes: segment.length, documents: Int(segment.documentCount),
                deleted: removable(segment))
        }
    }

    /// Deleted documents that a merge would leave out.
    private func removable(_ segment: Segment) -> Int {
        let persisted = persistedDeletions[segment.id] ?? 0
        let kept = retained
        guard persisted > 0, !kept.isEmpty else { return persisted }
        return segment.tombstones.marks(upTo: manifest.covered).count {
            !kept.contains($0.sequence)
        }
    }

    private var retained: RetainedDeletions { RetainedDeletions(Array(commits.values)) }

    /// Everything that a merge into one segment would read; nil when that changes nothing.
    func everything() -> [Segment]? {
        let inputs = covered
        let isClean = inputs.allSatisfy { removable($0) == 0 }
        return inputs.count > 1 || !isClean ? inputs : nil
    }

    /// Keeps what was live at the operation that the manifest covers, and what a rollback needs.
    var selection: SegmentMerger.Selection {
        let (covered, kept) = (manifest.covered, retained)
        return { segment, document in
            let deleted = segment.tombstones.sequence(of: document)
            return deleted == 0 || deleted > covered || kept.contains(deleted)
        }
    }

    /// Takes over what a merge made, in the place of the first of its inputs.
    func replace(
        _ inputs: [Segment], with segment: Segment?, _ manifest: Manifest, _ generation: UInt64,
        persisted: Int
    ) {
        let gone = Set(inputs.map(\.id))
        let place = segments.firstIndex { gone.contains($0.id) } ?? segments.count
        if let segment {
            segments.insert(segment, at: place)
            persistedDeletions[segment.id] = persisted
        }
        segments.removeAll { gone.contains($0.id) }
        for id in gone { (persistedDeletions[id], learnt[id]) = (nil, nil) }
        unindexed.subtract(gone)
        self.manifest = manifest
        self.generation = generation
    }
}
