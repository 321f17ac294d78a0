// The packed column on disk: constants and the entry that writer and reader share.
// docs/FORMAT.md has the tables.
//
//   column = header (16 bytes), an entry per block (24 bytes each), packed blocks, 8 zeros
//   header = count u64 | values per block u32 | reserved u32
//   entry  = base i64 | divisor u64 | place u64 (bits 0-39: offset of the block in the column,
//            bits 40-55: slope, signed; bits 56-63: bit width)
//
// Value i of a block is base + divisor * (slope * i + the width bits at bit i * width), with
// wrapping arithmetic: what rises evenly, as times and operations do, needs bits for its deviations
// only. Widths are 0...56, so that a value lies within one unaligned 64-bit load, or 64 for blocks
// that are stored as they are (base 0, divisor 1, slope 0).

/// Constants of the packed column's format.
package enum PackedColumnFormat {
    /// Values per block; the last block may have fewer.
    package static let blockSize = 128
    /// Bytes before the block entries.
    package static let headerSize = 16
    /// Bytes of a block's entry.
    package static let entrySize = 24
    /// The widest packing; blocks that need more are stored raw in 64 bits.
    package static let maximumWidth = 56
    /// Zeros after the last block, so that the last value's load stays inside.
    package static let slack = 8
    /// Bits of an entry's place that hold the offset.
    package static let offsetBits = 40
    /// Bits of an entry's place, after the offset, that hold the slope.
    package static let slopeBits = 16
    /// Where an entry's place has the width.
    static let widthShift = UInt64(offsetBits + slopeBits)
}
