// The line that times a cue: START --> END, then whatever a player might use and a search does not
// (SubRip's X1: coordinates, WebVTT's settings).
//
// Both formats share one reading, the kinder one: hours may be left out or have any number of
// digits, a point and a comma are the same, and 0 to 9 decimals follow it or are left out. What
// stays strict is what could be misread: minutes and seconds have two digits and are below 60.

/// The two times of a cue, in nanoseconds.
struct CueTiming: Equatable {
    let start: Int64
    let end: Int64

    /// Where "-->" stands in a line.
    static func arrow(in text: [UInt8], _ line: Range<Int>) -> Range<Int>? {
        guard line.count >= 3 else { return nil }
        var tip = line.lowerBound + 2
        while tip < line.upperBound {
            if text[tip] == UInt8(ascii: ">"), text[tip - 1] == UInt8(ascii: "-"),
                text[tip - 2] == UInt8(ascii: "-")
            {
                return (tip - 2)..<(tip + 1)
            }
            tip += 1
        }
        return nil
    }

    /// Reads `0:00:05.440,0:00:09.360` and nothing else, as YouTube and SubViewer write the times.
    init?(subViewer text: [UInt8], _ line: Range<Int>) {
        var reader = CueTimeReader(text, line)
        guard let start = reader.next(), reader.take(UInt8(ascii: ",")), let end = reader.next(),
            reader.isAtEnd
        else { return nil }
        self.start = start
        self.end = end
    }

    /// Reads a single time; nil if the range is anything else.
    static func time(_ text: [UInt8], _ range: Range<Int>) -> Int64? {
        var reader = CueTimeReader(text, range)
        guard let time = reader.next(), reader.isAtEnd else { return nil }
        return time
    }

    /// Reads a line with an arrow; nil if the times around it are not times.
    init?(_ text: [UInt8], _ line: Range<Int>, arrow: Range<Int>) {
        var before = CueTimeReader(text, line.lowerBound..<arrow.lowerBound)
        guard let start = before.next(), before.isAtEnd else { return nil }
        var after = CueTimeReader(text, arrow.upperBound..<line.upperBound)
        guard let end = after.next() else { return nil }
        self.start = start
        self.end = end
    }
}

/// Reads one cue time from the front of a range, blanks around it skipped.
private struct CueTimeReader {
    private let text: [UInt8]
    private var position: Int
    private let end: Int

    init(_ text: [UInt8], _ range: Range<Int>) {
        self.text = text
        position = range.lowerBound
        end = range.upperBound
    }

    private var peek: UInt8? { position < end ? text[position] : nil }

    /// Whether nothing but blanks was left after the last time.
    var isAtEnd: Bool { position == end }

    mutating func next() -> Int64? {
        skipBlanks()
        guard let first = number(), take(UInt8(ascii: ":")), let second = pair() else { return nil }
        var (hours, minutes, seconds): (Int64, Int64, Int64) = (0, first.value, second)
        if take(UInt8(ascii: ":")) {
            guard let third = pair() else { return nil }
            (hours, minutes, seconds) = (first.value, second, third)
        }
        guard minutes < 60, seconds < 60, let fraction = fraction() else { return nil }
        if let byte = peek, byte == UInt8(ascii: ":") || byte.isDigit { return nil }
        skipBlanks()
        // 2.5 million hours still fit 64 bits of nanoseconds.
        guard hours <= 2_500_000 else { return nil }
        return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + fraction
    }

    private mutating func skipBlanks() {
        while let byte = peek, byte.isBlank { position += 1 }
    }

    /// Goes past a byte, if it is the next one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    /// Reads 1 to 9 digits.
    private mutating func number() -> (value: Int64, digits: Int)? {
        var value: Int64 = 0
        let start = position
        while let byte = peek, byte.isDigit {
            guard position - start < 9 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
            position += 1
        }
        return position > start ? (value, position - start) : nil
    }

    /// Reads a number of exactly two digits.
    private mutating func pair() -> Int64? {
        guard let number = number(), number.digits == 2 else { return nil }
        return number.value
    }

    /// Reads a point or comma and its decimals as nanoseconds; 0 where there are none.
    private mutating func fraction() -> Int64? {
        guard peek == UInt8(ascii: ".") || peek == UInt8(ascii: ",") else { return 0 }
        position += 1
        guard var (value, digits) = number() else { return nil }
        while digits < 9 { (value, digits) = (value * 10, digits + 1) }
        return value
    }
}
