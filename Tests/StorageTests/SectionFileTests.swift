// The section file when nothing goes wrong: round trips, laziness, order of syncs.

import Storage
import TestSupport
import Testing

struct SectionFileTests {
    static let kind = FileKind(magic: "MSPDTST1", version: 3)
    static let path = "/d/file"

    static func disk() throws(StorageError) -> FaultyFileSystem {
        let fs = FaultyFileSystem()
        try fs.createDirectory("/d")
        try fs.syncDirectory("/")
        return fs
    }

    /// Writes sections in order.
    static func write(
        _ sections: [(id: UInt32, bytes: [UInt8])], at path: String = path, fileID: UInt64 = 7,
        in fs: any FileSystem, piece: Int = .max
    ) throws(StorageError) -> UInt64 {
        let writer = try SectionFileWriter(creating: path, kind: kind, fileID: fileID, in: fs)
        for section in sections {
            writer.begin(section.id)
            var rest = section.bytes[...]
            while !rest.isEmpty {
                try writer.append(Array(rest.prefix(piece)))
                rest = rest.dropFirst(piece)
            }
        }
        return try writer.finish()
    }

    static func contents(_ section: Section) throws(StorageError) -> [UInt8] {
        let bytes = try section.bytes(0..<section.count)
        return unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    @Test(arguments: [1, 1000, 16384, 300_000, Int.max])
    func `sections are read back whatever the pieces`(_ piece: Int) throws {
        var random = SeededRandom(seed: 3)
        var sections: [(id: UInt32, bytes: [UInt8])] = []
        let sizes = piece == 1 ? [0, 1, 63, 64, 16385] : [0, 1, 64, 16384, 16385, 600_001, 0]
        for (index, size) in sizes.enumerated() {
            sections.append((UInt32(index * 10), random.bytes(size)))
        }
        let fs = try Self.disk()
        let length = try Self.write(sections, in: fs, piece: piece)
        let file = try SectionFile(opening: Self.path, kind: Self.kind, fileID: 7, in: fs)
        #expect(file.length == length)
        #expect(fs.contents(Self.path).map { UInt64($0.count) } == length)
        #expect(file.sections.map(\.id) == sections.map(\.id))
        try file.verifyAll()
        for (id, bytes) in sections {
            let section = try #require(file.section(id))
            #expect(section.offset % 64 == 0)
            #expect(try Self.contents(section) == bytes)
        }
        #expect(file.section(5) == nil)
    }

    @Test func `a real file gives the same`() throws {
        let scratch = try scratchDirectory("section")
        let fs = RealFileSystem()
        var random = SeededRandom(seed: 4)
        let bytes = random.bytes(50_000)
        let length = try Self.write([(1, bytes)], at: scratch("f"), in: fs)
        #expect(try fs.size(of: scratch("f")) == length)
        let section: Section?
        do {
            section = try SectionFile(
                opening: scratch("f"), kind: Self.kind, fileID: nil, in: fs
            ).section(1)
        }
        // The section alone keeps the file mapped.
        #expect(try Self.contents(try #require(section)) == bytes)
        #expect(try fs.list(scratch.path) == ["f"])
    }

    @Test func `a file without sections is a file`() throws {
        let fs = try Self.disk()
        #expect(try Self.write([], in: fs) == 96)
        let file = try SectionFile(opening: Self.path, kind: Self.kind, fileID: nil, in: fs)
        #expect(file.fileID == 7)
        #expect(file.sections.isEmpty)
        try file.verifyAll()
    }

    @Test func `offsets in a section count from its start`() throws {
        let fs = try Self.disk()
        let writer = try SectionFileWriter(
            creating: Self.path, kind: Self.kind, fileID: 1, in: fs)
        writer.begin(1)
        try writer.append([1, 2, 3])
        #expect(writer.offsetInSection == 3)
        writer.begin(2)
        #expect(writer.offsetInSection == 0)
        writer.abandon()
        #expect(try fs.list("/d") == [])
    }

    @Test func `the file has its name only when it is whole and synced`() throws {
        let fs = try Self.disk()
        fs.place([9], at: Self.path + ".new")
        _ = try Self.write([(1, [1, 2, 3])], in: fs)
        let name = Self.path + ".new"
        let tail = fs.events.drop { $0 != .sync(name) }
        #expect(Array(tail) == [.sync(name), .rename(name, to: Self.path)])
        try fs.syncDirectory("/d")
        let after = fs.powerCut()
        try SectionFile(opening: Self.path, kind: Self.kind, fileID: 7, in: after).verifyAll()
        #expect(try after.list("/d") == ["file"])
    }

    @Test func `whichever call fails the name stands for a whole file or for none`() throws {
        var random = SeededRandom(seed: 5)
        let bytes = random.bytes(700_000)
        var call = 1
        while true {
            let fs = try Self.disk()
            fs.failCall(call, 5)
            if (try? Self.write([(1, bytes)], in: fs)) != nil { break }
            fs.heal()
            for disk in [fs, fs.powerCut(.keepAll), fs.powerCut()] {
                #expect(try disk.size(of: Self.path) == nil)
            }
            // And the next attempt is not in the way of the last one's remains.
            _ = try Self.write([(1, bytes)], in: fs)
            call += 1
        }
        #expect(call > 5)
    }

    @Test func `bounds are checked`() throws {
        let fs = try Self.disk()
        _ = try Self.write([(1, [UInt8](repeating: 1, count: 100))], in: fs)
        let file = try SectionFile(opening: Self.path, kind: Self.kind, fileID: 7, in: fs)
        let section = try #require(file.section(1))
        try section.verify(0..<100)
        try section.verify(0..<0)
        try section.verify(100..<100)
        for range in [0..<101, -1..<5, 100..<101, 200..<300, Int.min..<Int.max, 101..<101] {
            #expect(throws: StorageError.self) { try section.verify(range) }
            #expect(throws: StorageError.self) { _ = try Self.length(section, range) }
        }
    }

    private static func length(_ section: Section, _ range: Range<Int>) throws -> Int {
        let bytes = try section.bytes(range)
        return bytes.byteCount
    }

    @Test func `kind version and id must be the ones asked for`() throws {
        let fs = try Self.disk()
        _ = try Self.write([(1, [1])], in: fs)
        let other = FileKind(magic: "MSPDOTHR", version: 3)
        let older = FileKind(magic: "MSPDTST1", version: 2)
        let newer = FileKind(magic: "MSPDTST1", version: 4)
        #expect(throws: StorageError.self) {
            _ = try SectionFile(opening: Self.path, kind: other, fileID: 7, in: fs)
        }
        #expect(throws: StorageError.newerFormat(file: Self.path, found: 3, supported: 2)) {
            _ = try SectionFile(opening: Self.path, kind: older, fileID: 7, in: fs)
        }
        #expect(throws: StorageError.self) {
            _ = try SectionFile(opening: Self.path, kind: Self.kind, fileID: 8, in: fs)
        }
        _ = try SectionFile(opening: Self.path, kind: newer, fileID: 7, in: fs)
    }

    @Test func `many threads may verify at once`() async throws {
        let fs = try Self.disk()
        var random = SeededRandom(seed: 6)
        _ = try Self.write([(1, random.bytes(1 << 20))], in: fs)
        let file = try SectionFile(opening: Self.path, kind: Self.kind, fileID: 7, in: fs)
        let section = try #require(file.section(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for seed in 0..<8 {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(seed))
                    for _ in 0..<2_000 {
                        let start = Int.random(in: 0..<1 << 20, using: &random)
                        try section.verify(start..<min(start + 50_000, 1 << 20))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
