// Single pictures through ffmpeg: one that someone searches by, in any format it reads, and the
// frame at one time of a film.

/// Reads single pictures.
package enum StillReader {
    /// The largest picture in bytes that is read.
    package static let bytesMax = 64 << 20
    /// The picture in some bytes, of any format that ffmpeg reads: the first frame if it moves.
    ///
    /// `seconds` is how long ffmpeg may be silent.
    package static func picture(
        _ bytes: [UInt8], seconds: Double = 20
    ) throws(FilmError) -> Picture {
        let planes = try run(
            ["-i", "pipe:0", "-frames:v", "1", "-vf", Picture.filter, "-f", "rawvideo", "pipe:1"],
            input: bytes, seconds: seconds)
        guard let picture = Picture(planes: planes) else { throw .noFrames }
        return picture
    }

    /// The frame that a film shows at a time, in nanoseconds, as a JPEG; nil when there is none.
    static func jpeg(of path: String, _ film: Film, at time: Int64) throws(FilmError) -> [UInt8]? {
        let fraction = String(time % 1_000_000_000)
        let zeros = String(repeating: "0", count: 9 - fraction.count)
        let jpeg = try run([
            "-ss", "\(time / 1_000_000_000).\(zeros)\(fraction)", "-i", "file:" + path, "-map",
            "0:\(film.stream)", "-frames:v", "1", "-vf", FrameReader.jpegFilter, "-c:v", "mjpeg",
            "-q:v", "4", "-f", "image2pipe", "pipe:1",
        ])
        return jpeg.isEmpty ? nil : jpeg
    }

    /// What ffmpeg writes on standard output.
    static func run(
        _ words: [String], input: [UInt8]? = nil, path: String = "pipe:0", seconds: Double = 20
    ) throws(FilmError) -> [UInt8] {
        let child = try ChildProcess(
            ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error"] + words, outputs: [1],
            input: input)
        var bytes: [UInt8] = []
        let patience = Int32(min(max(seconds, 0.01), 3_600) * 1_000)
        while let chunk = try child.read(within: patience) {
            bytes += chunk.bytes
            guard bytes.count <= bytesMax else { throw .strange("more than a picture") }
        }
        guard try child.finish() == .exited(0) else {
            throw .unreadable(said: child.said(of: path))
        }
        return bytes
    }
}
