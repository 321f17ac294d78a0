// One run of ffmpeg whose output is small enough for memory. It reads files and its standard input,
// never what a file's content names elsewhere.

import Glibc

/// Runs ffmpeg to its end.
enum FFmpeg {
    /// Bytes of a picture, or of the pictures of a clip, at most.
    private static let pictureMax = 64 << 20
    /// How much earlier a film is entered where nothing is found, in nanoseconds.
    private static let patient: Int64 = 12_000_000_000

    /// What it writes on standard output, `bytesMax` bytes at most, for the words behind its usual
    /// options; `path` is kept out of what it says, it may be silent for so many seconds, and more
    /// is refused as `tooMuch`.
    static func output(
        _ words: [String], of path: String = "pipe:0", input: [UInt8]? = nil,
        seconds: Double = 20, atMost bytesMax: Int = pictureMax,
        tooMuch: String = "more than was asked for"
    ) throws(FilmError) -> [UInt8] {
        let child = try ChildProcess(command(words), outputs: [1], input: input)
        let bytes = try read(child, seconds, bytesMax, tooMuch)
        guard try child.finish() == .exited(0) else {
            throw .unreadable(said: child.said(of: path))
        }
        return bytes
    }

    /// What ffmpeg's words mean where a film lacks what it was asked for; else the words.
    static func refusal(_ said: String, _ lack: FilmError) -> FilmError {
        let isLack = ["matches no streams", "does not contain any stream"].contains {
            said.contains($0)
        }
        return isLack ? lack : .unreadable(said: said)
    }

    /// ffmpeg with its usual options and these words behind them.
    static func command(_ words: [String]) -> [String] {
        [
            "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe",
        ] + words
    }

    /// All that a child writes.
    static func read(
        _ child: ChildProcess, _ seconds: Double, _ bytesMax: Int = pictureMax,
        _ tooMuch: String = "more than was asked for"
    ) throws(FilmError) -> [UInt8] {
        let patience = Int32(min(max(seconds, 0.01), 3_600) * 1_000)
        var bytes: [UInt8] = []
        while let chunk = try child.read(within: patience) {
            bytes += chunk.bytes
            guard bytes.count <= bytesMax else { throw .strange(tooMuch) }
        }
        return bytes
    }

    /// Words for a film from the first frame on that is at or behind a time in nanoseconds, which
    /// counts from its first frame.
    ///
    /// The film is entered `ahead` of that and decoded from there, since ffmpeg goes by the order
    /// in which frames are stored: shortly before a key frame it would enter at that one, and what
    /// is shown before it, though it is stored behind it or in the stretch before, would be lost.
    /// One with an index is not entered near its beginning but read, since a place before the first
    /// frame is mistaken for another.
    private static func film(
        _ path: String, from time: Int64, _ start: FilmStart, ahead: Int64, _ hasIndex: Bool
    ) -> [String] {
        var entry = start.lead + time - min(time, ahead)
        if hasIndex, entry < 1_000_000_000 { entry = 0 }
        let input = ["-i", "file:" + path, "-ss", self.time(start.lead + time - entry)]
        return hasIndex && entry == 0 ? input : ["-ss", self.time(entry)] + input
    }

    /// Whether a film is a stream as it is sent, which has no index.
    static func isStream(_ path: String) -> Bool {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        var first = [UInt8](repeating: 0, count: 197)
        guard unsafe Glibc.read(file, &first, first.count) == first.count else { return false }
        // Transport streams, also those of recorders and discs, and programme streams.
        return (first[0] == 0x47 && first[188] == 0x47) || (first[4] == 0x47 && first[196] == 0x47)
            || first.starts(with: [0, 0, 1, 0xBA])
    }

    /// What `body` gets of a film from a time on, once more with patience where it got nothing:
    /// containers without an index are entered at any packet, and what comes before the next key
    /// frame is lost.
    static func seek(
        _ path: String, _ time: Int64, _ start: FilmStart,
        _ body: (_ film: [String]) throws(FilmError) -> [UInt8]?
    ) throws(FilmError) -> [UInt8]? {
        let hasIndex = !isStream(path)
        for ahead in hasIndex ? [start.reach, patient] : [patient] {
            let words = film(path, from: time, start, ahead: ahead, hasIndex)
            if let bytes = try body(words) { return bytes }
        }
        return nil
    }

    /// Nanoseconds as ffmpeg takes a time.
    static func time(_ nanoseconds: Int64) -> String {
        let fraction = String(nanoseconds.magnitude % 1_000_000_000)
        let zeros = String(repeating: "0", count: 9 - fraction.count)
        return (nanoseconds < 0 ? "-" : "")
            + "\(nanoseconds.magnitude / 1_000_000_000).\(zeros)\(fraction)"
    }
}
