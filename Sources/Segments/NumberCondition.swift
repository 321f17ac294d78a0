// What a search asks of numbers: that they lie in ranges.

/// A number that an annotation must have, in one of several ranges.
///
/// Of several numbers of one name the first counts.
package struct NumberCondition: Sendable, Equatable {
    /// The attribute.
    package let name: [UInt8]
    /// What its value must lie in, ends included.
    package let ranges: [ClosedRange<Double>]

    /// The attribute `name` must lie in one of the ranges.
    package init(name: [UInt8], ranges: [ClosedRange<Double>]) {
        self.name = name
        self.ranges = ranges
    }

    func holds(_ number: Double) -> Bool { ranges.contains { $0.contains(number) } }

    /// The ranges among numbers that sort as the values do; there, zero comes after minus zero.
    var sortable: [ClosedRange<Int64>] {
        ranges.map { range in
            let lower = range.lowerBound == 0 ? -0.0 : range.lowerBound
            let upper = range.upperBound == 0 ? 0.0 : range.upperBound
            return SortableNumber.value(lower.bitPattern)...SortableNumber.value(upper.bitPattern)
        }
    }
}
