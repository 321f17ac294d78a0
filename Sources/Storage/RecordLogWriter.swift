// Appends records to a log file and makes them durable in batches.
//
// A record is durable when `commit` has returned, and not before. Commit grows the file with zeros
// first (the only step that can run out of space, and harmless when it does), then writes all
// buffered frames at once, then syncs once. A writer whose frames failed to be written or synced
// stays failed: what is on the disk is no longer known, so nothing may be acknowledged after it.

import Glibc

/// The single owner of a log that is being written; not thread safe.
package final class RecordLogWriter {
    /// Bytes of the log, buffered frames included.
    package var size: UInt64 { durable + UInt64(buffer.count) }
    /// Records appended, buffered ones included.
    package private(set) var recordCount = 0
    /// The path of the log.
    package let path: String
    /// The number given at creation.
    package var number: UInt64 { header.number }
    /// Bytes known synced: every frame before this offset is durable.
    package private(set) var durable: UInt64

    private let file: any File
    private let header: RecordLogHeader
    private let zeroFill: UInt64
    /// How far the file reaches on disk, zeros included.
    private var allocated: UInt64
    private var buffer = ByteWriter()
    private var buffered = 0
    private var isSealed = false
    private var failure: StorageError?

    /// Creates a log: a complete header under its final name, durable when this returns.
    ///
    /// - Parameters:
    ///   - path: must not exist yet (EEXIST); `path + ".new"` is overwritten.
    ///   - number: names this file in the frames' checksums; never to be used again in its folder.
    ///   - salt: for tests; otherwise random, so that recycled blocks never pass for frames.
    ///   - zeroFill: growth step in bytes.
    package init(
        creating path: String, number: UInt64, in fs: any FileSystem, salt: UInt64? = nil,
        zeroFill: Int = RecordLogFormat.zeroFillStep
    ) throws(StorageError) {
        guard try fs.size(of: path) == nil else {
            throw .system(operation: "create", path: path, errno: EEXIST)
        }
        let header = RecordLogHeader(number: number, salt: try Self.chosen(salt))
        let temporary = path + ".new"
        let file = try fs.createAnew(temporary)
        try file.write(header.encoded, at: 0)
        try file.sync()
        try fs.rename(temporary, to: path)
        try fs.syncDirectory(fs.folder(of: path))
        self.path = path
        self.file = file
        self.header = header
        self.zeroFill = UInt64(max(zeroFill, 1))
        self.durable = UInt64(RecordLogFormat.headerSize)
        self.allocated = durable
    }

    /// Adds a record to the buffer; it is not durable before `commit`.
    ///
    /// - Parameters:
    ///   - kind: 1...0xFE, the caller's own.
    ///   - payload: at most `RecordLogFormat.payloadLimit` bytes.
    package func append(kind: UInt8, _ payload: RawSpan) {
        precondition(kind != 0 && kind != RecordLogFormat.sealedKind, "a reserved record kind")
        precondition(payload.byteCount <= RecordLogFormat.payloadLimit, "a record too large")
        precondition(!isSealed, "append to a sealed log")
        recordCount += 1
        buffered += 1
        guard payload.byteCount >= RecordLogFormat.compressionThreshold else {
            return frame(kind, .raw, payload, rawLength: payload.byteCount)
        }
        let (codec, packed) = BlockCompression.compress(payload, with: .lz4)
        frame(kind, codec, packed.rawSpan, rawLength: payload.byteCount)
    }

    /// Adds a record to the buffer from an array.
    package func append(kind: UInt8, _ payload: [UInt8]) { append(kind: kind, payload.rawSpan) }

    /// Makes everything appended durable: one write, one sync.
    ///
    /// After `.system` with `isOutOfSpace` from growing the file, nothing has been written: the
    /// caller may `discard` the batch or commit again. After any other error this writer is dead
    /// and repeats the error; records not yet committed may or may not survive.
    package func commit() throws(StorageError) {
        if let failure { throw failure }
        guard buffer.count > 0 else { return }
        try grow(to: size)
        do {
            try file.write(buffer.bytes, at: durable)
            try file.sync()
        } catch {
            failure = error
            throw error
        }
        durable = size
        buffer.bytes.removeAll(keepingCapacity: buffer.count <= 1 << 20)
        buffered = 0
    }

    /// Drops the records appended since the last commit.
    package func discard() {
        buffer.bytes.removeAll()
        recordCount -= buffered
        buffered = 0
    }

    /// Whether a failed write or sync has made this writer useless.
    package var hasFailed: Bool { failure != nil }

    /// Commits, ends the log with a frame that says so, and cuts off the zeros.
    ///
    /// No appends afterwards. Sealing twice is harmless.
    package func seal() throws(StorageError) {
        guard !isSealed else { return }
        try commit()
        frame(RecordLogFormat.sealedKind, .raw, RawSpan(), rawLength: 0)
        do {
            try commit()
        } catch {
            discard()
            throw error
        }
        isSealed = true
        // The seal is durable: zeros behind it that cannot be cut off do no harm.
        do { try file.truncate(to: durable) } catch { return }
        do { try file.sync() } catch {
            failure = error
            throw error
        }
    }

    /// Closes the file without committing.
    package func close() { file.close() }

    /// Puts one frame into the buffer, with the checksum of the place it will have.
    private func frame(_ kind: UInt8, _ codec: Codec, _ payload: RawSpan, rawLength: Int) {
        let offset = size
        let start = buffer.count
        buffer.u32(UInt32(payload.byteCount))
        buffer.u32(0)
        buffer.u64(durable)
        buffer.u8(kind)
        buffer.u8(codec.rawValue)
        buffer.u16(0)
        buffer.u32(UInt32(rawLength))
        buffer.bytes(payload)
        buffer.pad(to: RecordLogFormat.alignment)
        let crc = header.checksum(
            frame: buffer.bytes.rawSpan.extracting(droppingFirst: start),
            length: UInt32(payload.byteCount), at: offset)
        buffer.patch(u32: crc, at: start + 4)
    }

    /// Writes zeros up to a whole step at or after `end`, so that the frames find their blocks
    /// taken and the sync need not change the file's length.
    private func grow(to end: UInt64) throws(StorageError) {
        guard end > allocated else { return }
        let target = (end + zeroFill - 1) / zeroFill * zeroFill
        let zeros = [UInt8](repeating: 0, count: Int(min(target - allocated, 1 << 20)))
        while allocated < target {
            let count = Int(min(target - allocated, UInt64(zeros.count)))
            try file.write(zeros.rawSpan.extracting(first: count), at: allocated)
            allocated += UInt64(count)
        }
    }

    private static func chosen(_ salt: UInt64?) throws(StorageError) -> UInt64 {
        if let salt { return salt }
        var random: UInt64 = 0
        let status = unsafe withUnsafeMutableBytes(of: &random) { bytes in
            unsafe getentropy(bytes.baseAddress, bytes.count)
        }
        guard status == 0 else { throw .last("getentropy", "") }
        return random
    }
}
