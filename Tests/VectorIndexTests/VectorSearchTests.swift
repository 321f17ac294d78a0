// Searches of an index against the exact search: recall, order, filters, and what is odd.

import TestSupport
import Testing
import VectorIndex

struct VectorSearchTests {
    private static let thorough = VectorEffort(scanned: 1, ranked: 200)

    /// The recall of a search that looks at everything.
    private let floor = 0.98

    /// Searches of one index over its vectors.
    private struct Searches {
        let searcher = VectorSearcher()
        let index: VectorIndex
        let stored: StoredVectors

        init(_ sample: VectorSample, lists: Int? = nil, seed: UInt64 = 1) {
            index = sample.index(lists: lists, seed: seed)
            stored = sample.stored
        }

        func search(
            _ query: [Float], limit: Int, _ effort: VectorEffort, filter: VectorFilter? = nil,
            group: ((UInt32) -> UInt32)? = nil
        ) -> [VectorHit] {
            searcher.search(
                index, over: stored, query, limit: limit, effort, filter: filter, group: group)
        }
    }

    @Test(arguments: Metric.allCases, [nil, 1, 64])
    func `a search finds nearly all, with scores as they are`(
        metric: Metric, lists: Int?
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 5_000, &random)
        let searcher = Searches(sample, lists: lists)
        let recall = sample.recall { searcher.search($0, limit: 10, Self.thorough) }
        #expect(recall > floor, "seed \(seed)")
        for query in sample.queries {
            let hits = searcher.search(query, limit: 10, Self.thorough)
            #expect(hits.count == 10)
            #expect(Set(hits.map(\.document)).count == 10)
            #expect(hits.map(\.score) == hits.map(\.score).sorted(by: >))
            for hit in hits {
                let truth = sample.shape.score(query, sample.numbers[Int(hit.document)])
                #expect(abs(hit.score - truth) < max(1e-3, abs(truth) * 2e-3), "seed \(seed)")
            }
        }
    }

    @Test(arguments: Metric.allCases) func `some of the lists are enough for most of the answer`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 30_000, &random)
        let searcher = Searches(sample)
        func recall(_ scanned: Float, _ ranked: Int) -> Double {
            let effort = VectorEffort(scanned: scanned, ranked: ranked)
            return sample.recall { searcher.search($0, limit: 10, effort) }
        }
        let (some, more) = (recall(0.02, 100), recall(0.2, 200))
        #expect(some > 0.8, "seed \(seed)")
        #expect(more > floor - 0.03, "seed \(seed)")
    }

    @Test(arguments: Metric.allCases) func `a filter leaves the best of what passes`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 20_000, queries: 20, &random)
        let searcher = Searches(sample)
        for share in [1, 2, 3, 10, 100, 5_000] {
            var filter = VectorFilter(documents: sample.count)
            for document in 0..<sample.count where random.oneIn(share) {
                filter.insert(document)
            }
            // What was deleted since, and a title's range.
            for _ in 0..<100 { filter.remove(Int.random(in: 0..<20_000, using: &random)) }
            filter.insert(3_000..<3_020)
            let recall = sample.recall(
                {
                    let hits = searcher.search($0, limit: 10, Self.thorough, filter: filter)
                    #expect(hits.count == min(10, filter.count))
                    #expect(hits.allSatisfy { filter.contains(Int($0.document)) })
                    return hits
                }, filter: filter)
            #expect(recall > floor, "seed \(seed), 1 in \(share)")
        }
    }

    @Test func `as many come back as there are and as are asked for`() throws {
        var random = SeededRandom(seed: 5)
        let sample = try VectorSample(.cosine, count: 25_000, queries: 3, &random)
        let searcher = Searches(sample)
        let little = VectorEffort(scanned: 0, ranked: 1)
        let none = VectorFilter(documents: 25_000)
        var one = none
        one.insert(77)
        for query in sample.queries {
            #expect(searcher.search(query, limit: 0, little).isEmpty)
            #expect(searcher.search(query, limit: 10, little, filter: none).isEmpty)
            #expect(
                searcher.search(query, limit: 10, little, filter: one).map(\.document) == [77])
            for limit in [1, 100, 5_000, 25_000, 1_000_000] {
                let hits = searcher.search(query, limit: limit, little)
                #expect(hits.count == min(limit, 25_000))
                #expect(Set(hits.map(\.document)).count == hits.count)
            }
        }
    }

    @Test(arguments: Metric.allCases) func `few vectors are no trouble`(metric: Metric) throws {
        var random = SeededRandom(seed: 6)
        for count in [0, 1, 2, 15, 31, 32, 33, 200] {
            let sample = try VectorSample(metric, count: count, queries: 2, &random)
            // More lists and centroids than vectors.
            for lists in [1, 64, 300] {
                let searcher = Searches(sample, lists: lists)
                for query in sample.queries {
                    let hits = searcher.search(query, limit: 10, Self.thorough)
                    #expect(hits.count == min(10, count), "\(count) in \(lists) lists")
                }
            }
        }
    }

    @Test(arguments: Metric.allCases) func `vectors that are all the same come in their order`(
        metric: Metric
    ) throws {
        let shape = try #require(VectorShape(dimension: 8, metric: metric))
        let one: [Float] = [1, 2, 3, 4, 5, 6, 7, -8]
        let sample = VectorSample(
            shape, .init(repeating: one, count: 25_000), queries: [one])
        let searcher = Searches(sample)
        let hits = searcher.search(one, limit: 10, VectorEffort(scanned: 1, ranked: 25_000))
        #expect(hits.map(\.document) == Array(0..<10))
        let score = shape.score(one, one)
        #expect(hits.allSatisfy { abs($0.score - score) < 1e-3 * max(1, abs(score)) })
    }

    @Test func `numbers of any size are taken`() throws {
        var random = SeededRandom(seed: 7)
        for (metric, scale) in [(Metric.cosine, Float(1e30)), (.cosine, 1e-30), (.l2, 1e6)] {
            let sample = try VectorSample(metric, count: 2_000, queries: 10, &random)
            let scaled = VectorSample(
                sample.shape, sample.numbers.map { $0.map { $0 * scale } }, queries: [])
            let searcher = Searches(scaled)
            let recall = sample.recall {
                searcher.search($0.map { $0 * scale }, limit: 10, Self.thorough)
            }
            #expect(recall > floor)
        }
    }

    @Test func `the same seed gives the same answers`() throws {
        var random = SeededRandom(seed: 8)
        let sample = try VectorSample(.cosine, count: 21_000, &random)
        let effort = VectorEffort(scanned: 0.05, ranked: 40)
        let (one, other) = (
            Searches(sample, seed: 3), Searches(sample, seed: 3)
        )
        for query in sample.queries {
            #expect(one.search(query, limit: 10, effort) == other.search(query, limit: 10, effort))
        }
    }

    @Test func `queries that were seen say what others like them need`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let near = try VectorSample(.cosine, count: 22_000, queries: 1, &random)
        // Anywhere, where no vector is.
        let queries = (0..<400).map { _ in
            (0..<48).map { _ in Float.random(in: -1...1, using: &random) }
        }
        let sample = VectorSample(near.shape, near.numbers, queries: Array(queries.prefix(150)))
        let searcher = Searches(sample)
        let calibration = VectorCalibration(
            searcher.index, over: sample.stored, asking: Array(queries.suffix(250)))
        let effort = calibration.effort(recall: 0.95)
        let learnt = sample.recall { searcher.search($0, limit: 10, effort) }
        #expect(learnt > 0.92, "seed \(seed)")
        let own = VectorCalibration(searcher.index, over: sample.stored).effort(recall: 0.95)
        let before = sample.recall { searcher.search($0, limit: 10, own) }
        #expect(before < learnt, "seed \(seed)")
        let none = VectorCalibration(searcher.index, over: sample.stored, asking: [])
        #expect(none.effort(recall: 0.95).ranked > 0)
    }

    @Test(arguments: Metric.allCases) func `a recall that was asked for is reached`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 25_000, queries: 200, &random)
        let searcher = Searches(sample)
        let calibration = VectorCalibration(searcher.index, over: sample.stored)
        for wanted in [Float(0.9), 0.95, 0.98] {
            let effort = calibration.effort(recall: wanted)
            #expect(effort.scanned < 1, "seed \(seed)")
            let recall = sample.recall { searcher.search($0, limit: 10, effort) }
            #expect(recall > Double(wanted) - 0.03, "seed \(seed)")
        }
    }
}
