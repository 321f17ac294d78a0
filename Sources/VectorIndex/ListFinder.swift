// Into which lists a vector goes: that of the nearest centroid, and where it lies far from that, a
// second one.
//
// A query misses a vector when its list seems far away: when what the vector has beside its
// centroid points the query's way. In a second list that is chosen so that what is left there
// points elsewhere, the vector is found just then (Sun et al., "SOAR: improved indexing for
// approximate nearest neighbor search", 2023). Vectors near their centroids are found anyway.

import CKernels

/// Finds the lists of vectors, one after the other; for one thread.
@safe struct ListFinder {
    private let epoch: VectorEpoch
    private let room: Router.Room

    /// A finder for the lists of an epoch.
    init(_ epoch: VectorEpoch) {
        self.epoch = epoch
        room = epoch.router.room()
    }

    /// The lists of a padded vector; the second is nil for most that are near their centroid.
    @unsafe func lists(_ vector: UnsafePointer<Float>) -> (first: Int, second: Int?) {
        guard epoch.learnt.spillFloor.isFinite, epoch.router.count > 1 else {
            return (unsafe epoch.router.home(vector, room), nil)
        }
        unsafe epoch.router.nearest(vector, several: true, room)
        guard room.found.count > 1 else { return (room.found.first?.list ?? 0, nil) }
        let first = room.found[0].list
        var square: Float = 0
        for number in 0..<epoch.layout.stride { unsafe square += vector[number] * vector[number] }
        let left = square - 2 * room.found[0].value
        guard left > 0, left >= epoch.learnt.spillFloor else { return (first, nil) }
        return (first, second(square, left))
    }

    /// The list, of those next to the nearest, that makes the square of what is left, plus that of
    /// its share along what is left in the first list, the least.
    private func second(_ square: Float, _ left: Float) -> Int {
        let centroids = epoch.router.centroids
        let first = room.found[0]
        let product = first.value - centroids.halved[first.list]
        var best = (list: room.found[1].list, loss: Float.infinity)
        for other in room.found.dropFirst() {
            var between: Float = 0
            unsafe mspd_vector_dots(
                centroids.row(first.list), centroids.row(other.list), 1, epoch.layout.stride,
                &between)
            let otherProduct = other.value - centroids.halved[other.list]
            let along = square - product - otherProduct + between
            let loss = square - 2 * other.value + along * along / left
            if loss < best.loss { best = (other.list, loss) }
        }
        return best.list
    }
}
