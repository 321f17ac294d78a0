// The text subtitles inside a film, turned into SubRip by ffmpeg and then read like any file.

/// Reads subtitles that lie in a film.
package enum EmbeddedSubtitles {
    /// Seconds that ffmpeg may be silent: it reads a whole film to find them.
    private static let patience = 300.0

    /// The subtitles of one stream as SubRip, as early or late as the file has them; empty when
    /// there are none.
    package static func srt(
        _ path: String, _ subtitles: Film.Subtitles
    ) throws(FilmError) -> [UInt8] {
        // What is drawn is marked in the stream itself alone.
        guard subtitles.codec != "ass" else {
            return AdvancedSubtitles.srt(try output(path, subtitles, ["copy", "-f", "ass"]))
        }
        return try output(path, subtitles, ["srt", "-f", "srt"])
    }

    private static func output(
        _ path: String, _ subtitles: Film.Subtitles, _ form: [String]
    ) throws(FilmError) -> [UInt8] {
        try FFmpeg.output(
            ["-copyts", "-i", "file:" + path, "-map", "0:\(subtitles.stream)", "-c:s"] + form
                + ["pipe:1"], of: path, seconds: patience, atMost: SubtitleReader.maximumBytes,
            tooMuch: "more subtitles than are read")
    }
}
