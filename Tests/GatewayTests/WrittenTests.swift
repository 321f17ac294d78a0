// `=word` compares accents, others do not; what was typed with accents comes first with them.

import Gateway
import Segments
import TestSupport
import Testing

@Suite struct WrittenTests {
    @Test func `as it is written is with its accents`() throws {
        try Talk.check(
            "vi", ["Bạn ơi", "tôi bán", "cái bàn", "Bản đồ", "ban đêm", "BẠN", "Ba\u{323}n"],
            [
                ("=bạn", [0, 5, 6]), ("bạn", [0, 1, 2, 3, 4, 5, 6]), ("=ban", [4]),
                ("=đồ", [3]), ("=đo", []), ("+ban -=bạn", [1, 2, 3, 4]),
                ("=ba\u{323}n", [0, 5, 6]), ("=bàn =bán", [1, 2]),
            ])
        try Talk.check(
            "fr", ["où est-il", "ou bien", "ou là, où ça", "L'ÎLE", "l'ile", "Œuvre", "oeuvre"],
            [
                ("=où", [0, 2]), ("=ou", [1, 2]), ("ou", [0, 1, 2]), ("=île", [3]), ("=ile", [4]),
                ("=l'île", [3]), ("=l'ile", [4]), ("=œuvre", [5]), ("=oeuvre", [6]),
                ("-=ou île", [3, 4]),
            ])
        try Talk.check("sv", ["här är", "har du", "får", "far"], [("=här", [0]), ("=far", [3])])
        try Talk.check(
            "tr", ["IŞIK", "işik", "ışık", "isik"], [("=ışık", [0, 2]), ("=isik", [3])])
        try Talk.check("en", ["the cafe", "the café"], [("=the", [0, 1]), ("=cafe", [0])])
        // Letters written one for the other by habit are no accents.
        try Talk.check("ar", ["مدرسة", "مدرسه", "أحمد"], [("=مدرسه", [0, 1]), ("=احمد", [2])])
        try Talk.check("auto", ["日本語", "crème-brûlée"], [("=日本", [0]), ("=crème-brulée", [])])
    }

    @Test func `й, ї and ў are letters of their own, ё is not`() throws {
        try Talk.check(
            "ru", ["мой дом", "мои дома", "ещё", "еще", "МОЙ", "мои\u{306}"],
            [
                ("=мой", [0, 4, 5]), ("=мои", [1]), ("еще", [2, 3]), ("ещё", [2, 3]),
                ("=ещё", [2]), ("\"мой\"", [0, 4, 5]), ("=мои\u{306}", [0, 4, 5]),
            ])
        try Talk.check("uk", ["їх", "іх", "і\u{308}х"], [("їх", [0, 2]), ("іх", [1])])
    }

    @Test(arguments: ["vi", "fr", "auto"])
    func `what was typed with accents comes first with them`(language: String) throws {
        let texts = ["ou", "oû", "où", "ou", "oú"]
        let talk = try Talk.lines(language, texts)
        for _ in 0..<2 {
            #expect(try talk.search("où").keys.first == "2")
            #expect(try talk.search("+où").keys.first == "2")
            #expect(try talk.search("où xyz", [("match", "1")]).keys.first == "2")
            #expect(try talk.search("ou").keys == ["0", "1", "2", "3", "4"])
            try talk.store.flush()
        }
    }

    @Test func `marks are put where a word is as it was asked for`() throws {
        let talk = try Talk.lines("fr", ["ou là, où ça"])
        let marked = try talk.search("=où", [("highlight", "1")]).hits.first?["text"]
        #expect(marked == "ou là, [[où]] ça")
        let plain = try talk.search("=ou", [("highlight", "1")]).hits.first?["text"]
        #expect(plain == "[[ou]] là, où ça")
    }

    @Test(arguments: ["auto", "fr", "vi"])
    func `random words are found as they are written`(language: String) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let forms = [
            "a", "à", "á", "á̀", "ậ", "A", "À", "e", "é", "ê", "o'", "l'à", "a-é", "1", "日本",
        ]
        let texts = (0..<200).map { _ in
            (0..<random.below(6)).map { _ in forms[random.below(forms.count)] }
                .joined(separator: [" ", ", "][random.below(2)])
        }
        let talk = try Talk.lines(language, texts)
        let marks = language == "vi" ? " ,-" : " ,-'"
        for _ in 0..<2 {
            for form in forms where !form.contains(where: { "'-日".contains($0) }) {
                let words = { (text: String) in
                    text.lowercased().split { marks.contains($0) }.map { String($0) }
                }
                let wanted = texts.indices.filter { words(texts[$0]).contains(form.lowercased()) }
                let count = try talk.ask("COUNT", ["dialogue"], text: "=\(form)").summary["done"]
                #expect(count == "\(wanted.count)", "\(form), seed \(seed)")
            }
            try talk.store.flush()
        }
    }
}
