// Vectors of which no two are nearly the same: near-duplicates are told by the angle between them,
// whatever the metric.

import CKernels

/// Collects vectors that differ.
@safe package final class DistinctVectors {
    /// Vectors are nearly the same from this cosine on.
    private static let sameCosine: Float = 0.97
    /// Vectors held against one at once.
    private static let runSize = 64

    private let layout: VectorLayout
    /// Padded vectors of length 1, one behind the other, with room for the next.
    private var rows: AlignedMemory<Float>
    private let cosines = AlignedMemory<Float>(count: runSize)
    /// Vectors so far.
    private var count = 0
    /// The order of each vector among all that were added, and that of the one of zeros.
    private var orders: [Int] = []
    private var orderOfZero: Int?

    /// None, of a layout.
    package init(_ layout: VectorLayout) {
        self.layout = layout
        rows = AlignedMemory(count: Self.runSize * layout.stride)
    }

    /// Adds a stored vector unless it is nearly the same as one of them: returns the order of that
    /// one among them, or nil when it was added.
    package func insert(_ index: Int, of stored: StoredVectors) -> Int? {
        precondition(stored.layout == layout)
        let row = unsafe rows.base + orders.count * layout.stride
        unsafe stored.decode(index, into: row)
        var square: Float = 0
        for number in 0..<layout.stride { unsafe square += row[number] * row[number] }
        guard square > 0 else {
            if let orderOfZero { return orderOfZero }
            orderOfZero = count
            count += 1
            return nil
        }
        let scale = 1 / square.squareRoot()
        for number in 0..<layout.stride { unsafe row[number] *= scale }
        if let place = unsafe first(like: row) { return orders[place] }
        orders.append(count)
        count += 1
        if orders.count * layout.stride == rows.count { grow() }
        return nil
    }

    @unsafe private func first(like row: UnsafePointer<Float>) -> Int? {
        for start in stride(from: 0, to: orders.count, by: Self.runSize) {
            let run = min(Self.runSize, orders.count - start)
            unsafe mspd_vector_dots(
                row, rows.base + start * layout.stride, run, layout.stride, cosines.base)
            for item in 0..<run where unsafe cosines.base[item] >= Self.sameCosine {
                return start + item
            }
        }
        return nil
    }

    private func grow() {
        let larger = AlignedMemory<Float>(count: 2 * rows.count)
        unsafe larger.base.update(from: rows.base, count: rows.count)
        rows = larger
    }
}
