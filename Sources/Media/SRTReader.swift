// SubRip. The format was never specified; it is what players read, and players find cues by their
// arrows alone. So does this: the line with the times begins a cue, the number above it belongs to
// it (or is missing, repeated or wrong: nobody relies on it), and everything up to the next such
// pair is its text, blank lines left out. A file whose blank lines are missing, doubled or in the
// middle of a cue thus reads as it was meant. SubViewer's times (START,END), which YouTube's editor
// writes and people rename to .srt, are taken too.

/// Reads SubRip text.
struct SRTReader {
    private let text: [UInt8]
    /// The cue whose text is being gathered; nil before the first times and after broken ones.
    private var open: RawCue?
    private var lastIndex: Int64?

    /// The text line read last, if it may be the index of a cue that comes next.
    private struct LastLine {
        var trimmed: Range<Int>
        /// The end of the body without this line.
        var endBefore: Int
        var followsBlank: Bool
    }
    private var last: LastLine?
    private var isAfterBlank = true
    /// The first line before any times that is no index.
    private var strayLine: Int?
    private var hasSeenTimes = false

    private init(_ text: [UInt8]) { self.text = text }

    /// Gives every cue of a text to the collector.
    static func read(_ text: [UInt8], into collector: inout CueCollector) {
        var reader = SRTReader(text)
        var lines = LineReader(text)
        while let line = lines.next(), !collector.hasStopped {
            let trimmed = text.trimmed(line)
            if trimmed.isEmpty {
                reader.isAfterBlank = true
                continue
            }
            let arrow = CueTiming.arrow(in: text, trimmed)
            let timing =
                arrow.map { CueTiming(text, trimmed, arrow: $0) }
                ?? CueTiming(subViewer: text, trimmed)
            if let timing {
                let identifier = reader.close(into: &collector)
                reader.open = RawCue(
                    timing: timing, line: lines.number, identifier: identifier,
                    bodyStart: line.upperBound)
            } else if reader.looksLikeTimes(trimmed, arrow: arrow) {
                _ = reader.close(into: &collector)
                collector.report(badTiming: trimmed, number: lines.number)
            } else {
                reader.takeText(trimmed, number: lines.number)
            }
        }
        reader.finish(into: &collector)
    }

    private mutating func takeText(_ line: Range<Int>, number: Int) {
        let endBefore = open?.bodyEnd ?? line.lowerBound
        last = LastLine(trimmed: line, endBefore: endBefore, followsBlank: isAfterBlank)
        isAfterBlank = false
        open?.bodyEnd = line.upperBound
        if !hasSeenTimes, strayLine == nil, index(line) == nil { strayLine = number }
    }

    /// Ends the open cue at a line of times and gives the index that stands above them.
    private mutating func close(into collector: inout CueCollector) -> Range<Int>? {
        var identifier: Range<Int>?
        if let last, let number = index(last.trimmed) {
            let isNext = last.followsBlank && (lastIndex.map { $0 + 1 == number } ?? !hasSeenTimes)
            if !isAfterBlank || isNext {
                identifier = last.trimmed
                lastIndex = number
                open?.bodyEnd = last.endBefore
            }
        }
        finish(into: &collector)
        last = nil
        isAfterBlank = false
        hasSeenTimes = true
        return identifier
    }

    private mutating func finish(into collector: inout CueCollector) {
        if let open { collector.add(open) }
        open = nil
        guard let line = strayLine else { return }
        strayLine = nil
        collector.report(line, "text above the first cue's times belongs to no cue and is left out")
    }

    /// The number a line is, if it is nothing else.
    private func index(_ line: Range<Int>) -> Int64? {
        guard line.count <= 9, text[line].allSatisfy(\.isDigit) else { return nil }
        return text[line].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Whether a line was meant as times: a clock beside an arrow, or little else than two clocks.
    private func looksLikeTimes(_ line: Range<Int>, arrow: Range<Int>?) -> Bool {
        if let arrow {
            return isClockLike(line.lowerBound..<arrow.lowerBound)
                || isClockLike(arrow.upperBound..<line.upperBound)
        }
        guard line.count < 64, isClockLike(line) else { return false }
        var (digits, others, hasDash) = (0, 0, false)
        for byte in text[line] {
            switch byte {
            case 0x30...0x39: digits += 1
            case UInt8(ascii: "-"), UInt8(ascii: ">"), 0x80...0xFF: hasDash = true
            case 0x20, 0x09, UInt8(ascii: ":"), UInt8(ascii: ";"), UInt8(ascii: ","),
                UInt8(ascii: "."):
                break
            default: others += 1
            }
        }
        return digits >= 8 && others <= 2 && hasDash
    }

    private func isClockLike(_ range: Range<Int>) -> Bool {
        let range = text.trimmed(range)
        guard let first = text[range].first, first.isDigit || first == UInt8(ascii: "-") else {
            return false
        }
        return text[range].prefix(16).contains(UInt8(ascii: ":"))
            && text[range].prefix(4).contains(where: \.isDigit)
    }
}
