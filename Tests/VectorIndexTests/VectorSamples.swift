// Vectors for tests, and the exact search that the index is held against.

import TestSupport
import VectorIndex

/// Vectors around random centres, as real ones lie.
struct VectorSample {
    let shape: VectorShape
    let numbers: [[Float]]
    let queries: [[Float]]
    /// The vectors as an index is made from them.
    let stored: StoredVectors

    /// Each number varies by `fading` times what the one before it does.
    init(
        _ metric: Metric, dimension: Int = 48, count: Int, centres: Int = 100, queries: Int = 60,
        fading: Float = 1, _ random: inout SeededRandom
    ) throws {
        guard let shape = VectorShape(dimension: dimension, metric: metric) else {
            throw VectorError.wrongDimension(found: dimension, expected: 8)
        }
        func normal() -> Float {
            (0..<6).reduce(Float(0)) { sum, _ in
                sum + Float.random(in: -1...1, using: &random)
            }
        }
        let middles = (0..<centres).map { _ in (0..<dimension).map { _ in normal() } }
        func vector() -> [Float] {
            let middle = middles[Int.random(in: 0..<centres, using: &random)]
            var scale: Float = 1
            return middle.map { number in
                defer { scale *= fading }
                return (number + normal() * 0.5) * scale
            }
        }
        let numbers = (0..<count).map { _ in vector() }
        self.init(shape, numbers, queries: (0..<queries).map { _ in vector() })
    }

    init(_ shape: VectorShape, _ numbers: [[Float]], queries: [[Float]]) {
        self.shape = shape
        self.numbers = numbers
        self.queries = queries
        let growing = GrowingVectors(VectorLayout(shape), capacity: numbers.count)
        for vector in numbers { growing.append(vector) }
        stored = growing.prefix(numbers.count)
    }

    var count: Int { numbers.count }

    func index(lists: Int? = nil, seed: UInt64 = 1) -> VectorIndex {
        let epoch = VectorEpoch(learning: VectorSource(stored), lists: lists, seed: seed)
        return VectorIndex(epoch, VectorSource(stored))
    }

    /// The best by looking at all vectors that pass.
    func exact(_ query: [Float], limit: Int, filter: VectorFilter? = nil) -> [VectorHit] {
        let all = (0..<count).filter { filter?.contains($0) ?? true }.map { document in
            VectorHit(
                document: UInt32(document), score: shape.score(query, numbers[document]))
        }
        return Array(
            all.sorted { ($1.score, $0.document) < ($0.score, $1.document) }.prefix(limit))
    }

    /// The share of the true best that were found; those that tie with the last of them count.
    func recall(
        _ search: ([Float]) -> [VectorHit], limit: Int = 10, filter: VectorFilter? = nil
    ) -> Double {
        var (found, all) = (0, 0)
        for query in queries {
            let truth = exact(query, limit: limit, filter: filter)
            let floor = truth.last.map { $0.score - abs($0.score) * 2e-4 } ?? 0
            found += search(query).count {
                shape.score(query, numbers[Int($0.document)]) >= floor
            }
            all += truth.count
        }
        return Double(found) / Double(max(1, all))
    }
}
