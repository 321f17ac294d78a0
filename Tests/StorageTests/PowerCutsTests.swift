// The enumerator of power cuts must reach every state that it promises, or what is tested with it
// is not what was meant.

import Storage
import TestSupport
import Testing

struct PowerCutsTests {
    /// The contents of "/a" in all disks of one pass; nil where it has no name.
    private func outcomes(
        _ journal: DiskJournal, notes: Int? = nil
    ) -> Set<[UInt8]?> {
        var cuts = PowerCuts(journal, seed: 1)
        var outcomes: Set<[UInt8]?> = []
        _ = cuts.pass(exhaustive: true) { disk, point in
            if notes == nil || point.notes == notes { outcomes.insert(disk.contents("/a")) }
            return true
        }
        return outcomes
    }

    @Test func `bytes and names are lost and kept apart from each other`() throws {
        let fs = FaultyFileSystem()
        fs.beginRecording()
        let file = try fs.open("/a", .create)
        try file.write([1], at: 0)
        try file.write([2], at: 1)
        let journal = try #require(fs.journal)
        #expect(outcomes(journal) == [nil, [], [1], [0, 2], [1, 2], [0], [1, 0]])
        try file.sync()
        try fs.syncDirectory("/")
        fs.note("durable")
        let synced = try #require(fs.journal)
        #expect(outcomes(synced, notes: 1) == [[1, 2]])
        let without = synced.without { $0 == "/" }
        #expect(outcomes(without, notes: 1) == [nil, [1, 2]])
        #expect(outcomes(synced.without { $0 == "/a" }, notes: 1).contains([]))
    }

    @Test func `a rename may come without the bytes of an unsynced file`() throws {
        let fs = FaultyFileSystem()
        fs.place([9], at: "/a")
        fs.beginRecording()
        try fs.open("/b", .create).write([1, 2], at: 0)
        try fs.rename("/b", to: "/a")
        #expect(outcomes(try #require(fs.journal)) == [[9], [], [1, 2], [0, 0]])
    }

    @Test func `long writes are torn at sectors of both sizes`() throws {
        let fs = FaultyFileSystem()
        fs.place([], at: "/a")
        fs.beginRecording()
        let count = 3 * 4_096
        try fs.open("/a", .readWrite).write([UInt8](repeating: 7, count: count), at: 0)
        let outcomes = outcomes(try #require(fs.journal)).compactMap { $0 }
        func sizes(_ sector: Int) -> Bool {
            outcomes.contains { $0.count == sector && $0.allSatisfy { $0 == 7 } }
                && outcomes.contains { bytes in
                    bytes.count == count && bytes.prefix(sector).allSatisfy { $0 == 0 }
                        && bytes.dropFirst(sector).allSatisfy { $0 == 7 }
                }
        }
        #expect(sizes(512) && sizes(4_096))
        #expect(outcomes.contains([UInt8](repeating: 0, count: count)))
    }

    @Test func `disks are made once`() throws {
        let fs = FaultyFileSystem()
        fs.beginRecording()
        let file = try fs.open("/a", .create)
        for index in 0..<3 { try file.write([7], at: UInt64(index)) }
        var cuts = PowerCuts(try #require(fs.journal), seed: 1)
        _ = cuts.pass(exhaustive: true) { _, _ in true }
        let (count, repeated) = (cuts.count, cuts.repeated)
        _ = cuts.pass(exhaustive: true) { _, _ in true }
        #expect(cuts.count == count && cuts.repeated > repeated)
    }
}
