// Phrases of scripts that are indexed by pairs of characters, against a search that compares texts
// character by character: spaces and punctuation count for nothing, but a space in Korean.

import Gateway
import Segments
import Storage
import TestSupport
import Testing

@Suite struct CharacterPhraseTests {
    /// A character or a word of ASCII, and whether anything stands between it and the one before.
    private struct Cell: Equatable {
        var text: String
        var isApart: Bool
        var isWord: Bool { text.utf8.first.map { $0 < 0x80 } ?? false }
        var isKorean: Bool {
            text.unicodeScalars.first.map { (0xAC00...0xD7A3).contains($0.value) } ?? false
        }

        /// The cells of a text.
        static func all(_ text: String) -> [Cell] {
            var cells: [Cell] = []
            var isApart = true
            for character in text {
                guard character.isLetter || character.isNumber else {
                    isApart = true
                    continue
                }
                let isWord = character.isASCII
                if isWord, !isApart, cells.last?.isWord == true {
                    cells[cells.count - 1].text.append(character)
                } else {
                    cells.append(Cell(text: String(character), isApart: isApart))
                }
                isApart = false
            }
            return cells
        }

        /// Whether a phrase stands in some cells from a place on.
        static func stands(_ phrase: [Cell], at start: Int, of cells: [Cell]) -> Bool {
            start + phrase.count <= cells.count
                && matches(phrase, cells[start..<start + phrase.count])
        }

        /// Whether some cells are those of a phrase; what stands before the first does not count.
        static func matches(_ phrase: some Collection<Cell>, _ cells: some Collection<Cell>) -> Bool
        {
            var last: Cell?
            for (wanted, cell) in zip(phrase, cells) {
                guard wanted.text == cell.text else { return false }
                let isPair = last.map { !$0.isWord && !wanted.isWord } ?? false
                let isKorean = wanted.isKorean || last?.isKorean ?? false
                guard !isPair || !isKorean || wanted.isApart == cell.isApart else { return false }
                last = wanted
            }
            return phrase.count == cells.count
        }
    }

    /// Rows that follow each other, a search over which reads the cells one after the other.
    private struct Lane {
        let rows: [[Cell]]

        /// Whether a phrase begins in a row and ends in a later one.
        func begins(_ phrase: [Cell], in row: Int) -> Bool {
            rows[row].indices.contains { start in
                let here = rows[row].count - start
                return here < phrase.count && Cell.matches(phrase.prefix(here), rows[row][start...])
                    && goesOn(phrase, here, behind: row)
            }
        }

        private func goesOn(_ phrase: [Cell], _ count: Int, behind row: Int) -> Bool {
            guard row + 1 < rows.count else { return false }
            let (this, next) = (rows[row], rows[row + 1])
            // What is said again is taken once, unless it is a single character.
            let repeated =
                (0...min(this.count, next.count)).last {
                    Cell.matches(this.suffix($0), next.prefix($0))
                } ?? 0
            return (repeated == 1 ? [0, 1] : [repeated]).contains { again in
                guard again < count else { return false }
                let rest = phrase[(count - again)...]
                let here = rest.prefix(next.count)
                guard Cell.matches(here, next.prefix(here.count)) else { return false }
                return here.count == rest.count || goesOn(phrase, here.endIndex, behind: row + 1)
            }
        }
    }

    private func found(_ phrase: String, _ talk: Talk, gap: String = "none") throws -> [Int] {
        try talk.search("\"\(phrase)\"", [("limit", "1000"), ("fold", "0"), ("gap", gap)])
            .keys.compactMap { Int($0) }.sorted()
    }

    @Test func `a phrase goes over a space, a new line and punctuation`() throws {
        let talk = try Talk.lines(
            "auto",
            [
                "나는 학교에 갑니다.", "…なぜここの美しさが\n見えない？", "met 田中 さん at home", "是的，我知道。走吧！",
                "ฉันไป โรงเรียน", "회사 이름",
            ])
        let wanted = [
            ("학교에 갑니다", [0]), ("학교에 갑", [0]), ("교에, 갑니", [0]), ("학교에갑", []), ("사이", []),
            ("美しさが 見えない", [1]), ("美しさが見えない", [1]), ("met 田中 さん at", [2]), ("met 田中さん at", [2]),
            ("met 田", [2]), ("met 中", []), ("是的我知道", [3]), ("知道。走吧", [3]), ("道走", [3]),
            ("ไปโรง", [4]), ("ไป โรงเรียน", [4]),
        ]
        for (phrase, rows) in wanted {
            #expect(try found(phrase, talk) == rows, "\(phrase)")
        }
        let marked = try talk.search("\"美しさが 見えない\"", [("highlight", "1")]).hits
        #expect(marked.first?["text"] == "…なぜここの[[美しさが\n見えない]]？")
        #expect(
            try talk.search("\"met 田\"", [("highlight", "1")]).hits.first?["text"]
                == "[[met]] [[田]]中 さん at home")
        // Near each other is not side by side.
        #expect(try talk.search("\"見えない なぜ\"~30").keys == ["1"])
    }

    private static let alphabets = [
        ["田", "中", "さ", "ん", "は", "。", "、", "\n", " "], ["한", "국", "어", "가", " ", " ", ", "],
        ["ไ", "ป", "ก", "น", " ", "! "], ["国", "한", "at", " ", "ok ", "，", "カ"],
    ]

    private func text(
        of alphabet: [String], _ count: Int, _ random: inout SeededRandom
    ) -> String {
        (0..<count).map { _ in alphabet[random.below(alphabet.count)] }.joined()
    }

    @Test func `a phrase is found where its characters follow each other`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for alphabet in Self.alphabets {
            let texts = (0..<150).map { _ in text(of: alphabet, 1 + random.below(14), &random) }
            let talk = try Talk.lines("auto", texts)
            if random.oneIn(2) { try talk.store.flush() }
            for _ in 0..<150 {
                let phrase = text(of: alphabet, 2 + random.below(5), &random)
                let cells = Cell.all(phrase)
                // A character alone is any word that begins with it.
                guard cells.count > 1 else { continue }
                let rows = texts.indices.filter { row in
                    let all = Cell.all(texts[row])
                    return all.indices.contains { Cell.stands(cells, at: $0, of: all) }
                }
                #expect(try found(phrase, talk) == rows, "seed \(seed): '\(phrase)'")
            }
        }
    }

    @Test func `a phrase is broken between any two characters by the edges of rows`() throws {
        let talk = try Talk.lines(
            "auto", ["但是我们必须", "回去找他", "们吧", "네 학교에", "갑니다 ok", "田"], every: 1_000)
        for _ in 0..<2 {
            #expect(try found("我们必须回去", talk, gap: "2s") == [0])
            #expect(try found("我们必须回", talk, gap: "2s") == [0])
            #expect(try found("必须回去找他们吧", talk, gap: "2s") == [0])
            #expect(try found("必须，回去找他们", talk, gap: "2s") == [0])
            #expect(try found("학교에 갑니다", talk, gap: "2s") == [3])
            #expect(try found("갑니다 ok 田", talk, gap: "2s") == [4])
            #expect(try found("我们必须去", talk, gap: "2s").isEmpty)
            try talk.store.flush()
            try talk.store.merge(Talk.track)
        }
        let hits = try talk.search("\"他们\" \"须回去找他们吧\"", [("highlight", "1")]).hits
        #expect(hits.first?["text"] == "但是我们必[[须]] [[回去找他]] [[们吧]]")
    }

    @Test func `what a row repeats counts once where its last character goes on in a pair`() throws
    {
        let talk = try Talk.lines("auto", ["ok 国中", "ok 国中 人", "at 田国", "at 田国人"], every: 1_000)
        for _ in 0..<2 {
            #expect(try found("中 ok 国", talk, gap: "2s").isEmpty)
            #expect(try found("国 at 田", talk, gap: "2s").isEmpty)
            #expect(try found("人 at 田", talk, gap: "2s") == [1])
            try talk.store.flush()
        }
    }

    @Test func `phrases over rows are found as in the texts put together`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for alphabet in Self.alphabets {
            // A row of one character amid a phrase is not looked for.
            let texts = (0..<200).map { _ in text(of: alphabet, 2 + random.below(6), &random) }
                .filter { Cell.all($0).count > 1 }
            let talk = try Talk.lines("auto", texts, every: 1_000)
            if random.oneIn(2) { try talk.store.flush() }
            let lane = Lane(rows: texts.map { Cell.all($0) })
            for _ in 0..<150 {
                let phrase = text(of: alphabet, 3 + random.below(6), &random)
                let wanted = Cell.all(phrase)
                // Two characters are one word.
                guard wanted.count > 2 else { continue }
                let rows = texts.indices.filter { row in
                    lane.begins(wanted, in: row)
                        || lane.rows[row].indices.contains {
                            Cell.stands(wanted, at: $0, of: lane.rows[row])
                        }
                }
                #expect(
                    try found(phrase, talk, gap: "2s") == rows, "seed \(seed): '\(phrase)'")
            }
        }
    }

    @Test func `what a film's line says is found with and without its punctuation`() throws {
        guard let demo = SharedData.folder("data/demo") else { return }
        let files = RealFileSystem()
        let chinese = "\(demo)/hf-course/zh-CN"
        let names = try files.list(chinese).sorted().filter { $0.hasSuffix(".srt") }.prefix(8)
        let all = names.map { "\(chinese)/\($0)" } + ["\(demo)/elephants-dream/captions.ja.vtt"]
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for name in all {
            let file = try files.open(name, .read)
            let bytes = try file.read(Int(try file.size()), at: 0)
            let lines = String(decoding: bytes.filter { $0 != 13 }, as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false)
            let cues = lines.split(separator: "").compactMap { cue -> String? in
                guard let time = cue.firstIndex(where: { $0.contains("-->") }) else { return nil }
                return cue[(time + 1)...].joined(separator: "\n")
            }.filter { $0.contains { $0.isLetter && !$0.isASCII } }
            let talk = try Talk.lines("auto", cues)
            for (row, cue) in cues.enumerated() {
                let letters = Array(cue).filter { $0 != "\"" }
                let start = random.below(letters.count)
                let length = 3 + random.below(letters.count)
                let part = letters[start...].prefix(length)
                let isWordCut =
                    start > 0 && letters[start - 1].isASCII && letters[start].isASCII
                    || part.endIndex < letters.count && letters[part.endIndex].isASCII
                guard !isWordCut, part.count(where: \.isLetter) >= 3 else { continue }
                let kept = part.indices.filter { place in
                    part[place].isLetter || part[place].isNumber || part[place].isASCII
                }
                // Latin words that nothing else parts would become one.
                let isGlued = zip(kept, kept.dropFirst()).contains { place, next in
                    next > place + 1 && part[place].isASCII && part[next].isASCII
                }
                let bare = kept.map { part[$0] }
                for phrase in [String(part)] + (isGlued ? [] : [String(bare)]) {
                    #expect(
                        try found(phrase, talk).contains(row), "seed \(seed): '\(phrase)' of \(cue)"
                    )
                }
            }
        }
    }
}
