// Advanced SubStation read as SubRip: words, times and what is drawn.

import Media
import TestSupport
import Testing

@Suite struct AdvancedSubtitlesTests {
    private func srt(_ lines: String...) -> String {
        let file = (["[Events]"] + lines).joined(separator: "\r\n")
        return String(decoding: AdvancedSubtitles.srt(Array(file.utf8)), as: UTF8.self)
    }

    private func words(_ text: String) throws -> [String] {
        let srt = srt("Dialogue: 0,0:00:01.50,0:00:02.00,Default,,0,0,0,,\(text)")
        guard !srt.isEmpty else { return [] }
        return try SubtitleReader.read(Array(srt.utf8), format: .srt).cues.map(\.text)
    }

    @Test func `words are read, and what is drawn is not`() throws {
        for (text, wanted) in [
            ("Hello, you", ["Hello, you"]), ("One\\Ntwo\\hthree", ["One\ntwo three"]),
            ("{\\p1}m 0 0 l 9 9{\\p0}", []), ("{\\i1}Yes{\\i0}", ["Yes"]),
            ("A{\\an8\\p4\\c&H00&}m 0 0{\\p0}B", ["AB"]), ("{\\p1}m 0 0 {\\pos(1,2)}l 1 1", []),
            ("{\\pbo5}Up", ["Up"]), ("{\\p0}Word", ["Word"]), ("{open", ["{open"]), ("", []),
        ] {
            #expect(try words(text) == wanted, "\(text)")
        }
    }

    @Test func `times stand where the format says`() throws {
        let srt = srt(
            "Format: Start, End, Text", "Comment: 0:00:00.00,0:00:01.00,none",
            "Dialogue: 1:02:03.45,1:02:04.05,a, b", "Dialogue: no,0:00:01.00,c", "Dialogue: d")
        let cues = try SubtitleReader.read(Array(srt.utf8), format: .srt).cues
        #expect(cues.map(\.text) == ["a, b"])
        #expect(cues.first?.start == 3_723_450_000_000 && cues.first?.end == 3_724_050_000_000)
    }

    @Test func `nothing makes it trap`() {
        let seed = SeededRandom.fresh()
        print("advanced subtitles: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let parts = [
            "[Events]", "\n", "Dialogue:", "Format:", "Start,End,Text", ",", "{", "}", "\\p1", "\\",
            "0:00:01.00", "é",
        ]
        for _ in 0..<2_000 {
            let text = (0..<20).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
            _ = AdvancedSubtitles.srt(Array(text.utf8))
        }
    }
}
