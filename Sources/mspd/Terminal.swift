// What goes to the terminal: messages, and what only a terminal should get.

import Glibc

/// Standard output and error.
enum Terminal {
    /// Writes a line to standard error.
    static func error(_ line: String) { write(line + "\n", to: 2) }

    /// Writes text to a descriptor whole, as far as it takes it.
    static func write(_ text: String, to descriptor: Int32 = 1) {
        write(Array(text.utf8), to: descriptor)
    }

    /// Writes bytes to a descriptor whole, as far as it takes them; what standard output does not
    /// take ends the program.
    static func write(_ bytes: [UInt8], to descriptor: Int32 = 1) {
        guard !Files.write(bytes, to: descriptor), descriptor == 1 else { return }
        endWithoutOutput()
    }

    /// Ends the program when what `print` holds back cannot be written.
    static func flush() {
        if fflush(nil) != 0 { endWithoutOutput() }
    }

    /// Ends the program, whose output is not whole; without a word where nobody reads on.
    private static func endWithoutOutput() -> Never {
        if errno == EPIPE { Glibc.exit(ExitStatus.done.rawValue) }
        error("mspd: cannot write the output: \(unsafe String(cString: strerror(errno)))")
        Glibc._exit(ExitStatus.usage.rawValue)
    }

    /// Whether a descriptor is a terminal that wants colour.
    static func wantsColour(_ descriptor: Int32 = 1) -> Bool {
        unsafe isatty(descriptor) == 1 && getenv("NO_COLOR") == nil
    }

    /// Seconds on a clock that only goes forward.
    static var seconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A whole number with its thousands apart.
    static func grouped(_ number: Int) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// How many there are of something: `1 shot`, `2 shots`.
    static func counted(_ number: Int, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// Scalars that take two columns: Hangul, kana, ideographs, full-width forms, pictures.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
        0xFF00...0xFF60, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]

    /// Columns that a text takes on a terminal, about.
    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { columns, scalar in
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: return columns
            default: break
            }
            return columns + (wide.contains { $0.contains(scalar.value) } ? 2 : 1)
        }
    }

    /// A text of unknown origin as a terminal may have it: what would move the cursor or turn the
    /// direction of what follows is shown by its number.
    ///
    /// Embeddings and isolates, which texts in Arabic and Hebrew have for good reasons, are left
    /// out: one that is not closed would reach into the next column.
    static func harmless(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x202A...0x202C, 0x2066...0x2069: continue
            case 0x202D, 0x202E, 0x2028, 0x2029, 0..<32, 127..<160:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let zeros = String(repeating: "0", count: 4 - digits.count)
                shown.append(contentsOf: "<U+\(zeros)\(digits)>".unicodeScalars)
            default: shown.append(scalar)
            }
        }
        return String(shown)
    }

    /// A text filled up with spaces to a width.
    static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - self.width(text)))
    }
}
