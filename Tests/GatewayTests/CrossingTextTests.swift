// What is shown of a phrase that goes over rows: the texts of all of them, with what captions say
// again shown once.

import Gateway
import Segments
import TestSupport
import Testing

@Suite struct CrossingTextTests {
    @Test func `captions that roll up are shown with each line once`() throws {
        let talk = try Talk.lines(
            "en",
            [
                "so we're going\nto look at", "to look at", "to look at\n“the map, if",
                "“the map, if",
                "the map, if\nwe have one", "we have one",
            ], every: 1_000)
        let wanted = [
            (
                "going to look at the map if we", 0, "5",
                "so we're [[going]]\n[[to]] [[look]] [[at]] “[[the]] [[map]], [[if]] [[we]] "
                    + "have one"
            ),
            (
                "going to look at the", 0, "3",
                "so we're [[going]]\n[[to]] [[look]] [[at]] “[[the]] map, if"
            ),
            (
                "at the map if we", 2, "3",
                "to look [[at]]\n“[[the]] [[map]], [[if]] [[we]] have one"
            ),
        ]
        for flushes in [false, true] {
            if flushes { try talk.store.flush() }
            for (phrase, row, cues, text) in wanted {
                let found = try talk.search("\"\(phrase)\"", [("highlight", "1")])
                #expect(found.keys == ["\(row)"], "\(phrase)")
                #expect(found.hits.first?["cues"] == cues, "\(phrase)")
                #expect(found.hits.first?["text"] == text, "\(phrase)")
                #expect(
                    try talk.ask("COUNT", ["dialogue"], text: "\"\(phrase)\"").summary["done"]
                        == "1")
            }
            // Said once, not twice.
            for phrase in ["at to look", "if the map", "look at to look at the"] {
                #expect(try talk.search("\"\(phrase)\"").keys.isEmpty, "\(phrase)")
            }
        }
    }

    @Test func `a word that ends a row and begins the next may have been said twice`() throws {
        let talk = try Talk.lines(
            "en", ["Oh no.", "No problem!", "Really, that", "that is"], every: 1_000)
        for (phrase, row) in [
            ("no no problem", "0"), ("oh no problem", "0"), ("really that is", "2"),
        ] {
            #expect(try talk.search("\"\(phrase)\"").keys == [row], "\(phrase)")
        }
        #expect(try talk.search("\"really that is\"").hits.first?["text"] == "Really, that is")
        #expect(try talk.search("\"that that is\"").hits.first?["text"] == "Really, that that is")
    }

    @Test func `what another speaker says again is said anew`() throws {
        let talk = try Talk()
        try talk.ask("TRACK", ["CREATE", "dialogue", "speaker:keyword"], [("text", "en")])
        try talk.ask("TITLE", ["SET", "t"])
        try talk.put([
            Line(
                title: "t", start: 0, end: 900, key: "0", text: "But is that the result?",
                speaker: "Ann"),
            Line(
                title: "t", start: 1_000, end: 1_900, key: "1", text: "Is that the result, he asks",
                speaker: "Bob"),
            Line(
                title: "t", start: 2_000, end: 2_900, key: "2", text: "the result, he asks me",
                speaker: "Bob"),
        ])
        for flushes in [false, true] {
            if flushes { try talk.store.flush() }
            let twice = try talk.search("\"but is that the result is that the result he\"")
            #expect(
                twice.hits.map { $0["text"] }
                    == ["But is that the result? Is that the result, he asks"])
            #expect(try talk.search("\"but is that the result he asks\"").keys.isEmpty)
            #expect(try talk.search("\"that the result he asks me\"").keys == ["1"])
        }
    }

    @Test func `two characters that an edge parts are found`() throws {
        let talk = try Talk.lines("zh", ["我们必须", "回去。", "须"], every: 1_000)
        for flushes in [false, true] {
            if flushes { try talk.store.flush() }
            for query in ["\"须回\"", "须回"] {
                let found = try talk.search(query, [("highlight", "1")])
                #expect(found.hits.map { $0["text"] } == ["我们必[[须]] [[回]]去。"], "\(query)")
            }
            #expect(try talk.ask("COUNT", ["dialogue"], text: "须回").summary["done"] == "1")
            #expect(try talk.search("\"回必\"").keys.isEmpty)
        }
    }

    @Test func `what else is asked for is asked of all rows of a hit`() throws {
        let talk = try Talk()
        try talk.ask("TRACK", ["CREATE", "dialogue", "speaker:keyword"], [("text", "en")])
        try talk.ask("TITLE", ["SET", "t"])
        try talk.put([
            Line(
                title: "t", start: 0, end: 900, key: "0", text: "We have to", speaker: "Ann"),
            Line(
                title: "t", start: 1_000, end: 1_900, key: "1", text: "go back to the gate",
                speaker: "Bob"),
            Line(title: "t", start: 2_000, end: 2_900, key: "2", text: "at once."),
        ])
        let some: [(query: String, keys: [(String, String)])] = [
            ("+\"to go\" +back", []), ("\"to go\" & back", []),
            ("\"to go\" back", [("match", "all")]),
            ("\"to go\" back", [("match", "2")]), ("+\"to go\" +gat*", []),
            ("+\"to go\" +gaet~", []),
            ("+\"to go\" +gates", []), ("+\"to go\" +\"back to\"", []),
            ("+\"to go\" +\"gate the\"~2", []), ("+\"to go\" +(gate | door)", []),
            ("\"to go\" -door", []), ("\"to go\" -\"back the\"", []), ("\"to go\" -at", []),
            ("\"to go\" -speaker:Bob", []), ("\"to go\"", [("speaker", "Ann")]),
            ("\"gate at\" & \"to the\"", []), ("+\"have to go\" +\"to go\"", []),
            ("+\"to go back to the gate at\" +\"gate at\" +once", []),
        ]
        let none: [(query: String, keys: [(String, String)])] = [
            ("\"to go\" -back", []), ("\"to go\" -ba*", []), ("\"to go\" -bakc~", []),
            ("\"to go\" -\"go back\"", []), ("\"to go\" -\"gate the\"~2", []),
            ("\"to go\" -gates", []), ("+\"to go\" +at", []), ("+\"to go\" +\"gate at\"", []),
            ("\"to go\" & door", []), ("\"to go\"", [("speaker", "Bob")]),
            ("\"to go back to the gate at\" -\"gate at\"", []),
        ]
        for flushes in [false, true] {
            if flushes { try talk.store.flush() }
            for (query, keys) in some {
                #expect(try talk.search(query, keys).hits.count == 1, "\(query)")
            }
            for (query, keys) in none {
                #expect(try talk.search(query, keys).hits.isEmpty, "\(query)")
            }
        }
    }
}
