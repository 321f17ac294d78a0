// Epochs of data that is odd: too little of it, all of it alike, a few dimensions or thousands.

import TestSupport
import Testing
import VectorIndex

struct VectorTrainingTests {
    private static let thorough = VectorEffort(scanned: 1, ranked: 200)

    private func check(_ sample: VectorSample, lists: Int?, _ note: Comment) throws {
        let index = try WrittenIndex(sample.index(lists: lists)).read()
        let searcher = VectorSearcher()
        for query in sample.queries {
            let hits = searcher.search(
                index, over: sample.stored, query, limit: 10, Self.thorough)
            #expect(hits.count == min(10, sample.count), note)
        }
        #expect(
            sample.recall {
                searcher.search(index, over: sample.stored, $0, limit: 10, Self.thorough)
            } > 0.9 || sample.count == 0, note)
    }

    @Test(arguments: Metric.allCases) func `dimensions from few to thousands`(
        metric: Metric
    ) throws {
        var random = SeededRandom(seed: 31)
        for dimension in [8, 9, 31, 33, 129, 513, 1_025, 4_096] {
            let sample = try VectorSample(
                metric, dimension: dimension, count: dimension > 1_000 ? 120 : 600, centres: 10,
                queries: 5, &random)
            for lists in [1, 9] {
                try check(sample, lists: lists, "\(dimension) in \(lists) lists")
            }
        }
    }

    @Test(arguments: Metric.allCases) func `fewer vectors than lists and centroids`(
        metric: Metric
    ) throws {
        var random = SeededRandom(seed: 32)
        for count in [0, 1, 2, 15, 17, 40] {
            let sample = try VectorSample(metric, count: count, queries: 3, &random)
            for lists in [1, 16, 300] { try check(sample, lists: lists, "\(count) in \(lists)") }
        }
    }

    @Test(arguments: Metric.allCases) func `a few vectors, each thousands of times`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let few = try VectorSample(metric, count: 7, queries: 3, &random)
        for distinct in [1, 7] {
            let sample = VectorSample(
                few.shape, (0..<21_000).map { few.numbers[$0 % distinct] }, queries: few.queries)
            try check(sample, lists: nil, "\(distinct), seed \(seed)")
            let index = sample.index()
            let calibration = VectorCalibration(index, over: sample.stored)
            let effort = calibration.effort(recall: 0.95)
            let searcher = VectorSearcher()
            #expect(
                sample.recall {
                    searcher.search(index, over: sample.stored, $0, limit: 10, effort)
                } > 0.9, "\(distinct), seed \(seed)")
        }
    }

    @Test(arguments: Metric.allCases) func `zeros are vectors, too`(metric: Metric) throws {
        var random = SeededRandom(seed: 33)
        let some = try VectorSample(metric, count: 50, queries: 3, &random)
        let zeros = [Float](repeating: 0, count: 48)
        let sample = VectorSample(
            some.shape, some.numbers + .init(repeating: zeros, count: 50), queries: some.queries)
        try check(sample, lists: 5, "half of them zeros")
        let none = VectorSample(
            some.shape, .init(repeating: zeros, count: 50), queries: some.queries)
        try check(none, lists: 5, "only zeros")
    }

    @Test(arguments: Metric.allCases) func `the largest numbers do not stop anything`(
        metric: Metric
    ) throws {
        var random = SeededRandom(seed: 34)
        let shape = try #require(VectorShape(dimension: 16, metric: metric))
        let most = metric == .cosine ? Float.greatestFiniteMagnitude : VectorShape.largest
        let numbers = (0..<300).map { _ in
            (0..<16).map { _ in random.oneIn(2) ? most : -most }
        }
        let sample = VectorSample(shape, numbers, queries: [numbers[0]])
        let index = sample.index(lists: 4)
        let searcher = VectorSearcher()
        for query in sample.queries {
            let hits = searcher.search(
                index, over: sample.stored, query, limit: 10, Self.thorough)
            #expect(hits.count == 10)
        }
        _ = VectorCalibration(index, over: sample.stored)
        _ = index.epoch.drift(of: VectorSource(sample.stored))
        _ = try WrittenIndex(index).read()
    }

    private struct Enough: Error {}

    @Test func `making an index ends in the middle when it is told to`() throws {
        var random = SeededRandom(seed: 35)
        let sample = try VectorSample(.cosine, count: 21_000, queries: 1, &random)
        let source = VectorSource(sample.stored)
        var left = 0
        func check() throws(Enough) {
            left -= 1
            if left < 0 { throw Enough() }
        }
        let epoch = VectorEpoch(learning: source)
        let index = VectorIndex(epoch, source)
        for calls in [0, 1, 20_000] {
            left = calls
            #expect(throws: Enough.self) { try VectorEpoch(learning: source, check: check) }
            left = calls
            #expect(throws: Enough.self) { try VectorIndex(epoch, source, check: check) }
            left = calls
            #expect(throws: Enough.self) {
                try VectorCalibration(index, over: sample.stored, check: check)
            }
        }
    }
}
