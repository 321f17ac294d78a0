// The check of a section file by plain reads: it finds what the mapped file's own check finds, and
// lists every damaged page, not only the first.

import Glibc
import Storage
import TestSupport
import Testing

@Suite struct SectionFileCheckTests {
    private let path = SectionFileTests.path

    private func sample(_ sizes: [Int]) throws -> (fs: FaultyFileSystem, bytes: [UInt8]) {
        let fs = try SectionFileTests.disk()
        var random = SeededRandom(seed: 12)
        let sections = sizes.enumerated().map { (UInt32($0), random.bytes($1)) }
        _ = try SectionFileTests.write(sections, in: fs)
        return (fs, try #require(fs.contents(path)))
    }

    private func check(_ fs: FaultyFileSystem, _ pace: Pace = Pace()) throws -> [SectionDamage] {
        try SectionFileCheck.run(path, kind: SectionFileTests.kind, fileID: 7, in: fs, pace).damage
    }

    @Test func `every damaged byte is found, by its place`() throws {
        let (fs, bytes) = try sample([100, 0, 65, 129])
        #expect(try check(fs) == [])
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x10
            fs.place(damaged, at: path)
            let found = try check(fs)
            #expect(found.count == 1, "byte \(place): \(found)")
            let offset = try #require(found.first?.offset)
            #expect(offset <= UInt64(place) || place >= bytes.count - 32, "byte \(place)")
        }
    }

    @Test func `every cut length is found`() throws {
        let (fs, bytes) = try sample([100, 0, 65])
        for length in 0..<bytes.count {
            fs.place(Array(bytes.prefix(length)), at: path)
            #expect(try check(fs).count == 1, "length \(length)")
        }
    }

    @Test func `all damaged pages and gaps are listed`() throws {
        let (fs, bytes) = try sample([40_000, 70_001, 20])
        let file = try SectionFile(opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)
        let starts = file.sections.map(\.offset)
        var damaged = bytes
        let places = [
            starts[0] + 5, starts[0] + 20_000, starts[1] + 70_000, starts[1] + 70_003,
            starts[2] + 1,
        ]
        for place in places { damaged[Int(place)] ^= 1 }
        fs.place(damaged, at: path)
        let page = "page checksum differs"
        #expect(
            try check(fs) == [
                SectionDamage(section: 0, offset: starts[0], what: page),
                SectionDamage(section: 0, offset: starts[0] + 16_384, what: page),
                SectionDamage(section: 1, offset: starts[1] + 65_536, what: page),
                SectionDamage(
                    section: nil, offset: starts[1] + 70_003, what: "a gap that is not zero"),
                SectionDamage(section: 2, offset: starts[2], what: page),
            ])
    }

    @Test func `a page that cannot be read is damage, and the others are read`() throws {
        let (fs, _) = try sample([40_000])
        // Open, size, header, footer, directory, gap; the section's chunk and its first page.
        fs.failCall(7, EIO)
        #expect(try check(fs) == [])
        fs.failCall(7, EIO, persistently: true)
        let found = try check(fs)
        #expect(found.count >= 3)
        #expect(found.allSatisfy { $0.what.hasPrefix("cannot be read: ") })
    }

    @Test func `a check that is cancelled ends early`() throws {
        let (fs, bytes) = try sample([40_000])
        var damaged = bytes
        damaged[30_000] ^= 1
        fs.place(damaged, at: path)
        let pace = Pace()
        pace.cancel()
        #expect(try check(fs, pace) == [])
        #expect(try check(fs).count == 1)
    }
}
