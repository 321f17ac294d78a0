// The centroids of lists in a byte a number, all of which are held against a vector to be placed:
// quicker than their codes while vectors are short, and nearer to the truth.

import CKernels

/// Centroids for the kernel that reads them all.
@safe final class CentroidBytes: Sendable {
    private static let block = Int(MSPD_NEAR_BLOCK)
    /// What the number 0 of a query becomes.
    private static let middle: Float = 64
    /// The largest that a centroid's own number may become.
    private static let most: Float = 1e9

    private let count: Int
    private let stride: Int
    private let rows: AlignedMemory<Int8>
    private let offsets: AlignedMemory<Int32>
    /// Minus half of each centroid's square.
    private let halved: AlignedMemory<Float>
    /// Numbers of centroids times this are bytes.
    private let factor: Float
    private let halvedMost: Float

    init(_ centroids: Centroids) {
        (count, stride) = (centroids.count, centroids.stride)
        let blocks = (count + Self.block - 1) / Self.block
        rows = AlignedMemory(count: blocks * Self.block * stride)
        offsets = AlignedMemory(count: blocks * Self.block)
        halved = AlignedMemory(count: blocks * Self.block)
        var most: Float = 0
        for place in 0..<count * stride {
            most = max(most, unsafe abs(centroids.values.base[place]))
        }
        factor = most > 0 ? min(127 / most, .greatestFiniteMagnitude) : 1
        halvedMost = centroids.halved.reduce(0) { max($0, abs($1)) }
        for index in 0..<count {
            halved[index] = centroids.halved[index]
            var sum = 0
            let row = unsafe centroids.row(index)
            let base = index / Self.block * Self.block * stride + index % Self.block * 4
            for number in 0..<stride {
                let byte = unsafe (row[number] * factor).whole(in: -127...127)
                unsafe rows.base[base + number / 4 * 4 * Self.block + number % 4] = Int8(byte)
                sum += byte
            }
            offsets[index] = Int32(-Int(Self.middle) * sum)
        }
    }

    /// Finds about the nearest centroids of a padded vector; `query` has room for it.
    @unsafe func find(
        _ vector: UnsafePointer<Float>, _ query: UnsafeMutablePointer<UInt8>,
        into reservoir: Reservoir
    ) {
        var largest: Float = 0
        for number in 0..<stride { largest = max(largest, unsafe abs(vector[number])) }
        var scale = largest > 0 ? min(63 / largest, .greatestFiniteMagnitude) : 1
        // Beside a small vector the centroids' own numbers would be too large.
        if halvedMost > 0 { scale = min(scale, Self.most / halvedMost / factor) }
        for number in 0..<stride {
            let value = unsafe vector[number] * scale + Self.middle
            unsafe query[number] = UInt8(value.whole(in: 0...Int(MSPD_NEAR_MAX)))
        }
        var job = unsafe mspd_near_job(
            rows: rows.base, offsets: offsets.base, numbers: halved.base, query: query,
            scale: scale * factor, padded: UInt32(stride), count: UInt32(count), bar: 0)
        unsafe reservoir.scan(&job)
    }
}
