// Where a search looks: in titles by name and by what is known of them.

import Storage
import TestSupport
import Testing

@Suite struct ScopeTests {
    @Test func `titles are asked for by their attributes`() throws {
        let scratch = try scratchDirectory("scope")
        let server = try ServerProcess(scratch)
        let films = [
            ("a", "genre=Drama year=1999"), ("b", "genre=comédie year=2004"),
            ("c", "genre=drama year=2010.5"), ("d", "year=unknown"), ("e", ""),
        ]
        var requests = "TRACK CREATE dialogue text=en speaker:keyword\n"
        for (name, attributes) in films {
            requests += "TITLE SET \(name) \(attributes)\n"
            requests += "PUT dialogue \(name) in=1s speaker=Ann text=\"The dragon.\"\n"
        }
        let found = try server.ask(requests)
        #expect(!found.contains("\n- "), "\(found)")
        let expected = [
            ("title.genre=drama", "ac"), ("title.genre=DRAMA,comedie", "abc"),
            ("title.year=2000..2010", "b"), ("title.year=2004..", "bc"),
            ("title.year=..2004", "ab"), ("title.year=1999,2010..2011", "ac"),
            ("title.genre=drama title.year=..2000", "a"), ("title.genre=drama title=c,b", "c"),
            ("title.year=unknown speaker=ann", "d"), ("title.genre=western", ""),
        ]
        for (keys, titles) in expected {
            let answer = try server.ask("SEARCH dialogue dragon title:a,b,c,d \(keys)")
            let rows = answer.split(separator: "\n").filter { $0.hasPrefix("=") }
            let names = rows.compactMap { row in
                row.split(separator: "\t").first { $0.hasPrefix("title=") }?.dropFirst(6)
            }
            #expect(names.sorted().joined() == titles, "\(keys): \(answer)")
        }
        let wrong = try server.ask("SEARCH dialogue dragon title.year=old..new")
        #expect(wrong.contains("title.year=old..new is no range of numbers"))
        let unknown = try server.ask("SEARCH dialogue dragon title.mood=sad")
        #expect(unknown.contains("no title has an attribute 'mood'"))
        let table = try Command.run(
            "search", "dragon", "--where", "title.year=2000..2010", "--where", "speaker=Ann",
            "--format", "tsv", server: server.socket)
        #expect(table.output.contains("title=b"))
        #expect(table.output.split(separator: "\n").count == 1)
        let attribute = try Command.run(
            "search", "dragon", "--where", "mood=sad", server: server.socket)
        #expect(attribute.error.contains("unknown key 'mood'"))
        #expect(attribute.error.contains("the attributes of what is searched are speaker;"))
        let usage = try Command.run("search", "dragon", "--where", "year", server: server.socket)
        #expect(usage.status == 2)
        #expect(usage.error.contains("--where year is not of the form ATTRIBUTE=VALUE"))
        #expect(server.stop() == 0)
    }
}
