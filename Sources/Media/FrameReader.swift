// Reads a film's frames in one pass. One ffmpeg decodes the film once and writes three pipes: every
// frame as a small raw picture, some frames as larger ones for people, and a list that says in
// order what was written with which time stamp. The list is ffmpeg's own "framecrc" form, one line
// a packet:
//
//     #tb 0: 1/24000
//     0,   1001,   1001,   1001,   20736, 0xdeadbeef      stream, dts, pts, duration, bytes, sum
//
// What must always hold: frames come in the order of their times, and memory is bounded by what
// ffmpeg has written and we have not read.

/// The frames of one film, from its first to its last.
package final class FrameReader {
    /// One frame.
    package struct Frame: Sendable {
        /// From the first frame, in nanoseconds.
        package let time: Int64
        /// What it shows, small.
        package let picture: Picture
        /// The same 180 rows high, as `ThumbnailWriter` takes it; of some frames only.
        package let large: [UInt8]?
    }

    private static let pictures: Int32 = 1
    private static let list: Int32 = 3
    private static let larges: Int32 = 4
    /// Milliseconds without a byte after which ffmpeg is given up.
    private static let patience: Int32 = 60_000

    /// What ffmpeg does to the time stamps of streams as they are sent, which may have been joined.
    ///
    /// Behind a jump back, or far ahead, they go on from the frame before, and it prints when that
    /// was, in seconds. 0 holds the distance of two frames, 1 what is added.
    private static let mended =
        "'st(1,if(isnan(PREV_INPTS)+between(PTS-PREV_INPTS,-0.5/TB,10/TB),ld(1),"
        + "PREV_OUTPTS+ld(0)-PTS+0*print(PREV_OUTPTS*TB,16)));"
        + "if(between(PTS-PREV_INPTS,1,10/TB),st(0,PTS-PREV_INPTS));PTS+ld(1)'"

    private let child: ChildProcess
    private let path: String
    private let rate: FrameRate?
    private var clock: FrameClock?
    private var packets = PacketList()
    private var pictureBytes = ByteQueue()
    private var largeBytes = ByteQueue()
    private var last: Int64?

    /// Starts reading a film; frames that may become pictures for people are so many seconds
    /// apart at least.
    package init(_ path: String, _ film: Film, largeSeconds: Double) throws(FilmError) {
        self.path = path
        rate = film.rate
        // A hair less than the distance, so that a frame in its place is not passed over.
        let distance = largeSeconds - 0.001
        let some = "select='isnan(prev_selected_t)+gte(t-prev_selected_t,\(distance))'"
        let stream = "0:\(film.stream)"
        let isStream = FFmpeg.isStream(path)
        let mended = isStream ? "setpts=\(Self.mended)," : ""
        // Of both, one says it.
        let quiet = mended.replacing("print(PREV_OUTPTS*TB,16)", with: "0")
        // Pictures are so small that dividing one among threads costs more than it brings.
        child = try ChildProcess(
            FFmpeg.command([
                "-filter_threads", "1", "-copyts", "-i", "file:" + path, "-map", stream, "-map",
                stream, "-filter:v:0", mended + Picture.filter(ofRows: film.height),
                "-filter:v:1", quiet + some + "," + Self.largeFilter(ofRows: film.height), "-c:v",
                "rawvideo", "-vsync", "passthrough", "-enc_time_base", "-1", "-f", "tee",
                "[select=\\'v:0\\':f=rawvideo]pipe:\(Self.pictures)"
                    + "|[select=\\'v:1\\':f=rawvideo]pipe:\(Self.larges)"
                    + "|[f=framecrc:flush_packets=1]pipe:\(Self.list)",
            ]), outputs: [Self.pictures, Self.list, Self.larges])
    }

    /// ffmpeg's filter for JPEGs that people look at, of a film with so many rows: square pixels,
    /// an even width.
    static func jpegFilter(ofRows rows: Int) -> String {
        largeScale(ofRows: rows) + ",setsar=1,format=yuvj420p"
    }

    /// The same for what is made a JPEG here, in the steps of video, which most films are in:
    /// turning these into others costs ffmpeg as much as scaling.
    private static func largeFilter(ofRows rows: Int) -> String {
        largeScale(ofRows: rows) + ":out_range=tv,format=yuv420p"
    }

    private static func largeScale(ofRows rows: Int) -> String {
        let height = ThumbnailWriter.rows
        let (filters, part) = Picture.fewer(rows, leaving: height)
        return filters
            + "scale='max(2,2*trunc(\(height / 2)*dar/\(part)))':\(height):flags=area"
    }

    /// The time stamp of the first frame in the file, in nanoseconds.
    package var origin: Int64 { clock?.origin ?? 0 }

    /// The film's rate, when the frames read so far stand where it says; nil when they vary.
    package var steadyRate: FrameRate? { clock?.isSteady == true ? rate : nil }

    /// What ffmpeg complained of while it went on, on one line; nil for nothing.
    package var complaint: String? {
        let said = child.said(of: path)
        return said.isEmpty ? nil : said
    }

    /// Where the film's time stamps begin anew or leave much out, from the first frame on, in
    /// nanoseconds; frames count on there.
    package var jumps: [Int64] {
        child.lines.compactMap { Double($0) }.map { Int64($0 * 1e9) - origin }
    }

    /// The next frame; nil behind the last.
    ///
    /// A film of which not one frame can be read is an error.
    package func next() throws(FilmError) -> Frame? {
        while true {
            if let frame = try ready() { return frame }
            guard let chunk = try child.read(within: Self.patience) else { break }
            switch chunk.output {
            case Self.pictures: pictureBytes.append(chunk.bytes)
            case Self.larges: largeBytes.append(chunk.bytes)
            default: packets.append(chunk.bytes)
            }
        }
        packets.close()
        if let frame = try ready() { return frame }
        let end = try child.finish()
        guard let last else {
            guard end == .exited(0) else { throw .unreadable(said: complaint ?? "") }
            throw .noFrames
        }
        // With a picture's size ffmpeg forgets how time stamps went on.
        if end != .exited(0), complaint?.contains("Invalid pts") == true {
            throw .joined(at: last)
        }
        return nil
    }

    /// The first frame, when all of it is there.
    ///
    /// Whether a frame has a large picture is known when the list goes on behind it.
    private func ready() throws(FilmError) -> Frame? {
        guard let first = packets.first, first.isPicture else {
            guard packets.first != nil else { return nil }
            throw .strange("a picture for people without its frame")
        }
        guard pictureBytes.count >= first.bytes, packets.isSecondKnown else { return nil }
        let own = packets.second.flatMap { $0.isPicture ? nil : $0 }
        if let own, largeBytes.count < own.bytes { return nil }
        packets.removeFirst(own == nil ? 1 : 2)
        guard let picture = Picture(planes: pictureBytes.take(first.bytes)) else {
            throw .strange("a picture of \(first.bytes) bytes")
        }
        let large = own.map { largeBytes.take($0.bytes) }
        if clock == nil {
            guard let tick = packets.tick else { throw .strange("no time base") }
            clock = FrameClock(numerator: tick.top, denominator: tick.bottom, rate: rate)
        }
        var time = clock?.time(ofTick: first.time) ?? 0
        // Time stamps that stand still or go back are those of a broken file.
        if let last { time = max(time, last) }
        last = time
        return Frame(time: time, picture: picture, large: large)
    }
}
