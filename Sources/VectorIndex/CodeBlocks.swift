// Codes in the order of the scan: blocks of 32 vectors, a row of 16 bytes for each part.

import CKernels

/// Where codes lie in blocks.
enum CodeBlocks {
    /// Vectors of a block.
    static let size = Int(MSPD_BLOCK)

    /// Blocks that hold so many vectors.
    static func count(_ vectors: Int) -> Int { (vectors + size - 1) / size }

    /// Bytes of a block.
    static func bytes(_ parts: Int) -> Int { parts * size / 2 }

    /// Writes the code of one vector into blocks that hold zeros in its place.
    @unsafe static func set(
        _ code: UnsafePointer<UInt8>, parts: Int, at index: Int,
        in blocks: UnsafeMutablePointer<UInt8>
    ) {
        let (byte, shift) = place(index)
        var row = unsafe blocks + index / size * bytes(parts) + byte
        for part in 0..<parts {
            unsafe row.pointee |= code[part] << shift
            unsafe row += size / 2
        }
    }

    /// Reads the code of one vector.
    @unsafe static func get(
        _ blocks: UnsafePointer<UInt8>, parts: Int, at index: Int,
        into code: UnsafeMutablePointer<UInt8>
    ) {
        let (byte, shift) = place(index)
        var row = unsafe blocks + index / size * bytes(parts) + byte
        for part in 0..<parts {
            unsafe code[part] = row.pointee >> shift & 15
            unsafe row += size / 2
        }
    }

    /// The byte in each row and the bits in it that belong to a vector of a block.
    private static func place(_ index: Int) -> (byte: Int, shift: UInt8) {
        let vector = index % size
        let half = vector % (size / 2)
        return (half % 8 * 2 + half / 8, vector < size / 2 ? 0 : 4)
    }
}
