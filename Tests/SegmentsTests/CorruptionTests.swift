// Damaged files: whatever byte changes and wherever a file is cut, opening and reading either say
// which file is damaged, or give the answers that they gave before. Only the end of a log that a
// crash left open may go, and then it is reported.
//
// MSPD_SOAK tries every change; otherwise those that fit the time, drawn by a seed that is printed.

import Glibc
import Segments
import Storage
import TestSupport
import Testing

@Suite struct CorruptionTests {
    /// One way to damage a file.
    private struct Change {
        var path: String
        var offset: Int
        /// The byte there; nil cuts the file there.
        var byte: UInt8?
    }

    @Test(arguments: [".seg", ".del", "MANIFEST", "CATALOG", ".log"])
    func `after a clean stop any change is named or harmless`(kind: String) throws {
        let sample = try DamageSample(crashed: false)
        try sweep(sample, kind) { change in
            let outcome = sample.outcome(change.path, try Self.damaged(sample, change))
            switch outcome {
            case .refused(let message): return message.contains(change.path) ? nil : message
            case .same: return change.byte == nil ? "a cut that nobody sees" : nil
            case .lastLost, .wrong: return "\(outcome)"
            }
        }
    }

    @Test func `in a log that a crash left only the end may go, and is reported`() throws {
        let sample = try DamageSample(crashed: true)
        let path = try #require(sample.paths.last { $0.hasSuffix(".log") })
        var offsets: [UInt64] = []
        let end = try RecordLogReader.read(path, in: sample.fs) { offsets.append($0.offset) }
        let last = try #require(offsets.last)
        #expect(offsets.count == 3 && end.tail == .open)
        let length = try #require(sample.fs.contents(path)).count
        try sweep(sample, path) { change in
            let outcome = sample.outcome(change.path, try Self.damaged(sample, change))
            let cut = max(last, UInt64(change.offset) >= end.size ? end.size : last)
            let report =
                "\(path): cut \((change.byte == nil ? change.offset : length) - Int(cut)) bytes "
                + "at offset \(cut) "
            switch outcome {
            case .refused(let message):
                guard UInt64(change.offset) < last else { return "refused: \(message)" }
                return message.contains(path) ? nil : message
            case .same(let reports):
                if change.byte == nil { return UInt64(change.offset) >= end.size ? nil : "seen" }
                guard UInt64(change.offset) >= end.size else { return "a change that nobody sees" }
                return reports.contains { $0.hasPrefix(report) } ? nil : "\(reports)"
            case .lastLost(let reports):
                guard UInt64(change.offset) >= last else { return "acknowledged records are gone" }
                // Nothing is reported where nothing is left of the record.
                if change.byte == nil, UInt64(change.offset) == last { return nil }
                return reports.contains { $0.hasPrefix(report) } ? nil : "\(reports), not \(report)"
            case .wrong:
                // A log cut between two records looks like one that never had more.
                return change.byte == nil && UInt64(change.offset) < last ? nil : "\(outcome)"
            }
        }
    }

    @Test(arguments: [false, true])
    func `a missing file is named and nothing else is touched`(crashed: Bool) throws {
        let sample = try DamageSample(crashed: crashed)
        for path in sample.paths where crashed == false || !path.hasSuffix(".log") {
            guard !path.hasSuffix(".clean") else { continue }
            guard case .refused = sample.outcome(path, nil) else {
                Issue.record("\(path) was not missed")
                continue
            }
            let damaged = sample.fs.powerCut(.keepAll)
            try damaged.remove(path)
            _ = try? DamageSample.read(damaged)
            damaged.place(try #require(sample.fs.contents(path)), at: path)
            #expect(try DamageSample.read(damaged).answer == sample.answer, "\(path)")
        }
    }

    @Test func `tracks without a catalog are refused, and stay`() throws {
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small())
        try store.write([.create(track: 1)])
        try store.flush()
        store.close()
        let disk = fs.powerCut(.keepAll)
        // The log that is left has no record that would tell.
        let files = try DamageSample.files("/data/tracks", disk)
        try disk.remove("/data/catalog/CATALOG-0000000001")
        #expect(throws: StoreError.self) { try DamageSample.read(disk) }
        #expect(try DamageSample.files("/data/tracks", disk) == files)
    }

    @Test func `a manifest that is older than the catalog is refused`() throws {
        var disks: [FaultyFileSystem] = []
        let fs = FaultyFileSystem()
        let store = try Store(opening: "/data", in: fs, .small())
        try store.write([.create(track: 1)])
        for number in 1...2 {
            try store.write([.set(name: [UInt8(number)], value: [])])
            try store.flush()
            disks.append(fs.powerCut(.keepAll))
        }
        store.close()
        let (old, new) = (
            "/data/tracks/1/MANIFEST-0000000001", "/data/tracks/1/MANIFEST-0000000002"
        )
        let damaged = disks[1]
        damaged.place(try #require(disks[0].contents(old)), at: old)
        try damaged.remove(new)
        #expect(throws: StorageError.self) { try DamageSample.read(damaged) }
    }

    @Test func `files of a newer format are refused as such`() throws {
        let sample = try DamageSample(crashed: false)
        for path in sample.paths where !path.hasSuffix(".clean") {
            var bytes = try #require(sample.fs.contents(path))
            let headerCount = path.hasSuffix(".log") ? 40 : 32
            bytes[8] = 200
            let crc = CRC32C.checksum(Array(bytes[..<(headerCount - 4)]).rawSpan)
            for byte in 0..<4 {
                bytes[headerCount - 4 + byte] = UInt8(truncatingIfNeeded: crc >> UInt32(8 * byte))
            }
            guard case .refused(let message) = sample.outcome(path, bytes) else {
                Issue.record("\(path) was read")
                continue
            }
            #expect(message.hasPrefix("\(path) has format 200, newer than"))
        }
    }

    private static func damaged(_ sample: DamageSample, _ change: Change) throws -> [UInt8] {
        var bytes = try #require(sample.fs.contents(change.path))
        if let byte = change.byte {
            bytes[change.offset] = byte
        } else {
            bytes.removeSubrange(change.offset...)
        }
        return bytes
    }

    /// Damages the files of a kind in all ways; `check` tells what is wrong with what comes of it.
    private func sweep(
        _ sample: DamageSample, _ kind: String, _ check: (Change) throws -> String?
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var changes: [Change] = []
        for path in sample.paths where path.contains(kind) {
            let bytes = try #require(sample.fs.contents(path))
            for (offset, byte) in bytes.enumerated() {
                let flipped = byte ^ (1 << UInt8.random(in: 0..<8, using: &random))
                for new in [flipped, 0, 0xFF] where new != byte {
                    changes.append(Change(path: path, offset: offset, byte: new))
                }
                changes.append(Change(path: path, offset: offset, byte: nil))
            }
        }
        changes.shuffle(using: &random)
        let isSoak = unsafe getenv("MSPD_SOAK") != nil
        let deadline = ContinuousClock.now + .seconds(isSoak ? 1 << 20 : 15)
        var tried = 0
        for change in changes where ContinuousClock.now < deadline {
            let problem = try check(change)
            #expect(problem == nil, "seed \(seed), \(change): \(problem ?? "")")
            if problem != nil { break }
            tried += 1
        }
        print("damage: \(tried) of \(changes.count) changes of \(kind), seed \(seed)")
    }
}
