// A folder of its own for a test, gone when the test is.

import Glibc
package import Storage

/// A new, empty folder under TMPDIR (or /tmp), removed with all its contents with the object.
package final class ScratchDirectory: Sendable {
    /// The folder's path, without a slash at the end.
    package let path: String

    fileprivate init(_ name: String) throws(StorageError) {
        let parent = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/mspd-\(name)-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map {
                unsafe String(cString: $0)
            }
        }
        guard let made else {
            throw .system(operation: "create folder", path: parent, errno: errno)
        }
        path = made
    }

    deinit { Self.remove(path) }

    /// The path of something in the folder.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    private static func remove(_ path: String) {
        let fs = RealFileSystem()
        do {
            try fs.remove(path)
        } catch .system(_, _, ENOTEMPTY), .system(_, _, EEXIST) {
            for name in (try? fs.list(path)) ?? [] { remove("\(path)/\(name)") }
            try? fs.remove(path)
        } catch {
            print("left behind: \(path)")
        }
    }
}

/// A new folder for one test, named after it.
package func scratchDirectory(_ name: String = "test") throws(StorageError) -> ScratchDirectory {
    try ScratchDirectory(name)
}
