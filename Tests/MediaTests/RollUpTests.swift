// Captions that roll up give each line once; others give all that they say.

import Media
import TestSupport
import Testing

@Suite struct RollUpTests {
    /// Reads WebVTT whose cues have these lines, and last so many milliseconds each.
    private func read(_ cues: [[String]], each milliseconds: Int = 1_000) throws -> SubtitleFile {
        func time(_ number: Int) -> String {
            let time = String(number * milliseconds + 100_000).suffix(5)
            return "00:00:\(time.prefix(2)).\(time.suffix(3))"
        }
        var text = "WEBVTT\n"
        for (number, lines) in cues.enumerated() {
            text += "\n\(time(number)) --> \(time(number + 1))\n"
            text += lines.joined(separator: "\n") + "\n"
        }
        return try SubtitleReader.read(Array(text.utf8), format: nil)
    }

    private let said = [
        "so today we are", "going to look at", "the main thing", "there is", "here",
    ]

    @Test func `a line is taken where it first stands, however many are shown`() throws {
        for shown in 2...3 {
            let file = try read(
                said.indices.map { Array(said[max(0, $0 - shown + 1)...$0]) }, each: 7)
            #expect(file.rollsUp)
            #expect(file.cues.map(\.text) == said)
            #expect(file.cues.map(\.start) == said.indices.map { Int64($0) * 7_000_000 })
        }
    }

    @Test func `cues that only show what was there are left out`() throws {
        // As automatic captions: what is being said below what was, then that alone.
        var cues: [[String]] = []
        for (number, line) in said.enumerated() {
            cues.append(number == 0 ? [line] : [said[number - 1], line])
            cues.append([line])
        }
        let file = try read(cues, each: 10)
        #expect(file.rollsUp && file.cues.map(\.text) == said)
        #expect(file.cues.map(\.start) == said.indices.map { Int64($0) * 20_000_000 })
    }

    @Test func `what is said again is kept where nothing rolls`() throws {
        let lines = ["No.", "No.", "No.", "We go.", "Where?", "Home.", "Back.", "Oh.", "So."]
        let file = try read(lines.map { [$0] })
        #expect(!file.rollsUp && file.cues.map(\.text) == lines)
        let same = try read([[String]](repeating: ["♪"], count: 12))
        #expect(!same.rollsUp && same.cues.count == 12)
    }

    @Test func `random cues without what is shared make what was said`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let lines = (0..<Int.random(in: 8...40, using: &random)).map { number in
                "line \(number) \(random.next() % 3)"
            }
            let shown = Int.random(in: 2...4, using: &random)
            let file = try read(
                lines.indices.map { Array(lines[max(0, $0 - shown + 1)...$0]) }, each: 9)
            #expect(file.cues.map(\.text) == lines, "seed \(seed)")
        }
    }
}
