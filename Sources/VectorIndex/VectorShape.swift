// The shape of a track's vectors, and the one place that says which vectors fit it.

/// How the likeness of two vectors is measured.
package enum Metric: String, Sendable, CaseIterable {
    case cosine
    case dot
    /// Euclidean distance.
    case l2
}

/// Why a vector does not fit a track.
package enum VectorError: Error, Equatable, CustomStringConvertible {
    case wrongDimension(found: Int, expected: Int)
    /// Not a number, or infinite, at an index.
    case notFinite(index: Int)
    /// A number so large that products of it are none, at an index.
    case tooLarge(index: Int)
    /// All zeros, which point nowhere under cosine.
    case zero

    package var description: String {
        switch self {
        case .wrongDimension(let found, let expected):
            return "it has \(found) numbers, the track takes \(expected)"
        case .notFinite(let index): return "number \(index + 1) is not finite"
        case .tooLarge(let index):
            return "number \(index + 1) is beyond \(VectorShape.largest)"
        case .zero: return "it is all zeros, which has no direction under the cosine metric"
        }
    }
}

/// Dimension and metric of a track's vectors.
package struct VectorShape: Sendable, Equatable {
    /// Dimensions that a track may have.
    package static let dimensions = 8...4_096

    /// The largest number of a vector, except under cosine, which takes all.
    package static let largest: Float = 1e15

    /// Numbers in a vector.
    package let dimension: Int
    /// How the likeness of two vectors is measured.
    package let metric: Metric

    /// Nil when the dimension is out of range.
    package init?(dimension: Int, metric: Metric) {
        guard Self.dimensions.contains(dimension) else { return nil }
        self.dimension = dimension
        self.metric = metric
    }

    /// Throws when the numbers are no vector of this shape.
    package func check(_ vector: [Float]) throws(VectorError) {
        guard vector.count == dimension else {
            throw .wrongDimension(found: vector.count, expected: dimension)
        }
        if let index = vector.firstIndex(where: { !$0.isFinite }) {
            throw .notFinite(index: index)
        }
        if metric != .cosine,
            let index = vector.firstIndex(where: { abs($0) > Self.largest })
        {
            throw .tooLarge(index: index)
        }
        if metric == .cosine, vector.allSatisfy({ $0 == 0 }) { throw .zero }
    }

    /// How alike two vectors are, exactly.
    ///
    /// The more the closer: under cosine the cosine, under l2 minus the squared distance.
    package func score(_ a: [Float], _ b: [Float]) -> Float {
        var (product, squareA, squareB, gaps) = (0.0, 0.0, 0.0, 0.0)
        for index in 0..<dimension {
            let (x, y) = (Double(a[index]), Double(b[index]))
            product += x * y
            squareA += x * x
            squareB += y * y
            gaps += (x - y) * (x - y)
        }
        switch metric {
        case .dot: return Float(product)
        case .cosine:
            let lengths = (squareA * squareB).squareRoot()
            return lengths > 0 ? Float(product / lengths) : 0
        case .l2: return Float(-gaps)
        }
    }
}
