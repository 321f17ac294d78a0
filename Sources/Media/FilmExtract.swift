// What encoders are shown of films: single pictures, clips, and pictures of any format in one that
// every program reads. ffmpeg reads them; a path is never taken for anything but a file.

/// Takes pictures out of a film; times count from its first frame.
package struct FilmExtract {
    /// Nanoseconds of a clip at most.
    private static let clipLength: Int64 = 30_000_000_000
    /// Rows that a picture has at most.
    private static let rows = 480
    /// The largest output in bytes.
    private static let bytesMax = 256 << 20
    /// Seconds that ffmpeg may be silent.
    private static let patience = 60.0

    private let path: String
    private let start: FilmStart

    /// Looks where the picture of a film begins.
    package init(of path: String) throws(FilmError) {
        self.path = path
        start = try FilmStart(of: path)
    }

    /// The picture that is shown at a time in nanoseconds, as a JPEG.
    package func picture(at time: Int64) throws(FilmError) -> [UInt8] {
        let found = try FFmpeg.seek(path, time, start) { words throws(FilmError) in
            let words = words + ["-map", "0:\(start.stream)"] + Self.onePicture("mjpeg")
            let bytes = try Self.run(words, path)
            return bytes.isEmpty ? nil : bytes
        }
        guard let found else { throw .nothing(at: time) }
        return found
    }

    /// What is shown between two times in nanoseconds, as Matroska with a JPEG for each frame; of
    /// a long piece the first seconds, of one without length the frame that lies there.
    package func clip(from first: Int64, to end: Int64) throws(FilmError) -> [UInt8] {
        let length = min(end - first, Self.clipLength)
        let much = length > 0 ? ["-t", FFmpeg.time(length)] : ["-frames:v", "1"]
        let found = try FFmpeg.seek(path, first, start) { words throws(FilmError) in
            let bytes = try Self.run(
                words + ["-map", "0:\(start.stream)", "-an"] + much + [
                    "-vf", "\(Self.size),format=yuvj420p", "-c:v", "mjpeg", "-q:v", "4", "-f",
                    "matroska", "pipe:1",
                ], path)
            // A header alone, without the beginning of any picture, is no clip.
            return bytes.firstRange(of: [0xFF, 0xD8, 0xFF]) == nil ? nil : bytes
        }
        guard let found else { throw .nothing(at: first) }
        return found
    }

    /// A picture of any format as a PNG.
    package static func png(_ picture: [UInt8]) throws(FilmError) -> [UInt8] {
        let bytes = try ClipFile.with(picture) { path throws(FilmError) in
            try PictureLimit.read { limit throws(FilmError) in
                try run(limit + ["-i", "file:" + path] + onePicture("png"), path)
            }
        }
        guard !bytes.isEmpty else { throw .noFrames }
        return bytes
    }

    /// Pictures of a clip as JPEGs, one a second and so many at most.
    package static func pictures(
        ofClip clip: [UInt8], atMost count: Int
    ) throws(FilmError) -> [[UInt8]] {
        let bytes = try ClipFile.with(clip) { path throws(FilmError) in
            try PictureLimit.read { limit throws(FilmError) in
                try run(
                    limit + [
                        "-i", "file:" + path, "-map", "0:V:0", "-frames:v", "\(count)", "-vf",
                        "fps=1:round=up,\(size)", "-c:v", "mjpeg", "-q:v", "3", "-f",
                        "image2pipe", "pipe:1",
                    ], path)
            }
        }
        let pictures = split(bytes)
        guard !pictures.isEmpty else { throw .noFrames }
        return pictures
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

    /// What ffmpeg writes; `path` is kept out of what it says.
    private static func run(
        _ words: [String], _ path: String
    ) throws(FilmError) -> [UInt8] {
        do { return try FFmpeg.output(words, of: path, seconds: patience, atMost: bytesMax) } catch
        {
            if case .unreadable(let said) = error { throw FFmpeg.refusal(said, .noPicture) }
            throw error
        }
    }
}
