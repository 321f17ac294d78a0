// The index of a segment's vectors: made in the background, found again at a start, joined by
// merges, and made anew when its file is damaged or gone; what it finds is what looking at every
// vector finds, but for the recall asked for.

import Glibc
import Segments
import Storage
import Synchronization
import TestSupport
import Testing
import TextIndex
import VectorIndex

/// A store on a simulated disk, whose one track has vectors in a few clouds.
private final class IndexedStore {
    static let shape = VectorShape(dimension: 16, metric: .cosine)
    let fs: FaultyFileSystem
    let settings: StoreSettings
    var store: Store
    var random: SeededRandom
    /// The middles of the clouds.
    var clouds: [[Float]] = []
    private(set) var count = 0

    init(seed: UInt64) throws {
        fs = FaultyFileSystem()
        random = SeededRandom(seed: seed)
        (store, settings) = try Store.withVectors(Self.shape, in: fs)
        clouds = freshClouds()
    }

    func freshClouds() -> [[Float]] {
        (0..<40).map { _ in (0..<16).map { _ in Float.random(in: -1...1, using: &random) } }
    }

    deinit { store.close() }

    func vector() -> [Float] {
        let cloud = clouds[Int.random(in: 0..<40, using: &random)]
        return cloud.map { $0 + Float.random(in: -0.4...0.4, using: &random) }
    }

    func put(_ more: Int, vectors: Int = 1) throws {
        for start in stride(from: count, to: count + more, by: 500) {
            let rows = (start..<min(start + 500, count + more)).map { number in
                Annotation(
                    title: [UInt8](text: "t\(number % 7)"), start: Int64(number),
                    end: Int64(number) + 1, key: [UInt8](text: "\(number)"),
                    vector: (0..<vectors).flatMap { _ in vector() })
            }
            try store.write([.put(track: 1, rows: batch(rows))])
        }
        count += more
    }

    func reopen() throws {
        store.close()
        store = try Store(opening: "/data", in: fs, settings)
    }

    var indexes: [VectorIndex] { store.view.tracks[1]?.segments.compactMap(\.index) ?? [] }

    /// Waits until so many segments have an index.
    func waitForIndexes(_ wanted: Int) throws {
        for _ in 0..<30_000 where indexes.count < wanted { usleep(10_000) }
        try #require(indexes.count == wanted, "no index came")
    }

    func paths() throws -> [String] {
        try fs.list("/data/tracks/1/segments").filter { $0.hasSuffix(".vec") }
            .map { "/data/tracks/1/segments/\($0)" }
    }

    /// The share of what looking at every vector finds that the index finds.
    func recall(titles: [[UInt8]]? = nil) throws -> Double {
        var scope = SearchRequest(TextQuery(), limit: 0)
        scope.titles = titles
        var (found, wanted) = (0, 0)
        for _ in 0..<60 {
            var request = SimilarRequest(scope, [1: vector()], limit: 10)
            let hits = try store.view.similar([1], request).hits
            request.isExact = true
            let exact = try store.view.similar([1], request).hits
            #expect(hits.count == exact.count)
            let floor = (exact.last?.score ?? 0) - 2e-4
            found += hits.count { $0.score >= floor }
            wanted += exact.count
        }
        return Double(found) / Double(max(wanted, 1))
    }
}

@Suite struct VectorIndexingTests {
    @Test func `an index is made, found again, joined and made anew`() throws {
        let seed = SeededRandom.fresh()
        let fixture = try IndexedStore(seed: seed)
        try fixture.put(6_000)
        try fixture.store.flush()
        try fixture.waitForIndexes(1)
        #expect(try fixture.recall() > 0.9, "seed \(seed)")
        #expect(try fixture.recall(titles: [[UInt8](text: "t3")]) > 0.9, "seed \(seed)")
        let epoch = try #require(fixture.indexes.first).epoch.identity

        try fixture.put(8_000)
        for number in stride(from: 0, to: fixture.count, by: 5) {
            try fixture.store.write([
                .delete(
                    track: 1, title: [UInt8](text: "t\(number % 7)"),
                    key: [UInt8](text: "\(number)"))
            ])
        }
        #expect(try fixture.recall() > 0.9, "seed \(seed), with deletions and a memtable")
        try fixture.store.flush()
        try fixture.waitForIndexes(2)
        #expect(fixture.indexes.allSatisfy { $0.epoch.identity == epoch })
        try fixture.reopen()
        #expect(fixture.indexes.count == 2, "the indexes are found again")
        #expect(try fixture.recall() > 0.9, "seed \(seed), opened again")

        try fixture.store.merge(1)
        #expect(fixture.indexes.map(\.count) == [11_200])
        #expect(fixture.indexes.first?.epoch.identity == epoch, "joined, not learnt anew")
        #expect(try fixture.paths().count == 1)
        #expect(try fixture.recall() > 0.9, "seed \(seed), merged")
        var verifier = Verifier("/data", in: fixture.fs, isLive: true, Pace())
        #expect(try verifier.run().damage == [])
        try damage(fixture, seed)
    }

    /// A damaged index is named, removed and made again; so is one of another segment.
    private func damage(_ fixture: IndexedStore, _ seed: UInt64) throws {
        let path = try #require(try fixture.paths().first)
        let sound = try #require(fixture.fs.contents(path))
        for place in [0, 40, 100, sound.count / 2, sound.count - 3] {
            fixture.store.close()
            var bytes = sound
            bytes[place] ^= 0x55
            fixture.fs.place(bytes, at: path)
            var verifier = Verifier("/data", in: fixture.fs, isLive: false, Pace())
            let found = try verifier.run().damage
            #expect(found.count == 1 && found.allSatisfy { path.hasSuffix($0.file) }, "\(found)")
            try fixture.reopen()
            try fixture.waitForIndexes(1)
            #expect(try fixture.recall() > 0.9, "seed \(seed), byte \(place) was damaged")
        }
    }

    @Test func `an index that is given up is not begun again, others are made`() throws {
        let fixture = try IndexedStore(seed: 1)
        try fixture.put(30_000)
        try fixture.store.flush()
        var job: UInt64?
        for _ in 0..<6_000 where job == nil {
            job = fixture.store.jobs.first { $0.kind == .index }?.id
            usleep(500)
        }
        #expect(fixture.store.cancel(try #require(job)))
        for _ in 0..<6_000 where !fixture.store.jobs.isEmpty { usleep(10_000) }
        #expect(fixture.indexes.isEmpty)
        try fixture.put(6_000)
        try fixture.store.flush()
        try fixture.waitForIndexes(1)
        #expect(fixture.indexes.map(\.count) == [6_000])
        try fixture.store.merge(1)
        #expect(fixture.indexes.map(\.count) == [36_000])
    }

    @Test func `an index that cannot be opened keeps nobody from starting`() throws {
        let disk = FaultyFileSystem()
        let fs = RefusingFileSystem(disk)
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.logBytes = 1 << 40
        let log = Mutex<[String]>([])
        settings.log = { line in log.withLock { $0.append(line) } }
        var store = try Store(opening: "/data", in: fs, settings)
        let shape = VectorShape(dimension: 8, metric: .cosine)
        try store.write([.create(track: 1, content: TrackContent(vectors: shape))])
        var random = SeededRandom(seed: 3)
        let rows = (0..<5_000).map { number in
            Annotation(
                title: [UInt8](text: "t"), start: Int64(number), end: Int64(number),
                vector: (0..<8).map { _ in Float.random(in: -1...1, using: &random) })
        }
        try store.write([.put(track: 1, rows: batch(rows))])
        try store.flush()
        for _ in 0..<6_000 where store.view.tracks[1]?.segments.first?.index == nil {
            usleep(10_000)
        }
        store.close()
        fs.refuse { $0.hasSuffix(".vec") ? EACCES : nil }
        store = try Store(opening: "/data", in: fs, settings)
        defer { store.close() }
        #expect(store.view.tracks[1]?.segments.map { $0.index == nil } == [true])
        #expect(log.withLock { $0.contains { $0.contains(".vec") } })
        let request = SimilarRequest(
            SearchRequest(TextQuery(), limit: 0), [1: rows[7].vector], limit: 1)
        #expect(try store.view.similar([1], request).hits.map(\.annotation.start) == [7])
    }

    @Test func `vectors of another kind get an epoch of their own`() throws {
        let seed = SeededRandom.fresh()
        let fixture = try IndexedStore(seed: seed)
        try fixture.put(22_000)
        try fixture.store.flush()
        try fixture.waitForIndexes(1)
        let first = try #require(fixture.indexes.first)
        // More of one kind goes into the lists that there are.
        try fixture.put(20_000)
        try fixture.store.flush()
        try fixture.waitForIndexes(2)
        #expect(fixture.indexes.allSatisfy { $0.epoch === first.epoch }, "seed \(seed)")

        let known = fixture.clouds
        fixture.clouds = fixture.freshClouds()
        try fixture.put(20_000)
        try fixture.store.flush()
        #expect(try fixture.recall() > 0.9, "seed \(seed), before there is an index")
        try fixture.waitForIndexes(3)
        #expect(fixture.indexes.first === first, "what there was goes on")
        let last = try #require(fixture.indexes.last)
        #expect(last.epoch.identity != first.epoch.identity, "seed \(seed), nothing was learnt")
        #expect(try fixture.recall() > 0.9, "seed \(seed), of the new kind")

        try fixture.store.merge(1)
        #expect(fixture.indexes.map(\.count) == [62_000])
        #expect(try fixture.recall() > 0.9, "seed \(seed), of the new kind, merged")
        fixture.clouds = known
        #expect(try fixture.recall() > 0.9, "seed \(seed), of the old kind, merged")
    }

    @Test func `rows with several vectors are joined`() throws {
        let seed = SeededRandom.fresh()
        let fixture = try IndexedStore(seed: seed)
        for _ in 0..<2 {
            try fixture.put(3_000, vectors: 2)
            try fixture.store.flush()
        }
        try fixture.waitForIndexes(2)
        try fixture.store.merge(1)
        #expect(fixture.indexes.map(\.count) == [12_000])
        #expect(try fixture.recall() > 0.9, "seed \(seed)")
    }

    @Test func `all vectors alike, and few, are found`() throws {
        let fixture = try IndexedStore(seed: 1)
        let rows = (0..<6_000).map { number in
            Annotation(
                title: [UInt8](text: "t"), start: Int64(number), end: Int64(number) + 1,
                vector: [Float](repeating: 1, count: 16))
        }
        try fixture.store.write([.put(track: 1, rows: batch(rows))])
        try fixture.store.flush()
        try fixture.waitForIndexes(1)
        let scope = SearchRequest(TextQuery(), limit: 0)
        let query = [Float](repeating: 2, count: 16)
        for limit in [1, 10, 1_000] {
            let request = SimilarRequest(scope, [1: query], limit: limit)
            let hits = try fixture.store.view.similar([1], request).hits
            #expect(hits.count == limit)
            #expect(hits.allSatisfy { abs($0.score - 1) < 1e-3 })
        }
    }
}
