// Pages by cursor: together they are the list as it was when the first was asked for, whatever is
// written, deleted, flushed and merged meanwhile.

import Gateway
import Segments
import TestSupport
import Testing
import TextIndex

@Suite struct CursorTests {
    private let titles = (0..<6).map { "t\($0)" }

    @Test func `pages by cursor are one list while everything changes`() throws {
        let seed = SeededRandom.fresh()
        for round in 0..<12 {
            var random = SeededRandom(seed: seed &+ UInt64(round))
            let talk = try Talk()
            try talk.prepare(titles)
            var script = Script(titles: titles)
            for _ in 0..<12 { try script.change(talk, &random) }
            let keys = Self.keys(&random)
            let words = ["w1", "w1 w2", "+w2 w3", "w1 -w0", "\"w1 w2\""][random.below(5)]
            let whole = try Self.whole(talk, words, keys)
            var paged: [String] = []
            var cursor: String?
            var hits: Set<String> = []
            repeat {
                let limit = ("limit", "\(1 + random.below(7))")
                let more = cursor.map { [("cursor", $0)] } ?? []
                let page = try talk.search(words, keys + [limit] + more)
                paged += page.keys
                hits.insert(page.summary["hits"] ?? "")
                if let cursor, random.oneIn(3) {
                    // The same page again, as after a lost answer.
                    let again = try talk.search(words, keys + [limit, ("cursor", cursor)])
                    #expect(again.keys == page.keys, "seed \(seed), round \(round)")
                }
                cursor = page.summary["cursor"]
                for _ in 0..<random.below(4) { try script.change(talk, &random) }
                if random.oneIn(6) { try talk.store.flush() }
                if random.oneIn(8) { try talk.store.merge(Talk.track) }
            } while cursor != nil
            #expect(paged == whole, "seed \(seed), round \(round): \(words) \(keys)")
            // Where a count was a bound, the last page knows better.
            #expect(hits.count { !$0.hasSuffix("+") } == 1)
        }
    }

    @Test func `a list of more than ten thousand rows goes on to its end`() throws {
        let talk = try Talk()
        try talk.prepare(["t"])
        let lines = (0..<13_500).map { number in
            Line(
                title: "t", start: number * 5_000, end: number * 5_000 + 1_000, key: "k\(number)",
                text: String(repeating: "go ", count: 1 + number % 5))
        }
        try talk.put(lines)
        for keys in [[("sort", "time")], [("sort", "score"), ("fold", "0")]] {
            var seen: [String] = []
            var hits: [String?] = []
            var cursor: String?
            repeat {
                let more = cursor.map { [("cursor", $0)] } ?? []
                let page = try talk.search("go", keys + [("limit", "1000")] + more)
                seen += page.keys
                hits.append(page.summary["hits"])
                cursor = page.summary["cursor"]
            } while cursor != nil
            #expect(seen.count == 13_500)
            #expect(hits.last == "13500")
            if keys.count == 2 { #expect(hits.first??.hasSuffix("+") == true) }
            #expect(Set(seen).count == 13_500)
            if keys.count == 1 { #expect(seen == lines.map(\.key)) }
        }
    }

    @Test func `a cursor lives sixty seconds and belongs to its search`() throws {
        let talk = try Talk()
        try talk.prepare(["a", "b"])
        try talk.put(
            (0..<9).map { number in
                Line(
                    title: number % 2 == 0 ? "a" : "b", start: number * 9_000,
                    end: number * 9_000, key: "k\(number)", text: "go back \(number)")
            })
        let page = try talk.search("go", [("limit", "2")])
        let cursor = try #require(page.summary["cursor"])
        #expect(cursor.utf8.count == 32)
        #expect(try talk.search("go", [("cursor", cursor), ("context", "1")]).keys.count == 7)
        for (text, keys) in [
            ("back", []), ("go", [("title", "a")]), ("go", [("sort", "time")]),
            ("go", [("fold", "0")]), ("go", [("group", "title")]), ("go", [("match", "all")]),
        ] {
            #expect(talk.refusal(text, keys + [("cursor", cursor)]) == "SYNTAX.cursor")
        }
        #expect(talk.refusal("go", [("cursor", cursor), ("offset", "1")]) == "SYNTAX.key")
        #expect(talk.refusal("go", [("cursor", "guess")]) == "LIMIT.cursor")
        talk.clock.advance(59)
        #expect(try talk.search("go", [("cursor", cursor), ("limit", "3")]).keys.count == 3)
        talk.clock.advance(2)
        #expect(talk.refusal("go", [("cursor", cursor)]) == "LIMIT.cursor")
        let info = try talk.ask("INFO").rows
        #expect(info.first { $0["name"] == "open_cursors" }?["value"] == "1")
        talk.clock.advance(60)
        #expect(
            try talk.ask("INFO").rows.contains {
                $0["name"] == "open_cursors" && $0["value"] == "0"
            })
    }

    @Test func `cursors are bounded, and the oldest go first`() throws {
        let talk = try Talk()
        try talk.prepare(["a"])
        try talk.put(
            (0..<5).map {
                Line(
                    title: "a", start: $0 * 9_000, end: $0 * 9_000, key: "k\($0)", text: "go \($0)")
            })
        var cursors: [String] = []
        for _ in 0..<4_200 {
            cursors.append(try #require(try talk.search("go", [("limit", "1")]).summary["cursor"]))
        }
        #expect(Set(cursors).count == cursors.count)
        let info = try talk.ask("INFO").rows
        #expect(info.first { $0["name"] == "open_cursors" }?["value"] == "4096")
        #expect(talk.refusal("go", [("cursor", cursors[100])]) == "LIMIT.cursor")
        #expect(talk.refusal("go", [("cursor", cursors[110])]) == nil)
        #expect(talk.refusal("go", [("cursor", cursors[4_199])]) == nil)
    }

    /// Keys that say which list it is.
    private static func keys(_ random: inout SeededRandom) -> [(String, String)] {
        var keys: [(String, String)] = [("fold", "\(random.below(2))")]
        if random.oneIn(2) { keys.append(("sort", "time")) }
        if random.oneIn(3) { keys += [("group", "title"), ("per", "\(1 + random.below(4))")] }
        if random.oneIn(4) { keys.append(("title", "t1,t3")) }
        return keys
    }

    /// The keys of the whole list in one page.
    private static func whole(
        _ talk: Talk, _ words: String, _ keys: [(String, String)]
    ) throws -> [String] {
        let answer = try talk.search(words, keys + [("limit", "1000")])
        #expect(answer.summary["cursor"] == nil)
        return answer.keys
    }
}

/// Random writes.
private struct Script {
    let titles: [String]
    private var next = 0

    init(titles: [String]) { self.titles = titles }

    mutating func change(_ talk: Talk, _ random: inout SeededRandom) throws {
        switch random.below(8) {
        case 0: try talk.ask("DELETE", ["dialogue", titles[random.below(titles.count)]])
        case 1: try talk.store.flush()
        default:
            let lines = (0..<1 + random.below(20)).map { _ in
                next += 1
                let start = random.below(60) * 700
                let words = (0..<1 + random.below(5)).map { _ in "w\(random.below(5))" }
                return Line(
                    title: titles[random.below(titles.count)], start: start,
                    end: start + random.below(900),
                    // Some replace others.
                    key: "k\(random.oneIn(4) ? random.below(next) : next)",
                    text: words.joined(separator: random.oneIn(3) ? "\n" : " "))
            }
            try talk.put(lines)
        }
    }
}
