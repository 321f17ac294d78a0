// What was acknowledged is there after the power failed, whenever that was and whatever of the
// unsynced writes reached the disk; and what is there is the state after one of the requests.

import Glibc
import Segments
import Storage
import TestSupport
import Testing

@Suite struct DurabilityTests {
    @Test func `an acknowledged request survives a power cut right after it`() throws {
        let seed = SeededRandom.fresh()
        let work = Workload(seed: seed, count: 120)
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 30_000))
        defer { store.close() }
        for (index, request) in work.requests.enumerated() {
            try store.write(request)
            let found = try recoveredState(fs.powerCut(.dropAll))
            #expect(found == work.states[index + 1], "seed \(seed), request \(index)")
            if index % 11 == 10 { try store.flush() }
        }
    }

    @Test func `a dropped track stays dropped through restarts, and its files go`() throws {
        var fs = FaultyFileSystem()
        let first = try Store(opening: "/data", in: fs, .small())
        try first.write([.create(track: 1), .create(track: 2)])
        try first.flush()
        try first.write([.drop(track: 1)])
        first.close()
        for _ in 0..<3 {
            fs = fs.powerCut(.dropAll)
            let store = try Store(opening: "/data", in: fs, .small())
            #expect(Array(store.view.tracks.keys) == [2])
            store.close()
        }
        let last = try Store(opening: "/data", in: fs, .small())
        try last.flush()
        #expect(try fs.list("/data/tracks") == ["2"])
        last.close()
    }

    @Test func `without syncs the same test finds a loss`() throws {
        let work = Workload(seed: 1, count: 20)
        let fs = FaultyFileSystem()
        fs.syncsAreLies = true
        let store = try Store(opening: "/data", in: fs, .small())
        defer { store.close() }
        #expect(work.run(store) == 20)
        let found = try? recoveredState(fs.powerCut(.dropAll))
        #expect(found != work.states[20])
    }

    @Test func `a power cut at any call leaves a prefix with all that was acknowledged`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let work = Workload(seed: seed, count: 60)
        let calls = try callCount(work)
        for round in 0..<400 {
            let call = Int.random(in: 1...calls, using: &random)
            let (fs, acknowledged) = crash(work, atCall: call)
            let mode: FaultyFileSystem.PowerCut =
                [.dropAll, .keepAll][safe: round % 4] ?? .random(seed: random.next())
            let note = "seed \(seed), call \(call), \(mode)"
            let found = fs.powerCut(mode)
            let step = work.step(of: try recoveredState(found), from: acknowledged)
            #expect(step != nil, "\(note): \(acknowledged) were acknowledged")
        }
    }

    @Test func `a power cut while a store recovers loses nothing either`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let work = Workload(seed: seed, count: 40)
        let calls = try callCount(work)
        for _ in 0..<150 {
            let call = Int.random(in: calls / 4...calls, using: &random)
            let (fs, acknowledged) = crash(work, atCall: call)
            var disk = fs.powerCut(.random(seed: random.next()))
            var reached = acknowledged
            for _ in 0..<4 {
                disk.failCall(Int.random(in: 1...40, using: &random), EIO, persistently: true)
                if let store = try? Store(opening: "/data", in: disk, .small()) { store.close() }
                disk = disk.powerCut(.random(seed: random.next()))
                let step = work.step(of: try recoveredState(disk.powerCut(.keepAll)), from: reached)
                #expect(step != nil, "seed \(seed), call \(call)")
                reached = step ?? reached
            }
        }
    }

    /// The calls that a run makes when nothing fails.
    private func callCount(_ work: Workload) throws -> Int {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small(memtableBytes: 20_000))
        #expect(work.run(store) == work.requests.count)
        store.close()
        return fs.calls
    }

    /// Runs the workload; nothing from the call on reaches the disk.
    private func crash(_ work: Workload, atCall call: Int) -> (FaultyFileSystem, Int) {
        let fs = FaultyFileSystem()
        fs.failCall(call, EIO, persistently: true)
        guard let store = try? Store(opening: "/data", in: fs, .small(memtableBytes: 20_000))
        else { return (fs, 0) }
        let acknowledged = work.run(store)
        store.close()
        return (fs, acknowledged)
    }
}

extension Array {
    /// The element, nil outside.
    fileprivate subscript(safe index: Int) -> Element? {
        indices.contains(index) ? self[index] : nil
    }
}
