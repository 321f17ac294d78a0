// A packed column in place: any value by its index, in one load of its bits.
//
// The block entries are checked once at opening, so that no index below the count can lead outside
// the section. The bits themselves are checked by `verify`, page by page; without it a damaged page
// gives wrong numbers, never a trap.

#if !_endian(little)
    #error("columns are read in place, which needs a little-endian machine")
#endif

/// A column of 64-bit numbers in a section.
///
/// Safe: the pointers lead into the section, which the column keeps alive, and every block's bits
/// were found to end before the section does.
@safe package struct PackedColumn: Sendable {
    /// How many values there are.
    package let count: Int
    /// The section that is the column.
    package let section: Section
    @usableFromInline nonisolated(unsafe) let base: UnsafeRawPointer

    /// Opens the column that a whole section is; nil when it is damaged or none.
    ///
    /// `section.verifyAll()` tells which: it throws what is damaged, and where.
    package init?(_ section: Section) {
        let headerSize = PackedColumnFormat.headerSize
        guard section.count >= headerSize,
            let header = try? section.bytes(0..<headerSize)
        else { return nil }
        var reader = ByteReader(header)
        guard let declared = try? reader.u64(), let blockSize = try? reader.u32(),
            blockSize == PackedColumnFormat.blockSize
        else { return nil }
        // A block takes an entry at least, which bounds the count before it is used.
        let room = (section.count - headerSize) / PackedColumnFormat.entrySize
        guard declared <= UInt64(room) * UInt64(PackedColumnFormat.blockSize) else { return nil }
        count = Int(declared)
        let blocks = (count + PackedColumnFormat.blockSize - 1) / PackedColumnFormat.blockSize
        let start = headerSize + blocks * PackedColumnFormat.entrySize
        guard let entries = try? section.bytes(headerSize..<start),
            Self.areSound(entries, count: count, start: start, end: section.count)
        else { return nil }
        self.section = section
        unsafe base = section.base
    }

    /// The value at `index`, which is in 0..<count.
    ///
    /// Costs about two cache misses when cold.
    @inlinable package subscript(_ index: Int) -> Int64 {
        precondition(index >= 0 && index < count, "index outside the column")
        let entry = unsafe base + (16 &+ (index &>> 7) &* 24)
        let first = unsafe entry.load(as: Int64.self)
        let divisor = unsafe entry.load(fromByteOffset: 8, as: UInt64.self)
        let place = unsafe entry.load(fromByteOffset: 16, as: UInt64.self)
        let width = place &>> 56
        let bit = UInt64(truncatingIfNeeded: index & 127) &* width
        let byte = Int(truncatingIfNeeded: (place & 0x00FF_FFFF_FFFF) &+ (bit &>> 3))
        let word = unsafe base.loadUnaligned(fromByteOffset: byte, as: UInt64.self)
        let mask = width == 0 ? 0 : UInt64.max &>> (64 &- width)
        let slope = Int64(Int16(truncatingIfNeeded: place &>> 40))
        let line = UInt64(bitPattern: slope &* Int64(index & 127))
        return first &+ Int64(bitPattern: (((word &>> (bit & 7)) & mask) &+ line) &* divisor)
    }

    /// Makes sure that the bits of these values are good; to be called before they are read.
    ///
    /// - Throws: `.corrupt` with file and offset.
    package func verify(_ indexes: Range<Int>) throws(StorageError) {
        guard !indexes.isEmpty else { return }
        precondition(
            indexes.lowerBound >= 0 && indexes.upperBound <= count, "range outside the column")
        let first = range(of: indexes.lowerBound)
        let last = range(of: indexes.upperBound - 1)
        try section.verify(min(first.lowerBound, last.lowerBound)..<last.upperBound)
    }

    /// The bytes that the load of a value touches.
    private func range(of index: Int) -> Range<Int> {
        let entry =
            PackedColumnFormat.headerSize
            + index / PackedColumnFormat.blockSize * PackedColumnFormat.entrySize
        let place = unsafe base.load(fromByteOffset: entry + 16, as: UInt64.self)
        let (offset, width) = Self.parts(of: place)
        let byte = offset + index % PackedColumnFormat.blockSize * width / 8
        return byte..<byte + 8
    }

    private static func parts(of place: UInt64) -> (offset: Int, width: Int) {
        let bits = UInt64(PackedColumnFormat.offsetBits)
        return (Int(place & (1 << bits - 1)), Int(place >> PackedColumnFormat.widthShift))
    }

    /// Whether every block's bits lie between `start` and `end`, in order, loads included.
    private static func areSound(_ entries: RawSpan, count: Int, start: Int, end: Int) -> Bool {
        var reader = ByteReader(entries)
        var rest = count
        var next = start
        while rest > 0 {
            guard (try? reader.skip(16)) != nil, let place = try? reader.u64() else { return false }
            let (offset, width) = parts(of: place)
            guard offset == next, width <= PackedColumnFormat.maximumWidth || width == 64 else {
                return false
            }
            next += (min(rest, PackedColumnFormat.blockSize) * width + 7) / 8
            guard next <= end - PackedColumnFormat.slack else { return false }
            rest -= PackedColumnFormat.blockSize
        }
        return true
    }
}
