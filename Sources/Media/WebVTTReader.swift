// WebVTT (https://www.w3.org/TR/webvtt1/, section 6.1): a signature, then blocks between blank
// lines. A block with an arrow in its first or second line is a cue, one that begins with NOTE,
// STYLE or REGION is not; a line with an arrow always begins a new cue, even without a blank line.
// Settings, styles and regions say where words stand on a picture: a search has no use for them.
//
// Where the standard drops things silently, a problem is reported. Times are read a little more
// kindly than it asks (see CueTiming).

/// Reads WebVTT text.
struct WebVTTReader {
    private let text: [UInt8]
    private var open: RawCue?
    /// The lines of the current block so far, its first one, and that one's number.
    private var lineCount = 0
    private var firstLine = 0..<0
    private var firstNumber = 0
    /// Whether the block had times, broken or not: what follows them is no stray text.
    private var hasTimes = false

    private init(_ text: [UInt8]) { self.text = text }

    /// Gives every cue of a text to the collector.
    static func read(_ text: [UInt8], into collector: inout CueCollector) {
        guard SubtitleFormat.hasWebVTTSignature(text) else {
            collector.report(1, "a WebVTT file begins with the line WEBVTT")
            return
        }
        var reader = WebVTTReader(text)
        var lines = LineReader(text)
        _ = lines.next()
        var isInHeader = true
        while let line = lines.next(), !collector.hasStopped {
            if line.isEmpty {
                isInHeader = false
                reader.endBlock(into: &collector)
            } else if let arrow = CueTiming.arrow(in: text, line) {
                isInHeader = false
                reader.takeTimes(line, arrow: arrow, number: lines.number, into: &collector)
            } else if isInHeader {
                reader.takeHeader(line, number: lines.number, into: &collector)
            } else {
                reader.takeText(line, number: lines.number)
            }
        }
        reader.endBlock(into: &collector)
    }

    private mutating func takeTimes(
        _ line: Range<Int>, arrow: Range<Int>, number: Int, into collector: inout CueCollector
    ) {
        let identifier = lineCount == 1 && !hasTimes ? firstLine : nil
        if identifier != nil { lineCount = 0 }
        endBlock(into: &collector)
        hasTimes = true
        guard let timing = CueTiming(text, line, arrow: arrow) else {
            collector.report(badTiming: line, number: number)
            return
        }
        open = RawCue(
            timing: timing, line: number, identifier: identifier,
            bodyStart: line.upperBound)
    }

    private mutating func takeText(_ line: Range<Int>, number: Int) {
        lineCount += 1
        if lineCount == 1 { (firstLine, firstNumber) = (line, number) }
        open?.bodyEnd = line.upperBound
    }

    private mutating func endBlock(into collector: inout CueCollector) {
        if let open { collector.add(open) }
        if lineCount > 0, !hasTimes, !isAside(firstLine) {
            collector.report(
                firstNumber,
                "this text belongs to no cue and is left out: "
                    + "a blank line ends a cue, and a comment begins with NOTE")
        }
        open = nil
        lineCount = 0
        hasTimes = false
    }

    /// Whether a block that begins so is a comment, a style sheet or a region.
    private func isAside(_ line: Range<Int>) -> Bool {
        // "Region:" is how regions were written before they had blocks of their own.
        if text.has("Region:", at: line) { return true }
        let trimmed = text.trimmed(line)
        let isNote =
            text.has("NOTE", at: line) && (line.count == 4 || text[line.lowerBound + 4].isBlank)
        let isBlock = text.has("STYLE", at: line) && trimmed.count == 5
        return isNote || isBlock || (text.has("REGION", at: line) && trimmed.count == 6)
    }

    /// Reads a line between the signature and the first blank line.
    ///
    /// HTTP Live Streaming (RFC 8216, 3.5) puts a map there from cue times to a stream's clock. A
    /// file on its own has no such clock, so the map is left alone, and said to be if it matters.
    private func takeHeader(
        _ line: Range<Int>, number: Int, into collector: inout CueCollector
    ) {
        guard text.has("X-TIMESTAMP-MAP=", at: line) else { return }
        var (local, ticks): (Int64?, Int64?) = (nil, nil)
        let value = (line.lowerBound + 16)..<line.upperBound
        for part in text[value].split(separator: UInt8(ascii: ",")) {
            let range = part.startIndex..<part.endIndex
            if text.has("LOCAL:", at: range) {
                local = CueTiming.time(text, (range.lowerBound + 6)..<range.upperBound)
            } else if text.has("MPEGTS:", at: range) {
                ticks = Int64(text.string((range.lowerBound + 7)..<range.upperBound))
            }
        }
        // A tick is 1/90000 s, 100000/9 ns: compared crosswise, exactly.
        guard let local, let ticks else { return }
        guard Int128(ticks) * 100_000 != Int128(local) * 9 else { return }
        let shift = Int64(clamping: Int128(ticks) * 100_000 / 9 - Int128(local))
        collector.report(
            number,
            "X-TIMESTAMP-MAP would shift the cues by \(Timecode.clock(nanoseconds: shift)); "
                + "it is ignored")
    }
}
