// The test suite of vtt.js (Mozilla), made from the W3C's: 267 files. For a case `x.vtt` the suite
// holds `x.json`, the cues with times, identifiers and raw text, and `x-proc.json`, the nodes a
// browser would show, from which the plain text and the voices come. Where a case has neither, or
// only the second, its folder shares a result: what is known is compared.
//
// Three differences are by design and not counted: a cue without words is reported and not
// returned, a cue with two voices is returned as two (joined again here), and how characters are
// read (`<rt>`) is left out. Blanks at the ends of lines are not compared.

import Media
import Testing

@Suite struct WebVTTSuiteTests {
    /// Cases that read differently, and why.
    static let deviations: [String: String] = [
        "cue-times/fraction-digits.vtt":
            "00:00.00 is read: two decimals can mean one thing only, and real files have them",
        "cue-times/minimum-spots-over-sixty.vtt":
            "120:00.000 is refused, as by the standard now: minutes above 59, or no seconds",
        "file-layout/header-no-new-line.vtt":
            "the standard now lets times in the header begin a cue, this suite is older",
        "integration/id.vtt":
            "the standard now reads the times below an identifier that is itself an arrow",
    ]

    struct Expected: Equatable, CustomStringConvertible {
        var start: Int64?
        var end: Int64?
        var identifier: String?
        var text: String?
        var speakers: [String]?

        var description: String {
            "\(start ?? -1) \(end ?? -1) \(identifier ?? "-") '\(text ?? "?")' \(speakers ?? [])"
        }

        func agrees(with other: Expected) -> Bool {
            (start == nil || start == other.start) && (end == nil || end == other.end)
                && (identifier == nil || identifier == other.identifier)
                && (text == nil || text == other.text)
                && (speakers == nil || speakers == other.speakers)
        }
    }

    @Test func `the cases of vtt js read as browsers read them`() throws {
        guard let suite = SharedMaterial.folder("suites/vtt/tests") else { return }
        var passed = 0
        var failed: [String] = []
        for path in suite.files(".vtt") {
            let expected = try WebVTTSuiteTests.expected(path, in: suite)
            let found = WebVTTSuiteTests.found(try suite.bytes(path))
            let agrees =
                expected.count == found.count
                && zip(expected, found).allSatisfy { $0.agrees(with: $1) }
            if agrees {
                passed += 1
            } else {
                failed.append(path)
                if WebVTTSuiteTests.deviations[path] == nil {
                    Issue.record("\(path): expected \(expected), found \(found)")
                }
            }
        }
        print("WebVTT suite: \(passed) of \(passed + failed.count) cases pass")
        #expect(passed >= 263)
        #expect(failed == WebVTTSuiteTests.deviations.keys.sorted(), "a known deviation is gone")
    }

    private static func found(_ bytes: [UInt8]) -> [Expected] {
        guard let file = try? SubtitleReader.read(bytes, format: .webVTT) else { return [] }
        var found: [Expected] = []
        var lastLine = -1
        for cue in file.cues {
            let speakers = cue.speaker.map { [$0] } ?? []
            if cue.line == lastLine {
                found[found.count - 1].text?.append("\n" + cue.text)
                found[found.count - 1].speakers?.append(contentsOf: speakers)
            } else {
                found.append(
                    Expected(
                        start: cue.start, end: cue.end, identifier: cue.identifier ?? "",
                        text: cue.text, speakers: speakers))
            }
            lastLine = cue.line
        }
        return found
    }

    private static func expected(_ path: String, in suite: SharedMaterial) throws -> [Expected] {
        let stem = String(path.dropLast(4))
        let parsed = try suite.json(stem + ".json") as? [String: Any]
        let shown = try suite.json(stem + "-proc.json") as? [[String: Any]]
        let cues = parsed?["cues"] as? [[String: Any]]
        guard cues != nil || shown != nil else { return [] }
        var expected: [Expected] = []
        for index in 0..<max(cues?.count ?? 0, shown?.count ?? 0) {
            var item = Expected()
            if let cue = cues?[index] {
                item.start = nanoseconds(cue["startTime"])
                item.end = nanoseconds(cue["endTime"])
                item.identifier = cue["id"] as? String
            }
            if let node = shown?[index] {
                item.text = lines(said(node))
                item.speakers = titles(node)
                if item.text == "" { continue }
            } else if path.contains("no-end-gt") {
                continue
            }
            expected.append(item)
        }
        return expected
    }

    private static func nanoseconds(_ seconds: Any?) -> Int64 {
        Int64(((seconds as? Double ?? -1) * 1000).rounded()) * 1_000_000
    }

    private static func lines(_ text: String) -> String {
        let blanks: Set<Character> = [" ", "\t"]
        return text.split(separator: "\n").map { line in
            let start = line.drop(while: blanks.contains)
            return String(start.reversed().drop(while: blanks.contains).reversed())
        }.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The text of a node without how its characters are read.
    private static func said(_ node: [String: Any]) -> String {
        if node["localName"] as? String == "rt" { return "" }
        let children = node["childNodes"] as? [[String: Any]] ?? []
        guard !children.isEmpty else { return node["textContent"] as? String ?? "" }
        return children.map(said).joined()
    }

    /// The names of the voices below a node.
    private static func titles(_ node: [String: Any]) -> [String] {
        let own = node["title"] as? String ?? ""
        let children = node["childNodes"] as? [[String: Any]] ?? []
        return (own.isEmpty ? [] : [own]) + children.flatMap { titles($0) }
    }
}
