// The subtitle formats that are read, and how each is recognised: by the name of a file, or by its
// first bytes. A WebVTT file says so in its first line; SubRip has no mark but its arrows.

/// A subtitle format.
package enum SubtitleFormat: String, Sendable, Hashable, CaseIterable {
    /// SubRip: numbered blocks, `00:01:02,500 --> 00:01:04,000`. Never specified anywhere.
    case srt
    /// WebVTT, https://www.w3.org/TR/webvtt1/.
    case webVTT

    /// The format a file's name promises by its ending, in either case: .srt, .vtt or .webvtt.
    package init?(fileName: String) {
        guard let dot = fileName.lastIndex(of: ".") else { return nil }
        switch fileName[dot...].lowercased() {
        case ".srt": self = .srt
        case ".vtt", ".webvtt": self = .webVTT
        default: return nil
        }
    }

    /// The format of UTF-8 text without a mark: WebVTT's signature, or SubRip's times anywhere.
    init?(sniffing text: [UInt8]) {
        if SubtitleFormat.hasWebVTTSignature(text) {
            self = .webVTT
            return
        }
        var lines = LineReader(text)
        while let line = lines.next() {
            let hasArrow = CueTiming.arrow(in: text, line) != nil
            if hasArrow || CueTiming(subViewer: text, line) != nil {
                self = .srt
                return
            }
        }
        return nil
    }

    /// Whether the text begins with "WEBVTT" and then a space, a tab, a line's end or nothing.
    static func hasWebVTTSignature(_ text: [UInt8]) -> Bool {
        guard text.starts(with: "WEBVTT".utf8) else { return false }
        guard text.count > 6 else { return true }
        return [0x20, 0x09, 0x0A, 0x0D].contains(text[6])
    }
}
