// Disks that are full and disks that fail, one case at a time; FaultSweepTests has all of them.

import Glibc
import Segments
import Storage
import TestSupport
import Testing

@Suite struct FaultTests {
    @Test func `a full disk refuses requests until there is room`() throws {
        let fs = FaultyFileSystem()
        let stops = StopRecorder()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 300_000, stops))
        var model = StoreModel()
        var source = RandomOperations(seed: 9)
        model.apply([source.create()])
        try store.write([.create(track: 1)])
        fs.capacity = 2_500_000
        var refused = 0
        for round in 0..<3_000 where refused < 20 {
            let rows = (0..<30).map { _ in source.annotation(withText: source.random.bytes(300)) }
            let request = [Segments.Operation.put(track: 1, rows: batch(rows))]
            do {
                try store.write(request)
                model.apply(request)
            } catch .diskFull {
                refused += 1
            } catch { Issue.record("\(error) in round \(round)") }
        }
        #expect(refused == 20)
        #expect(try store.view.state() == model.state)
        let found = fs.powerCut(.dropAll)
        // Recovery writes the log anew before it goes on.
        found.capacity = 1 << 40
        #expect(try recoveredState(found) == model.state)
        fs.capacity = 1 << 40
        let request = [Segments.Operation.put(track: 1, rows: batch([source.annotation()]))]
        try store.write(request)
        model.apply(request)
        try store.flush()
        #expect(store.view.tracks[1]?.memtables.isEmpty == true)
        #expect(try store.view.state() == model.state)
        store.close()
        #expect(stops.errors.isEmpty)
        #expect(try recoveredState(fs.powerCut(.dropAll)) == model.state)
    }

    @Test func `a store on a full disk rests, and can be closed`() throws {
        let disk = FaultyFileSystem()
        let fs = RefusingFileSystem(disk)
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        try store.write([.create(track: 1)])
        fs.refuse { $0.contains("MANIFEST") ? ENOSPC : nil }
        #expect(throws: StoreError.self) { try store.flush() }
        let calls = disk.calls
        usleep(20_000)
        #expect(disk.calls == calls, "the flush is tried again and again")
        fs.refuse(nil)
        store.close()
    }

    @Test func `a flush that runs out of open files is done later`() throws {
        let fs = RefusingFileSystem(FaultyFileSystem())
        let stops = StopRecorder()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30, stops))
        var source = RandomOperations(seed: 7)
        try store.write([.create(track: 1)])
        try store.write([.put(track: 1, rows: batch([source.annotation()]))])
        fs.refuse { $0.contains("MANIFEST") ? EMFILE : nil }
        #expect(throws: StoreError.self) { try store.flush() }
        try store.write([.set(name: [1], value: [2])])
        fs.refuse(nil)
        // One that was tried again meanwhile may have been refused still.
        if (try? store.flush()) == nil { try store.flush() }
        #expect(store.view.tracks[1]?.memtables.isEmpty == true)
        store.close()
        #expect(stops.errors.isEmpty)
    }

    @Test func `requests are refused while the disk has less than the reserve`() throws {
        let fs = FaultyFileSystem()
        var settings = StoreSettings.small()
        settings.reserveBytes = 1 << 20
        let store = try Store(opening: "/data", in: fs, settings)
        defer { store.close() }
        try store.write([.create(track: 1)])
        fs.capacity = 0
        #expect(throws: StoreError.diskFull(available: 0, needed: 1 << 20)) {
            try store.write([.set(name: [1], value: [2])])
        }
        fs.capacity = 1 << 30
        try store.write([.set(name: [1], value: [2])])
        #expect(store.view.catalog == [[1]: [2]])
    }

    @Test func `a second flush waits for what came after the first began`() throws {
        let fs = RefusingFileSystem(FaultyFileSystem())
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 1 << 30))
        defer { store.close() }
        try store.write([.create(track: 1)])
        var source = RandomOperations(seed: 4)
        try store.write([.put(track: 1, rows: batch([source.annotation()]))])
        fs.refuse { $0.contains("MANIFEST") ? ENOSPC : nil }
        #expect(throws: StoreError.self) { try store.flush() }
        try store.write([.put(track: 1, rows: batch([source.annotation()]))])
        fs.refuse(nil)
        try store.flush()
        #expect(store.view.tracks[1]?.memtables.isEmpty == true)
        #expect(store.view.tracks[1]?.segments.count == 2)
    }

    @Test func `a closed or stopped store refuses everything at once`() throws {
        let fs = FaultyFileSystem()
        let stops = StopRecorder()
        let store = try Store(opening: "/data", in: fs, .small(stops))
        fs.failCall(1, EIO, persistently: true)
        #expect(throws: StoreError.self) { try store.write([.create(track: 1)]) }
        #expect(stops.errors.isEmpty == false || store.view.tracks.isEmpty)
        #expect(throws: StoreError.self) { try store.flush() }
        store.close()
        store.close()
        #expect(throws: StoreError.stopped) { try store.write([.create(track: 1)]) }
        #expect(throws: StoreError.stopped) { try store.flush() }
    }

    @Test func `a data folder is opened once at a time`() throws {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small())
        #expect(throws: StoreError.storage(.locked(path: "/data/LOCK"))) {
            _ = try Store(opening: "/data", in: fs, .small())
        }
        store.close()
        try Store(opening: "/data", in: fs, .small()).close()
        let scratch = try scratchDirectory("lock")
        let real = try Store(opening: scratch("data"), in: RealFileSystem(), .small())
        #expect(throws: StoreError.storage(.locked(path: scratch("data/LOCK")))) {
            _ = try Store(opening: scratch("data"), in: RealFileSystem(), .small())
        }
        real.close()
    }

    @Test func `a flush with nothing new begins no log`() throws {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small())
        defer { store.close() }
        try store.write([.create(track: 1)])
        try store.flush()
        let names = try fs.list("/data/wal")
        #expect(names.count == 1)
        try store.flush()
        #expect(try fs.list("/data/wal") == names)
    }
}
