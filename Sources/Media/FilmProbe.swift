// Asks ffprobe what a file holds. Its "flat" form is read, one `key="value"` on a line, because it
// needs no more than splitting at signs; every value is taken for what it may be and no more, since
// headers lie.

import Glibc

/// Reads the headers of films.
package enum FilmProbe {
    /// The endings of files that are taken for films.
    package static let endings: Set<String> = [
        "3g2", "3gp", "asf", "avi", "divx", "dv", "f4v", "flv", "gxf", "m1v", "m2t", "m2ts", "m2v",
        "m4v", "mk3d", "mkv", "mov", "mp4", "mpe", "mpeg", "mpg", "mts", "mxf", "nut", "ogm", "ogv",
        "qt", "rm", "rmvb", "ts", "vob", "webm", "wmv", "wtv",
    ]

    /// Milliseconds that ffprobe may be silent; a header on a slow disk takes a few seconds.
    private static let patience: Int32 = 20_000

    /// What the film at a path says about itself.
    package static func film(at path: String) throws(FilmError) -> Film {
        try film(header: header(of: path))
    }

    /// What ffprobe prints about a film.
    static func header(of path: String) throws(FilmError) -> String {
        guard !isPlaylist(path) else { throw .playlist }
        let child = try ask(
            "format=duration,start_time:format_tags=timecode:stream=index,codec_type,codec_name,"
                + "width,height,r_frame_rate,avg_frame_rate,start_time,duration:"
                + "stream_tags=timecode,language,title,DURATION:stream_disposition=attached_pic,"
                + Film.Subtitles.Mark.allCases.map(\.rawValue).joined(separator: ","),
            path)
        let text = try answer(child)
        guard try child.finish() == .exited(0) else {
            let said = child.said(of: path)
            throw said.hasSuffix("End of file") ? .noFrames : .unreadable(said: said)
        }
        return text
    }

    /// How many seconds a file lasts by its header, be it picture or sound; nil when it does not
    /// say.
    static func seconds(header text: String) -> Double? {
        Header(text).format("duration").flatMap(Double.init)
    }

    /// Starts ffprobe to print some entries of a file, its packets' only from a time on.
    private static func ask(
        _ entries: String, _ path: String, from time: Int64? = nil, as form: String = "flat"
    ) throws(FilmError) -> ChildProcess {
        let interval = time.map { ["-read_intervals", FFmpeg.time($0) + "%"] } ?? []
        return try ChildProcess(
            ["ffprobe", "-v", "error", "-hide_banner", "-protocol_whitelist", "file"] + interval
                + ["-of", form, "-show_entries", entries, "file:" + path],
            outputs: [1])
    }

    /// All that ffprobe prints.
    private static func answer(_ child: ChildProcess) throws(FilmError) -> String {
        var text: [UInt8] = []
        while let chunk = try child.read(within: patience) { text += chunk.bytes }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether a file is a list of films that lie elsewhere, which ffprobe would wait for; what
    /// cannot be opened is left to ffprobe to name.
    private static func isPlaylist(_ path: String) -> Bool {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        var first = [UInt8](repeating: 0, count: 8)
        let count = unsafe read(file, &first, first.count)
        return ["#EXTM3U", "ffconcat"].contains { mark in
            count >= mark.utf8.count && first.starts(with: mark.utf8)
        }
    }

    /// What ffprobe's flat output says.
    package static func film(header text: String) throws(FilmError) -> Film {
        let header = Header(text)
        guard let picture = picture(header) else { throw .noPicture }
        let streams = 0..<header.streams
        let subtitles = streams.filter { header[$0, "codec_type"] == "subtitle" }.map {
            Film.Subtitles(
                stream: index(header, $0), codec: header[$0, "codec_name"] ?? "unknown",
                language: header[$0, "tags.language"], name: header[$0, "tags.title"],
                marks: marks(header, $0))
        }
        let rate = rate(header, picture)
        let labels =
            [header[picture, "tags.timecode"]] + streams.map { header[$0, "tags.timecode"] }
            + [header.format("tags.timecode")]
        let start = start(labels.compactMap { $0 }, rate)
        return Film(
            stream: index(header, picture), width: number(header, picture, "width"),
            height: number(header, picture, "height"), rate: rate,
            duration: duration(header), pictureDuration: pictureDuration(header, picture),
            earliest: time(header.format("start_time")),
            pictureStart: time(header[picture, "start_time"]), start: start, subtitles: subtitles)
    }

    /// The first label of several that is one at a rate.
    ///
    /// Programs that write it in two places may write it with `:` in one of them.
    private static func start(_ labels: [String], _ rate: FrameRate?) -> String? {
        guard let rate else { return nil }
        let right = labels.filter { (try? Timecode.frames(label: $0, rate: rate)) != nil }
        guard let first = right.first else { return nil }
        let digits = first.filter(\.isNumber)
        return right.first { $0.contains(";") && $0.filter(\.isNumber) == digits } ?? first
    }

    /// How long the film lasts, from its beginning on.
    ///
    /// Some containers say when it ends, others how long it is; the shorter one promises no more
    /// than there is.
    private static func duration(_ header: Header) -> Int64? {
        guard let whole = header.format("duration").flatMap(nanoseconds) else { return nil }
        let start = header.format("start_time").flatMap(nanoseconds) ?? 0
        return start < whole ? whole - start : whole
    }

    /// A time in seconds, which may be before 0, in nanoseconds; 0 for what is none.
    private static func time(_ seconds: String?) -> Int64 {
        guard let value = seconds.flatMap(Double.init), abs(value) < 1e9 else { return 0 }
        return Int64((value * 1e9).rounded())
    }

    /// How long the picture lasts; in Matroska a tag says when it ends.
    private static func pictureDuration(_ header: Header, _ stream: Int) -> Int64? {
        if let length = header[stream, "duration"].flatMap(nanoseconds) { return length }
        guard let tag = header[stream, "tags.DURATION"] else { return nil }
        let parts = tag.split(separator: ":")
        guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]),
            let seconds = nanoseconds(String(parts[2])), (0..<10_000).contains(hours),
            (0..<60).contains(minutes)
        else { return nil }
        let end = (hours * 60 + minutes) * 60_000_000_000 + seconds
        let start = header[stream, "start_time"].flatMap(nanoseconds) ?? 0
        return end > start ? end - start : nil
    }

    /// Whether a file has anything, be it sound, at a time in nanoseconds or later.
    static func goesOn(_ path: String, at time: Int64) throws(FilmError) -> Bool {
        let child = try ask("packet=pts_time,duration_time", path, from: time, as: "csv=p=0")
        var line: [UInt8] = []
        while let chunk = try child.read(within: patience) {
            for byte in chunk.bytes {
                guard byte == 10 else {
                    line.append(byte)
                    continue
                }
                let times = line.split(separator: UInt8(ascii: ",")).map { field in
                    nanoseconds(String(decoding: field, as: UTF8.self)) ?? 0
                }
                if times.reduce(0, +) >= time { return true }
                line = []
            }
        }
        return false
    }

    /// The stream with the picture: no cover, and the largest where there are several.
    private static func picture(_ header: Header) -> Int? {
        let streams = (0..<header.streams).filter {
            header[$0, "codec_type"] == "video" && header[$0, "disposition.attached_pic"] != "1"
        }
        let size = { (stream: Int) in
            number(header, stream, "width") * number(header, stream, "height")
        }
        let largest = streams.map(size).max() ?? 0
        return streams.first { size($0) == largest }
    }

    /// The marks of subtitles.
    private static func marks(_ header: Header, _ stream: Int) -> Set<Film.Subtitles.Mark> {
        Set(
            Film.Subtitles.Mark.allCases.filter {
                header[stream, "disposition.\($0.rawValue)"] == "1"
            })
    }

    private static func index(_ header: Header, _ stream: Int) -> Int {
        header[stream, "index"].flatMap { Int($0) } ?? stream
    }

    private static func number(_ header: Header, _ stream: Int, _ name: String) -> Int {
        min(max(header[stream, name].flatMap { Int($0) } ?? 0, 0), 1 << 20)
    }

    /// The rate, when the two that ffprobe gives agree.
    ///
    /// One is the slowest that has a place for every frame, the other frames by duration. Where
    /// they differ, frames vary; fields counted as frames make the first twice the second.
    private static func rate(_ header: Header, _ stream: Int) -> FrameRate? {
        guard let places = header[stream, "r_frame_rate"].flatMap(Fraction.init) else { return nil }
        guard let average = header[stream, "avg_frame_rate"].flatMap(Fraction.init) else {
            return near(places)
        }
        let share = average.value / places.value
        if (0.995...1.005).contains(share) { return near(places) }
        if (0.4975...0.5025).contains(share) {
            return near(Fraction(top: places.top, bottom: places.bottom * 2))
        }
        return nil
    }

    /// A fraction as a rate, a named one if it is as good as that.
    private static func near(_ fraction: Fraction) -> FrameRate? {
        let named = FrameRate.all.first {
            abs(Double($0.numerator) / Double($0.denominator) / fraction.value - 1) < 0.0002
        }
        return named ?? FrameRate(numerator: fraction.top, denominator: fraction.bottom)
    }

    /// Seconds with decimals as nanoseconds; nil for what is none.
    static func nanoseconds(_ seconds: String) -> Int64? {
        guard let value = Double(seconds), value >= 0, value < 1e9 else { return nil }
        return Int64((value * 1e9).rounded())
    }
}

/// A fraction that ffprobe wrote, of two positive numbers.
private struct Fraction {
    let top: Int64
    let bottom: Int64

    var value: Double { Double(top) / Double(bottom) }

    init(top: Int64, bottom: Int64) {
        self.top = top
        self.bottom = bottom
    }

    init?(_ text: String) {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let top = Int64(parts[0]), let bottom = Int64(parts[1]) else {
            return nil
        }
        guard (1...1 << 40).contains(top), (1...1 << 40).contains(bottom) else { return nil }
        self.init(top: top, bottom: bottom)
    }
}

/// ffprobe's flat output, taken apart.
private struct Header {
    private var values: [String: String] = [:]
    private(set) var streams = 0

    init(_ text: String) {
        for line in text.split(separator: "\n") {
            guard let mark = line.firstIndex(of: "=") else { continue }
            let key = String(line[..<mark])
            values[key] = Self.plain(line[line.index(after: mark)...])
            guard key.hasPrefix("streams.stream.") else { continue }
            let number = key.dropFirst("streams.stream.".count).prefix { $0.isNumber }
            streams = max(streams, (Int(number) ?? -1) + 1)
        }
    }

    subscript(stream: Int, name: String) -> String? { values["streams.stream.\(stream).\(name)"] }

    func format(_ name: String) -> String? { values["format.\(name)"] }

    /// A value without its quotes and the backslashes before signs that a shell would take.
    private static func plain(_ value: Substring) -> String {
        guard value.hasPrefix("\""), value.hasSuffix("\""), value.count >= 2 else {
            return String(value)
        }
        var text = ""
        var isEscaped = false
        for sign in value.dropFirst().dropLast() {
            if sign == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            text.append(sign)
            isEscaped = false
        }
        return text
    }
}
