// Who says a line, and what else is said of it by keywords: values with commas, values that are not
// typed whole, and what is asked of attributes that nothing has.

import Gateway
import Testing

@Suite struct SpeakerTests {
    private func talk(_ speakers: [(String?, String)]) throws -> Talk {
        let talk = try Talk()
        try talk.ask("TRACK", ["CREATE", "dialogue", "speaker:keyword"], [("text", "auto")])
        try talk.ask("TITLE", ["SET", "court"], [("genre", "law")])
        try talk.put(
            speakers.enumerated().map { number, said in
                Line(
                    title: "court", start: number * 1_000, end: number * 1_000 + 1_000,
                    key: "k\(number)", text: said.1, speaker: said.0)
            })
        return talk
    }

    @Test func `a value in quotes is one value, commas and all`() throws {
        let talk = try talk([
            ("Warren N. Coppedge, Jr.", "the court"), ("Warren N. Coppedge", "no court"),
            ("Ann", "this court"), ("Bob", "that court"),
        ])
        func keys(_ speaker: String, quoted: Bool) throws -> [String] {
            try talk.ask(
                "SEARCH", ["dialogue"], text: "court", [("speaker", speaker)],
                quoted: quoted ? ["speaker"] : []
            ).keys.sorted()
        }
        #expect(try keys("Warren N. Coppedge, Jr.", quoted: true) == ["k0"])
        #expect(try keys("ann,bob", quoted: false) == ["k2", "k3"])
        #expect(try keys("ann,bob", quoted: true) == [])
        #expect(try talk.search("court speaker:\"warren n. coppedge, jr.\"").keys == ["k0"])
        let both = try talk.search("court (speaker:\"warren n. coppedge, jr.\" | speaker:ann)")
        #expect(both.keys.sorted().contains("k0") && both.keys.contains("k2"))
    }

    @Test func `lines of different speakers are not shown as one`() throws {
        let talk = try talk([("Ann", "No."), ("Bob", "No."), ("Ann", "No.")])
        // Ann says it twice within a second, and Bob once.
        let found = try talk.search("no")
        #expect(found.keys == ["k0", "k1"])
        #expect(found.hits.map { $0["alike"] } == ["2", nil])
        let same = try self.talk([("Ann", "No."), ("Ann", "No."), (nil, "No.")])
        #expect(try same.search("no").hits.map { $0["alike"] } == ["3"])
    }

    @Test func `values are completed by any word of theirs, and near ones are offered`() throws {
        let talk = try talk([
            ("Warren E. Burger", "a"), ("Warren E. Burger", "b"), ("Earl Warren", "c"),
            ("Byron R. White", "d"),
        ])
        func suggested(_ typed: String) throws -> [String?] {
            try talk.ask("SUGGEST", ["dialogue"], [("speaker", typed)]).rows.map { $0["speaker"] }
        }
        #expect(try suggested("burg") == ["Warren E. Burger"])
        #expect(try suggested("warren") == ["Warren E. Burger", "Earl Warren"])
        #expect(try suggested("white") == ["Byron R. White"])
        #expect(try suggested("urger").isEmpty)
        func typed(_ text: String) throws -> [String?] {
            try talk.ask("SUGGEST", ["dialogue"], text: text).rows.map { $0["text"] }
        }
        #expect(try typed("the -speaker:burg") == ["the -speaker:\"Warren E. Burger\""])
        #expect(try typed("the speaker:burg") == ["the speaker:\"Warren E. Burger\""])
        #expect(try typed("speaker:\"earl w") == ["speaker:\"Earl Warren\""])
        #expect(try typed("(speaker:whi") == ["(speaker:\"Byron R. White\""])
        func meant(_ speaker: String, _ text: String = "") throws -> String? {
            try talk.search(text, [("speaker", speaker)]).summary["did_you_mean"]
        }
        #expect(try meant("warrren") == "speaker=\"Warren E. Burger\"")
        #expect(try meant("burger") == "speaker=\"Warren E. Burger\"")
        #expect(try meant("Earl Waren") == "speaker=\"Earl Warren\"")
        #expect(try meant("Scalia") == nil)
        // It has rows, which do not say this.
        #expect(try meant("Earl Warren", "a") == nil)
        #expect(try meant("Earl Waren", "a") == nil)
        #expect(try meant("Earl Waren", "c") == "speaker=\"Earl Warren\"")
        func offered(_ query: String) throws -> String? {
            try talk.search(query).summary["did_you_mean"]
        }
        #expect(try offered("c speaker:\"earl waren\"") == "c speaker:\"Earl Warren\"")
        #expect(
            try offered("(c speaker:\"earl waren\") | speaker:wite")
                == "(c speaker:\"Earl Warren\") | speaker:\"Byron R. White\"")
        #expect(try offered("a speaker:\"earl waren\"") == nil)
        #expect(try offered("c speaker:scalia") == nil)
        #expect(try offered("zzz -speaker:waren") == nil)
        #expect(try offered("speaker:“earl waren”") == "speaker:\"Earl Warren\"")
    }

    @Test func `what may have been meant is something that finds rows`() throws {
        let talk = try talk([
            ("Ann", "they levy a tax"), ("Ann", "stripping the wire"), ("Bob", "a levy"),
            ("Bob", "the leva stripping machine"),
        ])
        func meant(_ query: String, _ keys: [(String, String)] = []) throws -> String? {
            try talk.search(query, keys).summary["did_you_mean"]
        }
        // The nearest word is not beside the other, a further one is.
        #expect(try meant("\"levq stripping\"") == "\"leva stripping\"")
        #expect(try meant("+levq +wire") == nil)
        #expect(try meant("+levq +taxx") == "+levy +tax")
        #expect(try meant("+taxx", [("speaker", "Bob")]) == nil)
        #expect(try meant("+taxx speaker:anm") == "+tax speaker:\"Ann\"")
        // Titles, too, by a slip or by one of their words.
        try talk.ask("TITLE", ["SET", "old_court-1"])
        #expect(try meant("levy title:cort") == "levy title:\"court\"")
        #expect(try meant("+taxx title:cuort") == "+tax title:\"court\"")
        #expect(try meant("levy title:old") == nil)
        #expect(try meant("levy title:nosuch") == nil)
        #expect(try meant("zebra title:court") == nil)
    }

    @Test func `what no title has is not looked for as text`() throws {
        let talk = try talk([("Ann", "a big court of drama")])
        #expect(try talk.search("court", [("title.genre", "law")]).keys == ["k0"])
        #expect(talk.refusal("court", [("title.gnre", "law")]) == "SYNTAX.key")
        try talk.ask("TITLE", ["SET", "court"], [("place", "Washington, D.C.")])
        func keys(_ quoted: Set<String>) throws -> [String] {
            try talk.ask(
                "SEARCH", ["dialogue"], text: "court", [("title.place", "Washington, D.C.")],
                quoted: quoted
            ).keys
        }
        #expect(try keys(["title.place"]) == ["k0"])
        #expect(try keys([]) == [])
        #expect(talk.refusal("court title.genre:law", []) == "SYNTAX.key")
        #expect(talk.gateway.isAttribute("title.gnre", ofTracks: "dialogue"))
    }

    @Test func `what a search is kept to is explained, and a list at its end is counted`() throws {
        let talk = try talk((0..<1_500).map { ("Ann", "go \($0)") })
        let explained = try talk.ask("EXPLAIN", ["SEARCH", "dialogue"], text: "go title:court")
        #expect(explained.rows.contains { $0["terms"] == "title:court" && $0["titles"] == "1" })
        for (text, keys) in [("go -title:court", []), ("go", [("not_title", "court")])] {
            let told = try talk.ask("EXPLAIN", ["SEARCH", "dialogue"], text: text, keys).rows
            #expect(
                told.contains { $0["terms"] == "title:court" && $0["asks"] == "must_not" })
        }
        let keys = [("limit", "1000"), ("fold", "0")]
        let first = try talk.search("go", keys)
        let cursor = ("cursor", first.summary["cursor"] ?? "")
        let second = try talk.search("go", keys + [cursor])
        #expect(first.keys.count + second.keys.count == 1_500)
        #expect(second.summary["hits"] == "1500")
    }

    @Test func `an answer in groups has a bound, and a track of another language is named`() throws
    {
        let talk = try talk([("Ann", "a big court")])
        let grouped = [("group", "title"), ("per", "100"), ("limit", "1000")]
        #expect(talk.refusal("court", grouped) == "SYNTAX.value")
        #expect(talk.refusal("court", [("group", "title"), ("limit", "1000")]) == nil)
        try talk.ask("TRACK", ["CREATE", "words.zh-CN"], [("text", "auto")])
        do {
            try talk.ask("SEARCH", ["words.zh"], text: "court")
            Issue.record("there is no such track")
        } catch let error as GatewayError {
            #expect(error.code == "NOTFOUND.track")
            #expect(error.text.contains("words.zh-CN"))
        }
    }
}
