// Disks that are full and disks that fail: no request is lost that was acknowledged, none is half
// done, a full disk is survived, and the process is never brought down by a trap.

import Glibc
import Segments
import Storage
import TestSupport
import Testing

@Suite struct FaultTests {
    @Test(arguments: [EIO, ENOSPC]) func `any one failing call is survived`(code: Int32) throws {
        let work = Workload(seed: 3, count: 30)
        var call = 0
        var isDone = false
        while !isDone {
            call += 1
            let fs = FaultyFileSystem()
            fs.failCall(call, code)
            let stops = StopRecorder()
            let outcome = attempt(work, fs, stops)
            isDone = fs.calls < call
            fs.heal()
            let note = "call \(call), errno \(code)"
            let expected = outcome.model.state
            for disk in [fs.powerCut(.keepAll), fs.powerCut(.dropAll)] {
                let found = try recoveredState(disk)
                let isKept = found == expected
                // A request whose fate is unknown may be there, when the store has stopped.
                let isUnknown = !stops.errors.isEmpty && found == outcome.ifLast?.state
                #expect(isKept || isUnknown, "\(note)")
            }
        }
        #expect(call > 200)
    }

    private struct Outcome {
        var model = StoreModel()
        /// The model as it would be if the request that stopped the store had been carried out.
        var ifLast: StoreModel?
    }

    private func attempt(
        _ work: Workload, _ fs: FaultyFileSystem, _ stops: StopRecorder
    ) -> Outcome {
        var outcome = Outcome()
        guard let store = try? Store(opening: "/data", in: fs, .small(memtableBytes: 20_000, stops))
        else { return outcome }
        for (index, request) in work.requests.enumerated() {
            do {
                try store.write(request)
                outcome.model.apply(request)
            } catch .noTrack {
                continue
            } catch {
                guard outcome.ifLast == nil, !stops.errors.isEmpty else { continue }
                outcome.ifLast = outcome.model
                outcome.ifLast?.apply(request)
            }
            if index % 9 == 8 { try? store.flush() }
        }
        store.close()
        return outcome
    }

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

    @Test func `requests are refused while the disk has less than the reserve`() throws {
        let fs = FaultyFileSystem()
        var settings = StoreSettings.small()
        settings.reserveBytes = 1 << 20
        let store = try Store(opening: "/data", in: fs, settings)
        defer { store.close() }
        try store.write([.create(track: 1)])
        fs.capacity = 1 << 19
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
}
