// Where the readers of both formats put what they find. It decides what is a cue and what is a
// problem, once for both, and keeps the limits on how much of either is held in memory.

/// A cue as found in the text, before its words are read.
struct RawCue {
    let timing: CueTiming
    /// The line of its times, counted from 1.
    let line: Int
    /// The index or name above its times.
    let identifier: Range<Int>?
    /// Where the line of its times ends, and its words begin.
    let bodyStart: Int
    /// Where its last line ends.
    var bodyEnd: Int

    init(timing: CueTiming, line: Int, identifier: Range<Int>?, bodyStart: Int) {
        self.timing = timing
        self.line = line
        self.identifier = identifier
        self.bodyStart = bodyStart
        bodyEnd = bodyStart
    }
}

/// Gathers the cues and problems of one file.
struct CueCollector {
    private(set) var cues: [Cue] = []
    private(set) var problems: [SubtitleProblem] = []
    private let text: [UInt8]
    private let format: SubtitleFormat
    private var reader: CueTextReader

    init(text: [UInt8], format: SubtitleFormat) {
        self.text = text
        self.format = format
        reader = CueTextReader(markup: format)
    }

    /// Whether a cue beyond the limit was refused, and reading should stop.
    private(set) var hasStopped = false

    /// Adds a cue, one for each voice in it, or reports why not.
    mutating func add(_ raw: RawCue) {
        guard !hasStopped else { return }
        guard raw.timing.end >= raw.timing.start else {
            let end = Timecode.clock(nanoseconds: raw.timing.end)
            let start = Timecode.clock(nanoseconds: raw.timing.start)
            report(raw.line, "the cue ends at \(end), before it starts at \(start): swap the times")
            return
        }
        let voices = reader.read(text, raw.bodyStart..<raw.bodyEnd)
        guard !voices.isEmpty else {
            report(raw.line, "the cue has no text: write its words on the line below its times")
            return
        }
        let identifier = raw.identifier.map { text.string($0) }
        for voice in voices where !hasStopped { add(voice, of: raw, identifier: identifier) }
    }

    private mutating func add(
        _ voice: CueTextReader.Voice, of raw: RawCue, identifier: String?
    ) {
        let length = voice.text.utf8.count
        guard length <= SubtitleReader.maximumCueBytes else {
            let limit = SubtitleReader.maximumCueBytes
            report(raw.line, "the cue has \(length) bytes of text; at most \(limit) are read")
            return
        }
        guard cues.count < SubtitleReader.maximumCues else {
            hasStopped = true
            report(raw.line, "reading stops here: at most \(SubtitleReader.maximumCues) cues")
            return
        }
        cues.append(
            Cue(
                start: raw.timing.start, end: raw.timing.end, text: voice.text,
                speaker: voice.speaker, line: raw.line, identifier: identifier))
    }

    /// Reports a line of times that cannot be read.
    mutating func report(badTiming line: Range<Int>, number: Int) {
        let point = format == .srt ? "," : "."
        report(
            number,
            "'\(clipped(line))' is not a time, an arrow and a time: write "
                + "00:01:02\(point)500 --> 00:01:04\(point)000, minutes and seconds below 60")
    }

    /// Reports bytes that are no characters.
    mutating func report(damagedAt offset: Int) {
        var lines = LineReader(text)
        while let line = lines.next(), line.upperBound < offset {}
        report(
            max(1, lines.number),
            "bytes that are not characters are shown as \u{FFFD}: "
                + "save the file as UTF-8")
    }

    /// Reports anything else.
    mutating func report(_ line: Int, _ message: String) {
        guard problems.count <= SubtitleReader.maximumProblems else { return }
        let isLast = problems.count == SubtitleReader.maximumProblems
        problems.append(
            SubtitleProblem(line: line, message: isLast ? "more problems follow" : message))
    }

    /// The first characters of a line, without control characters.
    private func clipped(_ line: Range<Int>) -> String {
        let scalars = text.string(text.trimmed(line).prefix(200)).unicodeScalars
        let start = String(scalars.prefix(60).map { $0.value < 0x20 ? "?" : Character($0) })
        return scalars.count > 60 ? start + "..." : start
    }
}
