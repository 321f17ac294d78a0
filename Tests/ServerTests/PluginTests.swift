// The page about plugging in algorithms keeps its word: its encoder of a few lines and its example
// of results work as they stand there, with the programs in encoders/.

import Glibc
import Net
import TestSupport
import Testing

@Suite struct PluginTests {
    /// The first block of the page in a language.
    private func block(_ language: String) throws -> String {
        let root = try #require(SharedData.packageRoot)
        let lines = try Command.text(of: "\(root)/docs/PLUGINS.md")
            .split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { $0 != "```\(language)" }.dropFirst().prefix { $0 != "```" }
            .map { $0 + "\n" }.joined()
    }

    private let python = "/usr/bin/python3"

    private var hasPython: Bool {
        if unsafe access(python, X_OK) == 0 { return true }
        print("skipped: no \(python)")
        return false
    }

    @Test func `the encoder of ten lines answers searches`() throws {
        guard hasPython else { return }
        let scratch = try scratchDirectory("plugins")
        unsafe mkdir(scratch("encoders"), 0o700)
        let program = scratch("encoders/letters")
        try Command.write(Array(try block("python").utf8), to: program)
        unsafe chmod(program, 0o755)
        let server = try ServerProcess(scratch, options: ["--encoders", scratch("encoders")])
        let client = try server.connect()
        func ask(_ line: String) throws -> ClientReply {
            client.send(Array("\(line)\n".utf8))
            try client.flush()
            return try client.readReply()
        }
        for line in [
            "ENCODER SET letters command=letters accepts=text dim=8",
            "TITLE SET pilot", "TRACK CREATE lines text=en",
            "TRACK CREATE meaning vector=8 encoder=letters",
            "PUT lines pilot in=1s out=2s key=a text=\"a bad cab\"",
            "PUT lines pilot in=3s out=4s key=e text=\"edge\"",
        ] {
            #expect(try ask(line).kind == .done, "\(line)")
        }
        // From the shell as well.
        let enriched = try Command.run(
            "enrich", "meaning", "--from", "lines", server: server.socket)
        #expect(enriched.status == 0, "\(enriched.error)")
        #expect(enriched.error.contains("filled 1 titles with 2 rows; 0 failed"))
        let found = try ask("SIMILAR meaning text=\"gee\" limit=1")
        #expect(found.rows.first?["key"] == "e", "\(found)")
        #expect(try ask("ENCODER GET letters").rows.first?["state"] == "running")
        // A kind that it does not take, and a program that is not there.
        #expect(try ask("SIMILAR meaning image={3}\nabc").code == "ENCODER.kind")
        _ = try ask("ENCODER SET letters command=gone accepts=text dim=8")
        #expect(try ask("SIMILAR meaning text=x").code == "ENCODER.start")
        #expect(try ask("PING").kind == .done)
        #expect(server.stop() == 0)
    }

    @Test func `results are onboarded and found`() throws {
        guard hasPython else { return }
        let root = try #require(SharedData.packageRoot)
        let scratch = try scratchDirectory("plugins")
        let server = try ServerProcess(scratch)
        try Command.write(Array(try block("json").utf8), to: scratch("faces.ndjson"))
        let example = "\(root)/encoders/onboard.py"
        #expect(try Command.text(of: example).split(separator: "\n").count < 60)
        // A second run replaces the first.
        for _ in 0..<2 {
            let done = try Command.run(
                python, [example, scratch("faces.ndjson"), server.socket])
            #expect(done.status == 0 && done.output == "pilot 2 faces\n", "\(done.error)")
        }
        // A row that is refused leaves nothing open: the mended file comes in.
        let wrong = try block("json").replacing("12.5s", with: "soon")
        try Command.write(Array(wrong.utf8), to: scratch("wrong.ndjson"))
        let refused = try Command.run(
            python, [example, scratch("wrong.ndjson"), server.socket])
        #expect(refused.status == 1 && refused.error.contains("SYNTAX.time"), "\(refused.error)")
        // A socket in the working folder, and one that is not there.
        let here = try Command.run(
            "/bin/sh",
            ["-c", "cd '\(scratch("."))' && \(python) '\(example)' faces.ndjson mspd.sock"])
        #expect(here.status == 0 && here.output == "pilot 2 faces\n", "\(here.error)")
        let lost = try Command.run(python, [example, scratch("faces.ndjson"), "nowhere.sock"])
        #expect(lost.status == 1 && lost.error.split(separator: "\n").count == 1, "\(lost.error)")
        #expect(lost.error.hasPrefix("mspd: no server can be reached at nowhere.sock: "))
        let found = try Command.run("search", "ada", "--track", "faces", server: server.socket)
        #expect(found.status == 0 && found.output.contains("00:00:12.500"), "\(found)")
    }

    @Test func `the programs in the folder of encoders parse`() throws {
        guard hasPython else { return }
        let root = try #require(SharedData.packageRoot)
        for name in [
            "clip", "conse", "efficientnet", "minilm", "mspd_encoder", "onboard", "speech",
            "torch_file",
        ] {
            let parsed = try Command.run(
                python, ["-c", "import ast; ast.parse(open('\(root)/encoders/\(name).py').read())"])
            #expect(parsed.status == 0, "\(name): \(parsed.error)")
        }
        #expect(try Command.run("/bin/sh", ["-n", "\(root)/encoders/setup.sh"]).status == 0)
    }
}
