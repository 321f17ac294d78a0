// Advanced SubStation, which films carry beside plain text: its lines of dialogue as SubRip, but
// for what is drawn. A drawing stands between \p1 and \p0 among the words, as numbers nobody says.

/// Turns Advanced SubStation into SubRip.
package enum AdvancedSubtitles {
    /// The dialogue of a file, one cue for each line of it that has words.
    package static func srt(_ file: [UInt8]) -> [UInt8] {
        var columns = Columns()
        var isEvents = false
        var srt: [UInt8] = []
        for line in file.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            if line.first == UInt8(ascii: "[") {
                isEvents = line.starts(with: "[Events]".utf8)
            } else if isEvents, let format = value(of: "Format:", in: line) {
                columns = Columns(format)
            } else if isEvents, let event = value(of: "Dialogue:", in: line) {
                let fields = event.split(
                    separator: UInt8(ascii: ","), maxSplits: columns.count - 1,
                    omittingEmptySubsequences: false)
                guard fields.count == columns.count, let start = time(fields[columns.start]),
                    let end = time(fields[columns.end])
                else { continue }
                let words = words(fields[columns.count - 1])
                guard words.contains(where: { $0 > 32 }) else { continue }
                srt += start + Array(" --> ".utf8) + end + [10] + words + [10, 10]
            }
        }
        return srt
    }

    /// Where things stand in a line of dialogue; its words come last.
    private struct Columns {
        var count = 10
        var start = 1
        var end = 2

        init() {}

        /// As a `Format:` line says; as it is without one where that is none.
        init(_ format: ArraySlice<UInt8>) {
            let names = String(decoding: format, as: UTF8.self).split(separator: ",").map {
                $0.filter { $0 != " " }
            }
            guard let start = names.firstIndex(of: "Start"), let end = names.firstIndex(of: "End"),
                names.last == "Text"
            else { return }
            (count, self.start, self.end) = (names.count, start, end)
        }
    }

    private static func value(of name: String, in line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        line.starts(with: name.utf8) ? line.dropFirst(name.utf8.count) : nil
    }

    /// `1:02:03.45` as `1:02:03,45`, which is read as hundredths; nil for what is no time.
    private static func time(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        let time = field.filter { $0 != 32 }
        guard !time.isEmpty, time.allSatisfy({ $0.isDigit || $0 == 58 || $0 == 46 }) else {
            return nil
        }
        return time.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: ",") : $0 }
    }

    /// What is said: no settings in braces, no drawings, and line breaks as such.
    private static func words(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var words: [UInt8] = []
        var isDrawn = false
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")) {
                isDrawn = draws(rest[..<end]) ?? isDrawn
                rest = rest[(end + 1)...]
            } else if byte == UInt8(ascii: "\\"), let sign = rest.first,
                let plain = plain(of: sign)
            {
                if !isDrawn { words.append(plain) }
                rest = rest.dropFirst()
            } else if !isDrawn {
                words.append(byte)
            }
        }
        return words
    }

    /// What a sign behind a backslash stands for: a line break or a blank.
    private static func plain(of sign: UInt8) -> UInt8? {
        switch sign {
        case UInt8(ascii: "N"), UInt8(ascii: "n"): 10
        case UInt8(ascii: "h"): 32
        default: nil
        }
    }

    /// Whether drawing is on behind these settings; nil where they do not say.
    private static func draws(_ settings: ArraySlice<UInt8>) -> Bool? {
        var drawing: Bool?
        for tag in settings.split(separator: UInt8(ascii: "\\")) {
            let digits = tag.dropFirst().filter { $0 != 32 }
            guard tag.first == UInt8(ascii: "p"), !digits.isEmpty, digits.allSatisfy(\.isDigit)
            else { continue }
            drawing = digits.contains { $0 != UInt8(ascii: "0") }
        }
        return drawing
    }
}
