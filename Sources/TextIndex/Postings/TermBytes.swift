// The bytes of one term's postings and positions in an open segment. Offsets and widths read from
// the file are checked against the term's own byte counts before they are followed; the bytes'
// checksums were verified before.

import Storage

/// Two checked runs of bytes, for no longer than their sections live.
@safe struct TermBytes {
    /// Documents that hold the term.
    let documentFrequency: Int
    /// Readable bytes from `postings` on.
    let postingsCount: Int
    /// Readable bytes from `positions` on.
    let positionsCount: Int

    // No references here: the structs around this are copied for every question to a term.
    private let postings: UnsafeRawPointer
    private let positions: UnsafeRawPointer

    /// The ranges of `info` have been verified.
    init(_ info: TermInfo, postings: Section, positions: Section) {
        documentFrequency = Int(info.documentFrequency)
        unsafe self.postings = postings.base + Int(info.postingsOffset)
        postingsCount = Int(info.postingsCount)
        unsafe self.positions = positions.base + Int(info.positionsOffset)
        positionsCount = Int(info.positionsCount)
    }

    /// A byte of the postings whose offset is known to be good.
    @inline(__always)
    func u8(_ offset: Int) -> UInt8 {
        unsafe postings.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// Two bytes of the postings whose offset is known to be good.
    @inline(__always)
    func u16(_ offset: Int) -> UInt16 {
        unsafe UInt16(littleEndian: postings.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// Four bytes of the postings whose offset is known to be good.
    @inline(__always)
    func u32(_ offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: postings.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The postings from an offset on that is known to be good.
    func postings(_ offset: Int) -> UnsafePointer<UInt8> {
        unsafe (postings + offset).assumingMemoryBound(to: UInt8.self)
    }

    /// The positions from an offset on that is known to be good.
    func positions(_ offset: Int) -> UnsafePointer<UInt8> {
        unsafe (positions + offset).assumingMemoryBound(to: UInt8.self)
    }

    /// Value `index` of a run of values of one width that begins at a byte of the positions; 0
    /// where there is no such place.
    @inline(__always)
    func position(_ start: Int, _ index: Int, width: Int) -> UInt32 {
        let bit = index &* width
        let first = start &+ bit / 8
        let mask = UInt64(1) << UInt64(width & 63) - 1
        if first >= 0, first &+ 8 <= positionsCount {
            let word = unsafe positions.loadUnaligned(fromByteOffset: first, as: UInt64.self)
            return UInt32(truncatingIfNeeded: UInt64(littleEndian: word) >> UInt64(bit % 8) & mask)
        }
        var value: UInt64 = 0
        for byte in 0..<8 where first >= 0 && first + byte < positionsCount {
            value |=
                unsafe UInt64(positions.load(fromByteOffset: first + byte, as: UInt8.self))
                << UInt64(byte * 8)
        }
        return UInt32(truncatingIfNeeded: value >> UInt64(bit % 8) & mask)
    }

    /// Whether so many values of one width fit behind a byte of the positions.
    func holdsPositions(_ start: Int, _ count: Int, width: Int) -> Bool {
        width <= 32 && start <= positionsCount && count <= 1 << 40
            && (count * width + 7) / 8 <= positionsCount - start
    }
}
