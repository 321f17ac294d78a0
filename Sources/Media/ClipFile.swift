// A clip or a picture that came as bytes lies in a file while ffmpeg reads it, because most
// containers cannot be read from a pipe. The file has no name, so nothing is left of it when we are
// killed: ffmpeg opens it as what we have open.

import Glibc

/// Bytes as a file.
package enum ClipFile {
    /// Calls `body` with the path of a new file with these bytes, which nobody else can read and
    /// which is gone afterwards.
    package static func with<Result>(
        _ bytes: [UInt8], _ body: (_ path: String) throws(FilmError) -> Result
    ) throws(FilmError) -> Result {
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/mspd-clip-XXXXXX".utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else { throw .system("make a file in \(folder)", errno) }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unsafe unlink(template)
        try write(bytes, to: descriptor, in: folder)
        return try body("/proc/\(getpid())/fd/\(descriptor)")
    }

    /// Writes all bytes to a new file.
    private static func write(
        _ bytes: [UInt8], to descriptor: Int32, in folder: String
    ) throws(FilmError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write a file in \(folder)", errno) }
            rest = rest.dropFirst(count)
        }
    }
}
