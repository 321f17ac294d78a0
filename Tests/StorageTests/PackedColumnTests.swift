// Packed columns give back what was put in, for every Int64, and never trap on what nobody wrote.

import Storage
import TestSupport
import Testing

struct PackedColumnTests {
    private static let kind = FileKind(magic: "MSPDTST1", version: 1)

    private func section(_ bytes: [UInt8]) throws -> Section {
        let fs = FaultyFileSystem()
        let writer = try SectionFileWriter(creating: "/f", kind: Self.kind, fileID: 1, in: fs)
        writer.begin(1)
        try writer.append(bytes)
        _ = try writer.finish()
        let file = try SectionFile(opening: "/f", kind: Self.kind, fileID: 1, in: fs)
        return try #require(file.section(1))
    }

    private func packed(_ values: [Int64]) -> [UInt8] {
        var writer = PackedColumnWriter()
        for value in values { writer.append(value) }
        return writer.finish()
    }

    private func roundTrip(_ values: [Int64], _ note: String = "") throws -> Int {
        let bytes = packed(values)
        let column = try #require(PackedColumn(try section(bytes)), "\(note)")
        #expect(column.count == values.count, "\(note)")
        try column.verify(0..<values.count)
        for index in values.indices where column[index] != values[index] {
            Issue.record("index \(index): \(column[index]), not \(values[index]) \(note)")
            break
        }
        return bytes.count
    }

    @Test(arguments: [0, 1, 2, 127, 128, 129, 255, 256, 1000])
    func `any count of values survives`(_ count: Int) throws {
        _ = try roundTrip((0..<Int64(count)).map { $0 * $0 })
        _ = try roundTrip([Int64](repeating: .min, count: count))
    }

    @Test func `values in ranges are found where looking at each finds them`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for round in 0..<60 {
            let count = Int.random(in: 1...900, using: &random)
            let spread: Int64 = [10, 1_000_000, 1 << 40, .max][round % 4]
            let slope = [0, 3, -70_000, 1 << 50][Int.random(in: 0..<4, using: &random)]
            let values = (0..<count).map { index in
                Int64.random(in: -spread...spread, using: &random) &+ Int64(index * slope)
            }
            let column = try #require(PackedColumn(try section(packed(values))))
            for _ in 0..<20 {
                let ranges = (0..<Int.random(in: 0..<3, using: &random)).map { _ in
                    let start = values.randomElement(using: &random) ?? 0
                    let (end, isFar) = start.addingReportingOverflow(
                        Int64.random(in: 0...(spread >> 2), using: &random))
                    return start...(isFar ? start : end)
                }
                let first = Int.random(in: 0...count, using: &random)
                let indexes = first..<Int.random(in: first...count, using: &random)
                var found: [Int] = []
                let isWhole = column.forEach(in: indexes, within: ranges) {
                    found.append($0)
                    return found.count < 50
                }
                let all = indexes.filter { index in
                    ranges.contains { $0.contains(values[index]) }
                }
                let isSame = found == Array(all.prefix(50)) && isWhole == (all.count < 50)
                #expect(isSame, "seed \(seed), round \(round)")
                guard isSame else { return }
            }
        }
    }

    @Test func `constant blocks take no bits`() throws {
        let size = try roundTrip([Int64](repeating: -5, count: 1280))
        #expect(size == 16 + 10 * 24 + 8)
    }

    @Test func `a common divisor is taken out`() throws {
        // Frames at 24 per second in nanoseconds, to the nearest multiple of 1,000.
        let times = (0..<128).map { Int64($0 * 37 % 128) * 41_666_000 + 3 }
        #expect(try roundTrip(times) == 16 + 24 + 128 * 7 / 8 + 8)
    }

    @Test func `what rises or falls evenly needs bits for its deviations only`() throws {
        for step: Int64 in [1, -1, 1_000_000, -32_768, 32_767] {
            let even = (0..<256).map { Int64($0) * step - 7 }
            #expect(try roundTrip(even) == 16 + 2 * 24 + 8, "\(step)")
        }
        // Two seconds a line on average, to the millisecond: 18 bits without the line.
        let times = (0..<128).map { (line: Int64) -> Int64 in
            line * 2_000_000_000 + line * 37 % 128 * 1_000_000
        }
        #expect(try roundTrip(times) == 16 + 24 + 128 * 7 / 8 + 8)
        // Steeper than a slope can be.
        _ = try roundTrip((0..<200).map { (line: Int64) -> Int64 in line * 40_000 + line % 2 })
        _ = try roundTrip((0..<200).map { (line: Int64) -> Int64 in (line << 54) + line % 3 })
    }

    @Test(arguments: 0...64)
    func `every width survives`(_ width: Int) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
        let base = Int64.random(in: .min ... .max, using: &random)
        let values = (0..<300).map { _ in base &+ Int64(bitPattern: random.next() & mask) }
        _ = try roundTrip(values, "width \(width), seed \(seed)")
        _ = try roundTrip(Array(values.prefix(130)) + [base], "width \(width), seed \(seed)")
    }

    @Test func `extremes survive`() throws {
        let extremes: [Int64] = [.min, .max, 0, -1, 1, .min + 1, .max - 1]
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let values = (0..<Int.random(in: 1...400, using: &random)).map { _ in
                extremes[Int.random(in: 0..<extremes.count, using: &random)]
            }
            _ = try roundTrip(values, "seed \(seed)")
        }
        // The whole range with one divisor: 2^63 apart.
        _ = try roundTrip([.min, 0, .min, 0])
        _ = try roundTrip([.min, .max])
    }

    @Test func `mixed columns survive`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            var values: [Int64] = []
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                let base = Int64(bitPattern: random.next())
                let step = Int64(
                    bitPattern: random.next() >> UInt64.random(in: 0...63, using: &random))
                for _ in 0..<Int.random(in: 1...200, using: &random) {
                    values.append(base &+ step &* Int64.random(in: 0...50, using: &random))
                }
            }
            _ = try roundTrip(values, "seed \(seed)")
        }
    }

    @Test func `random bytes are refused or read without a trap`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let good = packed((0..<500).map { Int64($0) * 977 })
        var accepted = 0
        for _ in 0..<2_000 {
            var bytes = good
            if random.oneIn(4) { bytes = random.bytes(Int.random(in: 0...200, using: &random)) }
            for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<min(bytes.count, 130), using: &random)
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            }
            if random.oneIn(4) {
                bytes.removeLast(Int.random(in: 0...min(20, bytes.count), using: &random))
            }
            guard let column = PackedColumn(try section(bytes)) else { continue }
            accepted += 1
            try column.verify(0..<column.count)
            var sum: Int64 = 0
            for index in 0..<column.count { sum &+= column[index] }
            withExtendedLifetime(sum) {}
        }
        #expect(accepted > 100, "seed \(seed)")
    }

    @Test func `cut columns are refused`() throws {
        let good = packed((0..<300).map { Int64($0 * $0) })
        for length in 0..<good.count {
            #expect(PackedColumn(try section(Array(good.prefix(length)))) == nil)
        }
        #expect(PackedColumn(try section(good)) != nil)
    }

    @Test func `damaged bits are found by verify and a damaged directory at opening`() throws {
        let fs = FaultyFileSystem()
        let writer = try SectionFileWriter(creating: "/f", kind: Self.kind, fileID: 1, in: fs)
        writer.begin(1)
        let values = (0..<100_000).map { Int64($0) &* 0x9E37_79B9_7F4A & 0xFFFF_FFFF }
        try writer.append(packed(values))
        _ = try writer.finish()
        let whole = try #require(fs.contents("/f"))
        var damaged = whole
        damaged[whole.count - 5_000] ^= 1
        fs.place(damaged, at: "/f")
        let file = try SectionFile(opening: "/f", kind: Self.kind, fileID: 1, in: fs)
        let section = try #require(file.section(1))
        let column = try #require(PackedColumn(section))
        try column.verify(0..<50_000)
        #expect(column[49_999] == values[49_999])
        #expect(throws: StorageError.self) { try column.verify(0..<100_000) }
        damaged = whole
        damaged[64 + 16 + 5] ^= 1
        fs.place(damaged, at: "/f")
        let other = try SectionFile(opening: "/f", kind: Self.kind, fileID: 1, in: fs)
        let unsound = try #require(other.section(1))
        #expect(PackedColumn(unsound) == nil)
    }
}
