// Vectors as they come: numbers one vector after the other.

/// Vectors of one shape.
package struct VectorSource: Sendable {
    /// Numbers in a vector.
    package let dimension: Int
    /// `count` times `dimension` numbers.
    package let numbers: [Float]

    /// Whole vectors of `dimension` numbers each.
    package init(dimension: Int, numbers: [Float]) {
        precondition(dimension > 0 && numbers.count.isMultiple(of: dimension))
        self.dimension = dimension
        self.numbers = numbers
    }

    /// How many vectors there are.
    package var count: Int { numbers.count / dimension }

    /// One vector.
    package subscript(index: Int) -> ArraySlice<Float> {
        numbers[index * dimension..<(index + 1) * dimension]
    }

    /// Pads one vector, and brings it to length 1 under cosine.
    @unsafe func prepare(
        _ index: Int, _ layout: VectorLayout, into padded: UnsafeMutablePointer<Float>
    ) {
        unsafe numbers.withUnsafeBufferPointer { numbers in
            guard let base = numbers.baseAddress else { return }
            unsafe layout.prepare(base + index * dimension, into: padded)
        }
    }
}
