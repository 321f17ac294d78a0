// A short clip that someone searches by: it lies in a file while ffmpeg reads it, because most
// containers cannot be read from a pipe.

import Glibc

/// Reads clips.
package enum ClipReader {
    /// Frames a second that are looked at, and how many at most.
    private static let framesPerSecond = 2
    private static let framesMax = 120

    /// The vector of a clip: the mean of its frames', as of a shot's; black and white ones do not
    /// count where there are others.
    package static func vector(_ bytes: [UInt8], seconds: Double) throws(FilmError) -> [Float] {
        let path = try file(bytes)
        defer { unsafe _ = unlink(path) }
        let planes = try StillReader.run(
            [
                "-i", "file:" + path, "-vf", "fps=\(framesPerSecond),\(Picture.filter)",
                "-frames:v", "\(framesMax)", "-f", "rawvideo", "pipe:1",
            ], path: path, seconds: seconds)
        let pictures = stride(
            from: 0, to: planes.count - planes.count % Picture.bytes, by: Picture.bytes
        )
        .compactMap { Picture(planes: Array(planes[$0..<$0 + Picture.bytes])) }
        let lit = pictures.filter { !FrameTrace($0, after: nil).isBlank }
        let vectors = (lit.isEmpty ? pictures : lit).map { Look.vector(of: $0) }
        guard let mean = Look.mean(vectors) else { throw .noFrames }
        return mean
    }

    /// A new file with these bytes, which nobody else can read.
    private static func file(_ bytes: [UInt8]) throws(FilmError) -> String {
        let folder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/mspd-clip-XXXXXX".utf8CString)
        let descriptor = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe mkstemp($0) } ?? -1
        }
        guard descriptor >= 0 else { throw .system("make a file in \(folder)", errno) }
        defer { close(descriptor) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = errno
                unsafe _ = unlink(path)
                throw .system("write a file in \(folder)", failure)
            }
            rest = rest.dropFirst(count)
        }
        return path
    }
}
