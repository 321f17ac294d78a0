// Vectors as they were put: what halves keep of them, exact searches over them, and their section.

import TestSupport
import Testing
import VectorIndex

struct VectorStoreTests {
    private func layout(_ dimension: Int, _ metric: Metric) throws -> VectorLayout {
        VectorLayout(try #require(VectorShape(dimension: dimension, metric: metric)))
    }

    private func unit(_ vector: [Float]) -> [Float] {
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return vector.map { $0 / length }
    }

    @Test(arguments: Metric.allCases, [Float(1), 1e-30, 1e15])
    func `numbers of any size come back as near as halves tell`(
        metric: Metric, scale: Float
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for dimension in [8, 31, 33, 100, 4_096] {
            let vectors = GrowingVectors(try layout(dimension, metric), capacity: 5)
            for number in 0..<5 {
                let vector = (0..<dimension).map { _ in
                    Float.random(in: -1...1, using: &random) * scale
                }
                #expect(vectors.append(vector) == number)
                let back = vectors.prefix(number + 1)[number]
                let want = metric == .cosine ? unit(vector.map { $0 / scale }) : vector
                // Length 1 is given back to all numbers, whichever were rounded.
                let share: Float = metric == .cosine ? 1_000 : 2_000
                let size = want.map { abs($0) }.max() ?? 0
                #expect(back.count == dimension)
                for (one, other) in zip(back, want) {
                    #expect(abs(one - other) <= size / share, "seed \(seed)")
                }
            }
        }
    }

    @Test func `small whole numbers come back as they were`() throws {
        let vectors = GrowingVectors(try layout(8, .l2), capacity: 2)
        vectors.append([0, 1, 2, 3, 127, 128, 254, 255])
        vectors.append(.init(repeating: 0, count: 8))
        #expect(vectors.prefix(2)[0] == [0, 1, 2, 3, 127, 128, 254, 255])
        #expect(vectors.prefix(2)[1] == .init(repeating: 0, count: 8))
    }

    @Test(arguments: Metric.allCases) func `the exact search is exact`(metric: Metric) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let searcher = ExactSearcher()
        for (dimension, count) in [(8, 0), (8, 1), (40, 255), (100, 700)] {
            let given = try VectorSample(
                metric, dimension: dimension, count: count, queries: 10, &random)
            // Exact over what is stored: halves may turn round two that nearly tie.
            let sample = VectorSample(
                given.shape, (0..<count).map { given.stored[$0] }, queries: given.queries)
            var filter = VectorFilter(documents: count)
            for number in 0..<count where random.oneIn(3) { filter.insert(number) }
            for chosen in [nil, filter] {
                for limit in [1, 10, 300, 1_000_000] {
                    let exists = min(limit, chosen?.count ?? count)
                    let recall = sample.recall(
                        { query in
                            let hits = searcher.search(
                                sample.stored, query, limit: limit, filter: chosen)
                            #expect(hits.count == exists)
                            #expect(hits.allSatisfy { chosen?.contains(Int($0.document)) ?? true })
                            #expect(
                                hits
                                    == hits.sorted {
                                        ($1.score, $0.document) < ($0.score, $1.document)
                                    })
                            return hits
                        }, limit: limit, filter: chosen)
                    #expect(recall == 1 || exists == 0, "seed \(seed), \(limit) of \(count)")
                }
            }
        }
    }

    @Test func `a range and a group leave the best of what passes`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(.cosine, count: 1_000, queries: 5, &random)
        let searcher = ExactSearcher()
        for query in sample.queries {
            let all = searcher.search(sample.stored, query, limit: 1_000)
            for range in [0..<1_000, 100..<101, 63..<65, 64..<128, 500..<500, 999..<1_000] {
                let hits = searcher.search(sample.stored, query, limit: 20, range: range)
                let want = all.filter { range.contains(Int($0.document)) }.prefix(20)
                #expect(hits == Array(want), "seed \(seed)")
                var filter = VectorFilter(documents: 1_000)
                for number in 0..<1_000 where number % 3 == 0 { filter.insert(number) }
                let some = searcher.search(
                    sample.stored, query, limit: 1_000, range: range, filter: filter)
                #expect(
                    some
                        == all.filter {
                            range.contains(Int($0.document)) && $0.document % 3 == 0
                        })
            }
            var seen = Set<UInt32>()
            let firsts = all.filter { seen.insert($0.document / 50).inserted }
            #expect(
                searcher.search(sample.stored, query, limit: 7) { $0 / 50 }
                    == Array(firsts.prefix(7)))
            #expect(searcher.search(sample.stored, query, limit: 99) { $0 / 50 } == firsts)
        }
    }

    @Test(arguments: Metric.allCases) func `a section gives back the same vectors`(
        metric: Metric
    ) throws {
        var random = SeededRandom(seed: 3)
        let sample = try VectorSample(metric, dimension: 20, count: 70, queries: 1, &random)
        var bytes: [UInt8] = []
        var writer = StoredVectorsWriter(sample.stored.layout)
        let order = (0..<70).shuffled(using: &random)
        for number in order { writer.append(number, of: sample.stored) { bytes += $0.array } }
        #expect(writer.count == 70)
        writer.finish { bytes += $0.array }
        let back = try StoredVectors(sample.stored.layout, VectorBytes(copying: bytes))
        #expect(back.count == 70)
        for (place, number) in order.enumerated() { #expect(back[place] == sample.stored[number]) }
        var whole: [UInt8] = []
        back.write { whole += $0.array }
        #expect(whole == bytes)
        for count in [1, bytes.count - 1, bytes.count - 64] {
            #expect(throws: VectorDamage.self) {
                try StoredVectors(
                    sample.stored.layout, VectorBytes(copying: Array(bytes.prefix(count))))
            }
        }
        #expect(try StoredVectors(back.layout, VectorBytes(copying: [])).count == 0)
    }

    @Test func `a filter is made of words, too`() {
        let filter = VectorFilter(documents: 70, words: [1 << 63 | 1, .max])
        #expect(filter.count == 2 + 6)
        #expect(filter.contains(0) && filter.contains(63) && filter.contains(69))
        #expect(!filter.contains(1))
        #expect(VectorFilter(documents: 70, words: []).count == 0)
    }
}

extension RawSpan {
    /// A copy of the bytes.
    var array: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }
}
