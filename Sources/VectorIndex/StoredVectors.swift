// Vectors as they were put, in the order of their numbers: the truth, from which everything else is
// made again. Each is a row of numbers in half precision with a factor: a power of two, which
// brings numbers of any size into the range of halves, under cosine times what gives the row
// length 1.
//
// A section has all rows, padded to the layout's stride, then all factors.

import CKernels

/// Vectors of one layout in memory, own or mapped.
@safe package struct StoredVectors: Sendable {
    /// How they lie in memory.
    package let layout: VectorLayout
    /// Vectors.
    package let count: Int
    let rows: MemoryRun<UInt16>
    let factors: MemoryRun<Float>

    /// Vectors in memory of one's own.
    init(
        _ layout: VectorLayout, count: Int, rows: MemoryRun<UInt16>, factors: MemoryRun<Float>
    ) {
        self.layout = layout
        self.count = count
        self.rows = rows
        self.factors = factors
    }

    /// Vectors of a section; throws when its length is not that of whole vectors.
    package init(_ layout: VectorLayout, _ bytes: VectorBytes) throws(VectorDamage) {
        let size = Self.bytesPerVector(layout)
        guard bytes.isAligned else {
            throw VectorDamage(.vectors, "does not begin at a multiple of 64")
        }
        guard bytes.count.isMultiple(of: size), bytes.count / size <= Self.countMax else {
            throw VectorDamage(.vectors, "has \(bytes.count) bytes, a vector takes \(size)")
        }
        let count = bytes.count / size
        let rowBytes = count * layout.stride * MemoryLayout<UInt16>.size
        self.init(
            layout, count: count, rows: MemoryRun(bytes, count: count * layout.stride),
            factors: MemoryRun(bytes, offset: rowBytes, count: count))
    }

    /// Vectors that an index can tell apart.
    package static let countMax = Int(Int32.max)

    /// Bytes that a section takes for each vector.
    package static func bytesPerVector(_ layout: VectorLayout) -> Int {
        layout.stride * MemoryLayout<UInt16>.size + MemoryLayout<Float>.size
    }

    /// Reads a padded vector: of length 1 under cosine, as near as halves tell.
    @unsafe func decode(_ index: Int, into padded: UnsafeMutablePointer<Float>) {
        precondition(index >= 0 && index < count)
        unsafe mspd_vector_widen(
            rows.base + index * layout.stride, factors.base[index], layout.stride, padded)
    }

    /// One vector: of length 1 under cosine, as near as halves tell.
    package subscript(index: Int) -> [Float] {
        var vector = [Float](repeating: 0, count: layout.stride)
        unsafe decode(index, into: &vector)
        return Array(vector.prefix(layout.shape.dimension))
    }

    /// How close a padded query is to the vectors at `places` (null: the first `count` from
    /// `first` on): the product, or minus the squared distance.
    ///
    /// The caller has checked that they are there.
    @unsafe func score(
        _ query: UnsafePointer<Float>, first: Int = 0, places: UnsafePointer<UInt32>?,
        count: Int, into scores: UnsafeMutablePointer<Float>
    ) {
        let (row, factor) = unsafe (rows.base + first * layout.stride, factors.base + first)
        if layout.shape.metric == .l2 {
            unsafe mspd_vector_half_distances(
                query, row, factor, places, count, layout.stride, scores)
            for item in 0..<count { unsafe scores[item] = -scores[item] }
        } else {
            unsafe mspd_vector_half_dots(
                query, row, factor, places, count, layout.stride, scores)
        }
    }

    /// Hands the section's bytes on.
    package func write<E>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        try rows.write(to: sink)
        try factors.write(to: sink)
    }
}

/// Writes a section of vectors, one after the other: their rows go on at once, their factors in the
/// end.
@safe package struct StoredVectorsWriter: ~Copyable {
    private let layout: VectorLayout
    private var factors: [Float] = []

    /// A writer of a section without vectors yet.
    package init(_ layout: VectorLayout) { self.layout = layout }

    /// Vectors so far.
    package var count: Int { factors.count }

    /// Adds a vector as it was stored elsewhere.
    package mutating func append<E>(
        _ index: Int, of vectors: StoredVectors, to sink: (RawSpan) throws(E) -> Void
    ) throws(E) {
        precondition(vectors.layout == layout && index >= 0 && index < vectors.count)
        let row = unsafe UnsafeRawPointer(vectors.rows.base + index * layout.stride)
        let size = layout.stride * MemoryLayout<UInt16>.size
        try sink(unsafe RawSpan(_unsafeStart: row, byteCount: size))
        factors.append(vectors.factors[index])
    }

    /// Ends the section.
    package consuming func finish<E>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        try factors.write(to: sink)
    }
}
