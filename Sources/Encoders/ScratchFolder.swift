// The one folder in which a running encoder may write. It is made for it and goes with it; what a
// program left there is removed without following links. Names are bytes: a program may choose ones
// that are no text.
//
// What must always hold: whoever uses a folder has it locked, and the system unlocks it when that
// process ends, however it ends. So what is not locked is left from a server that was killed.

import Glibc

/// A folder that is removed with all it holds.
final class ScratchFolder {
    private static let prefix = "mspd-encoder-"
    /// What a file or folder takes at least, in bytes.
    private static let least: UInt64 = 4_096

    /// Its path.
    let path: String
    private let lock: Int32

    /// Makes a folder in another one.
    init(in parent: String) throws(EncoderError) {
        // Who removes what was left behind may take one that is not locked yet.
        for _ in 0..<8 {
            guard let made = Self.make(in: parent) else { break }
            if let lock = Self.lock(made, LOCK_EX), unsafe access(made, F_OK) == 0 {
                (path, self.lock) = (Self.text(made), lock)
                return
            }
        }
        throw .start("no folder in \(parent) (errno \(errno))")
    }

    deinit {
        Self.remove(Array(path.utf8CString))
        close(lock)
    }

    /// What lies in it, in bytes on the disk; counting ends beyond `limit`.
    func size(upTo limit: UInt64) -> UInt64 {
        var size: UInt64 = 0
        var folders = [Array(path.utf8CString)]
        while let folder = folders.popLast(), size <= limit {
            for name in Self.names(in: folder) {
                let path = Self.join(folder, name)
                var state = stat()
                guard unsafe lstat(path, &state) == 0 else { continue }
                size += Self.least + UInt64(max(state.st_blocks, 0)) * 512
                if state.st_mode & S_IFMT == S_IFDIR { folders.append(path) }
                guard size <= limit else { break }
            }
        }
        return size
    }

    /// Removes the folders in another one that nobody uses any more.
    static func removeAbandoned(in parent: String) {
        let start = prefix.utf8CString.dropLast()
        for name in names(in: Array(parent.utf8CString)) where name.starts(with: start) {
            let path = join(Array(parent.utf8CString), name)
            var state = stat()
            guard unsafe lstat(path, &state) == 0, state.st_uid == geteuid(),
                state.st_mode & S_IFMT == S_IFDIR, let lock = lock(path, LOCK_EX | LOCK_NB)
            else { continue }
            remove(path)
            close(lock)
        }
    }

    private static func make(in parent: String) -> [CChar]? {
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
        }
        return made ? template : nil
    }

    /// A folder, locked as long as the descriptor is open; nil where it cannot be.
    private static func lock(_ path: [CChar], _ how: Int32) -> Int32? {
        let lock = unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard lock >= 0 else { return nil }
        if flock(lock, how) == 0 { return lock }
        close(lock)
        return nil
    }

    private static func remove(_ path: [CChar]) {
        // A link is removed itself, never what it points to.
        if unsafe unlink(path) == 0 || rmdir(path) == 0 { return }
        guard errno == ENOTEMPTY || errno == EEXIST || errno == EACCES else { return }
        unsafe chmod(path, 0o700)
        for name in names(in: path) { remove(join(path, name)) }
        unsafe rmdir(path)
    }

    /// What lies in a folder; names and paths here end with a zero.
    private static func names(in path: [CChar]) -> [[CChar]] {
        guard let folder = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [[CChar]] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe Array(bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }) + [0]
            }
            if name != [46, 0], name != [46, 46, 0] { names.append(name) }
        }
        return names
    }

    private static func join(_ folder: [CChar], _ name: [CChar]) -> [CChar] {
        folder.dropLast() + [CChar(bitPattern: UInt8(ascii: "/"))] + name
    }

    private static func text(_ path: [CChar]) -> String {
        String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
