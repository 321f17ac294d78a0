// Rows that say nearly the same after each other are shown as one; titles are shown with their best
// rows. Both against lists of all hits that are cut by hand.

import Gateway
import Segments
import TestSupport
import Testing

@Suite struct FoldingTests {
    @Test func `a line that rolls up through cues is found once`() throws {
        let talk = try Talk()
        try talk.prepare(["film"])
        let texts = [
            "we have", "we have\nto go back now", "to go back now\nto the island",
            "to the island\nbefore the storm", "before the storm\ncomes over us",
        ]
        var lines = texts.enumerated().map { number, text in
            Line(
                title: "film", start: number * 1_000, end: number * 1_000 + 1_000,
                key: "r\(number)", text: text)
        }
        // Said again three seconds later.
        lines.append(Line(title: "film", start: 8_100, end: 9_000, key: "s", text: "Go back!"))
        try talk.put(lines)
        for (query, keys) in [
            ("island", ["r3"]), ("\"go back now\"", ["r1"]), ("back", ["s", "r1"]),
            ("storm", ["r3"]), ("have", ["r0"]),
        ] {
            let found = try talk.search(query)
            #expect(found.keys == keys, "\(query)")
            let count = query == "back" ? "3" : "2"
            #expect(found.summary["hits"] == count, "\(query)")
            #expect(found.summary["shown"] == "\(keys.count)")
        }
        #expect(try talk.search("island").hits[0]["alike"] == "2")
        #expect(try talk.search("back").hits.map { $0["alike"] } == [nil, "2"])
        #expect(try talk.search("island", [("fold", "0")]).keys.count == 2)
        #expect(try talk.search("island", [("limit", "1")]).summary["cursor"] != nil)
        // Nothing was looked for, so every row is wanted.
        #expect(try talk.search("").keys.count == 6)
    }

    @Test func `lines that only resemble each other stay apart`() throws {
        let pairs = [
            ("At the left we can see...", "At the right we can see the...", "see"),
            ("Run!", "Run, Sintel, run!", "run"),
            ("correspond to the negative label", "correspond to the positive label", "label"),
            ("the dragon came\nand we fled", "and we fled\nfrom the dragon", "dragon"),
            ("We shall fight on the beaches.", "We shall fight on the hills.", "fight"),
            ("We have to go back.", "We have to go now!", "\"have to go\""),
            (
                "It is not 50 separate states.", "It is not 50 separate autonomous units.",
                "separate"
            ),
        ]
        for (first, second, query) in pairs {
            let talk = try Talk()
            try talk.prepare(["film"])
            try talk.put([
                Line(title: "film", start: 0, end: 1_000, key: "a", text: first),
                Line(title: "film", start: 1_000, end: 2_000, key: "b", text: second),
            ])
            #expect(try talk.search(query).keys.sorted() == ["a", "b"], "\(query)")
        }
        let talk = try Talk()
        try talk.prepare(["film", "other"])
        try talk.put([
            Line(title: "film", start: 0, end: 1_000, key: "a", text: "go back"),
            Line(title: "film", start: 2_000, end: 3_000, key: "b", text: "Go back..."),
            Line(title: "film", start: 4_001, end: 5_000, key: "c", text: "go back"),
            Line(title: "other", start: 0, end: 1_000, key: "d", text: "go back"),
        ])
        // A second lies between the first two, and more between the next.
        #expect(try talk.search("back").keys == ["a", "c", "d"])
    }

    @Test func `a line that grows word by word is found once`() throws {
        let talk = try Talk()
        try talk.prepare(["film"])
        let texts = [
            "We shall", "We shall fight", "We shall fight on", "We shall fight on the hills.",
        ]
        try talk.put(
            texts.enumerated().map { number, text in
                Line(
                    title: "film", start: number * 300, end: number * 300 + 300, key: "\(number)",
                    text: text)
            })
        let found = try talk.search("fight", [("sort", "time")])
        #expect(found.keys == ["1"] && found.hits[0]["alike"] == "3")
        #expect(try talk.search("hills").keys == ["3"])
    }

    @Test func `a hundred equal lines are one row, and a page has as many rows as there are`()
        throws
    {
        let talk = try Talk()
        try talk.prepare(["song", "film"])
        var lines = (0..<60).map { number in
            Line(
                title: "song", start: number * 1_500, end: number * 1_500 + 1_000,
                key: "s\(number)", text: "la la la")
        }
        lines += (0..<25).map { number in
            Line(
                title: "film", start: number * 9_000, end: number * 9_000 + 1_000,
                key: "f\(number)", text: "la \(number) times la")
        }
        try talk.put(Array(lines[..<30]))
        try talk.store.flush()
        try talk.put(Array(lines[30...]))
        for limit in [1, 5, 20] {
            let found = try talk.search("la", [("limit", "\(limit)")])
            #expect(found.keys.count == limit)
            #expect(found.hits[0]["key"] == "s0")
            #expect(found.hits[0]["alike"] == "60")
            #expect(found.summary["hits"] == "85")
        }
        #expect(try talk.search("la", [("limit", "100")]).keys.count == 26)
    }

    @Test func `folding and grouping agree with lists of all hits cut by hand`() throws {
        let seed = SeededRandom.fresh()
        for round in 0..<40 {
            var random = SeededRandom(seed: seed &+ UInt64(round))
            let talk = try Talk()
            let titles = ["a", "b", "c"]
            try talk.prepare(titles)
            var lines: [Line] = []
            for part in 0..<3 {
                let more = Self.lines(titles, from: lines.count, &random)
                try talk.put(more)
                lines += more
                if part < 2, random.oneIn(2) { try talk.store.flush() }
            }
            let word = "w\(random.below(3))"
            let sort = ("sort", random.oneIn(3) ? "time" : "score")
            let all = try talk.search(word, [sort, ("fold", "0"), ("limit", "1000")]).keys
            let oracle = FoldingOracle(lines, all, word)
            let note = Comment("seed \(seed), round \(round), \(word) \(sort.1)")
            let limit = 1 + random.below(30)
            let found = try talk.search(word, [sort, ("limit", "\(limit)")])
            #expect(found.keys == Array(oracle.shown.prefix(limit)), note)
            for hit in found.hits {
                let alike = Int(hit["alike"] ?? "1")
                #expect(alike == oracle.alike(hit["key"] ?? ""), note)
            }
            let per = 1 + random.below(4)
            let folds = random.below(2)
            let keys = [("group", "title"), ("per", "\(per)"), ("fold", "\(folds)"), sort]
            let groups = try talk.search(word, keys)
            let list = folds == 1 ? oracle.shown : all
            #expect(groups.keys == oracle.grouped(all, list, per), note)
            #expect(groups.summary["groups"] == "\(Set(all.map(oracle.title)).count)", note)
            let second = try talk.search(word, keys + [("offset", "1"), ("limit", "1")])
            let rest = oracle.grouped(all, list, per)
            let named = Array(Set(groups.keys.map(oracle.title)))
            if named.count > 1 {
                let wanted = rest.filter { oracle.title($0) == second.hits[0]["title"] }
                #expect(second.keys == wanted, note)
            }
        }
    }

    /// Cues of which many repeat a line of the one before.
    private static func lines(
        _ titles: [String], from first: Int, _ random: inout SeededRandom
    ) -> [Line] {
        var lines: [Line] = []
        for title in titles {
            var time = random.below(3_000)
            var last = "w0"
            for number in 0..<random.below(25) {
                let words = (0..<1 + random.below(6)).map { _ in "w\(random.below(4))" }
                var text = words.joined(separator: " ")
                switch random.below(4) {
                case 0: text = last
                case 1: text = last + "\n" + text
                case 2: text = last + " " + text
                default: break
                }
                last = words.joined(separator: " ")
                let length = random.below(1_500)
                lines.append(
                    Line(
                        title: title, start: time, end: time + length,
                        key: "\(title)\(first + number)", text: text))
                time += length + random.below(1_600)
            }
        }
        return lines
    }
}

/// Folds a list of hits by looking at every pair.
private struct FoldingOracle {
    private let lanes: [String: [Line]]
    private let lines: [String: Line]
    private let ranks: [String: Int]
    private let word: String
    private let all: [String]

    init(_ lines: [Line], _ all: [String], _ word: String) {
        var byKey: [String: Line] = [:]
        for line in lines { byKey[line.key] = line }
        self.lines = byKey
        self.all = all
        self.word = word
        lanes = Dictionary(grouping: byKey.values, by: \.title).mapValues {
            $0.sorted { ($0.start, $0.end, $0.key) < ($1.start, $1.end, $1.key) }
        }
        ranks = Dictionary(uniqueKeysWithValues: all.enumerated().map { ($1, $0) })
    }

    func title(_ key: String) -> String { lines[key]?.title ?? "" }

    /// The hits that have a row.
    var shown: [String] {
        all.filter { key in !alikes(key).contains { rank($0) < rank(key) } }
    }

    /// How many hits a row stands for.
    func alike(_ key: String) -> Int {
        var members: Set = [key]
        var edge = [key]
        while let from = edge.popLast() {
            for other in alikes(from) where rank(other) > rank(from) {
                if members.insert(other).inserted { edge.append(other) }
            }
        }
        return members.count
    }

    /// The best rows of a list by title, titles in the order of all hits.
    func grouped(_ all: [String], _ list: [String], _ per: Int) -> [String] {
        var titles: [String] = []
        for key in all where !titles.contains(title(key)) { titles.append(title(key)) }
        return titles.flatMap { name in list.filter { title($0) == name }.prefix(per) }
    }

    private func rank(_ key: String) -> Int { ranks[key] ?? .max }

    /// The hits next to a hit that say nearly the same.
    private func alikes(_ key: String) -> [String] {
        guard let own = lines[key], let lane = lanes[own.title],
            let place = lane.firstIndex(where: { $0.key == key })
        else { return [] }
        let near = lane[max(0, place - 4)..<min(lane.count, place + 5)]
        return near.indices.filter { index in
            let other = near[index]
            guard index != place, ranks[other.key] != nil else { return false }
            let gap = index < place ? own.start - other.end : other.start - own.end
            return gap <= 1_000 && saysTheSame(own.text, other.text)
        }.map { lane[$0].key }
    }

    private func saysTheSame(_ first: String, _ second: String) -> Bool {
        let (own, others) = (matched(first), matched(second))
        let isShorter = own.joined().count <= others.joined().count
        let (some, text) = isShorter ? (own, second) : (others, first)
        return some.allSatisfy { line in
            split(text).contains { candidate in
                if candidate == line { return true }
                let (shorter, longer) =
                    candidate.count < line.count ? (candidate, line) : (line, candidate)
                return shorter.count >= 3 && longer.starts(with: shorter)
            }
        }
    }

    private func split(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    private func matched(_ text: String) -> [[String]] { split(text).filter { $0.contains(word) } }
}
