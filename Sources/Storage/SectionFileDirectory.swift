// The directory and the footer of a section file, taken apart and held against the file: for the
// reader of a mapped file and for the check of a file that is read piece by piece.

/// Reads directories.
enum SectionFileDirectory {
    /// What the directory says of one section.
    struct Entry {
        var id: UInt32
        var offset: UInt64
        var length: UInt64
        /// Where in the directory the checksums of the section's pages begin.
        var checksums: Int
    }

    /// The sections that a sound directory at `place` names: in order, aligned, one directly after
    /// the other, ids unique.
    static func entries(
        _ directory: RawSpan, at place: UInt64, file: String
    ) throws(StorageError) -> [Entry] {
        var entries: [Entry] = []
        var reader = ByteReader(directory)
        var expected = UInt64(SectionFileFormat.headerSize)
        do throws(DecodeError) {
            while !reader.isAtEnd {
                let start = reader.position
                let id = try reader.u32()
                let pageCount = try reader.u32()
                let offset = try reader.u64()
                let length = try reader.u64()
                expected = SectionFileFormat.aligned(expected)
                guard offset == expected, offset <= place, length <= place - offset,
                    UInt64(pageCount) == SectionFileFormat.pageCount(length),
                    !entries.contains(where: { $0.id == id })
                else { throw DecodeError(offset: start, expected: "a section that fits") }
                expected = offset + length
                entries.append(
                    Entry(id: id, offset: offset, length: length, checksums: reader.position))
                try reader.skip(Int(pageCount) * 4)
            }
            guard SectionFileFormat.aligned(expected) == place else {
                throw DecodeError(offset: 0, expected: "the directory after the last section")
            }
        } catch {
            throw .corrupt(
                file: file, offset: place + UInt64(error.offset),
                what: "directory: expected \(error.expected)")
        }
        return entries
    }
}

extension SectionFileFooter {
    /// Reads the last bytes of a file and makes sure that they fit its length.
    init(_ bytes: RawSpan, fileLength: UInt64, file: String) throws(StorageError) {
        let size = UInt64(SectionFileFormat.footerSize)
        let start = fileLength - min(fileLength, size)
        guard start >= UInt64(SectionFileFormat.headerSize), let footer = SectionFileFooter(bytes)
        else { throw .corrupt(file: file, offset: start, what: "no footer: cut short?") }
        guard footer.fileLength == fileLength, footer.directoryOffset <= start,
            UInt64(footer.directoryLength) == start - footer.directoryOffset,
            footer.directoryOffset >= UInt64(SectionFileFormat.headerSize),
            footer.directoryOffset % UInt64(SectionFileFormat.alignment) == 0
        else {
            throw .corrupt(file: file, offset: start, what: "the footer does not fit the file")
        }
        self = footer
    }

    /// Makes sure that the directory is the one that was written.
    func check(directory: RawSpan, fileID: UInt64, file: String) throws(StorageError) {
        guard CRC32C.checksum(directory, seed: CRC32C.place(fileID)) == directoryCRC else {
            throw .corrupt(file: file, offset: directoryOffset, what: "directory checksum differs")
        }
    }
}

extension SectionFileFormat {
    /// The first place at or after an offset where a section may begin.
    static func aligned(_ offset: UInt64) -> UInt64 {
        (offset + UInt64(alignment) - 1) & ~UInt64(alignment - 1)
    }
}
