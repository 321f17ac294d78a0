// What a search of an index does for its recall: tried for ten neighbours of all vectors, and
// scaled for more of them and for filters.

import Glibc

/// How much a search does for its recall.
package struct VectorEffort: Sendable, Equatable {
    /// The neighbours for which efforts are tried.
    static let limit = 10

    /// The share of the lists that are looked into, 0 to 1.
    package var scanned: Float
    /// The same share when a filter leaves one vector in a hundred: what it leaves lies further
    /// away.
    package var scannedOfFew: Float
    /// Vectors that are ranked again by their bytes.
    package var ranked: Int

    /// A share to scan and a number to rank; of an index where nobody tried how much filtered
    /// searches need, the share grows by the cube root.
    package init(scanned: Float, scannedOfFew: Float? = nil, ranked: Int) {
        self.scanned = scanned
        self.scannedOfFew =
            scannedOfFew ?? min(1, scanned * cbrtf(Float(FilteredTrial.keptOf)))
        self.ranked = ranked
    }

    /// The effort for `limit` neighbours when a filter leaves a share of the vectors, above 0.
    ///
    /// The ten nearest of one vector in a hundred lie among the thousand nearest of all, so both
    /// take the same lists, and each doubling of either multiplies their number alike.
    package func scaled(limit: Int, keeping kept: Float) -> VectorEffort {
        let times = max(1, Float(limit) / Float(Self.limit))
        var effort = self
        effort.ranked = Float(Float(ranked) * times).whole(in: ranked...StoredVectors.countMax)
        guard scanned > 0, scannedOfFew > scanned else { return effort }
        let steps = logf(times / kept) / logf(Float(FilteredTrial.keptOf))
        effort.scanned = min(1, scanned * powf(scannedOfFew / scanned, steps))
        return effort
    }
}
