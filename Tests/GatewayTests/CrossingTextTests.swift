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
                "so we're going\nto look at", "to look at", "to look at\n“the map, if", "“the map, if",
                "the map, if\nwe have one", "we have one",
            ], every: 1_000)
        let wanted = [
            (
                "going to look at the map if we", 0, "5",
                "so we're [[going]]\n[[to]] [[look]] [[at]] “[[the]] [[map]], [[if]] [[we]] have one"
            ),
            ("going to look at the", 0, "3", "so we're [[going]]\n[[to]] [[look]] [[at]] “[[the]] map, if"),
            ("at the map if we", 2, "3", "to look [[at]]\n“[[the]] [[map]], [[if]] [[we]] have one"),
        ]
        for flushes in [false, true] {
            if flushes { try talk.store.flush() }
            for (phrase, row, cues, text) in wanted {
                let found = try talk.search("\"\(phrase)\"", [("highlight", "1")])
                #expect(found.keys == ["\(row)"], "\(phrase)")
                #expect(found.hits.first?["cues"] == cues, "\(phrase)")
                #expect(found.hits.first?["text"] == text, "\(phrase)")
                #expect(try talk.ask("COUNT", ["dialogue"], text: "\"\(phrase)\"").summary["done"] == "1")
            }
            // Said once, not twice.
            for phrase in ["at to look", "if the map", "look at to look at the"] {
                #expect(try talk.search("\"\(phrase)\"").keys.isEmpty, "\(phrase)")
            }
        }
    }

    @Test func `a word that ends a row and begins the next may have been said twice`() throws {
        let talk = try Talk.lines("en", ["Oh no.", "No problem!", "Really, that", "that is"], every: 1_000)
        for (phrase, row) in [("no no problem", "0"), ("oh no problem", "0"), ("really that is", "2")] {
            #expect(try talk.search("\"\(phrase)\"").keys == [row], "\(phrase)")
        }
        #expect(try talk.search("\"really that is\"").hits.first?["text"] == "Really, that is")
        #expect(try talk.search("\"that that is\"").hits.first?["text"] == "Really, that that is")
    }
}
