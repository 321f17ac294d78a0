// What `mspd search` makes of groups, context, repeated lines and long lists.

import Storage
import TestSupport
import Testing

@Suite struct ShapeTests {
    @Test func `a film of rolling captions is searched as its editor would`() throws {
        let scratch = try scratchDirectory("shape")
        let server = try ServerProcess(scratch)
        try importCues(
            ["we have", "we have\nto go back now", "to go back now\nto the island", "Bye!"],
            "roll", server)
        try importCues(["They go back.", "Never mind."], "film", server)
        let plain = try Command.run("search", "back", server: server.socket)
        #expect(plain.output.contains("we have to go [[back]] now (2x)"), "\(plain.output)")
        #expect(plain.error.hasPrefix("3 found, 2 shown, "))
        let all = try Command.run("search", "back", "--repeats", server: server.socket)
        #expect(all.error.hasPrefix("3 found, 3 shown, "))
        let context = try Command.run(
            "search", "\"they go\" island", "--context", "1", server: server.socket)
        let lines = context.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 8, "\(context.output)")
        #expect(lines.count { $0.isEmpty } == 2)
        #expect(context.output.contains("Never mind."))
        let groups = try Command.run(
            "search", "back we", "--by-title", "--per", "1", "--repeats", server: server.socket)
        #expect(groups.error.contains("2 shown in 2 titles"), "\(groups.error)")
        #expect(
            try Command.run("search", "back", "--context", "99", server: server.socket).status == 3)
        #expect(server.stop() == 0)
    }

    @Test func `a list of any length comes page by page`() throws {
        let scratch = try scratchDirectory("pages")
        let server = try ServerProcess(scratch)
        try importCues((0..<2_300).map { "dragon \($0)" }, "film", server)
        for format in ["tsv", "json", "table"] {
            let found = try Command.run(
                "search", "dragon", "--limit", "2200", "--offset", "50", "--format", format,
                "--sort", "time", server: server.socket)
            let lines = found.output.split(separator: "\n")
            let rows = format == "table" ? lines.dropFirst() : lines[...]
            #expect(rows.count == 2_200)
            #expect(rows.first?.contains("dragon") ?? false)
            #expect(Set(rows).count == 2_200)
            #expect(rows.last?.contains("2249") ?? false)
        }
        let most = try Command.run(
            "search", "dragon", "--limit", "100000", "--format", "tsv", server: server.socket)
        #expect(most.output.split(separator: "\n").count == 2_300)
        #expect(server.stop() == 0)
    }

    /// Imports cues of a second each, one every second.
    private func importCues(_ texts: [String], _ title: String, _ server: ServerProcess) throws {
        let scratch = try scratchDirectory("cues")
        func time(_ seconds: Int) -> String {
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)),000"
        }
        let cues = texts.enumerated().map { number, text in
            "\(number + 1)\n\(time(number)) --> \(time(number + 1))\n\(text)\n\n"
        }
        try Command.write(Array(cues.joined().utf8), to: scratch("\(title).srt"))
        let done = try Command.run(
            "import", scratch("\(title).srt"), "--title", title, server: server.socket)
        #expect(done.status == 0, "\(done.error)")
    }
}
