// The one log of a data folder: every operation is in it before it is acknowledged, and until a
// flush has made it part of files of its own. A run of numbered record logs; all but the newest are
// sealed.

import Storage

/// A log that is written no more.
struct SealedLog {
    let number: UInt64
    /// Bytes of the file.
    let size: UInt64
    /// Tracks set aside that the log is kept for, whatever else has been flushed.
    var tracks: Set<UInt32> = []
}

/// The log being written, and the sealed ones that are still needed.
final class WriteAheadLog {
    static let operationsKind: UInt8 = 1

    private let folder: Folder
    private let fs: any FileSystem
    private let stepBytes: Int
    private var writer: RecordLogWriter
    /// Sealed logs that are still needed, oldest first.
    private var sealed: [SealedLog]

    /// Begins a new log after those given.
    init(
        after sealed: [SealedLog], lastNumber: UInt64, _ folder: Folder,
        _ fs: any FileSystem, stepBytes: Int
    ) throws(StorageError) {
        self.folder = folder
        self.fs = fs
        self.stepBytes = stepBytes
        self.sealed = sealed
        writer = try RecordLogWriter(
            creating: folder.log(lastNumber + 1), number: lastNumber + 1, in: fs,
            zeroFill: stepBytes)
    }

    /// Bytes of log that a flush could make superfluous.
    var bytes: UInt64 { sealed.reduce(activeBytes) { $0 + ($1.tracks.isEmpty ? $1.size : 0) } }

    /// Of those, what is in the log being written.
    var activeBytes: UInt64 { writer.recordCount > 0 ? writer.size : 0 }

    /// Whether a failed sync has made the log useless.
    var hasFailed: Bool { writer.hasFailed }

    /// Makes a record durable.
    func write(_ payload: [UInt8]) throws(StorageError) {
        writer.append(kind: Self.operationsKind, payload.rawSpan)
        do { try writer.commit() } catch {
            if !writer.hasFailed { writer.discard() }
            throw error
        }
    }

    /// Seals the log and begins the next; an empty log stays as it is, since one without an end
    /// before a later one is a sign of damage.
    ///
    /// Returns the number of the newest sealed one. After an error that does not make the log
    /// useless, everything is as before.
    func rotate() throws(StorageError) -> UInt64 {
        let number = writer.number
        guard writer.recordCount > 0 else { return number - 1 }
        let next = try RecordLogWriter(
            creating: folder.log(number + 1), number: number + 1, in: fs, zeroFill: stepBytes)
        do { try writer.seal() } catch {
            next.close()
            if !writer.hasFailed { try fs.remove(folder.log(number + 1)) }
            throw error
        }
        sealed.append(SealedLog(number: number, size: writer.size))
        writer.close()
        writer = next
        return number
    }

    /// Removes the logs up to a number whose operations are in files of their own.
    func remove(upTo number: UInt64) throws(StorageError) {
        for log in sealed where log.number <= number && log.tracks.isEmpty {
            try fs.remove(folder.log(log.number))
            sealed.removeAll { $0.number == log.number }
        }
        try fs.syncDirectory(folder.wal)
    }

    /// Keeps no log for this track any more.
    func release(_ track: UInt32) {
        for index in sealed.indices { sealed[index].tracks.remove(track) }
    }

    /// Seals the log for good, after a clean stop; an empty one is as good without.
    ///
    /// An empty file beside the newest log with records says that it was sealed: without it a log
    /// that lost its end later would look like one that a crash left unfinished.
    func close() throws(StorageError) {
        defer { writer.close() }
        if writer.recordCount > 0 { try writer.seal() }
        guard let newest = writer.recordCount > 0 ? number : sealed.last?.number else { return }
        try fs.createAnew(folder.cleanMark(newest)).close()
        try fs.syncDirectory(folder.wal)
    }

    private var number: UInt64 { writer.number }
}
