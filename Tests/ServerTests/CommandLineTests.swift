// The command line as a user meets it: import, search, mistakes, and the exit codes of each.

import Glibc
import Net
import Storage
import TestSupport
import Testing

@Suite struct CommandLineTests {
    private func write(_ text: String, _ path: String) throws {
        try Command.write(Array(text.utf8), to: path)
    }

    private let subtitles = """
        1
        00:00:01,000 --> 00:00:02,000
        We have to go back.

        2
        00:00:03,000 --> 00:00:04,500
        There is nothing to go back to.

        """

    @Test func `import and search find a line at its timecode`() throws {
        let scratch = try scratchDirectory("cli")
        let server = try ServerProcess(scratch)
        try write(subtitles, scratch("film.en.srt"))
        let done = try Command.run(
            "import", scratch("film.en.srt"), "--fps", "24", server: server.socket)
        #expect(done.status == 0, "\(done.error)")
        #expect(done.output.contains("2 lines from 1 of 1 file imported"))
        let table = try Command.run("search", "have back", server: server.socket)
        #expect(table.status == 0)
        #expect(
            table.output.contains("film   00:00:01:00  00:00:02:00  We [[have]] to go [[back]]."))
        let rows = try Command.run(
            "search", "\"go back to\"", "--format", "tsv", server: server.socket)
        #expect(rows.output.contains("in=00:00:03:00\tout=00:00:04:12"))
        let json = try Command.run("search", "nothing", "--format", "json", server: server.socket)
        #expect(json.output.hasPrefix("{\"score\":"))
        #expect(try Command.run("search", "giraffe", server: server.socket).status == 1)
        let none = try Command.run("search", "go", "--limit", "0", server: server.socket)
        #expect(none.status == 0 && none.error.contains("2 found, 0 shown"), "\(none.error)")
        for format in ["table", "tsv"] {
            let full = try Command.run(
                "/bin/sh",
                ["-c", "\"$0\" search go --format \(format) > /dev/full", Command.mspd],
                server: server.socket)
            #expect(full.status == 2 && full.error.contains("cannot write the output: No space"))
        }
        let closed = try Command.run(
            "/bin/sh", ["-c", "\"$0\" search go --format tsv | true", Command.mspd],
            server: server.socket)
        #expect(closed.status == 0 && closed.error.isEmpty, "\(closed.error)")
        #expect(server.stop() == 0)
    }

    @Test func `rows imported again replace those of their titles, small and large`() throws {
        let scratch = try scratchDirectory("cli")
        let server = try ServerProcess(scratch)
        func row(_ title: String, _ text: String) -> String {
            "{\"title\":\"\(title)\",\"in\":\"1s\",\"text\":\"\(text)\"}\n"
        }
        let padding = String(repeating: " word", count: 200)
        // Titles take turns; `long` has more than goes into one request.
        let first =
            row("a", "old") + row("long", "old") + row("b", "old") + row("a", "old")
            + (0..<9_000).map { row("long", "old \($0)" + padding) }.joined()
        try write(first, scratch("rows.ndjson"))
        try write(row("a", "kept"), scratch("other.ndjson"))
        for file in ["rows.ndjson", "other.ndjson"] {
            #expect(try Command.run("import", scratch(file), server: server.socket).status == 0)
        }
        let client = try server.connect()
        func count(_ words: String) throws -> String {
            try client.request("COUNT dialogue \(words)").words
        }
        #expect(try count("old") == "9004")
        let again =
            first.replacing("old", with: "new").replacing(
                "{\"title\":\"b\",\"in\":\"1s\"", with: "{\"title\":\"b\",\"in\":\"x\"")
            + row("c", "new")
        try RealFileSystem().remove(scratch("rows.ndjson"))
        try write(again, scratch("rows.ndjson"))
        for _ in 0..<2 {
            let done = try Command.run("import", scratch("rows.ndjson"), server: server.socket)
            #expect(done.status == 0 && done.output.contains("9,004 lines from 1 of 1 file"))
            #expect(done.error.contains("rows.ndjson:3: SYNTAX.time"))
            #expect(try count("old") == "0")
            #expect(try count("new") == "9004")
            #expect(try count("kept title=a") == "1")
        }
        #expect(try client.request("JOBS").rows.isEmpty)
    }

    @Test func `bench server measures a server of its own`() throws {
        let scratch = try scratchDirectory("cli")
        let rows = (0..<200).map { line in
            "{\"title\":\"t\",\"in\":\"\(line)s\",\"text\":\"line number \(line)\"}\n"
        }
        try write(rows.joined(), scratch("rows.ndjson"))
        try write(
            "{\"term\":[\"line\"],\"and2\":[\"line 7\"],\"phrase2\":[[\"number\",\"9\"]]}",
            scratch("queries.json"))
        let arguments = [
            "bench", "server", scratch("rows.ndjson"), scratch("queries.json"), scratch("out.json"),
            "--connections", "3", "--depth", "2", "--seconds", "0.2",
        ]
        let done = try Command.run(Command.mspd, arguments)
        #expect(done.status == 0, "\(done.error)")
        let figures = try Command.text(of: scratch("out.json"))
        for name in [
            "fdatasync_us", "writes_per_s", "search_idle_us", "searches_per_s", "search_loading_us",
        ] {
            #expect(figures.contains("\"\(name)\": "))
        }
        // What is there is never measured over.
        let again = try Command.run(Command.mspd, arguments)
        #expect(again.status == 2 && again.error.contains("is there already"))
    }

    @Test func `more connections than files are refused with what to do`() throws {
        let scratch = try scratchDirectory("cli")
        let done = try Command.run(
            "/bin/sh",
            [
                "-c",
                "ulimit -n 100; exec \"$0\" serve --data \"$1\" --socket \"$2\" --listen none",
                Command.mspd, scratch("data"), scratch("s"),
            ])
        #expect(done.status == 2, "\(done.status)")
        #expect(done.error.contains("1000 connections need 1064 open files, and this user may"))
    }

    @Test func `importing again replaces, and leaves other reels and languages alone`() throws {
        let scratch = try scratchDirectory("cli")
        let server = try ServerProcess(scratch)
        try write(subtitles, scratch("film.en.srt"))
        for extra in [["--title", "film"], ["--title", "film"]] {
            let done = try Command.run(
                Command.mspd, ["import", scratch("film.en.srt")] + extra, server: server.socket)
            #expect(done.status == 0, "\(done.error)")
        }
        try write(subtitles, scratch("reel2.srt"))
        _ = try Command.run(
            "import", scratch("reel2.srt"), "--title", "film", "--lang", "en", "--offset",
            "00:20:00.000", server: server.socket)
        try write(subtitles, scratch("film.fr.srt"))
        _ = try Command.run("import", scratch("film.fr.srt"), server: server.socket)
        let client = try server.connect()
        #expect(try client.request("COUNT dialogue.en").words == "4")
        #expect(try client.request("COUNT dialogue.fr").words == "2")
        try RealFileSystem().remove(scratch("film.en.srt"))
        try write(String(subtitles.prefix(54)), scratch("film.en.srt"))
        _ = try Command.run("import", scratch("film.en.srt"), server: server.socket)
        #expect(try client.request("COUNT dialogue.en").words == "3")
        let late = try client.request("SEARCH dialogue.en nothing in=00:20:00.000")
        #expect(late.rows.map { $0["in"] } == ["00:20:03.000"])
    }

    @Test func `a broken cue is named by file and line, and the rest is imported`() throws {
        let scratch = try scratchDirectory("cli")
        let server = try ServerProcess(scratch)
        try write(
            "1\n00:00:05,000 --> 00:00:04,000\nWrong.\n\n" + subtitles, scratch("film.srt"))
        let done = try Command.run("import", scratch("film.srt"), server: server.socket)
        #expect(done.status == 0)
        #expect(done.error.contains("film.srt:2: "), "\(done.error)")
        #expect(done.output.contains("2 lines"))
    }

    @Test func `mistakes have a clear message and their own exit code`() throws {
        let scratch = try scratchDirectory("cli")
        let server = try ServerProcess(scratch)
        try Command.write([0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 74, 70, 73, 70], to: scratch("a.srt"))
        let picture = try Command.run("import", scratch("a.srt"), server: server.socket)
        #expect(picture.status == 3)
        #expect(picture.error.contains("JPEG"), "\(picture.error)")
        let alone = try Command.run("search", "x", server: scratch("nobody.sock"))
        #expect(alone.status == 4)
        #expect(alone.error.contains("mspd serve"))
        #expect(try Command.run("search").status == 2)
        #expect(try Command.run("import", scratch("absent.srt"), server: server.socket).status == 2)
        let rate = try Command.run("import", scratch("a.srt"), "--fps", "fast")
        #expect(rate.status == 2)
        #expect(rate.error.contains("23.976"))
        let open = try Command.run("serve", "--data", scratch("x"), "--listen", "0.0.0.0:0")
        #expect(open.status == 2)
        let locked = try Command.run("serve", "--data", scratch("data"), "--listen", "127.0.0.1:0")
        #expect(locked.status == 3)
        #expect(locked.error.contains("another mspd"))
        let taken = try Command.run("serve", "--data", scratch("y"), "--listen", server.tcp)
        #expect(taken.status == 3, "\(taken.error)")
        #expect(try Command.run("dump", scratch("a.srt")).status == 2)
    }

    @Test func `a folder of a newer format is refused by name`() throws {
        let scratch = try scratchDirectory("cli")
        let server = try ServerProcess(scratch)
        #expect(server.stop() == 0)
        let logs = try RealFileSystem().list(scratch("data/wal"))
        let path = scratch("data/wal/\(try #require(logs.last))")
        var log = try Command.bytes(of: path)
        log[8] = 9
        let checksum = CRC32C.checksum(Array(log[..<36]).rawSpan)
        for place in 0..<4 { log[36 + place] = UInt8(truncatingIfNeeded: checksum >> (8 * place)) }
        try RealFileSystem().remove(path)
        try Command.write(log, to: path)
        let refused = try Command.run("serve", "--data", scratch("data"), "--listen", "127.0.0.1:0")
        #expect(refused.status == 3)
        #expect(refused.error.contains("newer"), "\(refused.error)")
    }
}
