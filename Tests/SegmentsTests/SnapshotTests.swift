// Snapshots and restores: exactly one state, whole or not at all, whatever is being written and
// whatever fails.

import Glibc
import Segments
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct SnapshotTests {
    private func create(_ store: Store, _ text: String) throws -> Snapshot {
        let name = try #require(SnapshotName(text))
        return try outcome { store.createSnapshot(name, finish: $0) }.get()
    }

    private func restored(_ fs: FaultyFileSystem, _ name: String) throws -> StoreState {
        let restore = Restore("/data/snapshots/\(name)", to: "/restored", in: fs, Pace())
        guard case .restored = try restore.run() else {
            Issue.record("the snapshot is damaged")
            return StoreState(catalog: [:])
        }
        let store = try Store(opening: "/restored", in: fs, .small())
        defer { store.close() }
        return try store.view.state()
    }

    @Test func `a snapshot is the state of one operation, and restores to it`() throws {
        let fs = FaultyFileSystem()
        var settings = StoreSettings.small(memtableBytes: 30_000)
        // So that the files of the last snapshot stay in use.
        settings.policy.fanout = 0
        let store = try Store(opening: "/data", in: fs, settings)
        let work = Workload(seed: 21, count: 60)
        for (index, request) in work.requests.enumerated() {
            _ = try? store.write(request)
            guard index % 20 == 19 else { continue }
            let expected = try store.view.state()
            let snapshot = try create(store, "s\(index)")
            #expect(snapshot.sequence == store.view.sequence)
            let copy = fs.powerCut(.dropAll)
            #expect(try restored(copy, "s\(index)") == expected)
        }
        let all = try store.snapshots()
        #expect(all.map(\.snapshot.name) == ["s19", "s39", "s59"])
        #expect(all.last.map { $0.shared == $0.snapshot.bytes } == true)
        let name = try #require(SnapshotName("s19"))
        #expect(try outcome { store.verifySnapshot(name, finish: $0) }.get().damage == [])
        try outcome { store.dropSnapshot(name, finish: $0) }.get()
        #expect(try store.snapshots().count == 2)
        store.close()
        #expect(try fs.list("/data/snapshots") == ["s39", "s59"])
    }

    @Test func `a snapshot made beside a writer is one prefix of what was written`() throws {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 20_000))
        try store.write([.create(track: 1)])
        let isDone = Mutex(false)
        let done = Mutex(0)
        store.createSnapshot(try #require(SnapshotName("s"))) { result in
            #expect(throws: Never.self) { try result.get() }
            isDone.withLock { $0 = true }
        }
        var number: UInt8 = 0
        while !isDone.withLock({ $0 }) || number < 20 {
            number += 1
            // A title and its row come together, or not at all.
            let row = Annotation(title: [number], start: 0, end: 1, key: [1], text: [65])
            try store.write([
                .put(track: 1, rows: batch([row])), .set(name: [number], value: [1]),
            ])
            done.withLock { $0 += 1 }
            if number == 255 { break }
        }
        store.close()
        let state = try restored(fs, "s")
        let titles = (state.tracks[1] ?? []).map { $0.annotation.title }
        #expect(titles == (1...254).prefix(titles.count).map { [UInt8($0)] })
        #expect(state.catalog.count == titles.count)
    }

    @Test func `whichever call fails there is a whole snapshot or none`() throws {
        var call = 0
        var hasSucceeded = false
        while !hasSucceeded {
            call += 1
            let fs = FaultyFileSystem()
            let stops = StopRecorder()
            let store = try Store(opening: "/data", in: fs, .small(stops))
            try store.write([.create(track: 1), .set(name: [1], value: [2])])
            let expected = try store.view.state()
            fs.failCall(call, EIO)
            hasSucceeded = (try? create(store, "s")) != nil && fs.calls > 0
            fs.heal()
            let names = (try? fs.list("/data/snapshots")) ?? []
            store.close()
            if !hasSucceeded {
                #expect(names.allSatisfy { $0.hasPrefix(".") }, "call \(call): \(names)")
            }
            let disk = fs.powerCut(.keepAll)
            try Store(opening: "/data", in: disk, .small()).close()
            let left = (try? disk.list("/data/snapshots")) ?? []
            if left.isEmpty { continue }
            #expect(left == ["s"], "call \(call)")
            #expect(try restored(disk, "s") == expected)
            hasSucceeded = call > 60
        }
        #expect(call > 20)
    }

    @Test func `a damaged snapshot is refused and leaves no trace`() throws {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small())
        var source = RandomOperations(seed: 5)
        try store.write([.create(track: 1)])
        try store.write([.put(track: 1, rows: batch((0..<9).map { _ in source.annotation() }))])
        _ = try create(store, "s")
        store.close()
        for path in try DamageSample.files("/data/snapshots/s", fs) {
            let bytes = try #require(fs.contents(path))
            var flipped = bytes
            flipped[bytes.count / 2] ^= 4
            for damaged in [nil, flipped, Array(bytes.dropLast())] {
                let disk = fs.powerCut(.keepAll)
                if let damaged { disk.place(damaged, at: path) } else { try disk.remove(path) }
                let restore = Restore("/data/snapshots/s", to: "/restored", in: disk, Pace())
                if case .restored? = try? restore.run() { Issue.record("\(path) was restored") }
                #expect(try disk.list("/") == ["data"])
            }
        }
        fs.place([1], at: "/restored/file")
        #expect(throws: StoreError.notEmpty("/restored")) {
            _ = try Restore("/data/snapshots/s", to: "/restored", in: fs, Pace()).run()
        }
    }

    @Test func `a damaged track refuses the snapshot, names stay in their folder`() throws {
        let fs = FaultyFileSystem()
        let first = try Store(opening: "/data", in: fs, .small())
        try first.write([.create(track: 1)])
        try first.flush()
        first.close()
        try fs.remove("/data/tracks/1/MANIFEST-0000000001")
        let store = try Store(opening: "/data", in: fs, .small())
        defer { store.close() }
        let reason = try #require(store.view.quarantined[1])
        #expect(throws: StoreError.damagedTrack(1, reason)) { try create(store, "s") }
        #expect(try fs.list("/data").contains("snapshots") == false || store.snapshots().isEmpty)
        let long = String(repeating: "a", count: 65)
        for name in ["", ".", "..", "../x", "a/b", ".hidden", "-a", "a b", "a\0", "é", long] {
            #expect(SnapshotName(name) == nil, "\(name)")
        }
        for name in ["a", "2026-11-24", "A.b_c-d", String(long.dropLast())] {
            #expect(SnapshotName(name) != nil, "\(name)")
        }
    }
}
