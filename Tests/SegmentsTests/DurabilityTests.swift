// What was acknowledged is there after the power failed, one case at a time; PowerCutTests has all
// of them.

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
}
