// Merges while the store is used: deletions that arrive meanwhile, no room, damage, a cancelled
// job, a closed store.

import Glibc
import Segments
import Storage
import Synchronization
import TestSupport
import Testing
import TextIndex

@Suite struct MergeTests {
    /// A store with some segments of one track, and what it shows.
    private struct Fixture {
        let base = FaultyFileSystem()
        let fs: RefusingFileSystem
        let stops = StopRecorder()
        let store: Store
        var source = RandomOperations(seed: 3)
        var model = StoreModel()

        init(_ change: (inout StoreSettings) -> Void = { _ in }) throws {
            fs = RefusingFileSystem(base)
            var settings = StoreSettings.small(memtableBytes: 1 << 30, stops)
            settings.policy.fanout = 0
            change(&settings)
            store = try Store(opening: "/data", in: fs, settings)
            try write([source.create()])
            for _ in 0..<4 {
                for _ in 0..<30 { try write([.put(track: 1, rows: rows(5))]) }
                try store.flush()
            }
        }

        mutating func rows(_ count: Int) -> RowBatch {
            batch((0..<count).map { _ in source.annotation() })
        }

        mutating func write(_ operations: [Segments.Operation]) throws {
            model.apply(operations)
            try store.write(operations)
        }

        var segments: [Segment] { store.view.tracks[1]?.segments ?? [] }
    }

    @Test func `a merge leaves one segment without deleted rows, and no other file`() throws {
        let fixture = try Fixture()
        defer { fixture.store.close() }
        #expect(fixture.segments.count == 4)
        try fixture.store.merge(1)
        #expect(fixture.segments.count == 1)
        #expect(fixture.segments.first?.tombstones.count == 0)
        let live = fixture.model.state.tracks[1]?.count ?? 0
        #expect(Int(fixture.segments.first?.documentCount ?? 0) == live)
        #expect(try fixture.base.list("/data/tracks/1/segments").count == 1)
        #expect(try fixture.base.list("/data/tracks/1").count == 2)
        #expect(try fixture.store.view.state() == fixture.model.state)
    }

    @Test func `merging again, or a track without segments, does nothing`() throws {
        let fixture = try Fixture()
        defer { fixture.store.close() }
        try fixture.store.merge(1)
        let before = fixture.base.calls
        try fixture.store.merge(1)
        #expect(fixture.base.calls == before)
        try fixture.store.write([.create(track: 9)])
        try fixture.store.merge(9)
        #expect(throws: StoreError.noTrack(77)) { try fixture.store.merge(77) }
    }

    @Test func `what is deleted and put during a merge counts`() throws {
        var fixture = try Fixture()
        defer { fixture.store.close() }
        let gate = Gate()
        fixture.fs.refuse { path in
            if path.hasSuffix(".seg.new") { gate.pass() }
            return nil
        }
        let store = fixture.store
        let merge = TestThread { try? store.merge(1) }
        gate.waitForSomeone()
        let old = store.view
        let before = fixture.model.state
        for title in 0..<3 {
            let name = [UInt8](text: "t\(title)")
            try fixture.write([.clear(track: 1, title: name, name: [], value: [])])
        }
        try fixture.write([.put(track: 1, rows: fixture.rows(40))])
        gate.open()
        merge.join()
        #expect(fixture.segments.count == 1)
        #expect(try store.view.state() == fixture.model.state)
        // A view taken before goes on showing what it showed.
        #expect(try old.state() == before)
        #expect(try recoveredState(fixture.base.powerCut(.dropAll)) == fixture.model.state)
    }

    @Test func `a merge without room changes nothing, and succeeds when there is room`() throws {
        let fixture = try Fixture()
        defer { fixture.store.close() }
        let before = fixture.segments.map(\.id)
        fixture.fs.refuse { $0.contains(".seg.new") ? ENOSPC : nil }
        #expect(throws: StoreError.self) { try fixture.store.merge(1) }
        #expect(fixture.segments.map(\.id) == before)
        fixture.fs.refuse(nil)
        try fixture.store.merge(1)
        #expect(fixture.segments.count == 1)
        #expect(try fixture.store.view.state() == fixture.model.state)
        #expect(fixture.stops.errors.isEmpty)
    }

    @Test func `the room that a merge needs is looked at before it begins`() throws {
        let fixture = try Fixture()
        defer { fixture.store.close() }
        let used = fixture.segments.reduce(0) { $0 + $1.length }
        fixture.base.capacity = 1 << 40
        let free = try fixture.base.available("/data")
        fixture.base.capacity = (1 << 40) - free + used
        let calls = fixture.base.calls
        #expect(throws: StoreError.diskFull(available: used, needed: used + used / 10)) {
            try fixture.store.merge(1)
        }
        #expect(fixture.base.calls - calls <= 2)
    }

    @Test func `a merge that meets damage names it and changes nothing`() throws {
        let fixture = try Fixture()
        let path = try #require(fixture.segments.last?.path)
        fixture.store.close()
        let disk = fixture.base.powerCut(.keepAll)
        var bytes = try #require(disk.contents(path))
        bytes[100] ^= 1
        disk.place(bytes, at: path)
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.policy.fanout = 0
        let store = try Store(opening: "/data", in: disk, settings)
        defer { store.close() }
        do {
            try store.merge(1)
            Issue.record("the damage was not found")
        } catch { #expect("\(error)".contains(path)) }
        #expect(store.view.tracks[1]?.segments.count == 4)
        #expect(try disk.list("/data/tracks/1/segments").filter { $0.hasSuffix(".seg") }.count == 4)
    }

    @Test func `a merge can be cancelled`() throws {
        let fixture = try Fixture()
        defer { fixture.store.close() }
        let gate = Gate()
        fixture.fs.refuse { path in
            if path.hasSuffix(".seg.new") { gate.pass() }
            return nil
        }
        let store = fixture.store
        let outcome = Mutex<StoreError?>(nil)
        let merge = TestThread {
            do { try store.merge(1) } catch {
                let error = error as? StoreError
                outcome.withLock { $0 = error }
            }
        }
        gate.waitForSomeone()
        let job = try #require(store.jobs.first { $0.kind == .merge })
        #expect(job.track == 1)
        #expect(store.cancel(job.id))
        gate.open()
        merge.join()
        #expect(outcome.withLock { $0 } == .cancelled)
        #expect(fixture.segments.count == 4)
        #expect(store.jobs.isEmpty)
        #expect(!store.cancel(job.id))
    }

    @Test func `segments are merged unasked, and a store that is closed stops doing so`() throws {
        let fixture = try Fixture { $0.policy.fanout = 3 }
        fixture.store.close()
        let found = fixture.base.powerCut(.dropAll)
        #expect(try recoveredState(found) == fixture.model.state)
        let store = try Store(opening: "/data", in: found, .small())
        #expect((store.view.tracks[1]?.segments.count ?? 9) < 5)
        store.close()
    }
}

/// Holds a thread up until the test lets it go.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waits = false
    }
    private let state = Mutex(State())

    func pass() {
        state.withLock { $0.waits = true }
        while !state.withLock({ $0.isOpen }) { usleep(500) }
    }

    func waitForSomeone() { while !state.withLock({ $0.waits }) { usleep(500) } }
    func open() { state.withLock { $0.isOpen = true } }
}
