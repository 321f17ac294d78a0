// Efforts that were found for ten neighbours among all, asked for more of them and with filters.

import TestSupport
import Testing
import VectorIndex

struct VectorEffortTests {
    @Test(arguments: Metric.allCases)
    func `the recall asked for is reached with filters and for many neighbours`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 25_000, queries: 40, &random)
        let index = sample.index()
        let effort = VectorCalibration(index, over: sample.stored).effort(recall: 0.95)
        let searcher = VectorSearcher()
        for (kept, limit) in [(1, 100), (1, 1_000), (3, 10), (20, 10), (20, 100), (60, 10)] {
            var filter = VectorFilter(documents: sample.count)
            for document in 0..<sample.count where random.oneIn(kept) { filter.insert(document) }
            let recall = sample.recall(
                {
                    searcher.search(
                        index, over: sample.stored, $0, limit: limit, effort,
                        filter: kept == 1 ? nil : filter)
                }, limit: limit, filter: filter)
            #expect(recall > 0.91, "seed \(seed), \(limit) of 1 in \(kept)")
        }
    }

    @Test(arguments: Metric.allCases) func `the few that pass are all found, whatever their lists`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 9_000, queries: 5, &random)
        let index = sample.index(lists: 200)
        let searcher = VectorSearcher()
        for kept in [10, 50, 200, 3_000] {
            var filter = VectorFilter(documents: sample.count)
            // Words with no bit, with one and with many.
            filter.insert(kept..<kept + 70)
            for document in 0..<sample.count where random.oneIn(kept) { filter.insert(document) }
            for query in sample.queries {
                let found = searcher.search(
                    index, over: sample.stored, query, limit: filter.count,
                    VectorEffort(scanned: 0, ranked: 1), filter: filter)
                let all = (0..<sample.count).filter { filter.contains($0) }
                #expect(found.map { Int($0.document) }.sorted() == all, "seed \(seed), \(kept)")
            }
        }
    }

    @Test func `efforts grow with what is asked for`() {
        let effort = VectorEffort(scanned: 0.01, scannedOfFew: 0.09, ranked: 50)
        #expect(effort.scaled(limit: 10, keeping: 1) == effort)
        #expect(effort.scaled(limit: 1, keeping: 1) == effort)
        let few = effort.scaled(limit: 10, keeping: 0.01)
        #expect(abs(few.scanned - 0.09) < 1e-4 && few.ranked == 50)
        let many = effort.scaled(limit: 1_000, keeping: 1)
        #expect(abs(many.scanned - 0.09) < 1e-4 && many.ranked == 5_000)
        let both = effort.scaled(limit: 100, keeping: 0.1)
        #expect(abs(both.scanned - 0.09) < 1e-4 && both.ranked == 500)
        #expect(effort.scaled(limit: 1_000_000, keeping: 0.001).scanned == 1)
        let all = VectorEffort(scanned: 1, ranked: 50)
        #expect(all.scaled(limit: 100, keeping: 0.5).scanned == 1)
        let none = VectorEffort(scanned: 0, ranked: 1)
        #expect(none.scaled(limit: 100, keeping: 0.5).scanned == 0)
    }

    @Test func `a filtered search looks into more lists where neighbours lie further away`()
        throws
    {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(.l2, count: 20_000, centres: 1, queries: 1, &random)
        let calibration = VectorCalibration(sample.index(), over: sample.stored)
        let effort = calibration.effort(recall: 0.9)
        #expect(effort.scannedOfFew > effort.scanned, "seed \(seed)")
    }

    @Test(arguments: Metric.allCases) func `groups are all found, however many are equal`(
        metric: Metric
    ) throws {
        let shape = try #require(VectorShape(dimension: 8, metric: metric))
        let one: [Float] = [1, 2, 3, 4, 5, 6, 7, -8]
        // More than a search keeps of one value, most of them in the first groups.
        let sample = VectorSample(shape, .init(repeating: one, count: 40_000), queries: [one])
        let index = sample.index(lists: 64)
        let group = { (document: UInt32) in document < 38_000 ? document / 4_000 : document / 50 }
        let wanted = Array(
            (0..<40_000).reduce(into: [UInt32: UInt32]()) { firsts, document in
                let document = UInt32(document)
                if firsts[group(document)] == nil { firsts[group(document)] = document }
            }.values.sorted())
        let effort = VectorEffort(scanned: 0.1, ranked: 40)
        let found = VectorSearcher().search(
            index, over: sample.stored, one, limit: 100, effort, group: group)
        let exact = ExactSearcher().search(sample.stored, one, limit: 100, group: group)
        #expect(found.map(\.document) == wanted)
        #expect(exact.map(\.document) == wanted)
        var filter = VectorFilter(documents: 40_000)
        filter.insert(3_999..<40_000)
        let kept = VectorSearcher().search(
            index, over: sample.stored, one, limit: 100, effort, filter: filter, group: group)
        #expect(kept.first?.document == 3_999 && kept.count == wanted.count)
    }

    @Test func `a copy of a vector scores one under cosine`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for dimension in [8, 64, 300] {
            let sample = try VectorSample(
                .cosine, dimension: dimension, count: 200, queries: 0, &random)
            for (document, vector) in sample.numbers.enumerated() {
                let hit = try #require(
                    ExactSearcher().search(
                        sample.stored, vector, limit: 1, range: document..<document + 1
                    ).first)
                #expect(abs(hit.score - 1) < 2e-6, "seed \(seed), \(dimension) numbers")
            }
        }
    }

    @Test(arguments: Metric.allCases) func `near-duplicates are told by their angle`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var sample = try VectorSample(
            metric, dimension: 20, count: 300, centres: 60, queries: 0, &random)
        var numbers = sample.numbers
        for _ in 0..<300 {
            let known = numbers[Int.random(in: 0..<300, using: &random)]
            let scale = metric == .cosine ? 1 : Float.random(in: 0.5...2, using: &random)
            numbers.append(
                known.map { ($0 + Float.random(in: -0.4...0.4, using: &random)) * scale })
        }
        if metric != .cosine {
            numbers += [[Float](repeating: 0, count: 20), [Float](repeating: 0, count: 20)]
        }
        sample = VectorSample(sample.shape, numbers, queries: [])
        let distinct = DistinctVectors(sample.stored.layout)
        var kept: [[Float]] = []
        for place in numbers.indices {
            let like = kept.firstIndex { cosine($0, numbers[place]) >= 0.97 }
            // At the very edge either answer will do.
            let isClose = kept.contains { abs(cosine($0, numbers[place]) - 0.97) < 1e-4 }
            let found = distinct.insert(place, of: sample.stored)
            if isClose { return }
            #expect(found == like, "seed \(seed), vector \(place)")
            if found == nil { kept.append(numbers[place]) }
        }
        #expect(kept.count < numbers.count && kept.count > 100)
    }

    /// Of zeros and zeros 1, of zeros and anything else 0.
    private func cosine(_ a: [Float], _ b: [Float]) -> Float {
        func product(_ a: [Float], _ b: [Float]) -> Float {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let lengths = (product(a, a) * product(b, b)).squareRoot()
        if lengths == 0 { return product(a, a) == product(b, b) ? 1 : 0 }
        return product(a, b) / lengths
    }
}
