// The section file on disk: what writer and reader share. docs/FORMAT.md has the tables.
//
//   file      = header (32 bytes), sections, directory, footer (32 bytes)
//   section   = any bytes, beginning at a multiple of 64, in pages of 16 KiB (the last one shorter)
//   directory = per section: id u32 | pageCount u32 | offset u64 | length u64 | a crc u32 per page
//
// Page checksums stand in the directory, not beside the pages, so sections can be used in place. A
// page's crc covers the file's id and the page's offset before its bytes; the directory's covers
// the file's id. Gaps that alignment leaves hold zeros.

/// Constants of the section file's format.
package enum SectionFileFormat {
    /// Bytes before the first section.
    package static let headerSize = 32
    /// Last bytes of the file, after the directory.
    package static let footerSize = 32
    /// Ends the footer, and so the file.
    package static let endMagic: [UInt8] = Array("MSPDEND1".utf8)
    /// Sections and the directory begin at multiples of this.
    package static let alignment = 64
    /// Bytes of a page, the unit that is checked.
    package static let pageSize = 16 << 10
    /// Bytes of a directory entry before its page checksums.
    package static let entrySize = 24
    /// Bytes that the writer keeps back before it writes.
    package static let writeBufferSize = 256 << 10
}

/// What a section file is for: each use has its own magic and its own version.
package struct FileKind: Equatable, Sendable {
    /// First bytes of the file: exactly 8.
    package let magic: [UInt8]
    /// The version written, and the newest read.
    package let version: UInt32

    /// - Parameters:
    ///   - magic: 8 characters of ASCII.
    ///   - version: at least 1.
    package init(magic: StaticString, version: UInt32) {
        let bytes = Array("\(magic)".utf8)
        precondition(bytes.count == 8, "a file's magic has 8 bytes")
        precondition(version > 0, "versions count from 1")
        self.magic = bytes
        self.version = version
    }
}

/// The first bytes of a section file.
struct SectionFileHeader {
    var fileID: UInt64

    /// The header's bytes.
    func encoded(_ kind: FileKind) -> [UInt8] {
        var writer = ByteWriter(capacity: SectionFileFormat.headerSize)
        writer.bytes(kind.magic)
        writer.u32(kind.version)
        writer.u32(0)
        writer.u64(fileID)
        writer.u32(0)
        writer.u32(CRC32C.checksum(writer.bytes.rawSpan))
        return writer.bytes
    }

    /// Reads a header and holds it against the kind that was asked for.
    init(_ bytes: RawSpan, kind: FileKind, file: String) throws(StorageError) {
        var found = (magic: [UInt8](), version: UInt32(0), flags: UInt32(0), crc: UInt32(0))
        var reader = ByteReader(bytes)
        do {
            found.magic = try reader.array(8)
            found.version = try reader.u32()
            found.flags = try reader.u32()
            fileID = try reader.u64()
            _ = try reader.u32()
            found.crc = try reader.u32()
        } catch {
            throw .corrupt(file: file, offset: 0, what: "too short for a header")
        }
        guard found.magic == kind.magic else {
            throw .corrupt(file: file, offset: 0, what: "not the kind of file it should be")
        }
        let covered = bytes.extracting(first: SectionFileFormat.headerSize - 4)
        guard found.crc == CRC32C.checksum(covered) else {
            throw .corrupt(file: file, offset: 0, what: "header checksum differs")
        }
        guard found.version <= kind.version else {
            throw .newerFormat(file: file, found: found.version, supported: kind.version)
        }
        guard found.version > 0, found.flags == 0 else {
            throw .corrupt(file: file, offset: 8, what: "impossible version or flags")
        }
    }

    init(fileID: UInt64) { self.fileID = fileID }
}

/// The last bytes of a section file.
struct SectionFileFooter {
    var directoryOffset: UInt64
    var directoryLength: UInt32
    var directoryCRC: UInt32
    var fileLength: UInt64

    /// The footer's bytes.
    var encoded: [UInt8] {
        var writer = ByteWriter(capacity: SectionFileFormat.footerSize)
        writer.u64(directoryOffset)
        writer.u32(directoryLength)
        writer.u32(directoryCRC)
        writer.u64(fileLength)
        writer.bytes(SectionFileFormat.endMagic)
        return writer.bytes
    }

    /// Reads a footer; nil when there are too few bytes or the end magic is missing.
    init?(_ bytes: RawSpan) {
        var reader = ByteReader(bytes)
        do {
            directoryOffset = try reader.u64()
            directoryLength = try reader.u32()
            directoryCRC = try reader.u32()
            fileLength = try reader.u64()
            guard try reader.array(8) == SectionFileFormat.endMagic else { return nil }
        } catch {
            return nil
        }
    }

    init(directoryOffset: UInt64, directory: [UInt8], fileID: UInt64) {
        self.directoryOffset = directoryOffset
        directoryLength = UInt32(directory.count)
        directoryCRC = CRC32C.checksum(directory.rawSpan, seed: CRC32C.place(fileID))
        fileLength =
            directoryOffset + UInt64(directory.count) + UInt64(SectionFileFormat.footerSize)
    }
}

extension SectionFileFormat {
    /// How many pages hold `length` bytes.
    static func pageCount(_ length: UInt64) -> UInt64 {
        length / UInt64(pageSize) + (length % UInt64(pageSize) == 0 ? 0 : 1)
    }

    /// What a page's checksum begins with.
    static func pageSeed(fileID: UInt64, offset: UInt64) -> UInt32 {
        CRC32C.place(offset, seed: CRC32C.place(fileID))
    }
}
