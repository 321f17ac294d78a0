// What a query's parts say of each centroid, as entries for the scan. A sum of entries stands for
// low + step * sum: the product of the query with a coded vector (less half of the vector's square
// under l2, which orders by distance).

import CKernels

/// Tables for one query, in room that is used again.
@safe final class CodeTables {
    let entries: AlignedMemory<UInt8>
    private let rows: AlignedMemory<Float>
    /// What the sum 0 stands for.
    private(set) var low: Float = 0
    /// What a sum of 1 more stands for; above 0.
    private(set) var step: Float = 1

    init(_ layout: VectorLayout) {
        entries = AlignedMemory(count: layout.parts * Codebook.centroidCount)
        rows = AlignedMemory(count: layout.parts * Codebook.centroidCount)
    }

    /// Builds the tables of a padded query.
    @unsafe func build(_ query: UnsafePointer<Float>, _ codebook: Codebook, byDistance: Bool) {
        let halved: UnsafePointer<Float>? =
            unsafe byDistance ? UnsafePointer(codebook.halved.base) : nil
        unsafe mspd_vector_products(
            query, codebook.centroids.base, halved, codebook.parts, codebook.width, rows.base)
        unsafe step = mspd_vector_quantise(rows.base, codebook.parts, entries.base, &low)
    }
}
