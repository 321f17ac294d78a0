// The one folder in which a running encoder may write. It is made for it and goes with it; what a
// program left there is removed without following links.

import Glibc

/// A folder that is removed with all it holds.
final class ScratchFolder {
    /// Its path.
    let path: String

    /// Makes a folder in another one.
    init(in parent: String) throws(EncoderError) {
        var template = Array("\(parent)/mspd-encoder-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        guard let made else { throw .start("no folder in \(parent) (errno \(errno))") }
        path = made
    }

    deinit { Self.remove(path) }

    private static func remove(_ path: String) {
        // A link is removed itself, never what it points to.
        if unsafe unlink(path) == 0 || rmdir(path) == 0 { return }
        guard errno == ENOTEMPTY || errno == EEXIST || errno == EACCES,
            let folder = unsafe opendir(path)
        else { return }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(
                    cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
        }
        for name in names { remove("\(path)/\(name)") }
        unsafe rmdir(path)
    }
}
