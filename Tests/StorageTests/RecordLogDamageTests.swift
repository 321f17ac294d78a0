// A record log with any byte damaged, cut at any length, or mixed up with another.
//
// Oracle: reading gives a prefix of what was written. It may be shorter than what had been
// acknowledged only with an error, except that damage in the last acknowledged batch cannot be told
// from a batch that was never finished: that is a torn tail.

import Storage
import TestSupport
import Testing

struct RecordLogDamageTests {
    private let path = RecordLogSamples.path

    /// A disk that holds the sample log, and where its last batch begins.
    private func sample(
        isSealed: Bool
    ) throws -> (fs: FaultyFileSystem, bytes: [UInt8], lastBatch: Int, end: Int) {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        let batches = RecordLogSamples.batches()
        try RecordLogSamples.write(Array(batches.dropLast()), to: writer)
        var lastBatch = writer.size
        try RecordLogSamples.write(Array(batches.suffix(1)), to: writer)
        let end = writer.size
        if isSealed {
            lastBatch = end
            try writer.seal()
        }
        let bytes = try #require(fs.contents(path))
        return (fs, bytes, Int(lastBatch), Int(end))
    }

    @Test(arguments: [false, true])
    func `every damaged byte is found`(_ isSealed: Bool) throws {
        let (fs, bytes, lastBatch, end) = try sample(isSealed: isSealed)
        let records = RecordLogSamples.batches().flatMap { $0 }
        for place in bytes.indices {
            for flip: UInt8 in [0x01, 0x80, 0xFF] {
                var damaged = bytes
                damaged[place] ^= flip
                fs.place(damaged, at: path)
                let reading = LogReading(path, in: fs)
                let isPrefix = records.starts(with: reading.records)
                #expect(isPrefix, "byte \(place)")
                if place < lastBatch {
                    guard case .corrupt(path, let offset, _)? = reading.error else {
                        Issue.record("byte \(place): \(reading)")
                        continue
                    }
                    #expect(offset <= UInt64(place), "byte \(place)")
                } else {
                    // The last batch, or the seal, or zeros: a torn tail there.
                    guard case .torn(let offset, _)? = reading.end?.tail else {
                        Issue.record("byte \(place): \(reading)")
                        continue
                    }
                    #expect(offset >= UInt64(lastBatch) && offset <= UInt64(max(place, lastBatch)))
                    if place >= end { #expect(reading.records == records) }
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `a log cut anywhere gives a prefix of its records`(_ isSealed: Bool) throws {
        let (fs, bytes, _, end) = try sample(isSealed: isSealed)
        let whole = LogReading(path, in: fs)
        for length in 0..<bytes.count {
            fs.place(Array(bytes.prefix(length)), at: path)
            let reading = LogReading(path, in: fs)
            guard length >= 40 else {
                guard case .corrupt? = reading.error else {
                    Issue.record("length \(length): \(reading)")
                    continue
                }
                continue
            }
            let ends = Array(whole.offsets.dropFirst()) + [UInt64(end)]
            let complete = ends.filter { $0 <= UInt64(length) }.count
            #expect(reading.error == nil)
            #expect(reading.records == Array(whole.records.prefix(complete)), "length \(length)")
            let accepted = complete == 0 ? 40 : ends[complete - 1]
            #expect(reading.end?.size == accepted)
            let isClean = bytes[Int(accepted)..<length].allSatisfy { $0 == 0 }
            let rest = UInt64(length) - accepted
            let tail: RecordLogEnd.Tail = isClean ? .open : .torn(offset: accepted, bytes: rest)
            #expect(reading.end?.tail == tail, "length \(length)")
        }
    }

    @Test func `zeros in the place of an acknowledged batch are found by the batch after it`()
        throws
    {
        let (fs, bytes, lastBatch, _) = try sample(isSealed: false)
        let whole = LogReading(path, in: fs)
        var damaged = bytes
        for place in Int(whole.offsets[2])..<lastBatch { damaged[place] = 0 }
        fs.place(damaged, at: path)
        let reading = LogReading(path, in: fs)
        guard case .corrupt(_, let offset, let what)? = reading.error else {
            Issue.record("\(reading)")
            return
        }
        #expect(offset == whole.offsets[2])
        #expect(what.contains("\(lastBatch)"))
    }

    @Test func `frames of another file or another place never pass`() throws {
        let (fs, bytes, _, _) = try sample(isSealed: false)
        let whole = LogReading(path, in: fs)
        let first = Int(whole.offsets[0])..<Int(whole.offsets[1])
        // The first frame again, after the last one.
        let end = try #require(whole.end).size
        var moved = bytes
        moved.replaceSubrange(Int(end)..<Int(end) + first.count, with: bytes[first])
        fs.place(moved, at: path)
        let reading = LogReading(path, in: fs)
        #expect(reading.records == whole.records)
        #expect(reading.end?.tail == .torn(offset: end, bytes: UInt64(bytes.count) - end))
        // The same records under another number, and under another salt.
        for (number, salt) in [(UInt64(2), UInt64(0x0123_4567_89AB_CDEF)), (1, 5)] {
            let other = try RecordLogWriter(
                creating: "/wal/other\(number)", number: number, in: fs, salt: salt, zeroFill: 512)
            other.append(kind: 9, [])
            try other.commit()
            var mixed = try #require(fs.contents("/wal/other\(number)"))
            mixed.replaceSubrange(40..., with: bytes[40...])
            fs.place(mixed, at: "/wal/mixed\(number)")
            let reading = LogReading("/wal/mixed\(number)", in: fs)
            #expect(reading.records == [])
            #expect(reading.error == nil)
            #expect(reading.end?.tail == .torn(offset: 40, bytes: UInt64(bytes.count) - 40))
        }
    }

    @Test func `bytes after the end of a sealed log are corruption`() throws {
        let (fs, bytes, _, _) = try sample(isSealed: true)
        fs.place(bytes + [UInt8](repeating: 0, count: 100), at: path)
        #expect(LogReading(path, in: fs).end?.tail == .sealed)
        fs.place(bytes + [0, 0, 1], at: path)
        guard case .corrupt(_, let offset, _)? = LogReading(path, in: fs).error else {
            Issue.record("not found")
            return
        }
        #expect(offset == UInt64(bytes.count))
    }

    @Test func `intact frames with impossible values are corruption`() throws {
        // (durable, codec, reserved, rawLength): a good checksum over each of them.
        let impossible: [(UInt64, UInt8, UInt16, UInt32)] = [
            (48, 0, 0, 1), (40, 9, 0, 1), (40, 0, 1, 1), (40, 0, 0, 2), (40, 1, 0, 1),
            (40, 2, 0, 1), (40, 1, 0, .max),
        ]
        for (durable, codec, reserved, rawLength) in impossible {
            let fs = try RecordLogSamples.disk()
            let writer = try RecordLogSamples.writer(fs)
            writer.close()
            var frame = ByteWriter()
            for word: UInt64 in [0x0123_4567_89AB_CDEF, 1, 40, 1] { frame.u64(word) }
            frame.u64(durable)
            frame.u8(1)
            frame.u8(codec)
            frame.u16(reserved)
            frame.u32(rawLength)
            frame.u64(0)
            let crc = CRC32C.checksum(frame.bytes.rawSpan)
            var file = ByteWriter()
            file.bytes(try #require(fs.contents(path)))
            file.u32(1)
            file.u32(crc)
            file.bytes(Array(frame.bytes.dropFirst(32)))
            fs.place(file.bytes, at: path)
            guard case .corrupt(path, 40, _)? = LogReading(path, in: fs).error else {
                Issue.record("\(codec) \(durable): \(LogReading(path, in: fs))")
                continue
            }
        }
    }

    @Test func `random bytes after the header are a torn tail`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let (fs, bytes, _, end) = try sample(isSealed: false)
            let noise = random.bytes(Int.random(in: 1...300, using: &random))
            fs.place(Array(bytes.prefix(end)) + noise + [1], at: path)
            let reading = LogReading(path, in: fs)
            #expect(reading.error == nil, "seed \(seed)")
            #expect(reading.records.count == 5, "seed \(seed)")
        }
    }
}
