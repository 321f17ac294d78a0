// Packs a column of 64-bit numbers into blocks of 128: frame of reference with a common divisor,
// along a line where that is narrower.
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
        let flat = Line(base: least, divisor: divisor, slope: 0, width: width(of: most / divisor))
        let line = steepest(least, divisor, most).flatMap { $0.width < flat.width ? $0 : nil }
        place(line ?? flat)
        block.removeAll(keepingCapacity: true)
    }

    /// What a block's values are measured from, and how many bits that takes.
    private struct Line {
        var base: Int64
        var divisor: UInt64
        var slope: Int16
        var width: Int
    }

    private func width(of number: UInt64) -> Int { 64 - number.leadingZeroBitCount }

    /// The line from the first to the last value; nil where a slope cannot help, or not be written.
    private func steepest(_ least: Int64, _ divisor: UInt64, _ most: UInt64) -> Line? {
        let steps = block.count - 1
        // So far apart, the deviations might not fit a signed number.
        guard steps > 0, most / divisor < 1 << 60 else { return nil }
        func height(_ index: Int) -> Int64 {
            Int64(UInt64(bitPattern: block[index] &- least) / divisor)
        }
        let rise = (height(steps) - height(0)) / Int64(steps)
        let slope = Int16(clamping: rise)
        guard slope != 0 else { return nil }
        var lowest = Int64.max
        var highest = Int64.min
        for index in block.indices {
            let deviation = height(index) - Int64(slope) * Int64(index)
            lowest = min(lowest, deviation)
            highest = max(highest, deviation)
        }
        return Line(
            base: least &+ lowest &* Int64(bitPattern: divisor), divisor: divisor, slope: slope,
            width: width(of: UInt64(highest - lowest)))
    }

    private mutating func place(_ line: Line) {
        var line = line
        let isRaw = line.width > PackedColumnFormat.maximumWidth
        if isRaw { line = Line(base: 0, divisor: 1, slope: 0, width: 64) }
        entries.u64(UInt64(bitPattern: line.base))
        entries.u64(line.divisor)
        places.append(
            UInt64(data.count)
                | UInt64(UInt16(bitPattern: line.slope)) << UInt64(PackedColumnFormat.offsetBits)
                | UInt64(line.width) << PackedColumnFormat.widthShift)
        if isRaw {
            for value in block { data.u64(UInt64(bitPattern: value)) }
        } else {
            packBits(line)
        }
    }

    /// Appends the block's deviations from a line, lowest bits first, up to a whole byte.
    private mutating func packBits(_ line: Line) {
        guard line.width > 0 else { return }
        var pending: UInt64 = 0
        var bits = 0
        for (index, value) in block.enumerated() {
            // A multiple of the divisor, also where the difference wraps around.
            let rise = Int64(line.slope) * Int64(index)
            let start = line.base &+ rise &* Int64(bitPattern: line.divisor)
            // Fewer than 8 bits are pending, so 56 more still fit.
            pending |= (UInt64(bitPattern: value &- start) / line.divisor) << UInt64(bits)
            bits += line.width
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
