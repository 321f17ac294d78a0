// What nobody types in earnest, over 100,000 lines: each is answered or refused within a few
// milliseconds of processor time, and with little memory.

import Net
import Storage
import TestSupport
import Testing

@Suite struct BadInputTests {
    private static let lines = 100_000
    private static let words = 30_000
    /// How often each is asked.
    private static let times = 8

    /// A word for each number, the longer the rarer it is.
    private func word(_ number: Int) -> String {
        var (rest, text) = (number + 21, "")
        while rest > 0 {
            let (consonant, vowel) = (rest % 21, rest / 21 % 5)
            text += String("bcdfghjklmnpqrstvwxyz".dropFirst(consonant).prefix(1))
            text += String("aeiou".dropFirst(vowel).prefix(1))
            rest /= 105
        }
        return text
    }

    /// Frequent words are much more frequent than rare ones.
    private func number(_ random: inout SeededRandom) -> Int {
        let x = Double.random(in: 0..<1, using: &random)
        return Int(x * x * x * x * x * Double(Self.words))
    }

    private func rows(_ count: Int, _ words: [String], _ random: inout SeededRandom) -> [UInt8] {
        var rows = ""
        for row in 0..<count {
            let line = (0..<Int.random(in: 1...18, using: &random)).map { _ in
                words[number(&random)]
            }
            rows += "{\"in\":\(row),\"text\":\"\(line.joined(separator: " "))\"}\n"
        }
        return Array(rows.utf8)
    }

    private func repeated(_ part: String, _ bytes: Int = 65_000) -> String {
        String(repeating: part, count: bytes / part.utf8.count)
    }

    private func queries(_ words: [String], _ random: inout SeededRandom) -> [(String, [UInt8])] {
        func joined(_ numbers: some Sequence<Int>, _ before: String = "", _ after: String = "")
            -> String
        {
            numbers.map { before + words[$0] + after }.joined(separator: " ")
        }
        let said = (0..<9_000).map { _ in number(&random) }
        let deep = 1_000
        let queries = [
            ("64 KiB of text", String(joined(said).prefix(65_000))),
            ("64 KiB in one word", repeated("a")), ("64 KiB of spaces", repeated(" ")),
            ("64 KiB of quotes", repeated("\"a ")), ("64 KiB of parentheses", repeated("(a ")),
            ("64 KiB of operators", repeated("| & + - ")), ("64 KiB of hyphens", repeated("a-")),
            ("64 KiB of ideographs", repeated("字")),
            ("64 KiB of accents", "a" + repeated("\u{301}")),
            ("10,000 terms", joined(0..<10_000)), ("10,000 times one", repeated("\(words[0]) ")),
            ("10,000 that must", joined(0..<10_000, "+")),
            ("10,000 that must not", joined(0..<10_000, "-")),
            ("10,000 unknown", (0..<8_000).map { "q\($0)z" }.joined(separator: " ")),
            (
                "nesting 1,000 deep",
                String(repeating: "(", count: deep) + words[0] + String(repeating: ")", count: deep)
            ),
            ("* alone", "*"), ("~ alone", "~2"), ("a fuzzy letter", "a~"),
            ("a fuzzy letter, two edits", "a~2"), ("two fuzzy letters", "ba~2"),
            ("1,000 prefixes of one letter", joined(said.prefix(1_000), "", "*")),
            (
                "1,000 prefixes",
                (0..<1_000).map { "\(words[$0].prefix(1))*" }.joined(separator: " ")
            ),
            ("1,000 fuzzy words", joined(20_000..<21_000, "", "~1")),
            ("a right-to-left override", "\u{202E}\(words[3])\u{202C}"),
            ("a phrase of 1,000", "\"\(joined(said.prefix(1_000)))\""),
            ("a phrase of 9,000 with slop", "\"\(joined(said.prefix(7_000)))\"~99"),
            ("one word's phrase with slop", "\"\(joined(Array(repeating: 0, count: 1_000)))\"~99"),
            ("9,000 values", "speaker:" + (0..<8_000).map { "v\($0)" }.joined(separator: ",")),
        ]
        return queries.map { ($0.0, Array($0.1.utf8)) } + [
            ("invalid UTF-8", [0xFF, 0xFE, 0xC0, 0x80]),
            ("cut UTF-8", Array("abc".utf8) + [0xE5, 0xAD]),
        ]
    }

    @Test func `what nobody types in earnest is answered soon and with little memory`() throws {
        let scratch = try scratchDirectory("bad-input")
        let server = try ServerProcess(scratch)
        let client = try server.connect()
        defer { client.close() }
        func ask(_ line: [UInt8]) throws -> ClientReply {
            client.send(line)
            try client.flush()
            return try client.readReply()
        }
        var random = SeededRandom(seed: 7)
        let words = (0..<Self.words).map(word)
        _ = try ask(Array("TRACK CREATE dialogue text=en speaker:keyword\n".utf8))
        _ = try ask(Array("TITLE SET film fps=24\n".utf8))
        for count in [Self.lines, 2_000] {
            let rows = rows(count, words, &random)
            let load = Array("LOAD dialogue format=ndjson title=film ".utf8)
            #expect(try ask(load + Client.literal(rows) + [10]).fields["rows"] == "\(count)")
            // The first rows become a segment, the others stay in memory.
            if count == Self.lines { _ = try ask(Array("SNAPSHOT CREATE a\n".utf8)) }
        }
        for (name, query) in queries(words, &random) {
            for keys in ["", " match=all", " highlight=1"] {
                let line =
                    Array("SEARCH dialogue q=".utf8) + Client.literal(query)
                    + Array("\(keys)\n".utf8)
                let before = server.processorTime() ?? 0
                let growth = try server.memoryGrowth {
                    for _ in 0..<Self.times {
                        let reply = try ask(line)
                        #expect(reply.code.map { $0.hasPrefix("SYNTAX.") } ?? true, "\(name)")
                    }
                }
                // Other tests run beside it, which cost the processor's caches.
                let spent = (server.processorTime() ?? 0) - before
                let each = spent * 1_000 / Double(Self.times)
                #expect(each < 20, "\(name)\(keys): \(each) ms")
                #expect((growth ?? 0) < 64 << 20, "\(name)\(keys): \(growth ?? 0) bytes")
            }
        }
        #expect(server.stop() == 0)
    }
}
