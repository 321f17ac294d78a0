// Helpers of the record log's tests: small logs on a simulated disk, and what reading them gives.

import Storage
import TestSupport

/// A record without its place.
struct Record: Equatable, Sendable {
    var kind: UInt8
    var payload: [UInt8]
}

/// What came of reading a log.
struct LogReading {
    var records: [Record] = []
    var offsets: [UInt64] = []
    var end: RecordLogEnd?
    var error: StorageError?

    init(_ path: String, in fs: any FileSystem) {
        do throws(StorageError) {
            end = try RecordLogReader.read(path, in: fs) { frame in
                records.append(Record(kind: frame.kind, payload: frame.payload))
                offsets.append(frame.offset)
            }
        } catch {
            self.error = error
        }
    }
}

enum RecordLogSamples {
    static let path = "/wal/1.log"

    /// A disk with a durable folder for the log.
    static func disk() throws(StorageError) -> FaultyFileSystem {
        let fs = FaultyFileSystem()
        try fs.createDirectory("/wal")
        try fs.syncDirectory("/")
        return fs
    }

    /// A log that grows by small steps, so that a test can afford to look at every byte.
    static func writer(
        _ fs: any FileSystem, at path: String = path, zeroFill: Int = 512
    ) throws(StorageError) -> RecordLogWriter {
        try RecordLogWriter(
            creating: path, number: 1, in: fs, salt: 0x0123_4567_89AB_CDEF, zeroFill: zeroFill)
    }

    /// Batches of short and long records, some of which pack and some of which do not.
    static func batches() -> [[Record]] {
        var random = SeededRandom(seed: 42)
        let text = [UInt8]((0..<400).map { UInt8(truncatingIfNeeded: $0 / 16) })
        return [
            [Record(kind: 1, payload: Array("hello".utf8)), Record(kind: 2, payload: [])],
            [Record(kind: 3, payload: text)],
            [Record(kind: 0xFE, payload: random.bytes(300)), Record(kind: 1, payload: [0])],
        ]
    }

    /// Writes the batches, one commit each.
    static func write(
        _ batches: [[Record]], to writer: RecordLogWriter
    ) throws(StorageError) {
        for batch in batches {
            for record in batch { writer.append(kind: record.kind, record.payload) }
            try writer.commit()
        }
    }
}
