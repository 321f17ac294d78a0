// The vectors of a memtable's documents, as a segment will have them: one row of 16-bit numbers
// after the other, in the order in which their documents came. One writer appends; readers stay
// below the count that a view published.

import Storage
import TextIndex
import VectorIndex

/// The mutable vectors of a track.
@safe final class MemtableVectors: @unchecked Sendable {
    // Unchecked: one writer; readers stay below counts published to them.

    /// Bytes of rows that fit.
    private static let bytesMax = 4 << 30

    let layout: VectorLayout
    /// Vectors that fit.
    private let capacity: Int
    private let rows: UnsafeMutablePointer<UInt8>
    private let owners: UnsafeMutablePointer<UInt32>
    private let numbers: AlignedMemory<Float>

    /// Vectors added.
    ///
    /// Writer only; readers have their view's count.
    private(set) var count = 0

    /// None of a shape.
    init(_ shape: VectorShape) {
        layout = VectorLayout(shape)
        capacity = min(Memtable.capacity, Self.bytesMax / layout.storedBytes)
        unsafe rows = MutableIndex.reserve(capacity * layout.storedBytes)
        unsafe owners = MutableIndex.reserve(capacity)
        numbers = AlignedMemory(count: shape.dimension)
    }

    deinit {
        unsafe MutableIndex.release(rows, capacity * layout.storedBytes)
        unsafe MutableIndex.release(owners, capacity)
    }

    /// Bytes of memory in use.
    var bytes: Int { count * (layout.storedBytes + 4) }

    /// Whether the vectors of rows of so many bytes altogether surely fit.
    func hasRoom(forRowsOf bytes: Int) -> Bool {
        count + bytes / (4 * layout.shape.dimension) < capacity
    }

    /// Adds the vectors of a document, little-endian 32-bit floats one vector after the other;
    /// documents ascend.
    func add(_ floats: UnsafeRawBufferPointer, document: UInt32) {
        let dimension = layout.shape.dimension
        for first in stride(from: 0, through: floats.count / 4 - dimension, by: dimension) {
            for index in 0..<dimension {
                let bits = unsafe floats.loadUnaligned(
                    fromByteOffset: (first + index) * 4, as: UInt32.self)
                numbers[index] = Float(bitPattern: UInt32(littleEndian: bits))
            }
            unsafe layout.store(numbers.base, into: rows + count * layout.storedBytes)
            unsafe owners[count] = document
            count += 1
        }
    }

    /// The first `count` vectors.
    func view(_ count: Int) -> PartVectors {
        unsafe PartVectors(
            stored: StoredVectors(layout, UnsafeRawPointer(rows), count: count, keeping: self),
            owners: .memory(UnsafePointer(owners)))
    }
}
