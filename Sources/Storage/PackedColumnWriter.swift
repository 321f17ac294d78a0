// Packs a column of 64-bit numbers into blocks of 128: frame of reference with a common divisor.
//
// What is appended n-th is what PackedColumn gives at index n, for every Int64. Sorted, clustered
// or evenly spaced numbers (times in nanoseconds on a frame grid) shrink most.

/// Collects a column and gives its bytes.
package struct PackedColumnWriter {
    /// Values appended.
    package private(set) var count = 0
    private var block: [Int64] = []
    private var entries = ByteWriter()
    private var data = ByteWriter()
    /// Entry places are offsets in `data` until `finish` knows how many entries come before it.
    private var places: [UInt64] = []

    /// An empty column.
    package init() { block.reserveCapacity(PackedColumnFormat.blockSize) }

    /// Adds a value at the end.
    package mutating func append(_ value: Int64) {
        block.append(value)
        count += 1
        if block.count == PackedColumnFormat.blockSize { pack() }
    }

    /// The column's bytes, to be appended to a section of their own.
    package mutating func finish() -> [UInt8] {
        pack()
        let start = UInt64(
            PackedColumnFormat.headerSize + places.count * PackedColumnFormat.entrySize)
        var column = ByteWriter(capacity: Int(start) + data.count + PackedColumnFormat.slack)
        column.u64(UInt64(count))
        column.u32(UInt32(PackedColumnFormat.blockSize))
        column.u32(0)
        for (block, place) in places.enumerated() {
            column.bytes(entries.bytes.rawSpan.extracting(block * 16..<block * 16 + 16))
            column.u64(place + start)
        }
        column.bytes(data.bytes)
        column.bytes([UInt8](repeating: 0, count: PackedColumnFormat.slack))
        return column.bytes
    }

    /// Ends the block that is being collected.
    private mutating func pack() {
        guard let first = block.first else { return }
        let least = block.reduce(first, min)
        var divisor: UInt64 = 0
        var most: UInt64 = 0
        for value in block {
            let offset = UInt64(bitPattern: value &- least)
            most = max(most, offset)
            // Once it is 1 it stays 1.
            if divisor != 1 { divisor = Self.greatestCommonDivisor(divisor, offset) }
        }
        divisor = max(divisor, 1)
        let width = 64 - (most / divisor).leadingZeroBitCount
        if width > PackedColumnFormat.maximumWidth {
            place(base: 0, divisor: 1, width: 64)
            for value in block { data.u64(UInt64(bitPattern: value)) }
        } else {
            place(base: least, divisor: divisor, width: width)
            packBits(least: least, divisor: divisor, width: width)
        }
        block.removeAll(keepingCapacity: true)
    }

    private mutating func place(base: Int64, divisor: UInt64, width: Int) {
        entries.u64(UInt64(bitPattern: base))
        entries.u64(divisor)
        places.append(UInt64(data.count) | UInt64(width) << UInt64(PackedColumnFormat.offsetBits))
    }

    /// Appends the block's offsets, lowest bits first, up to a whole byte.
    private mutating func packBits(least: Int64, divisor: UInt64, width: Int) {
        guard width > 0 else { return }
        var pending: UInt64 = 0
        var bits = 0
        for value in block {
            // Fewer than 8 bits are pending, so 56 more still fit.
            pending |= (UInt64(bitPattern: value &- least) / divisor) << UInt64(bits)
            bits += width
            while bits >= 8 {
                data.u8(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
                bits -= 8
            }
        }
        if bits > 0 { data.u8(UInt8(truncatingIfNeeded: pending)) }
    }

    private static func greatestCommonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 {
        var (a, b) = (a, b)
        while b != 0 { (a, b) = (b, a % b) }
        return a
    }
}
