// Word boundaries against Unicode's own test file, which the Debian package unicode-data installs.

import Testing
import TextIndex

private let wordBreakTestPath = "/usr/share/unicode/auxiliary/WordBreakTest.txt"

/// One line of the file: the text, and the byte offsets where a boundary must stand.
private struct BoundaryCase {
    var line: String
    var text: [UInt8] = []
    var boundaries: [Int] = []

    init?(_ line: Substring) {
        guard let data = line.split(separator: "#", omittingEmptySubsequences: false).first
        else { return nil }
        self.line = String(line)
        for field in data.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
            if field == "÷" {
                boundaries.append(text.count)
            } else if let value = UInt32(field, radix: 16), let scalar = Unicode.Scalar(value) {
                text += UTF8.encode(scalar).map(Array.init) ?? []
            }
        }
        if text.isEmpty { return nil }
    }
}

@Test func `word boundaries are those of Unicode's test file`() {
    guard let file = contents(ofFile: wordBreakTestPath) else {
        print("skipped: \(wordBreakTestPath) is absent (Debian package unicode-data)")
        return
    }
    let cases = file.split(separator: "\n").compactMap(BoundaryCase.init)
    #expect(cases.count > 1000)
    let failures = cases.filter { wordBoundaries($0.text) != $0.boundaries }

    let version = analysisUnicodeVersion
    let (major, minor) = (version / 100, version % 100)
    if file.hasPrefix("# WordBreakTest-\(major).\(minor).") {
        for failure in failures { Issue.record("\(failure.line)") }
    } else {
        // Properties change a little between versions: a difference is told, a landslide is a bug.
        print("the file is of another version than the library's Unicode \(major).\(minor);")
        for failure in failures { print("differs: \(failure.line)") }
        #expect(failures.count * 50 < cases.count)
    }
}

@Test func `an empty text has no boundaries`() {
    #expect(wordBoundaries([]) == [])
}

@Test func `joined punctuation is looked past in linear time`() {
    // A letter, then colons each with a long run of ignored scalars: the look-ahead of each colon
    // must not run through the runs of the others.
    let run = Array("a:".utf8) + Array(repeating: Array("\u{0308}".utf8), count: 1000).joined()
    let text = Array(repeating: run, count: 300).flatMap { $0 }
    #expect(wordBoundaries(text).count == 3)  // The last colon joins nothing.
    let apart = Array(text.map { $0 == UInt8(ascii: "a") ? UInt8(ascii: "!") : $0 })
    #expect(wordBoundaries(apart).count == 601)
}
