// What helps while typing: a query that may have been meant, completions as people write them, and
// tables that no text can garble.

import Storage
import TestSupport
import Testing

@Suite struct TypingTests {
    private let lines = [
        ("en", "Ann", "We have to go back to the lighthouse."), ("en", "Ann", "I don't know."),
        ("en", "Bob Old", "You don't say, Sintel."), ("en", "Ben", "The dragon, Sintel!"),
        ("en", "Bob Old", "Do you see the dragon?"), ("en", "Ben", "Dragons are here."),
        ("fr", "Zoé", "Voici l'île et le château."), ("fr", "Zoé", "Une île déserte."),
        ("fr", "zoé", "Elle est là."),
    ]

    private func server(_ scratch: ScratchDirectory) throws -> ServerProcess {
        let server = try ServerProcess(scratch)
        var requests = "TITLE SET film fps=24\n"
        for code in ["en", "fr"] {
            requests +=
                "TRACK CREATE dialogue.\(code) text=\(code) speaker:keyword confidence:number "
                + "note:text\n"
        }
        for (place, (code, speaker, text)) in lines.enumerated() {
            requests +=
                "PUT dialogue.\(code) film in=\(place)s speaker=\"\(speaker)\" "
                + "confidence=\(Double(place) / 8) text=\"\(text)\"\n"
        }
        #expect(!(try server.ask(requests)).contains("\n- "))
        return server
    }

    @Test func `a query without hits says what may have been meant`() throws {
        let scratch = try scratchDirectory("typing")
        let server = try server(scratch)
        let meant = [
            ("dragn", "dragon"), ("+dargon +teh", "+dragon +the"), ("ligthhouse", "lighthouse"),
            ("\"the dragn\" go", nil), ("\"teh dragon\"", "\"the dragon\""),
            ("+chateu -ann", "+château -ann"), ("dnt", "don't"), ("zzzzzz", nil), ("?", nil),
            ("dragon speaker=nobody", nil), ("dragn* ", nil), ("xy", nil),
            ("+dragn +zzzzzz", nil), ("+dragn +lighthouse", nil),
            ("+dragn speaker:\"bob odl\"", "+dragon speaker:\"Bob Old\""),
        ]
        for (query, wanted) in meant {
            let answer = try server.ask("SEARCH dialogue \(query)")
            let hint = wanted.map { "\tdid_you_mean=\($0)\t" }
            let isSame = hint.map(answer.contains) ?? !answer.contains("did_you_mean")
            #expect(isSame, "\(query): \(answer)")
        }
        // What occurs in one language is no mistake in another.
        #expect(!(try server.ask("SEARCH dialogue +voici +back")).contains("did_you_mean"))
        for format in ["table", "tsv", "json"] {
            let none = try Command.run(
                "search", "dragn", "--format", format, server: server.socket)
            #expect(none.status == 1)
            #expect(none.error == "nothing found for 'dragn'; did you mean 'dragon'?\n")
        }
        for (arguments, wanted) in [
            (["dragon", "--speaker", "Bob Odl"], "--speaker \"Bob Old\""),
            (["dragon", "--speaker", "Bem"], "--speaker Ben"),
            (["dragon", "--where", "speaker=Bob Odl"], "--where \"speaker=Bob Old\""),
            (["dragon speaker:bem"], "dragon speaker:\"Ben\""),
        ] {
            let none = try Command.run(
                Command.mspd, ["search"] + arguments, server: server.socket)
            #expect(none.error.hasSuffix("; did you mean '\(wanted)'?\n"), "\(none.error)")
        }
        #expect(server.stop() == 0)
    }

    @Test func `completions are written as people write them`() throws {
        let scratch = try scratchDirectory("typing")
        let server = try server(scratch)
        let completed = [
            ("We don", "word=don't\trows=2\ttext=We don't"), ("il", "word=île\trows=2\ttext=île"),
            ("l'il", "word=île\trows=2\ttext=l'île"), ("sin", "word=Sintel\trows=2"),
            ("dragon", "word=dragon\trows=2"), ("chat", "word=château\trows=1"),
            ("speaker=b", "speaker=Bob Old\trows=2"),
            ("speaker=\"bob o\"", "speaker=Bob Old\trows=2"),
            ("speaker=ZOE", "speaker=Zoé\trows=3"), ("speaker=be", "speaker=Ben\trows=2"),
        ]
        for (typed, wanted) in completed {
            let answer = try server.ask("SUGGEST dialogue \(typed)")
            #expect(answer.contains("\n=\t\(wanted)"), "\(typed): \(answer)")
        }
        #expect(try server.ask("SUGGEST dialogue speaker=").contains("shown=4\t"))
        #expect(try server.ask("SUGGEST dialogue speaker= limit=2").contains("shown=2\t"))
        let refused = ["confidence=1", "b speaker=b", "note=b"]
        for typed in refused {
            #expect(try server.ask("SUGGEST dialogue \(typed)").contains("\n- SYNTAX.key"))
        }
        // The same out of segments.
        #expect(try server.ask("SNAPSHOT CREATE a\nMERGE dialogue.en").contains("segments=1"))
        for (typed, wanted) in completed {
            let answer = try server.ask("SUGGEST dialogue \(typed)")
            #expect(answer.contains("\n=\t\(wanted)"), "merged, \(typed): \(answer)")
        }
        #expect(server.stop() == 0)
    }

    @Test func `rows are kept to ranges of their numbers`() throws {
        let scratch = try scratchDirectory("typing")
        let server = try server(scratch)
        let counts = [
            ("confidence=0.25..0.5", 3), ("confidence=0.75..", 3), ("confidence=..0", 1),
            ("confidence=1", 1), ("confidence=0.125,0.5..0.6,1", 3), ("dragon confidence=0.4..", 2),
            ("confidence=0.25..0.5 speaker=ben", 1), ("confidence=5..6", 0),
            ("speaker=ann confidence=-1..0.1", 1),
        ]
        for (keys, count) in counts {
            #expect(try server.ask("COUNT dialogue \(keys)").contains("\n+ \(count)\n"), "\(keys)")
        }
        for keys in [
            "confidence=high", "confidence=1..0", "confidence=", "confidence=..", "confidence=nan",
        ] {
            let answer = try server.ask("COUNT dialogue \(keys)")
            #expect(answer.contains("- SYNTAX.value\tretry=0\t\(keys) is neither"), "\(answer)")
        }
        let text = try server.ask("COUNT dialogue note=x")
        #expect(text.contains("'note' is of type text, and only keywords, numbers and boxes"))
        let shown = try server.ask("EXPLAIN SEARCH dialogue.en dragon confidence=..0.5,1 limit=0")
        #expect(shown.contains("asks=filter\tfinds=number\tterms=confidence:..0.5,1.0"))
        #expect(server.stop() == 0)
    }

    @Test func `no text can garble a table`() throws {
        let scratch = try scratchDirectory("typing")
        let server = try server(scratch)
        let row =
            "{\"in\":1,\"speaker\":\"\\u202eevil\",\"text\":"
            + "\"gar\\u001b[2J ble \\u202bשלום\\u202c \\u202d\\u0085 e\\u0301\"}\n"
        let load = "LOAD dialogue.en format=ndjson title=film {\(row.utf8.count)}\n\(row)"
        #expect(try server.ask(load).contains("rows=1"))
        let table = try Command.run("search", "ble", server: server.socket)
        #expect(table.output.contains("<U+202E>evil"), "\(table.output)")
        #expect(table.output.contains("gar<U+001B>[2J [[ble]] שלום <U+202D><U+0085> e\u{301}"))
        #expect(!table.output.unicodeScalars.contains { $0.value == 27 || $0.value == 0x202E })
        let none = try Command.run("search", "\u{202E}qqqq", server: server.socket)
        #expect(none.error.contains("'<U+202E>qqqq'"))
        #expect(server.stop() == 0)
    }
}
