// Vectors while they come: room reserved once, filled from the front, searched meanwhile. One
// writer; readers stay below a count that was published to them.

import CKernels
import Glibc

/// Room for vectors, of which memory is used as far as it is filled.
@safe package final class GrowingVectors: @unchecked Sendable {
    // Unchecked: one writer; what is below its count does not change.

    /// The largest half below 2^15, whose product with any factor is a float.
    private static let most: Float = 32_752

    /// How they lie in memory.
    package let layout: VectorLayout
    /// Vectors that fit.
    package let capacity: Int
    /// Vectors added: the writer's; readers have a count of their own.
    package private(set) var count = 0
    private let map: UnsafeMutableRawPointer
    private let mapBytes: Int
    private let rows: UnsafeMutablePointer<UInt16>
    private let factors: UnsafeMutablePointer<Float>
    private let padded: AlignedMemory<Float>
    /// The same numbers as halves have them.
    private let rounding: AlignedMemory<Float>

    /// Room for `capacity` vectors; stops the process when the system has no addresses left.
    package init(_ layout: VectorLayout, capacity: Int) {
        self.layout = layout
        self.capacity = capacity
        padded = AlignedMemory(count: layout.stride)
        rounding = AlignedMemory(count: layout.stride)
        let rowBytes = capacity * layout.stride * MemoryLayout<UInt16>.size
        mapBytes = max(4_096, rowBytes + capacity * MemoryLayout<Float>.size)
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let map = unsafe mmap(nil, mapBytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let map = unsafe map, unsafe map != MAP_FAILED else {
            fatalError("no addresses for \(mapBytes) bytes of vectors")
        }
        unsafe self.map = map
        unsafe rows = map.assumingMemoryBound(to: UInt16.self)
        unsafe factors = (map + rowBytes).assumingMemoryBound(to: Float.self)
    }

    deinit { unsafe munmap(map, mapBytes) }

    /// Bytes in use.
    package var bytes: Int { count * StoredVectors.bytesPerVector(layout) }

    /// Adds a vector that fits the shape, and returns its number.
    @discardableResult package func append(_ vector: [Float]) -> Int {
        precondition(count < capacity && vector.count == layout.shape.dimension)
        unsafe layout.prepare(vector, into: padded.base)
        let factor = unsafe layout.factor(padded.base)
        let scale = 1 / factor
        for number in 0..<layout.stride {
            let value = unsafe padded.base[number] * scale
            unsafe padded.base[number] = max(-Self.most, min(Self.most, value))
        }
        unsafe mspd_vector_narrow(padded.base, layout.stride, rows + count * layout.stride)
        unsafe factors[count] = restoring(rows + count * layout.stride, factor)
        count += 1
        return count - 1
    }

    /// What a row is multiplied with: under cosine what gives it length 1 as halves have it, so
    /// that a copy's score is 1; else the power of two that it was divided by.
    @unsafe private func restoring(_ row: UnsafePointer<UInt16>, _ factor: Float) -> Float {
        guard layout.shape.metric == .cosine else { return factor }
        unsafe mspd_vector_widen(row, 1, layout.stride, rounding.base)
        var square = 0.0
        for number in 0..<layout.stride {
            let half = unsafe Double(rounding.base[number])
            square += half * half
        }
        return square > 0 ? Float(1 / square.squareRoot()) : factor
    }

    /// The first `count` vectors, which have been added.
    package func prefix(_ count: Int) -> StoredVectors {
        precondition(count >= 0 && count <= capacity)
        let rows = unsafe VectorBytes(
            base: UnsafeRawPointer(rows), count: mapBytes, owner: self)
        let factors = unsafe VectorBytes(
            base: UnsafeRawPointer(factors), count: capacity * MemoryLayout<Float>.size,
            owner: self)
        return StoredVectors(
            layout, count: count, rows: MemoryRun(rows, count: count * layout.stride),
            factors: MemoryRun(factors, count: count))
    }
}
