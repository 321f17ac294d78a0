// Reads every byte of a section file with plain reads, and lists all that is damaged: each page,
// each gap, and what says where they are. A disk that fails is met as an error of a read here, not
// as a signal, and the pages after it are checked all the same.

/// One damaged place of a section file.
package struct SectionDamage: Error, Equatable, Sendable {
    /// The section that the place is in; nil outside of all.
    package var section: UInt32?
    /// Where in the file the damaged page or structure begins.
    package var offset: UInt64
    /// What is wrong there.
    package var what: String

    /// Damage in a section, or outside of all.
    package init(section: UInt32?, offset: UInt64, what: String) {
        self.section = section
        self.offset = offset
        self.what = what
    }
}

/// Checks section files.
package struct SectionFileCheck {
    /// Bytes read at a time: whole pages.
    private static let chunkSize = 64 * SectionFileFormat.pageSize

    private let file: any File
    private let path: String
    private let pace: Pace
    private let length: UInt64
    private var damage: [SectionDamage] = []

    /// Everything that is damaged in a file, and its length in bytes.
    ///
    /// `fileID` is the id that it must have, nil for any. Throws what opening the file threw and
    /// `.newerFormat`; any other trouble is damage.
    package static func run(
        _ path: String, kind: FileKind, fileID: UInt64?, in fs: any FileSystem, _ pace: Pace
    ) throws(StorageError) -> (length: UInt64, damage: [SectionDamage]) {
        let file = try fs.open(path, .read)
        defer { file.close() }
        var check = SectionFileCheck(file, path, pace, length: try file.size())
        do throws(StorageError) { try check.run(kind, fileID) } catch {
            if case .newerFormat = error { throw error }
            check.note(error, at: 0, in: nil)
        }
        return (check.length, check.damage)
    }

    private init(_ file: any File, _ path: String, _ pace: Pace, length: UInt64) {
        self.file = file
        self.path = path
        self.pace = pace
        self.length = length
    }

    /// Header, footer and directory are needed to read the rest: damage to them ends the check.
    private mutating func run(_ kind: FileKind, _ fileID: UInt64?) throws(StorageError) {
        let start = try read(SectionFileFormat.headerSize, at: 0)
        let header = try SectionFileHeader(start.rawSpan, kind: kind, file: path)
        if let fileID, header.fileID != fileID {
            throw .corrupt(
                file: path, offset: 16, what: "file \(header.fileID) in the place of \(fileID)")
        }
        let footer = try readFooter()
        let directory = try read(Int(footer.directoryLength), at: footer.directoryOffset)
        let entries = try entries(directory, footer, header.fileID)
        var end = UInt64(SectionFileFormat.headerSize)
        for entry in entries {
            checkGap(end..<entry.offset)
            checkPages(entry, directory, header.fileID)
            end = entry.offset + entry.length
        }
        checkGap(end..<footer.directoryOffset)
    }

    private func readFooter() throws(StorageError) -> SectionFileFooter {
        let size = SectionFileFormat.footerSize
        let bytes = try read(size, at: length - min(length, UInt64(size)))
        return try SectionFileFooter(bytes.rawSpan, fileLength: length, file: path)
    }

    private func entries(
        _ directory: [UInt8], _ footer: SectionFileFooter, _ fileID: UInt64
    ) throws(StorageError) -> [SectionFileDirectory.Entry] {
        try footer.check(directory: directory.rawSpan, fileID: fileID, file: path)
        return try SectionFileDirectory.entries(
            directory.rawSpan, at: footer.directoryOffset, file: path)
    }

    private func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8] {
        defer { pace.advance(count) }
        return try file.read(count, at: offset)
    }

    private mutating func checkGap(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        do throws(StorageError) {
            let bytes = try read(range.count, at: range.lowerBound)
            guard let place = bytes.firstIndex(where: { $0 != 0 }) else { return }
            damage.append(
                SectionDamage(
                    section: nil, offset: range.lowerBound + UInt64(place),
                    what: "a gap that is not zero"))
        } catch { note(error, at: range.lowerBound, in: nil) }
    }

    private mutating func checkPages(
        _ entry: SectionFileDirectory.Entry, _ directory: [UInt8], _ fileID: UInt64
    ) {
        var done: UInt64 = 0
        var page = 0
        while done < entry.length, !pace.wasCancelled {
            let count = Int(min(entry.length - done, UInt64(Self.chunkSize)))
            let chunk = (try? read(count, at: entry.offset + done)).flatMap {
                $0.count == count ? $0 : nil
            }
            for start in stride(from: 0, to: count, by: SectionFileFormat.pageSize) {
                let place = entry.offset + done + UInt64(start)
                let end = min(start + SectionFileFormat.pageSize, count)
                let expected = Self.checksum(directory, at: entry.checksums + page * 4)
                page += 1
                do throws(StorageError) {
                    let bytes = try self.bytes(chunk, start..<end, at: place)
                    let crc = CRC32C.checksum(
                        bytes.rawSpan,
                        seed: SectionFileFormat.pageSeed(fileID: fileID, offset: place))
                    guard crc != expected || bytes.count != end - start else { continue }
                    damage.append(
                        SectionDamage(
                            section: entry.id, offset: place, what: "page checksum differs"))
                } catch { note(error, at: place, in: entry.id) }
            }
            done += UInt64(count)
        }
    }

    /// A page of a chunk; after a read of the chunk that failed, by itself.
    private func bytes(
        _ chunk: [UInt8]?, _ range: Range<Int>, at offset: UInt64
    ) throws(StorageError) -> [UInt8] {
        if let chunk { return Array(chunk[range]) }
        return try read(range.count, at: offset)
    }

    /// A page's checksum in a directory that was found to hold it.
    private static func checksum(_ directory: [UInt8], at place: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(directory[place + $1]) << UInt32(8 * $1) }
    }

    private mutating func note(_ error: StorageError, at offset: UInt64, in section: UInt32?) {
        if case .corrupt(_, let place, let what) = error {
            damage.append(SectionDamage(section: section, offset: place, what: what))
        } else {
            damage.append(
                SectionDamage(section: section, offset: offset, what: "cannot be read: \(error)"))
        }
    }
}
