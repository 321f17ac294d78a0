// Which segments of a track to merge: those of about one size once there are enough of them, so
// that each row is rewritten as often as its track has sizes (tiered merging), and those of which
// much has been deleted, however large.

/// What matters of a segment for merging.
package struct MergeCandidate: Equatable {
    let id: UInt64
    let bytes: UInt64
    let documents: Int
    let deleted: Int

    /// A segment of so many bytes; a merge would leave `deleted` of its documents out.
    package init(id: UInt64, bytes: UInt64, documents: Int, deleted: Int = 0) {
        self.id = id
        self.bytes = bytes
        self.documents = documents
        self.deleted = deleted
    }
}

/// Bounds of merging.
package struct MergePolicy: Sendable {
    /// So many segments of one tier are merged; below 2 nothing is.
    package var fanout = 4
    /// No merge reads more bytes than this, unless it cleans a single segment.
    package var largestBytes: UInt64 = 5 << 30
    /// A segment is cleaned when so many of 100 documents are deleted.
    package var deletedPercent = 25
    /// Segments up to this size are of one tier.
    package var smallestTierBytes: UInt64 = 1 << 20

    /// The defaults.
    package init() {}

    /// The segments to merge next; nil when all is well.
    package func choose(_ segments: [MergeCandidate]) -> [UInt64]? {
        guard fanout > 1 else { return nil }
        if let dirty = segments.first(where: isDirty) { return [dirty.id] }
        let small = segments.filter { $0.bytes <= largestBytes / 2 }.sorted { $0.bytes < $1.bytes }
        let tiers = Dictionary(grouping: small) { tier($0.bytes) }
        guard let lowest = tiers.filter({ $0.value.count >= fanout }).keys.min() else { return nil }
        // Smaller ones come along.
        var bytes: UInt64 = 0
        let chosen = small.filter { tier($0.bytes) <= lowest }.prefix { segment in
            bytes += segment.bytes
            return bytes <= largestBytes
        }
        return chosen.count > 1 ? chosen.map(\.id) : nil
    }

    private func isDirty(_ segment: MergeCandidate) -> Bool {
        segment.deleted > 0 && segment.deleted * 100 >= segment.documents * deletedPercent
    }

    /// The power of the fanout, times the smallest tier, that holds so many bytes.
    private func tier(_ bytes: UInt64) -> Int {
        var tier = 0
        var top = smallestTierBytes
        while top < bytes, !top.multipliedReportingOverflow(by: UInt64(fanout)).overflow {
            top *= UInt64(fanout)
            tier += 1
        }
        return tier
    }
}
