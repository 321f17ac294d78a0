// The record log on disk: the constants and the frame header that writer and reader share.
// docs/FORMAT.md has the tables.
//
//   file  = header (40 bytes), frames, zeros
//   frame = length u32 | crc u32 | durable u64 | kind u8 | codec u8 | reserved u16 | rawLength u32
//           | payload (length bytes) | zeros to a multiple of 8
//
// A frame's crc covers where it stands (salt, file number, offset, length) and then everything from
// `durable` to the last zero, so bytes of another file, of an earlier use of the same blocks or of
// another offset never pass for a frame.

/// Constants of the record log's format.
package enum RecordLogFormat {
    /// First bytes of the file.
    package static let magic: [UInt8] = Array("MSPDLOG1".utf8)
    /// The format written, and the newest read.
    package static let version: UInt32 = 1
    /// Bytes before the first frame: a header that keeps its layout in every version.
    package static let headerSize = 40
    /// Bytes of a frame before its payload.
    package static let frameHeaderSize = 24
    /// Frames begin at multiples of this.
    package static let alignment = 8
    /// The most bytes a record may have, packed or not.
    package static let payloadLimit = 256 << 20
    /// Payloads shorter than this are never packed.
    package static let compressionThreshold = 256
    /// The file grows by steps of this many zeros.
    package static let zeroFillStep = 1 << 20
    /// The kind of the frame that ends a sealed log; kind 0 is never written.
    package static let sealedKind: UInt8 = 0xFF
}

/// What a frame says before its payload.
struct RecordLogFrameHeader {
    var length: UInt32
    var crc: UInt32
    var durable: UInt64
    var kind: UInt8
    var codec: UInt8
    var reserved: UInt16
    var rawLength: UInt32

    /// Reads the header at the front of `bytes`; nil when there are too few.
    init?(_ bytes: RawSpan) {
        var reader = ByteReader(bytes)
        do {
            length = try reader.u32()
            crc = try reader.u32()
            durable = try reader.u64()
            kind = try reader.u8()
            codec = try reader.u8()
            reserved = try reader.u16()
            rawLength = try reader.u32()
        } catch {
            return nil
        }
    }

    /// Bytes of a whole frame with a payload of `length` bytes on disk.
    static func frameSize(length: Int) -> Int {
        let end = RecordLogFormat.frameHeaderSize + length
        return (end + RecordLogFormat.alignment - 1) & -RecordLogFormat.alignment
    }
}

/// A file's header, and with it the seed of its frames' checksums.
struct RecordLogHeader: Equatable {
    var number: UInt64
    var salt: UInt64

    /// The header's bytes.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: RecordLogFormat.headerSize)
        writer.bytes(RecordLogFormat.magic)
        writer.u32(RecordLogFormat.version)
        writer.u32(0)
        writer.u64(number)
        writer.u64(salt)
        writer.u32(0)
        writer.u32(CRC32C.checksum(writer.bytes.rawSpan))
        return writer.bytes
    }

    /// Reads the header at the front of a file.
    static func decode(_ bytes: RawSpan, file: String) throws(StorageError) -> RecordLogHeader {
        var reader = ByteReader(bytes)
        do {
            let start = try reader.bytes(RecordLogFormat.headerSize)
            let crc = CRC32C.checksum(start.extracting(0..<RecordLogFormat.headerSize - 4))
            reader = ByteReader(start)
            guard try reader.array(8) == RecordLogFormat.magic else {
                throw StorageError.corrupt(file: file, offset: 0, what: "not a record log")
            }
            let version = try reader.u32()
            _ = try reader.u32()
            let header = RecordLogHeader(number: try reader.u64(), salt: try reader.u64())
            _ = try reader.u32()
            guard try reader.u32() == crc else {
                throw StorageError.corrupt(file: file, offset: 0, what: "header checksum differs")
            }
            guard version <= RecordLogFormat.version else {
                throw StorageError.newerFormat(
                    file: file, found: version, supported: RecordLogFormat.version)
            }
            guard version != 0 else {
                throw StorageError.corrupt(file: file, offset: 8, what: "format 0")
            }
            return header
        } catch let error as StorageError {
            throw error
        } catch {
            throw .corrupt(file: file, offset: 0, what: "too short for a record log's header")
        }
    }

    /// The checksum that a frame at `offset` should carry; `frame` is all of it, padding included.
    func checksum(frame: RawSpan, length: UInt32, at offset: UInt64) -> UInt32 {
        var seed = CRC32C.place(salt)
        seed = CRC32C.place(number, seed: seed)
        seed = CRC32C.place(offset, seed: seed)
        seed = CRC32C.place(UInt64(length), seed: seed)
        return CRC32C.checksum(frame.extracting(droppingFirst: 8), seed: seed)
    }
}
