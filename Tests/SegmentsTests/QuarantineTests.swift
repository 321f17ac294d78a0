// Tracks with damaged files: the store opens without them, refuses what is asked of them, keeps
// what it needs to have them back, and lets them be dropped.

import Segments
import Storage
import TestSupport
import Testing
import TextIndex

@Suite struct QuarantineTests {
    /// Two tracks with a segment and deletions each, and rows of both in a log alone.
    private func folder() throws -> FaultyFileSystem {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        try store.write([.create(track: 1), .create(track: 2), .set(name: [1], value: [2])])
        for round in 0..<2 {
            for track in [UInt32(1), 2] { try store.write([put(track, "first", 1 + round)]) }
            try store.flush()
        }
        for track in [UInt32(1), 2] { try store.write([put(track, "logged", 9)]) }
        store.close()
        return fs
    }

    private func put(_ track: UInt32, _ word: String, _ key: Int) -> Segments.Operation {
        let annotation = Annotation(
            title: [65], start: Int64(key), end: Int64(key) + 1, key: [UInt8(key)],
            text: [UInt8](text: word))
        return .put(track: track, rows: batch([annotation]))
    }

    private func open(_ fs: FaultyFileSystem) throws -> Store {
        try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
    }

    private func damage(_ path: String, _ fs: FaultyFileSystem) throws -> [UInt8] {
        let bytes = try #require(fs.contents(path))
        var damaged = bytes
        damaged[bytes.count - 40] ^= 1
        fs.place(damaged, at: path)
        return bytes
    }

    private let manifest = "/data/tracks/1/MANIFEST-0000000002"
    private let segment = "/data/tracks/1/segments/0000000001.seg"

    @Test(arguments: ["MANIFEST", ".seg", "missing"])
    func `a damaged track is set aside and the others are served`(kind: String) throws {
        let fs = try folder()
        let path = kind == "MANIFEST" ? manifest : segment
        if kind == "missing" { try fs.remove(path) } else { _ = try damage(path, fs) }
        let store = try open(fs)
        defer { store.close() }
        let reason = try #require(store.view.quarantined[1])
        #expect("\(reason)".contains(path))
        #expect(store.view.tracks.keys.sorted() == [2])
        let words = TextQuery(
            clauses: [.init(.should, [TermKey.word([UInt8](text: "first"))])])
        let found = try store.view.search([1, 2], SearchRequest(words, limit: 10))
        #expect(found.hits.map(\.track) == [2, 2] && found.damaged == [1: reason])
        #expect(throws: reason) { try store.view.search([1], SearchRequest(words, limit: 10)) }
        #expect(throws: reason) { try store.view.annotation(1, title: [65], key: [1]) }
        #expect(throws: StoreError.damagedTrack(1, reason)) { try store.write([put(1, "new", 1)]) }
        #expect(throws: StoreError.damagedTrack(1, reason)) {
            try store.write([.delete(track: 1, title: [65], key: [1])])
        }
        try store.write([put(2, "new", 3)])
        #expect(try store.view.annotation(2, title: [65], key: [3]) != nil)
    }

    @Test func `a track whose files come back has every acknowledged row`() throws {
        let fs = try folder()
        let expected = try recoveredState(fs.powerCut(.keepAll))
        let good = try damage(segment, fs)
        // While it is set aside the store is written, flushed and started again.
        for key in [20, 21, 22] {
            let store = try open(fs)
            #expect(store.view.quarantined.keys.sorted() == [1])
            try store.write([put(2, "later", key)])
            try store.flush()
            try store.write([put(2, "last", key + 10)])
            store.close()
        }
        fs.place(good, at: segment)
        let store = try open(fs)
        #expect(store.view.quarantined.isEmpty)
        #expect(try store.view.state().tracks[1] == expected.tracks[1])
        try store.flush()
        store.close()
        let logs = try fs.list("/data/wal").filter { $0.hasSuffix(".log") }
        #expect(logs.count <= 1, "logs are kept that nobody needs: \(logs)")
        #expect(try recoveredState(fs).tracks[1] == expected.tracks[1])
    }

    @Test func `logs kept for a damaged track do not count, and go when it is dropped`() throws {
        let fs = try folder()
        _ = try damage(segment, fs)
        let store = try open(fs)
        let kept = try fs.list("/data/wal").filter { $0.hasSuffix(".log") }
        try store.flush()
        let after = try fs.list("/data/wal")
        #expect(kept.dropLast().allSatisfy(after.contains))
        try store.write([.drop(track: 1)])
        #expect(store.view.quarantined.isEmpty)
        try store.flush()
        #expect(try !fs.list("/data/wal").contains(try #require(kept.first)))
        #expect(try fs.list("/data/tracks") == ["2"])
        store.close()
        let again = try open(fs)
        #expect(again.view.quarantined.isEmpty && again.view.tracks.keys.sorted() == [2])
        again.close()
    }

    @Test func `a damaged track that is dropped stays dropped after a power cut`() throws {
        let fs = try folder()
        _ = try damage(manifest, fs)
        let store = try open(fs)
        try store.write([.drop(track: 1)])
        let cut = fs.powerCut(.dropAll)
        store.close()
        let again = try open(cut)
        #expect(again.view.quarantined.isEmpty && again.view.tracks.keys.sorted() == [2])
        try again.flush()
        again.close()
        #expect(try cut.list("/data/tracks") == ["2"])
    }

    @Test func `a page that is damaged under an open store leaves the other tracks`() throws {
        let fs = FaultyFileSystem()
        let first = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        try first.write([.create(track: 1), .create(track: 2)])
        for track in [UInt32(1), 2] { try first.write([put(track, "first", 1)]) }
        try first.flush()
        first.close()
        // Rows are read, and checked, when they are first shown.
        var bytes = try #require(fs.contents(segment))
        bytes[64] ^= 1
        fs.place(bytes, at: segment)
        let store = try open(fs)
        defer { store.close() }
        #expect(store.view.quarantined.isEmpty)
        let request = SearchRequest(TextQuery(), limit: 10)
        let found = try store.view.search([1, 2], request)
        #expect(found.hits.map(\.track) == [2] && found.count.count == 1)
        guard case .corrupt(segment, 64, _)? = found.damaged[1] else {
            Issue.record("\(String(describing: found.damaged[1]))")
            return
        }
        #expect(throws: StorageError.self) { try store.view.search([1], request) }
    }
}
