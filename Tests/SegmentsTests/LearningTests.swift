// What indexes learn from queries: nothing from few; from many that lie where no vector does, how
// much effort these take; and what was learnt outlives restarts and merges.

import Glibc
import Segments
import Storage
import TestSupport
import Testing
import TextIndex
import VectorIndex

/// A store with vectors in clouds, and queries from anywhere.
private final class LearningStore {
    static let shape = VectorShape(dimension: 32, metric: .cosine)
    static let clouds = 200
    let fs = FaultyFileSystem()
    let settings: StoreSettings
    var store: Store
    var random: SeededRandom
    private var middles: [[Float]] = []
    private var count = 0

    init(seed: UInt64) throws {
        random = SeededRandom(seed: seed)
        (store, settings) = try Store.withVectors(Self.shape, in: fs)
        middles = (0..<Self.clouds).map { _ in
            (0..<32).map { _ in Float.random(in: -1...1, using: &random) }
        }
    }

    deinit { store.close() }

    private func near(_ cloud: Int, _ spread: Float) -> [Float] {
        middles[cloud].map { $0 + Float.random(in: -spread...spread, using: &random) }
    }

    /// Adds rows and brings them into a segment.
    func grow(_ more: Int) throws {
        for start in stride(from: count, to: count + more, by: 1_000) {
            let rows = (start..<min(start + 1_000, count + more)).map { number in
                Annotation(
                    title: [UInt8](text: "t"), start: Int64(number), end: Int64(number) + 1,
                    key: [UInt8](text: "\(number)"),
                    vector: near(Int.random(in: 0..<Self.clouds, using: &random), 0.3))
            }
            try store.write([.put(track: 1, rows: batch(rows))])
        }
        count += more
        try store.flush()
    }

    /// A query where no cloud is.
    func query() -> [Float] { (0..<32).map { _ in Float.random(in: -1...1, using: &random) } }

    func ask(_ count: Int) { for _ in 0..<count { store.learn(from: query(), in: 1) } }

    var indexes: [VectorIndex] { store.view.tracks[1]?.segments.compactMap(\.index) ?? [] }

    func wait(_ what: Comment, until isSo: () -> Bool) throws {
        for _ in 0..<6_000 where !isSo() { usleep(10_000) }
        try #require(isSo(), what)
    }

    func reopen() throws {
        store.close()
        store = try Store(opening: "/data", in: fs, settings)
    }

    /// The share of what looking at every vector finds that the index finds.
    func recall() throws -> Double {
        let scope = SearchRequest(TextQuery(), limit: 0)
        var (found, wanted) = (0, 0)
        for _ in 0..<200 {
            var request = SimilarRequest(scope, [1: query()], limit: 10)
            let hits = try store.view.similar([1], request).hits
            request.isExact = true
            let exact = try store.view.similar([1], request).hits
            let floor = (exact.last?.score ?? 0) - 2e-4
            found += hits.count { $0.score >= floor }
            wanted += exact.count
        }
        return Double(found) / Double(max(wanted, 1))
    }
}

@Suite struct LearningTests {
    @Test func `what queries need is learnt, and outlives restarts and merges`() throws {
        let seed = SeededRandom.fresh()
        let fixture = try LearningStore(seed: seed)
        try fixture.grow(22_000)
        try fixture.wait("no index came") { fixture.indexes.count == 1 }
        let before = try fixture.recall()
        let own = try #require(fixture.indexes.first).calibration
        #expect(!own.isLearnt)
        fixture.ask(199)
        try fixture.store.flush()
        #expect(fixture.indexes.first?.calibration == own, "too few to learn from")
        fixture.ask(1)
        try fixture.wait("nothing was learnt") {
            fixture.indexes.first?.calibration.isLearnt == true
        }
        let learnt = try fixture.recall()
        #expect(before + 0.01 < learnt && learnt > 0.925, "\(before), then \(learnt), seed \(seed)")

        let first = try #require(fixture.indexes.first)
        fixture.ask(200)
        try fixture.wait("nothing was learnt of twice as many") {
            fixture.indexes.first.map { $0 !== first } ?? false
        }
        try fixture.reopen()
        #expect(fixture.indexes.first?.calibration.isLearnt == true)
        try fixture.grow(20_000)
        try fixture.wait("no second index came") { fixture.indexes.count == 2 }
        #expect(fixture.indexes.allSatisfy { $0.calibration.isLearnt })
        let epochs = Set(fixture.indexes.map { ObjectIdentifier($0.epoch) })
        #expect(epochs.count == 1, "one epoch is in memory once")
        try fixture.store.merge(1)
        #expect(fixture.indexes.count == 1 && fixture.indexes.allSatisfy(\.calibration.isLearnt))
        let merged = try fixture.recall()
        #expect(merged > 0.925, "\(merged) merged, seed \(seed)")
    }

    @Test func `closing does not wait for an index`() throws {
        let fixture = try LearningStore(seed: 3)
        try fixture.grow(40_000)
        try fixture.wait("no index is being made") {
            fixture.store.jobs.contains { $0.kind == .index }
        }
        fixture.store.close()
        #expect(fixture.store.jobs.isEmpty)
        #expect(fixture.indexes.isEmpty, "it was made to its end")
    }

    @Test func `a track that goes takes its index along`() throws {
        let fixture = try LearningStore(seed: 4)
        try fixture.grow(40_000)
        try fixture.wait("no index is being made") {
            fixture.store.jobs.contains { $0.kind == .index }
        }
        let segments = try #require(fixture.store.view.tracks[1]?.segments)
        try fixture.store.write([.drop(track: 1)])
        try fixture.wait("the job goes on") { fixture.store.jobs.isEmpty }
        #expect(segments.allSatisfy { $0.index == nil }, "it was made to its end")
        try fixture.store.flush()
        #expect(try fixture.fs.list("/data/tracks") == [])
    }
}
