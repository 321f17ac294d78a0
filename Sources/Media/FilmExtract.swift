// What encoders are shown of films: single pictures, pieces of sound, and pictures of any format in
// one that every program reads. ffmpeg reads them; a path is never taken for anything but a file.

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

    /// Options for one picture with square pixels.
    private static func onePicture(_ codec: String) -> [String] {
        let filter = "scale='2*trunc(oh*dar/2)':'2*trunc(min(ih,\(rows))/2)',setsar=1"
        return [
            "-frames:v", "1", "-vf", filter, "-c:v", codec, "-q:v", "3", "-f", "image2pipe",
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
