// A section file opened for reading: mapped, with header, footer and directory checked.
//
// Opening checks everything that says where things are; the sections' own bytes are checked page by
// page on first use (see Section). After opening, no offset or length taken from the file can lead
// outside the mapping.

/// A whole, immutable file of named sections.
package final class SectionFile: Sendable {
    /// The id given when it was written.
    package let fileID: UInt64
    /// The length of the file in bytes.
    package let length: UInt64
    /// The path it was opened at.
    package let path: String
    /// All sections, in the order in the file.
    package let sections: [Section]

    private let map: MappedFile

    /// Maps a file and checks its header, footer and directory.
    ///
    /// - Parameters:
    ///   - kind: what the file must be.
    ///   - fileID: the id that it must have; nil for any.
    /// - Throws: `.corrupt`, `.newerFormat`, or what mapping it threw.
    package init(
        opening path: String, kind: FileKind, fileID: UInt64?, in fs: any FileSystem
    ) throws(StorageError) {
        let map = try fs.map(path)
        let header = try SectionFileHeader(map.bytes, kind: kind, file: path)
        if let fileID, fileID != header.fileID {
            throw .corrupt(
                file: path, offset: 16, what: "file \(header.fileID) in the place of \(fileID)")
        }
        let directory = try Self.directory(of: map, fileID: header.fileID)
        self.path = path
        self.map = map
        self.fileID = header.fileID
        self.length = UInt64(map.count)
        self.sections = try Self.sections(of: map, directory: directory, fileID: header.fileID)
    }

    /// The section with an id, nil when the file has none.
    package func section(_ id: UInt32) -> Section? {
        sections.first { $0.id == id }
    }

    /// Checks every byte of the file that opening did not check, gaps included.
    package func verifyAll() throws(StorageError) {
        var end = SectionFileFormat.headerSize
        for section in sections {
            try checkGap(end..<Int(section.offset))
            try section.verifyAll()
            end = Int(section.offset) + section.count
        }
        let aligned = (end + SectionFileFormat.alignment - 1) & -SectionFileFormat.alignment
        try checkGap(end..<aligned)
    }

    private func checkGap(_ range: Range<Int>) throws(StorageError) {
        for offset in range where unsafe map.base.load(fromByteOffset: offset, as: UInt8.self) != 0
        {
            throw .corrupt(file: path, offset: UInt64(offset), what: "a gap that is not zero")
        }
    }

    /// Where the directory lies, once footer and directory have been checked.
    private static func directory(
        of map: MappedFile, fileID: UInt64
    ) throws(StorageError) -> Range<Int> {
        let start = map.count - SectionFileFormat.footerSize
        guard start >= SectionFileFormat.headerSize,
            let footer = SectionFileFooter(map.bytes.extracting(droppingFirst: start))
        else {
            throw .corrupt(
                file: map.path, offset: UInt64(max(start, 0)), what: "no footer: cut short?")
        }
        guard footer.fileLength == UInt64(map.count),
            footer.directoryOffset <= UInt64(start),
            UInt64(footer.directoryLength) == UInt64(start) - footer.directoryOffset,
            footer.directoryOffset >= UInt64(SectionFileFormat.headerSize),
            footer.directoryOffset % UInt64(SectionFileFormat.alignment) == 0
        else {
            throw .corrupt(
                file: map.path, offset: UInt64(start), what: "the footer does not fit the file")
        }
        let range = Int(footer.directoryOffset)..<start
        let crc = CRC32C.checksum(map.bytes.extracting(range), seed: CRC32C.place(fileID))
        guard crc == footer.directoryCRC else {
            throw .corrupt(
                file: map.path, offset: footer.directoryOffset, what: "directory checksum differs")
        }
        return range
    }

    /// The directory's sections: in order, aligned, one directly after the other, ids unique.
    private static func sections(
        of map: MappedFile, directory: Range<Int>, fileID: UInt64
    ) throws(StorageError) -> [Section] {
        var sections: [Section] = []
        var reader = ByteReader(map.bytes.extracting(directory))
        var expected = UInt64(SectionFileFormat.headerSize)
        do throws(DecodeError) {
            while !reader.isAtEnd {
                let start = reader.position
                let id = try reader.u32()
                let pageCount = try reader.u32()
                let offset = try reader.u64()
                let length = try reader.u64()
                expected = aligned(expected)
                guard offset == expected, length <= UInt64(directory.lowerBound) - offset,
                    UInt64(pageCount) == SectionFileFormat.pageCount(length),
                    !sections.contains(where: { $0.id == id })
                else { throw DecodeError(offset: start, expected: "a section that fits") }
                expected = offset + length
                let checksums = directory.lowerBound + reader.position
                try reader.skip(Int(pageCount) * 4)
                let place = Section.Place(
                    id: id, fileID: fileID, offset: offset, count: Int(length),
                    checksums: checksums)
                sections.append(Section(of: map, at: place))
            }
            guard aligned(expected) == UInt64(directory.lowerBound) else {
                throw DecodeError(offset: 0, expected: "the directory after the last section")
            }
        } catch {
            throw .corrupt(
                file: map.path, offset: UInt64(directory.lowerBound + error.offset),
                what: "directory: expected \(error.expected)")
        }
        return sections
    }

    private static func aligned(_ offset: UInt64) -> UInt64 {
        (offset + UInt64(SectionFileFormat.alignment) - 1) & ~UInt64(
            SectionFileFormat.alignment - 1)
    }
}
