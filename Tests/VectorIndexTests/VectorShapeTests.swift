// Which vectors fit a track: dimension, finite numbers, and no zero under cosine.

import Testing
import VectorIndex

@Suite struct VectorShapeTests {
    private func error(_ vector: [Float], _ metric: Metric) throws -> VectorError? {
        let shape = try #require(VectorShape(dimension: 8, metric: metric))
        do { try shape.check(vector) } catch { return error }
        return nil
    }

    @Test(arguments: Metric.allCases) func `a vector that fits is taken`(metric: Metric) throws {
        #expect(try error([1, 2, 3, 4, 5, 6, 7, -8], metric) == nil)
    }

    @Test func `a vector that does not fit is refused for what is wrong with it`() throws {
        #expect(try error([1, 2], .dot) == .wrongDimension(found: 2, expected: 8))
        #expect(try error([1, 2, 3, 4, 5, 6, 7, .nan], .l2) == .notFinite(index: 7))
        #expect(try error([.infinity, 2, 3, 4, 5, 6, 7, 8], .l2) == .notFinite(index: 0))
        #expect(try error([1, 2, -2e15, 4, 5, 6, 7, 8], .l2) == .tooLarge(index: 2))
        #expect(try error([1, 2, -2e15, 4, 5, 6, 7, 1e38], .cosine) == nil)
        let zeros = [Float](repeating: 0, count: 8)
        #expect(try error(zeros, .cosine) == .zero)
        #expect(try error(zeros, .dot) == nil)
    }

    @Test func `dimensions have bounds`() {
        #expect(VectorShape(dimension: 7, metric: .dot) == nil)
        #expect(VectorShape(dimension: 8, metric: .dot) != nil)
        #expect(VectorShape(dimension: 4_096, metric: .dot) != nil)
        #expect(VectorShape(dimension: 4_097, metric: .dot) == nil)
    }
}
