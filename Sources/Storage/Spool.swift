// Bytes that are gathered now and copied to their place later: in memory up to a limit, beyond it
// in a file of their own. Several sections of a file grow at the same time while it is built; with
// spools that takes bounded memory.

/// A growing run of bytes; not thread safe.
package final class Spool {
    /// Bytes appended.
    package private(set) var count: UInt64 = 0

    private let path: String
    private let limit: Int
    private let fs: any FileSystem
    private var tail = ByteWriter()
    private var file: (any File)?

    /// An empty spool that keeps at most `limit` bytes in memory, and the rest at `path`.
    package init(_ path: String, limit: Int, in fs: any FileSystem) {
        self.path = path
        self.limit = limit
        self.fs = fs
    }

    /// Adds bytes at the end.
    package func append(_ bytes: RawSpan) throws(StorageError) {
        tail.bytes(bytes)
        count += UInt64(bytes.byteCount)
        guard tail.count > limit else { return }
        if file == nil { file = try fs.createAnew(path) }
        try file?.write(tail.bytes, at: count - UInt64(tail.count))
        tail.bytes.removeAll(keepingCapacity: true)
    }

    /// Appends all of it to the section that is open in `target`.
    package func copy(to target: SectionFileWriter) throws(StorageError) {
        let inFile = count - UInt64(tail.count)
        var offset: UInt64 = 0
        while let file, offset < inFile {
            let part = try file.read(
                Int(min(inFile - offset, UInt64(SectionFileFormat.writeBufferSize))), at: offset)
            guard !part.isEmpty else {
                throw .corrupt(
                    file: path, offset: offset,
                    what: "\(inFile) bytes were written, but it ends here")
            }
            try target.append(part)
            offset += UInt64(part.count)
        }
        try target.append(tail.bytes)
    }

    /// Removes the file, if there is one; a failure is left to the next sweep.
    package func discard() {
        guard let file else { return }
        file.close()
        try? fs.remove(path)
        self.file = nil
    }
}
