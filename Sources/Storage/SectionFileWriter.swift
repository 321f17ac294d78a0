// Writes a section file from front to back, once.
//
// The file has its final name only when it is whole and synced: until `finish` it is called
// `path + ".new"`. The caller syncs the folder before it names the file anywhere else.

/// The single owner of a section file that is being written; not thread safe.
package final class SectionFileWriter {
    /// Bytes appended to the section that is open.
    package private(set) var offsetInSection: UInt64 = 0
    /// The path that the file will have.
    package let path: String

    private struct Entry {
        var id: UInt32
        var offset: UInt64
        var length: UInt64 = 0
        var pages: [UInt32] = []
    }

    private let fs: any FileSystem
    private let file: any File
    private let fileID: UInt64
    private var buffer = ByteWriter(capacity: SectionFileFormat.writeBufferSize)
    /// Bytes of the file already handed to it; the buffer comes after them.
    private var written: UInt64 = 0
    private var entries: [Entry] = []
    /// The checksum of the current page so far.
    private var pageCRC: UInt32 = 0

    /// Starts a file, replacing what a crash left at `path + ".new"`.
    package init(
        creating path: String, kind: FileKind, fileID: UInt64, in fs: any FileSystem
    ) throws(StorageError) {
        self.path = path
        self.fs = fs
        self.fileID = fileID
        file = try fs.createAnew(path + ".new")
        buffer.bytes(SectionFileHeader(fileID: fileID).encoded(kind))
    }

    /// Ends the section before and begins one; each id is used once, in any order.
    package func begin(_ id: UInt32) {
        precondition(!entries.contains { $0.id == id }, "section \(id) begun twice")
        endSection()
        entries.append(Entry(id: id, offset: position))
        offsetInSection = 0
    }

    /// Adds bytes to the section that is open; after an error there is only `abandon`.
    package func append(_ bytes: RawSpan) throws(StorageError) {
        precondition(!entries.isEmpty, "bytes before the first section")
        var rest = bytes
        while rest.byteCount > 0 {
            let page = UInt64(SectionFileFormat.pageSize)
            if offsetInSection % page == 0 { beginPage() }
            let count = min(rest.byteCount, Int(page - offsetInSection % page))
            let part = rest.extracting(first: count)
            pageCRC = CRC32C.checksum(part, seed: pageCRC)
            buffer.bytes(part)
            offsetInSection += UInt64(count)
            if buffer.count >= SectionFileFormat.writeBufferSize { try flush() }
            rest = rest.extracting(droppingFirst: count)
        }
    }

    /// Adds an array's bytes to the section that is open.
    package func append(_ bytes: [UInt8]) throws(StorageError) { try append(bytes.rawSpan) }

    /// Writes directory and footer, syncs the file and gives it its name.
    ///
    /// - Returns: the length of the file in bytes.
    package func finish() throws(StorageError) -> UInt64 {
        endSection()
        let directory = encodedDirectory()
        let footer = SectionFileFooter(
            directoryOffset: position, directory: directory, fileID: fileID)
        buffer.bytes(directory)
        buffer.bytes(footer.encoded)
        try flush()
        try file.sync()
        file.close()
        try fs.rename(path + ".new", to: path)
        return written
    }

    /// Gives the file up and removes it; a failure to remove is left to the next sweep.
    package func abandon() {
        file.close()
        try? fs.remove(path + ".new")
    }

    private var position: UInt64 { written + UInt64(buffer.count) }

    private func beginPage() {
        endPage()
        pageCRC = SectionFileFormat.pageSeed(fileID: fileID, offset: position)
    }

    private func endPage() {
        guard offsetInSection > 0 else { return }
        entries[entries.count - 1].pages.append(pageCRC)
    }

    /// Completes the open section's entry and fills up to where the next thing may begin.
    private func endSection() {
        if !entries.isEmpty {
            endPage()
            entries[entries.count - 1].length = offsetInSection
        }
        let excess = Int(position % UInt64(SectionFileFormat.alignment))
        guard excess > 0 else { return }
        buffer.bytes([UInt8](repeating: 0, count: SectionFileFormat.alignment - excess))
    }

    private func encodedDirectory() -> [UInt8] {
        var directory = ByteWriter()
        for entry in entries {
            directory.u32(entry.id)
            directory.u32(UInt32(entry.pages.count))
            directory.u64(entry.offset)
            directory.u64(entry.length)
            for page in entry.pages { directory.u32(page) }
        }
        return directory.bytes
    }

    private func flush() throws(StorageError) {
        try file.write(buffer.bytes, at: written)
        written = position
        buffer.bytes.removeAll(keepingCapacity: true)
    }
}
