// Reads a record log back, telling a torn tail from damage.
//
// The first frame that is not intact ends the log. It is a torn tail, to be dropped, only if no
// intact frame after it was written when the bad one was already durable: then nothing that had
// been acknowledged is lost. If there is such a frame, the bad one had been acknowledged, and that
// is corruption: it is reported, never skipped.

/// One record.
package struct RecordLogFrame: Equatable, Sendable {
    /// What the writer called it, 1...0xFE.
    package var kind: UInt8
    /// The record, unpacked.
    package var payload: [UInt8]
    /// Where its frame begins in the file.
    package var offset: UInt64
}

/// How and where a log ends.
package struct RecordLogEnd: Equatable, Sendable {
    /// What comes after the last frame.
    package enum Tail: Equatable, Sendable {
        /// The log was ended by its writer.
        case sealed
        /// Zeros or the end of the file.
        case open
        /// `bytes` bytes at `offset` that are not an acknowledged frame.
        case torn(offset: UInt64, bytes: UInt64)
    }
    /// What comes after the last frame.
    package var tail: Tail
    /// Where the accepted frames end, in bytes from the start of the file.
    package var size: UInt64
    /// The file's number.
    package var number: UInt64
    /// Records passed to the body.
    package var recordCount: Int
}

/// Reads record logs.
package enum RecordLogReader {
    /// Passes every record in order to `body`, and says how the log ends.
    ///
    /// Nothing in the file is changed. Throws `.corrupt` when anything but the tail is damaged
    /// (records before the damage have been passed on by then), and what `body` throws.
    package static func read(
        _ path: String, in fs: any FileSystem, _ body: (RecordLogFrame) throws(StorageError) -> Void
    ) throws(StorageError) -> RecordLogEnd {
        let map = try fs.map(path)
        let file = map.bytes
        let header = try RecordLogHeader.decode(file, file: path)
        let frames = RecordLogFrames(path: path, file: file, header: header)
        var offset = RecordLogFormat.headerSize
        var end = RecordLogEnd(
            tail: .open, size: UInt64(offset), number: header.number, recordCount: 0)
        while let frame = frames.intact(at: offset) {
            let next = offset + RecordLogFrameHeader.frameSize(length: Int(frame.length))
            let payload = try frames.payload(of: frame, at: offset)
            if frame.kind == RecordLogFormat.sealedKind {
                guard frames.isZero(from: next) else {
                    throw .corrupt(
                        file: path, offset: UInt64(next),
                        what: "bytes after the end of a sealed log")
                }
                end.tail = .sealed
                end.size = UInt64(next)
                return end
            }
            try body(RecordLogFrame(kind: frame.kind, payload: payload, offset: UInt64(offset)))
            end.recordCount += 1
            end.size = UInt64(next)
            offset = next
        }
        guard !frames.isZero(from: offset) else { return end }
        if let witness = frames.acknowledgement(of: offset) {
            throw .corrupt(
                file: path, offset: UInt64(offset),
                what: "damaged record, acknowledged before the one at \(witness)")
        }
        end.tail = .torn(offset: UInt64(offset), bytes: UInt64(file.byteCount - offset))
        return end
    }
}

/// The frames of one mapped log.
private struct RecordLogFrames: ~Escapable {
    let path: String
    let file: RawSpan
    let header: RecordLogHeader

    @_lifetime(copy file)
    init(path: String, file: RawSpan, header: RecordLogHeader) {
        self.path = path
        self.file = file
        self.header = header
    }

    /// The header of the frame at `offset` if all of the frame is there and its checksum holds.
    func intact(at offset: Int) -> RecordLogFrameHeader? {
        guard offset <= file.byteCount else { return nil }
        let rest = file.extracting(droppingFirst: offset)
        guard let frame = RecordLogFrameHeader(rest), frame.kind != 0,
            Int(frame.length) <= rest.byteCount - RecordLogFormat.frameHeaderSize
        else { return nil }
        let size = RecordLogFrameHeader.frameSize(length: Int(frame.length))
        guard size <= rest.byteCount else { return nil }
        let crc = header.checksum(
            frame: rest.extracting(first: size), length: frame.length, at: UInt64(offset))
        return crc == frame.crc ? frame : nil
    }

    /// The unpacked payload of an intact frame; its checksum held, so anything odd is corruption.
    func payload(
        of frame: RecordLogFrameHeader, at offset: Int
    ) throws(StorageError) -> [UInt8] {
        guard frame.reserved == 0, frame.durable <= UInt64(offset),
            Int(frame.rawLength) <= RecordLogFormat.payloadLimit,
            let codec = Codec(rawValue: frame.codec)
        else {
            throw .corrupt(
                file: path, offset: UInt64(offset), what: "impossible values in a record's header")
        }
        let start = offset + RecordLogFormat.frameHeaderSize
        let packed = file.extracting(start..<start + Int(frame.length))
        guard
            let payload = BlockCompression.decompress(
                packed, codec: codec, rawCount: Int(frame.rawLength))
        else {
            throw .corrupt(
                file: path, offset: UInt64(offset), what: "a record that does not unpack")
        }
        return payload
    }

    /// The offset of an intact frame after `bad` that was written when `bad` was durable already.
    func acknowledgement(of bad: Int) -> Int? {
        var offset = bad + RecordLogFormat.alignment
        while offset < file.byteCount {
            // The cheap test first: few places pass for a frame that knows `bad` to be durable.
            if let frame = RecordLogFrameHeader(file.extracting(droppingFirst: offset)),
                frame.durable > UInt64(bad), frame.durable <= UInt64(offset),
                intact(at: offset) != nil
            {
                return offset
            }
            offset += RecordLogFormat.alignment
        }
        return nil
    }

    /// Whether there is nothing but zeros from `offset` to the end.
    func isZero(from offset: Int) -> Bool {
        guard offset < file.byteCount else { return true }
        return unsafe file.extracting(droppingFirst: offset).withUnsafeBytes { bytes in
            unsafe bytes.allSatisfy { $0 == 0 }
        }
    }
}
