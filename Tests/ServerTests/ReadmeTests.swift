// The README's commands work: those in console blocks are run, those that call make exist.

import Glibc
import Storage
import TestSupport
import Testing

@Suite struct ReadmeTests {
    private func text(_ name: String) throws -> [Substring] {
        let root = try #require(SharedData.packageRoot)
        return try Command.text(of: "\(root)/\(name)")
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test func `the commands of the README find something`() throws {
        let root = try #require(SharedData.packageRoot)
        let scratch = try scratchDirectory("readme")
        let server = try ServerProcess(scratch)
        let block = try text("README.md").drop { $0 != "```console" }.dropFirst()
            .prefix { $0 != "```" }
        #expect(block.count >= 3)
        for line in block {
            let command = line.dropFirst("$ mspd".count)
            #expect(line.hasPrefix("$ mspd "))
            let done = try Command.run(
                "/bin/sh", ["-c", "cd '\(root)' && '\(Command.mspd)'\(command)"],
                server: server.socket)
            #expect(done.status == 0, "\(line): \(done.error)")
            #expect(!done.output.isEmpty, "\(line) printed nothing")
        }
    }

    @Test func `what the README makes can be made`() throws {
        let targets = Set(
            try text("Makefile").compactMap { line in
                line.firstIndex(of: ":").map { String(line[..<$0]) }
            })
        for line in try text("README.md") where line.hasPrefix("make ") {
            let target = line.dropFirst(5).split(separator: " ").first.map(String.init) ?? ""
            #expect(targets.contains(target), "make \(target)")
        }
    }
}
