// The record log when nothing goes wrong, and when the disk is full.

import Glibc
import Storage
import TestSupport
import Testing

struct RecordLogTests {
    private let path = RecordLogSamples.path

    @Test func `records are read back in order`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        let batches = RecordLogSamples.batches()
        try RecordLogSamples.write(batches, to: writer)
        #expect(writer.recordCount == 5)
        #expect(writer.durable == writer.size)
        let reading = LogReading(path, in: fs)
        #expect(reading.error == nil)
        #expect(reading.records == batches.flatMap { $0 })
        #expect(reading.end?.tail == .open)
        #expect(reading.end?.size == writer.size)
        #expect(reading.end?.number == 1)
        #expect(reading.end?.recordCount == 5)
        #expect(reading.offsets.first == 40)
        #expect(reading.offsets.allSatisfy { $0 % 8 == 0 })
    }

    @Test func `a real file gives the same`() throws {
        let scratch = try scratchDirectory("log")
        let fs = RealFileSystem()
        let writer = try RecordLogWriter(creating: scratch("1.log"), number: 9, in: fs)
        let batches = RecordLogSamples.batches()
        try RecordLogSamples.write(batches, to: writer)
        #expect(try fs.size(of: scratch("1.log")) == 1 << 20)
        #expect(LogReading(scratch("1.log"), in: fs).end?.tail == .open)
        try writer.seal()
        writer.close()
        let reading = LogReading(scratch("1.log"), in: fs)
        #expect(reading.records == batches.flatMap { $0 })
        #expect(reading.end?.tail == .sealed)
        #expect(reading.end?.number == 9)
        #expect(try fs.size(of: scratch("1.log")) == writer.size)
        #expect(try fs.list(scratch.path) == ["1.log"])
    }

    @Test func `an empty log is open or sealed`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        try writer.commit()
        #expect(LogReading(path, in: fs).end?.size == 40)
        #expect(LogReading(path, in: fs).end?.tail == .open)
        try writer.seal()
        try writer.seal()
        #expect(LogReading(path, in: fs).end?.size == 64)
        #expect(LogReading(path, in: fs).end?.tail == .sealed)
    }

    @Test func `long records are packed when that helps`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        writer.append(kind: 1, [UInt8](repeating: 7, count: 100_000))
        try writer.commit()
        #expect(writer.size < 1_000)
        #expect(LogReading(path, in: fs).records.first?.payload.count == 100_000)
    }

    @Test func `the file grows in steps of zeros`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs, zeroFill: 1024)
        for _ in 0..<3 {
            writer.append(kind: 1, [1, 2, 3])
            try writer.commit()
            #expect(fs.contents(path)?.count == 1024)
        }
        // One write for the growth, then one write and one sync for each commit.
        let writes = fs.events.filter { if case .write(path, _, _) = $0 { true } else { false } }
        #expect(writes.count == 0)
        let name = path + ".new"
        #expect(fs.events.filter { $0 == .sync(name) }.count == 4)
        #expect(
            fs.events.filter { if case .write(name, _, _) = $0 { true } else { false } }.count == 5)
    }

    @Test func `a log is never created over another`() throws {
        let fs = try RecordLogSamples.disk()
        fs.place([1, 2, 3], at: path + ".new")
        let writer = try RecordLogSamples.writer(fs)
        writer.close()
        let error = #expect(throws: StorageError.self) { _ = try RecordLogSamples.writer(fs) }
        #expect(error == .system(operation: "create", path: path, errno: EEXIST))
    }

    @Test func `salts differ from file to file`() throws {
        let fs = try RecordLogSamples.disk()
        for name in ["/wal/a", "/wal/b"] {
            _ = try RecordLogWriter(creating: name, number: 1, in: fs)
        }
        #expect(fs.contents("/wal/a") != fs.contents("/wal/b"))
    }

    @Test func `a newer format is refused by name`() throws {
        let fs = try RecordLogSamples.disk()
        var header = ByteWriter()
        header.bytes(RecordLogFormat.magic)
        header.u32(2)
        header.bytes([UInt8](repeating: 0, count: 24))
        header.u32(CRC32C.checksum(header.bytes.rawSpan))
        fs.place(header.bytes, at: path)
        #expect(
            LogReading(path, in: fs).error
                == .newerFormat(file: path, found: 2, supported: 1))
    }

    @Test func `a missing log is a missing file`() throws {
        let fs = try RecordLogSamples.disk()
        #expect(LogReading(path, in: fs).error?.isMissing == true)
    }

    @Test func `a full disk refuses a batch and takes it when there is room`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        try RecordLogSamples.write([[Record(kind: 1, payload: [1])]], to: writer)
        fs.capacity = 700
        var random = SeededRandom(seed: 1)
        let large = random.bytes(600)
        writer.append(kind: 2, large)
        let error = #expect(throws: StorageError.self) { try writer.commit() }
        #expect(error?.isOutOfSpace == true)
        #expect(!writer.hasFailed)
        // The batch may be given up and smaller ones go on.
        writer.discard()
        #expect(writer.recordCount == 1)
        try RecordLogSamples.write([[Record(kind: 3, payload: [3])]], to: writer)
        writer.append(kind: 4, large)
        #expect(throws: StorageError.self) { try writer.commit() }
        // Or it is committed again once there is room.
        fs.capacity = 10_000
        try writer.commit()
        try writer.seal()
        let reading = LogReading(path, in: fs.powerCut())
        #expect(reading.records.map(\.kind) == [1, 3, 4])
        #expect(reading.records.last?.payload == large)
        #expect(reading.end?.tail == .sealed)
    }

    @Test func `a writer is dead after a failed write or sync`() throws {
        for call in [1, 2] {
            let fs = try RecordLogSamples.disk()
            let writer = try RecordLogSamples.writer(fs)
            try RecordLogSamples.write([[Record(kind: 1, payload: [1])]], to: writer)
            writer.append(kind: 2, [2])
            fs.failCall(call, EIO)
            let error = try #require(throws: StorageError.self) { try writer.commit() }
            #expect(writer.hasFailed)
            // The disk is well again, and still nothing may be promised.
            #expect(throws: error) { try writer.commit() }
            #expect(throws: error) { try writer.seal() }
            let reading = LogReading(path, in: fs.powerCut())
            #expect(reading.records.map(\.kind) == [1])
        }
    }

    @Test func `a batch larger than a step makes the file grow by several`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var expected: [Record] = []
        for _ in 0..<50 {
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let payload = random.bytes(Int.random(in: 0...2000, using: &random))
                let kind = UInt8.random(in: 1...0xFE, using: &random)
                writer.append(kind: kind, payload)
                expected.append(Record(kind: kind, payload: payload))
            }
            try writer.commit()
        }
        #expect(LogReading(path, in: fs).records == expected, "seed \(seed)")
        #expect(fs.contents(path).map { $0.count % 512 } == 0)
    }

    @Test func `zeros that cannot be cut off do not keep a log from being sealed`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        try RecordLogSamples.write([[Record(kind: 1, payload: [1])]], to: writer)
        // Sealing writes, syncs, cuts and syncs.
        fs.failCall(3, ENOSPC)
        try writer.seal()
        #expect(fs.operations.last == "truncate" && !writer.hasFailed)
        #expect(LogReading(path, in: fs.powerCut()).end?.tail == .sealed)
    }
}
