// What a query's parts say of each centroid, as entries for the scan. A sum of entries stands for
// low + step * sum: the product of the query with a coded vector (less half of the vector's square
// by distance, which orders by distance).

import CKernels

/// Tables for one query, in room that is used again.
@safe final class CodeTables {
    let entries: AlignedMemory<UInt8>
    private let rows: AlignedMemory<Float>
    /// Parts beyond those of the codebook.
    private let extraParts: Int
    /// What the sum 0 stands for.
    private(set) var low: Float = 0
    /// What a sum of 1 more stands for; above 0.
    private(set) var step: Float = 1

    init(_ layout: VectorLayout, extraParts: Int = 0) {
        let count = (layout.parts + extraParts) * Codebook.centroidCount
        entries = AlignedMemory(count: count)
        rows = AlignedMemory(count: count)
        self.extraParts = extraParts
    }

    /// Builds the tables of a padded query; `extra` is what the first extra part adds by its value.
    @unsafe func build(
        _ query: UnsafePointer<Float>, _ codebook: Codebook, byDistance: Bool,
        extra: [Float] = []
    ) {
        let halved: UnsafePointer<Float>? =
            unsafe byDistance ? UnsafePointer(codebook.halved.base) : nil
        unsafe mspd_vector_products(
            query, codebook.centroids.base, halved, codebook.parts, codebook.width, rows.base)
        let place = codebook.parts * Codebook.centroidCount
        for index in 0..<extraParts * Codebook.centroidCount {
            unsafe rows.base[place + index] = index < extra.count ? extra[index] : 0
        }
        unsafe step = mspd_vector_quantise(
            rows.base, codebook.parts + extraParts, entries.base, &low)
    }
}
