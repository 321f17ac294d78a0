// An encoder's standard error on its way into the log: line by line, long lines cut, and so many at
// most that a program which writes without end fills no disk.

/// Cuts bytes into lines for the log.
struct ErrorLines {
    /// The longest line that is shown, in bytes.
    static let bytesMax = 512
    /// Lines that may come at once, and how many more each second.
    static let burst = 40.0
    static let perSecond = 5.0

    /// The last line that is not empty, left out or not.
    private(set) var last = ""
    private var line: [UInt8] = []
    private var allowance = burst
    private var filled = 0.0
    private var omitted = 0

    /// Starts at a time in seconds.
    init(now: Double) { filled = now }

    /// Takes more bytes at a time in seconds; gives the lines to show.
    mutating func read(_ bytes: some Collection<UInt8>, now: Double) -> [String] {
        allowance = min(Self.burst, allowance + (now - filled) * Self.perSecond)
        filled = now
        var shown: [String] = []
        for byte in bytes {
            if byte != 10 {
                if line.count < Self.bytesMax { line.append(byte) }
                continue
            }
            finish(&shown)
        }
        return shown
    }

    /// Gives what stands without a line end.
    mutating func end() -> [String] {
        var shown: [String] = []
        finish(&shown)
        if omitted > 0 { shown.append("\(omitted) lines left out") }
        omitted = 0
        return shown
    }

    private mutating func finish(_ shown: inout [String]) {
        defer { line.removeAll(keepingCapacity: true) }
        guard line.contains(where: { $0 > 32 }) else { return }
        guard allowance >= 1 else {
            omitted += 1
            last = Self.harmless(line[...])
            return
        }
        allowance -= 1
        if omitted > 0 { shown.append("\(omitted) lines left out") }
        omitted = 0
        last = Self.harmless(line[...])
        shown.append(last)
    }

    /// Text that moves no cursor: what is no printable UTF-8 becomes a question mark.
    static func harmless(_ bytes: ArraySlice<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\t": text.append(" ")
            case .control, .format, .lineSeparator, .paragraphSeparator: text.append("?")
            default: text.append(scalar)
            }
        }
        return String(text)
    }
}
