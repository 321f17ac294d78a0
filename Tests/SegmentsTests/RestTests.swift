// Rows that nothing was added to for a while become a segment by themselves, and files of dropped
// tracks go; a few rows do not, nor do rows that go on coming.

import Glibc
import Segments
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct RestTests {
    private func open(_ fs: FaultyFileSystem, rest: Int, bytes: Int) throws -> Store {
        var settings = StoreSettings.small(memtableBytes: 1 << 24)
        settings.restMilliseconds = rest
        settings.restBytes = bytes
        return try Store(opening: "/data", in: fs, settings)
    }

    private func write(_ store: Store, from first: Int, _ count: Int) throws {
        var rows = RowBatch()
        for number in first..<first + count {
            let time = Int64(number)
            rows.append(
                Annotation(title: [1], start: time, end: time, key: [UInt8](text: "\(number)")))
        }
        try store.write([.put(track: 1, rows: rows)])
    }

    /// Whether there is a segment within so many milliseconds.
    private func hasSegment(_ store: Store, within milliseconds: Int) -> Bool {
        for _ in 0..<max(milliseconds / 5, 1) {
            if let track = store.view.tracks[1], !track.segments.isEmpty { return true }
            usleep(5_000)
        }
        return false
    }

    @Test func `rows at rest become a segment, and all are there`() throws {
        let fs = FaultyFileSystem()
        let store = try open(fs, rest: 20, bytes: 10_000)
        defer { store.close() }
        try store.write([.create(track: 1)])
        try write(store, from: 0, 500)
        #expect(hasSegment(store, within: 10_000))
        #expect(store.view.tracks[1]?.documentCount == 500)
        #expect(store.view.tracks[1]?.memtableBytes == 0)
        try write(store, from: 500, 1)
        #expect(store.view.tracks[1]?.documentCount == 501)
    }

    @Test func `a few rows stay in memory`() throws {
        let store = try open(FaultyFileSystem(), rest: 5, bytes: 1 << 20)
        defer { store.close() }
        try store.write([.create(track: 1)])
        try write(store, from: 0, 3)
        #expect(!hasSegment(store, within: 100))
    }

    @Test func `files of a track that was dropped go soon`() throws {
        let fs = FaultyFileSystem()
        let store = try open(fs, rest: 20, bytes: 1 << 30)
        defer { store.close() }
        try store.write([.create(track: 1)])
        try write(store, from: 0, 500)
        try store.flush()
        let segments = "/data/tracks/1/segments"
        #expect(try !fs.list(segments).isEmpty)
        try store.write([.drop(track: 1)])
        for _ in 0..<2_000 where (try? fs.list(segments)) != nil { usleep(5_000) }
        #expect((try? fs.list(segments)) == nil)
    }

    @Test func `rows that were replayed rest as well`() throws {
        let fs = FaultyFileSystem()
        let first = try open(fs, rest: 1_000_000, bytes: 10_000)
        try first.write([.create(track: 1)])
        try write(first, from: 0, 500)
        let second = try Store(opening: "/data", in: fs.powerCut(.dropAll), rested)
        #expect(hasSegment(second, within: 10_000))
        second.close()
        first.close()
    }

    private var rested: StoreSettings {
        var settings = StoreSettings.small(memtableBytes: 1 << 24)
        settings.restMilliseconds = 20
        settings.restBytes = 10_000
        return settings
    }

    @Test func `a disk without room is not asked again and again`() throws {
        let fs = RefusingFileSystem(FaultyFileSystem())
        let store = try Store(opening: "/data", in: fs, rested)
        defer { store.close() }
        try store.write([.create(track: 1)])
        let refused = Atomic<Int>(0)
        fs.refuse { path in
            guard path.hasSuffix(".seg.new") else { return nil }
            refused.add(1, ordering: .relaxed)
            return ENOSPC
        }
        try write(store, from: 0, 500)
        for _ in 0..<2_000 where refused.load(ordering: .relaxed) == 0 { usleep(5_000) }
        #expect(refused.load(ordering: .relaxed) > 0)
        // A write is a reason to try again; that time passes is none.
        try write(store, from: 500, 500)
        usleep(100_000)
        let after = refused.load(ordering: .relaxed)
        usleep(200_000)
        #expect(refused.load(ordering: .relaxed) == after)
        fs.refuse(nil)
        try store.flush()
        #expect(store.view.tracks[1]?.segments.isEmpty == false)
        #expect(store.view.tracks[1]?.memtableBytes == 0)
        #expect(store.view.tracks[1]?.documentCount == 1_000)
    }
}
