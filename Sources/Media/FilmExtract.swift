// What encoders are shown of films: single pictures, pieces of sound, and pictures of any format in
// one that every program reads. ffmpeg reads them; a path is never taken for anything but a file.

import Glibc

/// Takes pictures and sound out of films.
package enum FilmExtract {
    /// Samples of sound in a second.
    package static let soundRate = 16_000
    /// Rows that a picture has at most.
    private static let rows = 480
    /// The largest output in bytes.
    private static let bytesMax = 256 << 20
    /// Milliseconds that ffmpeg may be silent.
    private static let patience: Int32 = 60_000

    /// The picture that a film shows at a time in nanoseconds, as a JPEG.
    package static func picture(of path: String, at time: Int64) throws(FilmError) -> [UInt8] {
        let bytes = try run(
            ["-ss", seconds(time), "-i", "file:" + path, "-map", "0:V:0"] + onePicture("mjpeg"),
            path)
        guard !bytes.isEmpty else { throw .noFrames }
        return bytes
    }

    /// The sound of a film from a time on, both in seconds: 16-bit samples of one channel,
    /// little-endian; empty behind the end.
    package static func sound(
        of path: String, from start: Double, seconds: Double
    ) throws(FilmError) -> [UInt8] {
        try run(
            [
                "-ss", Self.seconds(Int64(start * 1e9)), "-i", "file:" + path, "-map", "0:a:0",
                "-t", Self.seconds(Int64(seconds * 1e9)), "-ac", "1", "-ar", "\(soundRate)", "-f",
                "s16le", "pipe:1",
            ], path)
    }

    /// A picture of any format as a PNG.
    package static func png(_ picture: [UInt8]) throws(FilmError) -> [UInt8] {
        let bytes = try run(["-i", "pipe:0"] + onePicture("png"), "pipe:0", input: picture)
        guard !bytes.isEmpty else { throw .noFrames }
        return bytes
    }

    /// Pictures of a clip as JPEGs, one a second and so many at most.
    ///
    /// They lie in a file meanwhile, because most containers cannot be read from a pipe.
    package static func pictures(
        ofClip clip: [UInt8], atMost count: Int
    ) throws(FilmError) -> [[UInt8]] {
        let path = try file(clip)
        defer { unsafe _ = unlink(path) }
        let bytes = try run(
            [
                "-i", "file:" + path, "-map", "0:V:0", "-frames:v", "\(count)", "-vf",
                "fps=1:round=up,\(size)", "-c:v", "mjpeg", "-q:v", "3", "-f", "image2pipe",
                "pipe:1",
            ], path)
        let pictures = split(bytes)
        guard !pictures.isEmpty else { throw .noFrames }
        return pictures
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

    /// JPEGs that stand behind one another: the mark of the end occurs nowhere inside.
    private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
        var pictures: [[UInt8]] = []
        var start = 0
        for index in bytes.indices.dropFirst()
        where bytes[index] == 0xD9 && bytes[index - 1] == 0xFF {
            pictures.append(Array(bytes[start...index]))
            start = index + 1
        }
        return pictures
    }

    /// Square pixels, and no more rows than a model looks at.
    private static let size = "scale='2*trunc(oh*dar/2)':'2*trunc(min(ih,\(rows))/2)',setsar=1"

    /// Options for one picture.
    private static func onePicture(_ codec: String) -> [String] {
        [
            "-frames:v", "1", "-vf", size, "-c:v", codec, "-q:v", "3", "-f", "image2pipe",
            "pipe:1",
        ]
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        let fraction = String(nanoseconds % 1_000_000_000)
        let zeros = String(repeating: "0", count: 9 - fraction.count)
        return "\(nanoseconds / 1_000_000_000).\(zeros)\(fraction)"
    }

    /// What ffmpeg writes on standard output; `path` is kept out of what it says.
    private static func run(
        _ words: [String], _ path: String, input: [UInt8]? = nil
    ) throws(FilmError) -> [UInt8] {
        let child = try ChildProcess(
            [
                "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist",
                "file,pipe",
            ] + words, outputs: [1], input: input)
        var bytes: [UInt8] = []
        while let chunk = try child.read(within: patience) {
            bytes += chunk.bytes
            guard bytes.count <= bytesMax else { throw .strange("more than was asked for") }
        }
        guard try child.finish() == .exited(0) else {
            throw .unreadable(said: child.said(of: path))
        }
        return bytes
    }
}
