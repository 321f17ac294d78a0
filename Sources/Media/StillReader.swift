// Single pictures through ffmpeg: one that someone searches by, in any format it reads, and the
// frame at one time of a film.

/// Reads single pictures.
package enum StillReader {
    /// The picture in some bytes, of any format that ffmpeg reads: the first frame if it moves.
    ///
    /// `seconds` is how long ffmpeg may be silent.
    package static func picture(
        _ bytes: [UInt8], seconds: Double = 20
    ) throws(FilmError) -> Picture {
        try checkEnd(bytes)
        // From a file: some formats, GIF and TIFF among them, cannot be read from a pipe.
        let planes = try ClipFile.with(bytes) { path throws(FilmError) in
            try PictureLimit.read { limit throws(FilmError) in
                try FFmpeg.output(
                    words(for: "file:" + path, limit), of: path, seconds: seconds)
            }
        }
        return try picture(planes: planes)
    }

    /// Refuses a JPEG whose end is missing, which ffmpeg makes up.
    package static func checkEnd(_ bytes: [UInt8]) throws(FilmError) {
        guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else { return }
        // Behind the start of the last scan comes the end; in between neither mark stands.
        let last = bytes.indices.dropLast().last {
            bytes[$0] == 0xFF && [0xD9, 0xDA].contains(bytes[$0 + 1])
        }
        guard last.map({ bytes[$0 + 1] }) != 0xD9 else { return }
        throw .unreadable(said: "the picture is cut off")
    }

    /// What ffmpeg is told, for a picture in a file or on its standard input, `pipe:0`.
    static func words(
        for input: String, _ limit: [String] = PictureLimit.words
    ) -> [String] {
        ["-threads", "1", "-filter_threads", "1"] + limit + [
            "-i", input, "-frames:v", "1", "-vf",
            Picture.filter, "-threads", "1", "-f", "rawvideo", "pipe:1",
        ]
    }

    /// What ffmpeg made of it.
    static func picture(planes: [UInt8]) throws(FilmError) -> Picture {
        guard let picture = Picture(planes: planes) else { throw .noFrames }
        return picture
    }

    /// The frame that a film shows at a time, in nanoseconds from its start, as a JPEG; nil when
    /// there is none.
    static func jpeg(
        of path: String, _ film: Film, at time: Int64, _ start: FilmStart
    ) throws(FilmError) -> [UInt8]? {
        try FFmpeg.seek(path, time, start) { words throws(FilmError) in
            let jpeg = try FFmpeg.output(
                words + [
                    "-map", "0:\(film.stream)", "-frames:v", "1", "-vf",
                    FrameReader.jpegFilter(ofRows: film.height), "-c:v", "mjpeg", "-q:v", "4", "-f",
                    "image2pipe", "pipe:1",
                ])
            return jpeg.isEmpty ? nil : jpeg
        }
    }
}
