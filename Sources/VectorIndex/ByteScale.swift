// Whole vectors in a byte a number, from which the best of a scan are ranked again. Products have a
// range for each dimension, folded into the query; distances one for all, so that gaps compare.

import CKernels

/// The ranges that bytes stand for.
@safe struct ByteScale {
    private let layout: VectorLayout
    /// What the byte -128 stands for, by place.
    let low: [Float]
    /// What a byte of 1 more stands for, by place; 0 in the padding.
    let step: [Float]

    /// The ranges that a sample of padded vectors takes up.
    init(_ layout: VectorLayout, from rows: VectorRows) {
        self.layout = layout
        let coded = layout.coded
        var least = [Float](repeating: .infinity, count: coded)
        var most = [Float](repeating: -.infinity, count: coded)
        for index in unsafe 0..<rows.count {
            let row = unsafe rows.row(index)
            for number in 0..<coded {
                unsafe least[number] = min(least[number], row[number])
                unsafe most[number] = max(most[number], row[number])
            }
        }
        if layout.shape.metric == .l2 {
            least = .init(repeating: least.min() ?? 0, count: coded)
            most = .init(repeating: most.max() ?? 0, count: coded)
        }
        let padding = [Float](repeating: 0, count: layout.stride - coded)
        low = least.map { $0.isFinite ? $0 : 0 } + padding
        step =
            zip(least, most).map {
                $0 < $1 ? max(.leastNormalMagnitude, $1 / 255 - $0 / 255) : 1
            } + padding
    }

    /// Ranges that were read; `low` and `step` have a number for each that is coded.
    init(_ layout: VectorLayout, low: [Float], step: [Float]) {
        let padding = [Float](repeating: 0, count: layout.stride - layout.coded)
        self.layout = layout
        self.low = low + padding
        self.step = step + padding
    }

    /// Writes a padded vector as bytes; what is out of range becomes its end.
    @unsafe func encode(_ vector: UnsafePointer<Float>, into bytes: UnsafeMutablePointer<Int8>) {
        for number in 0..<layout.stride {
            guard step[number] > 0 else {
                unsafe bytes[number] = 0
                continue
            }
            let place = unsafe (vector[number] - low[number]) / step[number] - 128
            unsafe bytes[number] = Int8(place.whole(in: -128...127))
        }
    }

    /// Prepares a padded query for products or distances with bytes.
    @unsafe func query(_ vector: UnsafePointer<Float>, into query: inout ByteQuery) {
        if layout.shape.metric == .l2 {
            unsafe distanceQuery(vector, &query)
        } else {
            unsafe productQuery(vector, &query)
        }
    }

    private func productQuery(_ vector: UnsafePointer<Float>, _ query: inout ByteQuery) {
        var most: Float = 0
        var constant: Float = 0
        for number in 0..<layout.stride {
            let value = unsafe vector[number]
            most = max(most, abs(value * step[number]))
            constant += value * (low[number] + 128 * step[number])
        }
        // Sums of products with bytes stay within 32 bits.
        let limit = min(16_383, Int(Int32.max) / 128 / layout.stride)
        let factor = most > 0 ? most / Float(limit) : 1
        for number in 0..<layout.stride {
            let value = unsafe vector[number] * step[number]
            unsafe query.numbers.base[number] = Int16((value / factor).whole(in: -limit...limit))
        }
        query.constant = constant
        query.factor = factor
    }

    private func distanceQuery(_ vector: UnsafePointer<Float>, _ query: inout ByteQuery) {
        // The largest with which sums of squares stay within 32 bits.
        let limit = Int(Float(Int32.max / Int32(layout.stride)).squareRoot()) - 129
        for number in 0..<layout.stride {
            guard step[number] > 0 else {
                unsafe query.numbers.base[number] = 0
                continue
            }
            let place = unsafe (vector[number] - low[number]) / step[number] - 128
            unsafe query.numbers.base[number] = Int16(place.whole(in: -limit...limit))
        }
        query.constant = 0
        query.factor = step[0] * step[0]
    }
}

extension Float {
    /// The nearest whole number of a range; its first for what is no number.
    @inline(__always)
    func whole(in range: ClosedRange<Int>) -> Int {
        guard self > Float(range.lowerBound) else { return range.lowerBound }
        guard self < Float(range.upperBound) else { return range.upperBound }
        return Int(rounded())
    }
}

/// A query in 16 bits a number; a score is constant + factor * value.
@safe struct ByteQuery {
    let numbers: AlignedMemory<Int16>
    fileprivate(set) var constant: Float = 0
    fileprivate(set) var factor: Float = 1
    private let isDistance: Bool
    private let stride: Int

    init(_ layout: VectorLayout) {
        numbers = AlignedMemory(count: layout.stride)
        stride = layout.stride
        isDistance = layout.shape.metric == .l2
    }

    /// What the kernel says of the rows at `places`.
    @unsafe func measure(
        _ rows: UnsafePointer<Int8>, _ places: UnsafePointer<UInt32>, _ count: Int,
        into out: UnsafeMutablePointer<Int32>
    ) {
        if isDistance {
            unsafe mspd_vector_byte_distances(numbers.base, rows, places, count, stride, out)
        } else {
            unsafe mspd_vector_byte_dots(numbers.base, rows, places, count, stride, out)
        }
    }

    /// What was measured, turned so that more is closer.
    func value(_ measured: Int32) -> Int32 { isDistance ? -measured : measured }

    /// The product of two vectors, or minus the square of their distance.
    func score(value: Int32) -> Float { constant + factor * Float(value) }
}
