// Makes the index of a segment's vectors: of the indexes that its rows had before a merge, if they
// are of one epoch, else anew. An epoch of the track is used again as long as it suits the vectors;
// when it does not, since they have become other or many more, one is learnt from them. Of a
// segment that has its index, only how much effort reaches which recall is found out anew.

import Storage
import TextIndex
import VectorIndex

/// One index to be made.
struct IndexMaker: Sendable {
    /// Vectors from which an index is worth its memory: fewer are all looked at.
    static let fewest = 5_000

    let segment: Segment
    /// The segments that it was merged from, with the new number of each document.
    var inputs: [(segment: Segment, numbers: [UInt32])] = []
    /// Epochs of the track, those of most vectors first.
    let epochs: [VectorEpoch]
    /// Queries of the track that were seen, of which efforts are learnt; none to learn of vectors.
    var queries: [[Float]] = []
    /// What was learnt from queries before: what an index does at least when there are none now.
    var floor: VectorCalibration?
    /// Ends the work when it is cancelled.
    let progress: JobProgress

    private struct Cancelled: Error {}

    /// Whether the segment wants an index.
    static func isWanted(by segment: Segment) -> Bool {
        segment.index == nil && segment.vectors?.part.count ?? 0 >= fewest
    }

    /// The index, measured for how much effort which recall takes; nil when it was cancelled.
    func make() throws(StorageError) -> VectorIndex? {
        guard let vectors = segment.vectors else { return nil }
        try vectors.verify(0..<vectors.part.count)
        let stored = vectors.part.stored
        do throws(Cancelled) {
            let index = try unmeasured(VectorSource(stored))
            // Queries may be few and much alike, so the vectors themselves are asked as well.
            let own = try VectorCalibration(index, over: stored, check: checkWanted)
            let learnt = try learnt(index, stored) ?? floor
            return VectorIndex(index, calibration: learnt.map { own.atLeast($0) } ?? own)
        } catch { return nil }
    }

    /// What the queries that were seen need; nil where there are none.
    private func learnt(
        _ index: VectorIndex, _ stored: StoredVectors
    ) throws(Cancelled) -> VectorCalibration? {
        guard !queries.isEmpty else { return nil }
        return try VectorCalibration(index, over: stored, asking: queries, check: checkWanted)
    }

    private func unmeasured(_ source: VectorSource) throws(Cancelled) -> VectorIndex {
        if let known = segment.index ?? merged(source) { return known }
        if let epoch = epochs.first(where: { suits($0, source) }) {
            return try VectorIndex(epoch, source, check: checkWanted)
        }
        let epoch = try VectorEpoch(learning: source, check: checkWanted)
        return try VectorIndex(epoch, source, check: checkWanted)
    }

    private func checkWanted() throws(Cancelled) {
        if progress.isCancelled { throw Cancelled() }
    }

    private func suits(_ epoch: VectorEpoch, _ source: VectorSource) -> Bool {
        epoch.layout == source.layout
            && epoch.suits(count: source.count, drift: epoch.drift(of: source))
    }

    /// The inputs' indexes as one; nil when one of them has none, or they are of several epochs.
    private func merged(_ source: VectorSource) -> VectorIndex? {
        var parts: [(index: VectorIndex, numbers: [UInt32])] = []
        for (input, numbers) in inputs where input.vectors != nil {
            guard let index = input.index,
                index.epoch.identity == parts.first?.index.epoch.identity ?? index.epoch.identity
            else { return nil }
            parts.append((index, vectorNumbers(input, numbers)))
        }
        guard let epoch = parts.first?.index.epoch, suits(epoch, source) else { return nil }
        return VectorIndex(merging: parts)
    }

    /// The number in the segment of each vector of an input.
    private func vectorNumbers(_ input: Segment, _ documents: [UInt32]) -> [UInt32] {
        guard let old = input.vectors?.part, let new = segment.vectors?.part else { return [] }
        var numbers = [UInt32](repeating: VectorIndex.dropped, count: old.count)
        var known: (document: UInt32, next: Int)?
        for vector in 0..<old.count {
            let document = documents[Int(old.owner(vector))]
            guard document != TextMergeInput.dropped else { continue }
            let next =
                known?.document == document
                ? known?.next ?? 0 : new.vectors(of: document).lowerBound
            numbers[vector] = UInt32(next)
            known = (document, next + 1)
        }
        return numbers
    }
}
