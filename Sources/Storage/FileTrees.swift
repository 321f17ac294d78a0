// Whole files and folders of them: removing what a failure left, and copying to another place.

extension FileSystem {
    /// Removes a file, or a folder with all that is in it; nothing is there to begin with is fine.
    ///
    /// A symbolic link is removed, not followed.
    package func removeTree(_ path: String) throws(StorageError) {
        do throws(StorageError) { return try remove(path) } catch {
            if error.isMissing { return }
            // A folder that is not empty, or what cannot be removed: listing tells.
            guard let names = try? list(path), !names.isEmpty else { throw error }
            for name in names { try removeTree("\(path)/\(name)") }
        }
        try remove(path)
    }

    /// Copies a file byte by byte and syncs the copy; the caller syncs the folder.
    ///
    /// Throws when the file does not have the length that it should.
    package func copy(
        _ from: String, to: String, length: UInt64, _ pace: Pace
    ) throws(StorageError) {
        let source = try open(from, .read)
        defer { source.close() }
        let size = try source.size()
        guard size == length else {
            throw .corrupt(
                file: from, offset: min(size, length),
                what: "it has \(size) bytes, and should have \(length)")
        }
        let target = try open(to, .create)
        defer { target.close() }
        var done: UInt64 = 0
        while done < length {
            let bytes = try source.read(Int(min(length - done, 1 << 20)), at: done)
            guard !bytes.isEmpty else {
                throw .corrupt(file: from, offset: done, what: "it ends here")
            }
            try target.write(bytes, at: done)
            pace.advance(bytes.count)
            done += UInt64(bytes.count)
        }
        try target.sync()
    }
}

extension SectionFile {
    /// The length of a file and the checksum of its directory, which tells its content from any
    /// other; read from its last bytes.
    package static func fingerprint(
        of path: String, in fs: any FileSystem
    ) throws(StorageError) -> (length: UInt64, directory: UInt32) {
        let file = try fs.open(path, .read)
        defer { file.close() }
        let length = try file.size()
        let size = SectionFileFormat.footerSize
        let bytes = try file.read(size, at: length - min(length, UInt64(size)))
        let footer = try SectionFileFooter(bytes.rawSpan, fileLength: length, file: path)
        return (length, footer.directoryCRC)
    }
}
