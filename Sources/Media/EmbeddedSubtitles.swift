// The text subtitles inside a film, turned into SubRip by ffmpeg and then read like any file.

/// Reads subtitles that lie in a film.
package enum EmbeddedSubtitles {
    /// Milliseconds that ffmpeg may be silent: it reads a whole film to find them.
    private static let patience: Int32 = 300_000

    /// The subtitles of one stream as SubRip, as early or late as the file has them; empty when
    /// there are none.
    package static func srt(
        _ path: String, _ subtitles: Film.Subtitles
    ) throws(FilmError) -> [UInt8] {
        let child = try ChildProcess(
            [
                "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist",
                "file,pipe", "-copyts", "-i", "file:" + path, "-map", "0:\(subtitles.stream)",
                "-c:s", "srt", "-f", "srt",
                "pipe:1",
            ], outputs: [1])
        var bytes: [UInt8] = []
        while let chunk = try child.read(within: patience) {
            bytes += chunk.bytes
            guard bytes.count <= SubtitleReader.maximumBytes else {
                throw .strange("more subtitles than are read")
            }
        }
        guard try child.finish() == .exited(0) else {
            throw .unreadable(said: child.said(of: path))
        }
        return bytes
    }
}
