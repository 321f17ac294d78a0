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
    /// The checksum of its directory, which tells its content from any other.
    package let fingerprint: UInt32
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
        let (directory, fingerprint) = try Self.directory(of: map, fileID: header.fileID)
        self.fingerprint = fingerprint
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
        try checkGap(end..<Int(SectionFileFormat.aligned(UInt64(end))))
    }

    private func checkGap(_ range: Range<Int>) throws(StorageError) {
        for offset in range where unsafe map.base.load(fromByteOffset: offset, as: UInt8.self) != 0
        {
            throw .corrupt(file: path, offset: UInt64(offset), what: "a gap that is not zero")
        }
    }

    /// Where the directory lies, and its checksum, once footer and directory have been checked.
    private static func directory(
        of map: MappedFile, fileID: UInt64
    ) throws(StorageError) -> (range: Range<Int>, fingerprint: UInt32) {
        let start = max(map.count - SectionFileFormat.footerSize, 0)
        let footer = try SectionFileFooter(
            map.bytes.extracting(droppingFirst: start), fileLength: UInt64(map.count),
            file: map.path)
        let range = Int(footer.directoryOffset)..<start
        try footer.check(directory: map.bytes.extracting(range), fileID: fileID, file: map.path)
        return (range, footer.directoryCRC)
    }

    private static func sections(
        of map: MappedFile, directory: Range<Int>, fileID: UInt64
    ) throws(StorageError) -> [Section] {
        let entries = try SectionFileDirectory.entries(
            map.bytes.extracting(directory), at: UInt64(directory.lowerBound), file: map.path)
        return entries.map { entry in
            Section(
                of: map,
                at: Section.Place(
                    id: entry.id, fileID: fileID, offset: entry.offset, count: Int(entry.length),
                    checksums: directory.lowerBound + entry.checksums))
        }
    }
}
