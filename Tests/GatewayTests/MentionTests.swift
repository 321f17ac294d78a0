// Ways to write one thing find each other: abbreviations, numbers with letters, names of programs.

import Testing

@Suite struct MentionTests {
    @Test(arguments: ["auto", "en"])
    func `every mention is found, however it is written`(language: String) throws {
        let groups = [
            ["FBI", "F.B.I.", "f.b.i"], ["USA", "U.S.A."], ["UN", "U.N."],
            ["PhD", "Ph.D", "Ph.D."],
            ["90s", "90's", "90’s"], ["covid19", "covid-19", "COVID_19"], ["F16", "F-16"],
            ["R2D2", "R2-D2"], ["email", "e-mail"], ["nodejs", "node.js"],
        ]
        let texts = groups.joined().map { "so it was \($0) today" }
        let talk = try Talk.lines(language, texts)
        var first = 0
        for group in groups {
            let wanted = (first..<first + group.count).map { "\($0)" }
            for name in group {
                #expect(
                    try talk.search(name, [("fold", "0")]).keys.sorted() == wanted.sorted(),
                    "\(name)")
                let own = try talk.search("\"was \(name) today\"", [("fold", "0")]).keys
                #expect(own.contains { texts[Int($0) ?? 0].contains(name) }, "\(name)")
            }
            first += group.count
        }
        let agents = try talk.search("\"was FBI today\"", [("fold", "0")]).keys
        #expect(agents.sorted() == ["0", "1", "2"])
        #expect(try talk.search("\"was 90s today\"", [("fold", "0")]).keys.count == 3)
    }

    @Test func `what a missing space hides is found`() throws {
        let talk = try Talk.lines(
            "en",
            [
                "this Court.And that", "to_thread", "JOHN:What?", "the 747's engine",
                "join U.S. now",
                "join us now",
            ])
        for (query, keys) in [
            ("court", ["0"]), ("\"court and that\"", ["0"]), ("thread", ["1"]), ("john", ["2"]),
            ("747", ["3"]), ("\"747's engine\"", ["3"]), ("U.S.", ["4", "5"]),
        ] {
            #expect(try talk.search(query).keys == keys, "\(query)")
        }
        let marked = try talk.search("747 U.S.", [("highlight", "1")]).hits.map { $0["text"] }
        #expect(marked.contains("the [[747]]'s engine") && marked.contains("join [[U.S]]. now"))
    }

    @Test func `Hebrew abbreviations are found by any quote or none`() throws {
        let talk = try Talk.lines("he", ["אני בצה\"ל בארה\"ב", "אני בצה״ל בארה״ב"])
        for query in ["בצה\"ל", "בצה״ל", "בצה”ל", "ארהב בארהב", "\"בצה\"ל בארה\"ב\""] {
            #expect(
                try talk.search(query, [("fold", "0")]).keys.sorted() == ["0", "1"], "\(query)")
        }
    }
}
