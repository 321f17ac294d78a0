// What commit has promised is there after the power was cut, at every moment and in every way.

import Glibc
import Storage
import TestSupport
import Testing

struct RecordLogDurabilityTests {
    private let path = RecordLogSamples.path

    @Test func `what was committed is there after a power cut`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        var acknowledged: [Record] = []
        for batch in RecordLogSamples.batches() {
            for record in batch { writer.append(kind: record.kind, record.payload) }
            // Not before commit has returned.
            #expect(LogReading(path, in: fs.powerCut()).records == acknowledged)
            try writer.commit()
            acknowledged += batch
            let reading = LogReading(path, in: fs.powerCut())
            #expect(reading.records == acknowledged)
            #expect(reading.end?.tail == .open)
        }
        try writer.seal()
        #expect(LogReading(path, in: fs.powerCut()).end?.tail == .sealed)
    }

    @Test func `without syncs it is lost`() throws {
        let fs = try RecordLogSamples.disk()
        let writer = try RecordLogSamples.writer(fs)
        fs.syncsAreLies = true
        try RecordLogSamples.write(RecordLogSamples.batches(), to: writer)
        #expect(LogReading(path, in: fs).records.count == 5)
        #expect(LogReading(path, in: fs.powerCut()).records.isEmpty)
    }

    @Test func `creation is durable when it returns`() throws {
        let fs = try RecordLogSamples.disk()
        _ = try RecordLogSamples.writer(fs)
        let reading = LogReading(path, in: fs.powerCut())
        #expect(reading.end?.tail == .open)
        #expect(reading.end?.size == 40)
        #expect(reading.records.isEmpty)
    }

    /// Runs the sample until a call fails; what had been acknowledged by then.
    private func run(_ fs: FaultyFileSystem) throws(StorageError) -> (Int, StorageError?) {
        var acknowledged = 0
        do throws(StorageError) {
            let writer = try RecordLogSamples.writer(fs)
            for batch in RecordLogSamples.batches() {
                for record in batch { writer.append(kind: record.kind, record.payload) }
                try writer.commit()
                acknowledged += batch.count
            }
            try writer.seal()
        } catch {
            return (acknowledged, error)
        }
        return (acknowledged, nil)
    }

    @Test(arguments: [EIO, ENOSPC])
    func `whichever call fails nothing acknowledged is lost`(_ code: Int32) throws {
        let seed = SeededRandom.fresh()
        let all = RecordLogSamples.batches().flatMap { $0 }
        var call = 1
        while true {
            let fs = try RecordLogSamples.disk()
            fs.failCall(call, code)
            let (acknowledged, error) = try run(fs)
            guard error != nil else { break }
            fs.heal()
            var disks = [fs.powerCut(), fs.powerCut(.keepAll)]
            for cut in 0..<50 { disks.append(fs.powerCut(.random(seed: seed &+ UInt64(cut)))) }
            for disk in disks {
                let reading = LogReading(path, in: disk)
                if reading.error?.isMissing == true {
                    // Creation had not returned.
                    #expect(acknowledged == 0)
                    continue
                }
                #expect(reading.error == nil, "call \(call), seed \(seed)")
                #expect(reading.records.count >= acknowledged, "call \(call), seed \(seed)")
                #expect(all.starts(with: reading.records), "call \(call), seed \(seed)")
            }
            call += 1
        }
        #expect(call > 10)
    }

    @Test func `any way of cutting the power during a commit leaves a prefix`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var tails: [String: Int] = [:]
        for round in 0..<40 {
            let fs = try RecordLogSamples.disk()
            let writer = try RecordLogSamples.writer(fs)
            var written: [Record] = []
            for _ in 0..<3 {
                let batch = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    Record(kind: 1, payload: random.bytes(Int.random(in: 0...900, using: &random)))
                }
                try RecordLogSamples.write([batch], to: writer)
                written += batch
            }
            let acknowledged = written.count
            let batch = (0..<4).map { _ in Record(kind: 2, payload: random.bytes(700)) }
            for record in batch { writer.append(kind: record.kind, record.payload) }
            // Growth and frames have been written, the sync has not happened yet.
            fs.syncsAreLies = true
            try writer.commit()
            written += batch
            for cut in 0..<25 {
                let disk = fs.powerCut(.random(seed: seed &+ UInt64(round * 25 + cut)))
                let reading = LogReading(path, in: disk)
                #expect(reading.error == nil, "seed \(seed)")
                #expect(reading.records.count >= acknowledged, "seed \(seed)")
                #expect(written.starts(with: reading.records), "seed \(seed)")
                if case .torn? = reading.end?.tail { tails["torn", default: 0] += 1 }
                if reading.records.count > acknowledged { tails["more", default: 0] += 1 }
            }
        }
        #expect((tails["torn"] ?? 0) > 10)
        #expect((tails["more"] ?? 0) > 10)
    }
}
