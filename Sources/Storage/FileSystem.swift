// The only door to files: everything above Storage goes through these three protocols.
//
// There is a real file system, and a simulated one in the tests that forgets what was not synced.
// What must hold for both: bytes are durable after `File.sync`, names (created, renamed, removed)
// after `syncDirectory` of their folder, and nothing else is. All calls block.

/// How to open a file.
package enum OpenMode: Sendable {
    /// An existing file, for reading.
    case read
    /// A new file, for reading and writing; EEXIST when it is there already.
    case create
    /// An existing file, for reading and writing.
    case readWrite
}

/// Files and folders, by paths that are used as given.
package protocol FileSystem: Sendable {
    /// Opens a file. A missing one is `.system` with ENOENT.
    func open(_ path: String, _ mode: OpenMode) throws(StorageError) -> any File
    /// Maps a whole file for reading; an empty file maps to zero bytes.
    ///
    /// Only for files that are never truncated while mapped.
    func map(_ path: String) throws(StorageError) -> MappedFile
    /// Renames a file or folder, replacing a file at `to`. Durable after a sync of the folder.
    func rename(_ from: String, to: String) throws(StorageError)
    /// Gives a file a second name; EEXIST when `to` is there, EXDEV across file systems.
    func link(_ from: String, to: String) throws(StorageError)
    /// Removes a file or an empty folder. Durable after a sync of the folder.
    func remove(_ path: String) throws(StorageError)
    /// Makes one folder; it is no error when it exists. Durable after a sync of its parent.
    func createDirectory(_ path: String) throws(StorageError)
    /// The names in a folder, sorted, without "." and "..".
    func list(_ path: String) throws(StorageError) -> [String]
    /// Makes the names in a folder durable.
    func syncDirectory(_ path: String) throws(StorageError)
    /// The length of a file in bytes; nil when there is none.
    func size(of path: String) throws(StorageError) -> UInt64?
    /// Takes an exclusive lock, creating the file when needed; held elsewhere is `.locked`.
    func lock(_ path: String) throws(StorageError) -> any FileLock
    /// Bytes that this user may still write on the file system that holds `path`.
    func available(_ path: String) throws(StorageError) -> UInt64
}

/// One open file.
///
/// Positions are explicit, so there is no cursor to share.
package protocol File: AnyObject, Sendable {
    /// The path it was opened with, for error messages.
    var path: String { get }
    /// Writes all of `bytes`, or throws; after an error any part may have been written.
    func write(_ bytes: RawSpan, at offset: UInt64) throws(StorageError)
    /// Reads `count` bytes, fewer only at the end of the file. The caller bounds `count`.
    func read(_ count: Int, at offset: UInt64) throws(StorageError) -> [UInt8]
    /// The length in bytes.
    func size() throws(StorageError) -> UInt64
    /// Makes what was written durable (fdatasync). After an error nothing is known about it.
    func sync() throws(StorageError)
    /// Cuts or extends (with zeros) to `size` bytes.
    func truncate(to size: UInt64) throws(StorageError)
    /// Closes the file; later calls fail. Closing twice is harmless, and losing the file closes it.
    func close()
}

extension File {
    /// Writes all of an array's bytes.
    package func write(_ bytes: [UInt8], at offset: UInt64) throws(StorageError) {
        try write(bytes.rawSpan, at: offset)
    }
}

/// A held lock; released when told to, when lost, and by the system when the process ends.
package protocol FileLock: AnyObject, Sendable {
    /// Gives the lock back. Releasing twice is harmless.
    func release()
}

extension FileSystem {
    /// The folder part of a path: "a/b" gives "a", "/a" gives "/", "a" gives ".".
    package func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Creates a file, first removing what a crash left there.
    package func createAnew(_ path: String) throws(StorageError) -> any File {
        if try size(of: path) != nil { try remove(path) }
        return try open(path, .create)
    }
}
