// The files that a user names on the command line: outside the data folder, read whole.

import Glibc
import Storage

/// Reading and writing the user's own files.
enum Files {
    /// The largest file that is read into memory.
    static let bytesMax = 4 << 30

    /// The bytes of a file.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
        try expectFile(path)
        do {
            let file = try RealFileSystem().open(path, .read)
            defer { file.close() }
            let size = try file.size()
            guard size <= UInt64(bytesMax) else {
                throw StorageError.system(operation: "read", path: path, errno: EFBIG)
            }
            return try file.read(Int(size), at: 0)
        } catch { throw Failure(.usage, "mspd: \(error)") }
    }

    /// The first bytes of a file, as many as there are.
    static func beginning(of path: String, _ count: Int) throws(Failure) -> [UInt8] {
        try expectFile(path)
        do {
            let file = try RealFileSystem().open(path, .read)
            defer { file.close() }
            return try file.read(min(count, Int(try file.size())), at: 0)
        } catch { throw Failure(.usage, "mspd: \(error)") }
    }

    /// The size of a file in bytes, and when it was changed last, in nanoseconds since 1970.
    static func state(of path: String) throws(Failure) -> (bytes: Int, changed: Int) {
        let status = try status(of: path)
        let changed = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
        return (Int(status.st_size), changed)
    }

    /// The whole path of a file, without links; nil when there is none of this name.
    static func absolute(_ path: String) -> String? {
        guard let whole = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(whole) }
        return unsafe String(validatingCString: whole)
    }

    /// Whether two paths are the same, byte by byte: letters with accents may be written in several
    /// ways that Swift takes for one and a disk does not.
    static func isSame(_ path: String, _ other: String) -> Bool {
        path.utf8.elementsEqual(other.utf8)
    }

    /// The names in a folder.
    static func names(in folder: String) throws(Failure) -> [String] {
        do { return try RealFileSystem().list(folder) } catch {
            throw Failure(.usage, "mspd: \(error)")
        }
    }

    /// Writes a file anew.
    static func write(_ text: String, to path: String) throws(Failure) {
        try write(Array(text.utf8), to: path)
    }

    /// Writes a file anew, or to what else has this name, such as /dev/stdout.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw unwritten(path) }
        guard write(bytes, to: file) else {
            let failure = unwritten(path)
            close(file)
            throw failure
        }
        guard close(file) == 0 else { throw unwritten(path) }
    }

    /// Writes bytes to a descriptor; false, with errno, where it does not take all of them.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private static func unwritten(_ path: String) -> Failure {
        Failure(.usage, "mspd: cannot write \(path): \(unsafe String(cString: strerror(errno)))")
    }

    static func isFolder(_ path: String) -> Bool { (try? kind(of: path)) == S_IFDIR }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Whether there is something of this name, be it a link that leads nowhere; what has a name
    /// that is not UTF-8, and so cannot be asked for, counts as there.
    static func isNamed(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 || isRepaired(path)
    }

    /// Whether a path was not UTF-8 before it became a string.
    private static func isRepaired(_ path: String) -> Bool {
        path.unicodeScalars.contains("\u{FFFD}")
    }

    /// What is at the end of all links of a path, as the S_IF of `stat`.
    private static func kind(of path: String) throws(Failure) -> mode_t {
        try status(of: path).st_mode & S_IFMT
    }

    /// Refuses what is no file and may be waited for without end, such as a pipe.
    static func expectFile(_ path: String) throws(Failure) {
        guard try kind(of: path) == S_IFREG else {
            throw Failure(.usage, "mspd: \(path): this is no file")
        }
    }

    private static func status(of path: String) throws(Failure) -> stat {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            let reason =
                errno == ENOENT && isRepaired(path)
                ? "its name is not UTF-8; give it another" : unsafe String(cString: strerror(errno))
            throw Failure(.usage, "mspd: \(path): \(reason)")
        }
        return status
    }

    /// A folder or file as the system knows it, whatever links lead to it.
    struct Identity: Hashable {
        let device: dev_t
        let number: ino_t
    }

    static func identity(of path: String) -> Identity? {
        (try? status(of: path)).map { Identity(device: $0.st_dev, number: $0.st_ino) }
    }

    /// All files below a folder, in the order of their names, but for those whose names begin with
    /// a full stop.
    ///
    /// A folder that several links lead to is looked into once; those in `seen` are not. What
    /// cannot be read is told to `trouble`.
    static func all(
        below folder: String, seen: inout Set<Identity>, trouble: (Failure) -> Void
    ) -> [String] {
        if let identity = identity(of: folder), !seen.insert(identity).inserted { return [] }
        var files: [String] = []
        do throws(Failure) {
            for name in try names(in: folder) where !name.hasPrefix(".") {
                let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
                guard isFolder(path) else {
                    files.append(path)
                    continue
                }
                files += all(below: path, seen: &seen, trouble: trouble)
            }
        } catch { trouble(error) }
        return files
    }

    /// The last part of a path.
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
