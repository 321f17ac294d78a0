// The vectors of a memtable's documents, as a segment will have them, in the order in which their
// documents came. One writer appends; views of it are published to readers.

import TextIndex
import VectorIndex

/// The mutable vectors of a track.
@safe final class MemtableVectors: @unchecked Sendable {
    // Unchecked: one writer; readers have views, whose vectors do not change.

    /// Bytes of vectors that fit.
    private static let bytesMax = 4 << 30

    private let shape: VectorShape
    private let vectors: GrowingVectors
    private let owners: UnsafeMutablePointer<UInt32>
    private var areSingle = true

    /// None of a shape.
    init(_ shape: VectorShape) {
        self.shape = shape
        let layout = VectorLayout(shape)
        vectors = GrowingVectors(
            layout,
            capacity: min(
                Memtable.capacity, Self.bytesMax / StoredVectors.bytesPerVector(layout)))
        unsafe owners = MutableIndex.reserve(vectors.capacity)
    }

    deinit { unsafe MutableIndex.release(owners, vectors.capacity) }

    /// Vectors added.
    ///
    /// Writer only.
    var count: Int { vectors.count }

    /// Bytes of memory in use.
    var bytes: Int { vectors.bytes + count * 4 }

    /// Whether the vectors of rows of so many bytes altogether surely fit.
    func hasRoom(forRowsOf bytes: Int) -> Bool {
        count + bytes / (4 * shape.dimension) < vectors.capacity
    }

    /// Adds the vectors of a document, little-endian 32-bit floats one vector after the other;
    /// documents ascend.
    func add(_ floats: UnsafeRawBufferPointer, document: UInt32) {
        for first in stride(
            from: 0, through: floats.count / 4 - shape.dimension, by: shape.dimension)
        {
            let vector = (first..<first + shape.dimension).map { index in
                let bits = unsafe floats.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                return Float(bitPattern: UInt32(littleEndian: bits))
            }
            unsafe owners[count] = document
            vectors.append(vector)
            if first > 0 { areSingle = false }
        }
    }

    /// All vectors so far, which are those of `documents` documents; nil when there are none.
    ///
    /// Writer only; what it gives is for readers.
    func view(documents: UInt32) -> PartVectors? {
        guard count > 0 else { return nil }
        return unsafe PartVectors(
            stored: vectors.prefix(count), owners: .memory(UnsafePointer(owners), self),
            areSingle: areSingle, documents: Int(documents))
    }
}
