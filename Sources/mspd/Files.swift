// The files that a user names on the command line: outside the data folder, read whole.

import Glibc
import Storage

/// Reading and writing the user's own files.
enum Files {
    /// The largest file that is read into memory.
    static let bytesMax = 4 << 30

    /// The bytes of a file.
    static func read(_ path: String) throws(Failure) -> [UInt8] {
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
        do {
            let file = try RealFileSystem().open(path, .read)
            defer { file.close() }
            return try file.read(min(count, Int(try file.size())), at: 0)
        } catch { throw Failure(.usage, "mspd: \(error)") }
    }

    /// The size of a file in bytes, and when it was changed last, in nanoseconds since 1970.
    static func state(of path: String) throws(Failure) -> (bytes: Int, changed: Int) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw Failure(
                .usage, unsafe "mspd: \(path): \(String(cString: strerror(errno)))")
        }
        let changed = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
        return (Int(status.st_size), changed)
    }

    /// The whole path of a file, without links; nil when there is none of this name.
    static func absolute(_ path: String) -> String? {
        guard let whole = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(whole) }
        return unsafe String(validatingCString: whole)
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

    /// Writes a file anew.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        do {
            let fs = RealFileSystem()
            if try fs.size(of: path) != nil { try fs.remove(path) }
            let file = try fs.open(path, .create)
            defer { file.close() }
            try file.write(bytes, at: 0)
        } catch { throw Failure(.usage, "mspd: \(error)") }
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && (status.st_mode & S_IFMT) == S_IFDIR
    }

    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// All files below a folder, in the order of their names.
    static func all(below folder: String) throws(Failure) -> [String] {
        let names: [String]
        do { names = try RealFileSystem().list(folder) } catch {
            throw Failure(.usage, "mspd: \(error)")
        }
        var files: [String] = []
        for name in names where !name.hasPrefix(".") {
            let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
            files += isFolder(path) ? try all(below: path) : [path]
        }
        return files
    }

    /// The last part of a path.
    static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The name of the folder that a file is in.
    static func folderName(_ path: String) -> String? {
        path.split(separator: "/").dropLast().last.map(String.init)
    }
}
