// The simulated disk must lose what it should lose, or tests on it would prove nothing.

import Glibc
import Storage
import TestSupport
import Testing

struct FaultyFileSystemTests {
    private func disk() throws -> FaultyFileSystem {
        let fs = FaultyFileSystem()
        try fs.createDirectory("/d")
        try fs.syncDirectory("/")
        return fs
    }

    @Test func `bytes and names need a sync each`() throws {
        for (syncsFile, syncsFolder) in [
            (false, false), (true, false), (false, true), (true, true),
        ] {
            let fs = try disk()
            let file = try fs.open("/d/a", .create)
            try file.write([1, 2], at: 0)
            if syncsFile { try file.sync() }
            if syncsFolder { try fs.syncDirectory("/d") }
            try file.write([3], at: 2)
            let expected: [UInt8]? = syncsFolder ? (syncsFile ? [1, 2] : []) : nil
            #expect(fs.powerCut().contents("/d/a") == expected)
            #expect(fs.powerCut(.keepAll).contents("/d/a") == [1, 2, 3])
            #expect(fs.contents("/d/a") == [1, 2, 3])
        }
    }

    @Test func `a rename is whole or not at all`() throws {
        let fs = try disk()
        fs.place([1], at: "/d/a")
        fs.place([2], at: "/d/b")
        try fs.rename("/d/a", to: "/d/b")
        var outcomes: Set<[String]> = []
        for seed in 0..<40 {
            let after = fs.powerCut(.random(seed: UInt64(seed)))
            let names = try after.list("/d")
            outcomes.insert(names)
            #expect(after.contents("/d/b") == (names == ["b"] ? [1] : [2]))
        }
        #expect(outcomes == [["b"], ["a", "b"]])
        try fs.syncDirectory("/d")
        #expect(try fs.powerCut().list("/d") == ["b"])
    }

    @Test func `a removed file is back until the folder is synced`() throws {
        let fs = try disk()
        fs.place([1], at: "/d/a")
        try fs.remove("/d/a")
        #expect(fs.contents("/d/a") == nil)
        #expect(fs.powerCut().contents("/d/a") == [1])
        try fs.syncDirectory("/d")
        #expect(fs.powerCut().contents("/d/a") == nil)
    }

    @Test func `a lost folder takes its files along`() throws {
        let fs = FaultyFileSystem()
        try fs.createDirectory("/d")
        let file = try fs.open("/d/a", .create)
        try file.sync()
        try fs.syncDirectory("/d")
        #expect(try fs.powerCut().list("/") == [])
        try fs.syncDirectory("/")
        #expect(try fs.powerCut().list("/d") == ["a"])
    }

    @Test func `a renamed folder keeps what was synced under its old name`() throws {
        let fs = try disk()
        try fs.createDirectory("/d/old")
        try fs.syncDirectory("/d")
        try fs.open("/d/old/a", .create).sync()
        try fs.syncDirectory("/d/old")
        try fs.rename("/d/old", to: "/d/new")
        _ = try fs.open("/d/new/b", .create)
        #expect(try fs.powerCut().list("/d/old") == ["a"])
        try fs.syncDirectory("/d/new")
        #expect(try fs.powerCut().list("/d/old") == ["a", "b"])
        try fs.syncDirectory("/d")
        #expect(try fs.powerCut().list("/d") == ["new"])
        #expect(try fs.powerCut().list("/d/new") == ["a", "b"])
    }

    @Test func `random cuts tear at sectors`() throws {
        let fs = try disk()
        fs.place([], at: "/d/a")
        let file = try fs.open("/d/a", .readWrite)
        try file.write([UInt8](repeating: 7, count: 2048), at: 100)
        var torn = 0
        for seed in 0..<100 {
            let bytes = fs.powerCut(.random(seed: UInt64(seed))).contents("/d/a") ?? []
            let kept = bytes.dropFirst(100).filter { $0 == 7 }.count
            if kept != 0 && kept != 2048 { torn += 1 }
            for sector in stride(from: 512, to: min(bytes.count, 2048), by: 512) {
                let whole = bytes[sector..<min(sector + 512, bytes.count)]
                #expect(Set(whole).count == 1)
            }
        }
        #expect(torn > 10)
    }

    @Test func `the chosen call fails once or for good`() throws {
        let fs = try disk()
        let file = try fs.open("/d/a", .create)
        fs.failCall(2, EIO)
        try file.write([1, 2], at: 0)
        #expect(throws: StorageError.self) { try file.write([3, 4], at: 0) }
        #expect(fs.contents("/d/a") == [3, 2])
        try file.write([5], at: 0)
        fs.failCall(1, EIO, persistently: true)
        for _ in 0..<3 { #expect(throws: StorageError.self) { _ = try fs.list("/d") } }
        fs.heal()
        #expect(try fs.list("/d") == ["a"])
        let before = fs.calls
        _ = try fs.list("/d")
        #expect(fs.calls == before + 1)
    }

    @Test func `bytes of a failed sync never become durable`() throws {
        let fs = try disk()
        fs.place([], at: "/d/a")
        let file = try fs.open("/d/a", .readWrite)
        try file.write([1], at: 0)
        fs.failCall(1, EIO)
        #expect(throws: StorageError.self) { try file.sync() }
        try file.sync()
        #expect(fs.contents("/d/a") == [1])
        #expect(fs.powerCut().contents("/d/a") == [])
    }

    @Test func `a full disk says so and keeps what fits`() throws {
        let fs = try disk()
        fs.capacity = 10
        let file = try fs.open("/d/a", .create)
        try file.write([UInt8](repeating: 1, count: 8), at: 0)
        #expect(try fs.available("/d") == 2)
        let error = #expect(throws: StorageError.self) {
            try file.write([UInt8](repeating: 2, count: 4), at: 8)
        }
        #expect(error?.isOutOfSpace == true)
        #expect(try file.size() == 10)
        try file.write([9], at: 0)
    }

    @Test func `lying syncs lose everything`() throws {
        let fs = try disk()
        fs.syncsAreLies = true
        let file = try fs.open("/d/a", .create)
        try file.write([1], at: 0)
        try file.sync()
        try fs.syncDirectory("/d")
        #expect(fs.powerCut().contents("/d/a") == nil)
    }

    @Test func `events are in order`() throws {
        let fs = try disk()
        let file = try fs.open("/d/a", .create)
        try file.write([1], at: 3)
        try file.sync()
        fs.note("acknowledged")
        try fs.rename("/d/a", to: "/d/b")
        #expect(
            fs.events.suffix(5) == [
                .create("/d/a"), .write("/d/a", offset: 3, count: 1), .sync("/d/a"),
                .note("acknowledged"), .rename("/d/a", to: "/d/b"),
            ])
    }
}
