// Looks for values of a packed column that lie in some ranges, past blocks that cannot hold any: a
// block's entry bounds its values without a look at their bits.

extension PackedColumn {
    /// Calls `body` with the index of each value that lies in one of the ranges, in ascending
    /// order, until it returns false; tells whether it never did.
    ///
    /// The bits were verified.
    @discardableResult
    package func forEach(
        in indexes: Range<Int>, within ranges: [ClosedRange<Int64>], _ body: (Int) -> Bool
    ) -> Bool {
        precondition(
            indexes.lowerBound >= 0 && indexes.upperBound <= count, "range outside the column")
        var start = indexes.lowerBound
        while start < indexes.upperBound {
            let block = start / PackedColumnFormat.blockSize
            let end = min((block + 1) * PackedColumnFormat.blockSize, indexes.upperBound)
            if mayHold(ranges, inBlock: block) {
                for index in start..<end {
                    let value = self[index]
                    guard ranges.contains(where: { $0.contains(value) }) else { continue }
                    guard body(index) else { return false }
                }
            }
            start = end
        }
        return true
    }

    private func mayHold(_ ranges: [ClosedRange<Int64>], inBlock block: Int) -> Bool {
        guard let bounds = bounds(ofBlock: block) else { return true }
        return ranges.contains { $0.overlaps(bounds) }
    }

    /// Between what the values of a block lie; nil where its entry does not tell.
    private func bounds(ofBlock block: Int) -> ClosedRange<Int64>? {
        let entry =
            unsafe base + PackedColumnFormat.headerSize + block
            * PackedColumnFormat.entrySize
        let first = unsafe entry.load(as: Int64.self)
        let divisor = unsafe entry.load(fromByteOffset: 8, as: UInt64.self)
        let place = unsafe entry.load(fromByteOffset: 16, as: UInt64.self)
        let width = place >> PackedColumnFormat.widthShift
        // As wide as numbers, they are as they are; a line may lead beyond all numbers and back.
        guard width < 62, let scale = Int64(exactly: divisor) else { return nil }
        let slope = Int64(Int16(truncatingIfNeeded: place >> UInt64(PackedColumnFormat.offsetBits)))
        let rise = slope * Int64(PackedColumnFormat.blockSize - 1)
        let (fall, fallIsFar) = scale.multipliedReportingOverflow(by: min(0, rise))
        let (climb, climbIsFar) = scale.multipliedReportingOverflow(
            by: (1 << Int64(width)) - 1 + max(0, rise))
        let (low, lowIsFar) = first.addingReportingOverflow(fall)
        let (high, highIsFar) = first.addingReportingOverflow(climb)
        guard !fallIsFar, !climbIsFar, !lowIsFar, !highIsFar else { return nil }
        return low...high
    }
}
