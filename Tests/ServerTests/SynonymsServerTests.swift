// Synonyms as their users meet them: from a file, over a restart, shown and taken away.

import Storage
import TestSupport
import Testing

@Suite struct SynonymsServerTests {
    @Test func `a file of synonyms widens what a track finds`() throws {
        let scratch = try scratchDirectory("synonyms")
        let server = try ServerProcess(scratch)
        let lines = [
            "A red car.", "Two automobiles.", "His motor car stopped.", "A car, a car!", "No.",
        ]
        var requests = "TRACK CREATE dialogue.en text=en\nTITLE SET film\n"
        for (place, line) in lines.enumerated() {
            requests += "PUT dialogue.en film in=\(place)s text=\"\(line)\"\n"
        }
        _ = try server.ask(requests)
        #expect(try server.ask("COUNT dialogue cars").contains("\n+ 3\n"))
        let file = scratch("cars.txt")
        try Command.write(Array("# cars\ncar, automobile, motor car\nnope => no\n".utf8), to: file)
        let done = try Command.run("synonyms", "dialogue.en", file, server: server.socket)
        #expect(done.output == "track dialogue.en has 2 rules of synonyms\n", "\(done.error)")
        #expect(try server.ask("COUNT dialogue cars").contains("\n+ 4\n"))
        #expect(try server.ask("COUNT dialogue =car").contains("\n+ 3\n"))
        #expect(try server.ask("COUNT dialogue nope").contains("\n+ 1\n"))
        #expect(try server.ask("COUNT dialogue motor cars match=all").contains("\n+ 4\n"))
        let found = try server.ask("SEARCH dialogue car highlight=1")
        let rows = found.split(separator: "\n").filter { $0.hasPrefix("=") }
        #expect(rows.last?.hasSuffix("Two [[automobiles]].") == true, "\(found)")
        let shown = try server.ask("EXPLAIN SEARCH dialogue.en car limit=0")
        #expect(shown.contains("finds=phrase\tterms=motor car\tsynonym=1\tboost=0.500000"))
        let wrong = try server.ask("TRACK ALTER dialogue.en synonyms={7}\na, b\nc,\n")
        #expect(wrong.contains("- SYNTAX.synonyms\tretry=0\tline 2: '' has no word in it"))
        #expect(try server.ask("COUNT dialogue cars").contains("\n+ 4\n"))
        #expect(server.stop() == 0)
        let again = try ServerProcess(scratch)
        #expect(try again.ask("COUNT dialogue cars").contains("\n+ 4\n"))
        #expect(try again.ask("TRACK LIST").contains("\ttext=en\tsynonyms=2\t"))
        let kept = try Command.run("synonyms", "dialogue.en", server: again.socket)
        #expect(kept.output == "car, automobile, motor car\nnope => no\n")
        let gone = try Command.run("synonyms", "dialogue.en", "--remove", server: again.socket)
        #expect(gone.output == "track dialogue.en has 0 rules of synonyms\n")
        #expect(try again.ask("COUNT dialogue cars").contains("\n+ 3\n"))
        #expect(try Command.run("synonyms", "dialogue.en", server: again.socket).status == 1)
        #expect(again.stop() == 0)
    }
}
