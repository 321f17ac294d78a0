// A film's sound from its beginning to its end, as one ffmpeg writes it while it is read. Asking
// for one piece after the other by time would lose some of it at each seam, and could not tell a
// pause of the sound from its end.

/// Reads the sound of one film.
package final class SoundReader {
    /// Samples in a second, of 16 bits and one channel.
    package static let rate = 16_000
    /// Milliseconds that ffmpeg may be silent.
    private static let patience: Int32 = 60_000

    /// How long the film says that it is, in seconds; nil when it does not say.
    package let seconds: Double?
    private let path: String
    private let child: ChildProcess
    private var rest: [UInt8] = []
    private var isOver = false

    /// Starts to read a film's first sound, from its first frame on; where there is no picture,
    /// from the file's beginning.
    package init(of path: String) throws(FilmError) {
        self.path = path
        var seconds: Double?
        let (clock, cut) = try Self.beginning(path, &seconds)
        self.seconds = seconds
        // Where there is no sound for a while there is silence, so that a sample's place is its
        // time, also before the first one.
        let filter = cut + "aresample=\(Self.rate):async=1:first_pts=0,asetpts=N/SR/TB"
        child = try ChildProcess(
            FFmpeg.command(
                clock + [
                    "-i", "file:" + path, "-map", "0:a:0", "-ac", "1", "-af", filter, "-f", "s16le",
                    "pipe:1",
                ]), outputs: [1])
    }

    /// What makes ffmpeg count from the first frame: words before the film, and a filter; and how
    /// long the film says that it is.
    private static func beginning(
        _ path: String, _ seconds: inout Double?
    ) throws(FilmError) -> (clock: [String], cut: String) {
        do {
            let header = try FilmProbe.header(of: path)
            seconds = FilmProbe.seconds(header: header)
            let start = try FilmStart(of: path, FilmProbe.film(header: header))
            // By the file's own clock and a second, since ffmpeg may mend one that begins at 0.
            let origin = FFmpeg.time(start.origin + 1_000_000_000)
            let clock = ["-copyts", "-itsoffset", "1"]
            return (clock, "asetpts='PTS-\(origin)/TB',atrim=start=0,")
        } catch {
            // Of a picture that cannot be read there are no shots to be in time with.
            switch error {
            case .noPicture, .noFrames, .unreadable: return ([], "")
            default: throw error
            }
        }
    }

    /// The next bytes: as many as asked for, fewer only at the end, and none behind it.
    package func next(_ count: Int) throws(FilmError) -> [UInt8] {
        while rest.count < count, !isOver {
            if let chunk = try child.read(within: Self.patience) {
                rest += chunk.bytes
                continue
            }
            isOver = true
            guard try child.finish() == .exited(0) else {
                throw FFmpeg.refusal(child.said(of: path), .noSound)
            }
        }
        let bytes = Array(rest.prefix(count))
        rest.removeFirst(bytes.count)
        return bytes
    }
}
