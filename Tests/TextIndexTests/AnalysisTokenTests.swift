// Tokens: what is one, what is none, what becomes of it; and that the fast way for ASCII is only
// that: fast.

import TestSupport
import Testing
import TextIndex

struct `tokens of words` {
    let analyzer = Analyzer()

    @Test(arguments: [
        ("", []),
        ("We have to go BACK!", ["we", "have", "to", "go", "back"]),
        (
            "don't can’t won`t isn´t rock'n'roll",
            ["dont", "cant", "wont", "isnt", "rock", "n", "roll", "rocknroll"]
        ),
        ("Fish’N´Chips x'n 'n' y'n'", ["fish", "n", "chips", "fishnchips", "xn", "n", "yn"]),
        ("jack-o'-lantern the boys’-", ["jack", "o", "lantern", "jackolantern", "the", "boys"]),
        ("o'clock O’Brien l'été", ["oclock", "obrien", "brien", "l", "ete"]),
        ("O'CLOCK L'Oréal O'A", ["oclock", "clock", "l", "oreal", "oa"]),
        ("O'Épinay’s d'Épinay", ["oepinays", "oepinay", "epinay", "d", "epinay"]),
        ("'quoted' ‘quoted’ dogs' 'tis", ["quoted", "quoted", "dogs", "tis"]),
        ("the U.S.A. and e.g. this", ["the", "usa", "u.s.a", "and", "eg", "e.g", "this"]),
        ("well-known re–do em—dash", ["well", "known", "wellknown", "re", "do", "em", "dash"]),
        ("3.14 1,000,000 12:30 a1b2 4th", ["3.14", "1000000", "12", "30", "a1b2", "4th"]),
        ("_emphasis_ snake_case ___", ["emphasis", "snake", "case", "snakecase"]),
        ("court.And node.js", ["court", "and", "courtand", "node", "js", "nodejs"]),
        ("Ph.D l'U.R.S.S. т.е.", ["ph", "d", "phd", "l", "urss", "u.r.s.s", "те", "т.е"]),
        ("don't.I J.R.Ewing", ["dont", "i", "donti", "jr", "j.r", "ewing", "jrewing"]),
        ("90's 1990’s x 90'st", ["90s", "90", "1990s", "1990", "x", "90", "st"]),
        ("covid-19 F-16 R2-D2", ["covid", "19", "covid19", "f", "16", "f16", "r2", "d2", "r2d2"]),
        ("2019-20 3.5-inch F-16's", ["2019", "20", "3.5", "inch", "f", "16s", "16", "f16s"]),
        ("a.1 1.a a,b 1:2 a..b", ["a", "1", "1", "a", "a", "b", "1", "2", "a", "b"]),
        ("Où\u{202F}? «\u{202F}bonjour\u{202F}» 10\u{202F}km", ["ou", "bonjour", "10", "km"]),
        (
            "20\u{202F}000 1\u{A0}000\u{2009}000",
            ["20", "000", "20000", "1", "000", "000", "1000000"]
        ),
        ("2019\u{202F}000 20\u{A0}00 a\u{A0}000", ["2019", "000", "20", "00", "a", "000"]),
        ("1-20\u{202F}000 1\u{A0}000,5", ["1", "20", "000", "1", "000,5", "000.5"]),
        (
            "Anna's it’s Dogs' o'Neil's",
            ["annas", "anna", "its", "dogs", "oneils", "oneil", "neil"]
        ),
        ("JOHN:what", ["john", "what", "johnwhat"]),
        ("co\u{AD}operate zero\u{200B}width", ["cooperate", "zero", "width"]),
        ("می‌خواهم", ["ميخواهم"]),
        ("😀 👩‍👩‍👧 🇫🇷 ♥ … — !?", []),
        ("I ❤️ NY 👍🏽ok", ["i", "ny", "ok"]),
        ("東京タワー すし", ["東京", "東", "京タ", "タワ", "ワー", "ーす", "すし", "し"]),
        ("ｶﾞﾗｽ", ["カ\u{3099}ラ", "カ\u{3099}", "ラス", "ス"]),
        ("한국어", ["한국", "한", "국어", "어"].map(\.decomposed)),
        ("한국, 어", ["한국", "한", "국 어", "어"].map(\.decomposed)),
        ("한국어".decomposed, ["한국", "한", "국어", "어"].map(\.decomposed)),
        ("하\u{11AB}국", ["한국", "한", "국"].map(\.decomposed)),
        ("ᄒ ᅡ", ["ᄒ ᅡ", "ᄒ", "ᅡ"]),
        ("a 字。b", ["a", "字", "b"]),
        ("हिन्दी में", ["हिनदि", "मेन"]),
        ("שָׁלוֹם צה״ל צה\"ל צה”ל", ["שלומ", "צהל", "צהל", "צהל"]),
        ("مُحَمَّد", ["محمد"]),
        ("e\u{301}te\u{301}", ["ete"]),
        ("ʻokina Hawaiʻi", ["okina", "hawaii"]),
        ("™ x² ½ Ⅷ Ⓐ", ["x", "2", "1⁄2", "viii", "a"]),
    ])
    func `are UAX #29 words, folded`(text: String, terms: [String]) {
        #expect(
            analyzer.indexed(Array(text.utf8)).map {
                String(decoding: $0.term, as: UTF8.self).scalars
            } == terms.map(\.scalars))
    }

    @Test func `carry the bytes they came from`() {
        let text = "  Café, d’accord?"
        let tokens = analyzer.tokens(Array(text.utf8))
        #expect(tokens.map(\.range) == [2..<7, 9..<10, 13..<19])
        #expect(tokens.map { String(decoding: $0.term, as: UTF8.self) } == ["cafe", "d", "accord"])
    }
}

@Test(arguments: [
    ("don't U.S.A. 3.14 a_b", ["don", "t", "u", "s", "a", "3", "14", "a", "b"]),
    ("Café d’été", ["cafe", "d", "ete"]),
    ("東京タワー", ["東京タワー"]),
    ("😀", []),
])
func `alphanumeric tokens are runs of letters and digits`(text: String, terms: [String]) {
    #expect(Analyzer(.plain).strings(text) == terms)
}

@Test(
    arguments: [Language.auto, .plain], ["a", "é", "жx", "字", "𝐀b\u{301}𐐀"])
func `a long term is cut between scalars`(language: Language, unit: String) {
    let analyzer = Analyzer(language)
    let scalarBytes = max(1, analyzer.folded(unit).unicodeScalars.map { $0.utf8.count }.max() ?? 1)
    for count in [1, 50, 64, 127, 128, 254, 255, 256, 300] {
        let text = Array(String(repeating: unit, count: count).utf8)
        for token in analyzer.indexed(text) {
            #expect(token.term.count <= Analyzer.termByteCountMax)
            #expect(String(validating: token.term, as: UTF8.self) != nil)
            let whole = analyzer.fold(Array(text[token.range]))
            #expect(whole.starts(with: token.term))
            if whole.count > Analyzer.termByteCountMax {
                #expect(token.term.count > Analyzer.termByteCountMax - scalarBytes)
            } else {
                #expect(token.term == whole)
            }
        }
    }
}

/// Appending a word that is not ASCII sends the whole text the general way.
private func generalTokens(_ analyzer: Analyzer, _ text: [UInt8]) -> [Token] {
    Array(analyzer.indexed(text + Array(" é".utf8)).dropLast())
}

private let asciiAlphabet =
    (UInt8(0)..<0x80).map { String(UnicodeScalar($0)) }
    + "aaBZ09__''..::,,;;``\"  ".map(String.init) + ["word", "Word's", "1.5", "\r\n"]

private let mixedAlphabet =
    asciiAlphabet + [
        "é", "e\u{301}", "’", "´", "\u{AD}", "\u{200D}", "\u{200B}", "ß", "İ", "字", "カ", "ｶ", "ﾞ",
        "ש", "״", "\u{5B8}", "م", "\u{64E}", "हि", "👍🏽", "🇫", "❤️", "𝐀", "𐐀", "ﷺ", "\u{3000}", "①",
        "\u{FEFF}", "\u{2028}", "\u{85}", "한",
    ]

@Test(arguments: [Language.auto, .plain, .en, .tr])
func `the ASCII way gives what the general way gives`(language: Language) {
    let analyzer = Analyzer(language)
    for seed in UInt64(1)...4000 {
        var random = SeededRandom(seed: seed)
        let length = seed.isMultiple(of: 50) ? 900 : 40
        let alphabet = seed.isMultiple(of: 3) ? ["a", "b", "'", "_", "1", "."] : asciiAlphabet
        let text = random.text(of: alphabet, upTo: length)
        #expect(analyzer.indexed(text) == generalTokens(analyzer, text), "seed \(seed)")
    }
}

@Test(arguments: [Language.auto, .plain])
func `lines are analysed apart or together alike`(language: Language) {
    let analyzer = Analyzer(language)
    for seed in UInt64(1)...3000 {
        var random = SeededRandom(seed: seed)
        let lines = (0..<3).map { _ in random.text(of: mixedAlphabet, upTo: 30) }
        // Pairs of characters go over the edge of lines, but not over a word.
        let together = analyzer.indexed(Array(lines.joined(separator: Array("\nx\n".utf8))))
        let apart = lines.map { analyzer.indexed($0).map(\.term) }
        #expect(together.map(\.term) == Array(apart.joined(separator: [[120]])), "seed \(seed)")
    }
}

@Test(arguments: [Language.auto, .plain])
func `any bytes give ordered tokens of valid terms`(language: Language) {
    let analyzer = Analyzer(language)
    for seed in UInt64(1)...4000 {
        var random = SeededRandom(seed: seed)
        var text = random.text(of: mixedAlphabet, upTo: 60)
        for _ in 0..<Int.random(in: 0...8, using: &random) where !text.isEmpty {
            let position = Int.random(in: text.indices, using: &random)
            text[position] = UInt8.random(in: 0...255, using: &random)
        }
        if seed.isMultiple(of: 4) {
            text = (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        var end = 0
        for token in analyzer.indexed(text) {
            let begins = token.place.kind == .word ? end : 0
            #expect(token.range.lowerBound >= begins && token.range.upperBound <= text.count)
            #expect(!token.range.isEmpty && (1...255).contains(token.term.count), "seed \(seed)")
            #expect(String(validating: token.term, as: UTF8.self) != nil, "seed \(seed)")
            if token.place.kind == .word { end = token.range.upperBound }
        }
        #expect(String(validating: analyzer.fold(text), as: UTF8.self) != nil, "seed \(seed)")
        let boundaries = wordBoundaries(text)
        #expect(boundaries == boundaries.sorted() && boundaries.last ?? 0 == text.count)
    }
}

@Test func `bytes that are no UTF-8 read as the standard library reads them`() {
    for seed in UInt64(1)...4000 {
        var random = SeededRandom(seed: seed)
        let edges: [UInt8] = [
            0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4,
        ]
        let text = (0..<12).map { _ in
            edges.randomElement(using: &random).map { Bool.random(using: &random) ? $0 : $0 &+ 1 }
                ?? 0
        }
        let repaired = Array(String(decoding: text, as: UTF8.self).utf8)
        #expect(Analyzer().fold(text) == Analyzer().fold(repaired), "seed \(seed)")
    }
}
