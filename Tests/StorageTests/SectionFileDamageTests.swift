// A section file with any byte damaged or cut at any length: always an error, never a wrong answer.

import Storage
import TestSupport
import Testing

struct SectionFileDamageTests {
    private let path = SectionFileTests.path

    private func sample(_ sizes: [Int]) throws -> (fs: FaultyFileSystem, bytes: [UInt8]) {
        let fs = try SectionFileTests.disk()
        var random = SeededRandom(seed: 11)
        let sections = sizes.enumerated().map { (UInt32($0), random.bytes($1)) }
        _ = try SectionFileTests.write(sections, in: fs)
        return (fs, try #require(fs.contents(path)))
    }

    /// Opens and reads everything; the error that this met.
    private func check(_ fs: FaultyFileSystem) -> StorageError? {
        do throws(StorageError) {
            try SectionFile(opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)
                .verifyAll()
            return nil
        } catch {
            return error
        }
    }

    @Test func `every damaged byte is found`() throws {
        let (fs, bytes) = try sample([100, 0, 65, 129])
        #expect(check(fs) == nil)
        for place in bytes.indices {
            for flip: UInt8 in [0x01, 0x80, 0xFF] {
                var damaged = bytes
                damaged[place] ^= flip
                fs.place(damaged, at: path)
                guard case .corrupt(path, let offset, _)? = check(fs) else {
                    Issue.record("byte \(place) ^ \(flip): \(String(describing: check(fs)))")
                    continue
                }
                #expect(offset <= UInt64(max(place, 0)) || place >= bytes.count - 32)
            }
        }
    }

    @Test func `every cut length is found`() throws {
        let (fs, bytes) = try sample([100, 0, 65])
        for length in 0..<bytes.count {
            fs.place(Array(bytes.prefix(length)), at: path)
            guard case .corrupt(path, _, _)? = check(fs) else {
                Issue.record("length \(length)")
                continue
            }
        }
        for excess in [1, 31, 32, 64, 1000] {
            fs.place(bytes + [UInt8](repeating: 0, count: excess), at: path)
            #expect(check(fs) != nil)
            fs.place(bytes + bytes.suffix(excess), at: path)
            #expect(check(fs) != nil)
        }
    }

    @Test func `damage is named by place and leaves other pages usable`() throws {
        let (fs, bytes) = try sample([40_000, 40_000])
        var damaged = bytes
        let whole = try SectionFile(
            opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)
        let target = try #require(whole.section(1))
        damaged[Int(target.offset) + 20_000] ^= 1
        fs.place(damaged, at: path)
        let file = try SectionFile(
            opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)
        try #require(file.section(0)).verifyAll()
        let section = try #require(file.section(1))
        try section.verify(0..<16_384)
        try section.verify(32_768..<40_000)
        let expected = StorageError.corrupt(
            file: path, offset: target.offset + 16_384, what: "section 1: page checksum differs")
        for _ in 0..<2 {
            #expect(throws: expected) { try section.verify(16_384..<16_385) }
            #expect(throws: expected) { try section.verify(16_383..<32_769) }
            #expect(throws: expected) { try section.verifyAll() }
        }
    }

    @Test func `a good page in another place does not pass`() throws {
        let (fs, bytes) = try sample([16_384 * 2])
        let start = 64
        var swapped = bytes
        swapped.replaceSubrange(
            start..<start + 16_384, with: bytes[start + 16_384..<start + 32_768])
        swapped.replaceSubrange(
            start + 16_384..<start + 32_768, with: bytes[start..<start + 16_384])
        // Even with the directory's checksums swapped and its own made good again.
        let directory = start + 32_768
        let crcs = directory + 24
        swapped.replaceSubrange(crcs..<crcs + 4, with: bytes[crcs + 4..<crcs + 8])
        swapped.replaceSubrange(crcs + 4..<crcs + 8, with: bytes[crcs..<crcs + 4])
        resum(&swapped, directory: directory..<crcs + 8)
        fs.place(swapped, at: path)
        let file = try SectionFile(
            opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)
        #expect(throws: StorageError.self) { try file.verifyAll() }
    }

    @Test(arguments: [
        (0, UInt8(1)), (4, 0), (4, 2), (8, 128), (16, 255), (20, 1), (28, 0), (32, 1), (32, 3),
        (36, 0), (36, 255), (44, 0), (51, 0x80),
    ])
    func `a directory that does not fit is refused at opening`(_ place: Int, _ value: UInt8) throws
    {
        // Entries at 0 and 28: id, page count (4), offset (8), length (16), page checksums (24).
        let (fs, bytes) = try sample([100, 20_000])
        let start = (192 + 20_000 + 63) / 64 * 64
        var damaged = bytes
        try #require(damaged[start + place] != value)
        damaged[start + place] = value
        resum(&damaged, directory: start..<bytes.count - 32)
        fs.place(damaged, at: path)
        let error = #expect(throws: StorageError.self) {
            _ = try SectionFile(
                opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)
        }
        guard case .corrupt(path, let offset, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(offset >= UInt64(start))
    }

    @Test(arguments: [0, 1, 2, 3])
    func `a directory has a checksum for every page and no more`(_ pages: UInt32) throws {
        let (fs, bytes) = try sample([20_000])
        let start = (64 + 20_000 + 63) / 64 * 64
        var directory = ByteWriter()
        directory.u32(0)
        directory.u32(pages)
        directory.u64(64)
        directory.u64(20_000)
        for page in 0..<Int(pages) {
            let checksum = start + 24 + min(page, 1) * 4
            directory.bytes(Array(bytes[checksum..<checksum + 4]))
        }
        var file = ByteWriter()
        file.bytes(Array(bytes.prefix(start)))
        file.bytes(directory.bytes)
        file.u64(UInt64(start))
        file.u32(UInt32(directory.count))
        file.u32(CRC32C.checksum(directory.bytes.rawSpan, seed: CRC32C.place(7)))
        file.u64(UInt64(start + directory.count + 32))
        file.bytes(SectionFileFormat.endMagic)
        fs.place(file.bytes, at: path)
        let opens =
            (try? SectionFile(
                opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)) != nil
        #expect(opens == (pages == 2))
    }

    @Test func `random directories with good checksums never trap`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let (fs, bytes) = try sample([100, 20_000])
        let file = try SectionFile(
            opening: path, kind: SectionFileTests.kind, fileID: 7, in: fs)
        let last = try #require(file.section(1))
        let start = (Int(last.offset) + last.count + 63) / 64 * 64
        for _ in 0..<3_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: start..<bytes.count - 32, using: &random)
                damaged[place] = random.oneIn(2) ? 0xFF : UInt8.random(in: 0...255, using: &random)
            }
            resum(&damaged, directory: start..<bytes.count - 32)
            fs.place(damaged, at: path)
            if let error = check(fs) {
                guard case .corrupt = error else {
                    Issue.record("\(error), seed \(seed)")
                    continue
                }
            }
        }
    }

    /// Makes the directory's checksum in the footer good.
    private func resum(_ bytes: inout [UInt8], directory: Range<Int>) {
        let crc = CRC32C.checksum(
            bytes.rawSpan.extracting(directory), seed: CRC32C.place(7))
        for index in 0..<4 {
            bytes[bytes.count - 20 + index] = UInt8(truncatingIfNeeded: crc >> (8 * UInt32(index)))
        }
    }
}
