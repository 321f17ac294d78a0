// Sentences of real lectures that their subtitles break between cues, found in the running program.

import Storage
import TestSupport
import Testing

@Suite struct CueTests {
    /// What the server answers to some requests, line by line.
    private func answers(_ requests: [String], _ server: ServerProcess) throws -> [String] {
        try server.ask(requests.joined(separator: "\n")).split(separator: "\n").map(String.init)
    }

    private func words(_ text: Substring) -> [String] {
        text.replacing("\\n", with: " ").split(separator: " ").map(String.init)
    }

    private func isPlain(_ word: String) -> Bool {
        word.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) }
    }

    @Test func `words on both sides of an edge between cues are found together`() throws {
        guard let demo = SharedData.folder("data/demo/hf-course/en") else { return }
        let scratch = try scratchDirectory("cues")
        let server = try ServerProcess(scratch)
        let done = try Command.run("import", demo, "--lang", "en", server: server.socket)
        #expect(done.status == 0, "\(done.error)")
        let rows = try answers(["SET time=ms", "SEARCH dialogue sort=time limit=1000"], server)
            .filter { $0.hasPrefix("=") }.map { line in
                line.split(separator: "\t").dropFirst().map { field in
                    let parts = field.split(separator: "=", maxSplits: 1)
                    return (name: parts[0], value: parts.count > 1 ? parts[1] : "")
                }
            }
        #expect(rows.count == 1_000)
        func value(_ row: [(name: Substring, value: Substring)], _ name: String) -> Substring {
            row.first { $0.name == name }?.value ?? ""
        }
        var phrases: [(title: Substring, words: String)] = []
        for (row, next) in zip(rows, rows.dropFirst())
        where value(row, "title") == value(next, "title") {
            let pause = (Int(value(next, "in")) ?? 0) - (Int(value(row, "out")) ?? 0)
            let edge = words(value(row, "text")).suffix(2) + words(value(next, "text")).prefix(2)
            guard pause <= 2_000, edge.count == 4, edge.allSatisfy(isPlain) else { continue }
            phrases.append((value(row, "title"), edge.joined(separator: " ")))
        }
        #expect(phrases.count > 200)
        let counts = phrases.map { "COUNT dialogue.en \"\($0.words)\" title=\($0.title)" }
        let found = try answers(counts, server).filter { $0.hasPrefix("+ ") }.dropLast()
        #expect(found.count == phrases.count)
        for (phrase, count) in zip(phrases, found) {
            #expect((Int(count.dropFirst(2)) ?? 0) > 0, "\(phrase)")
        }
        let inside = try answers(counts.map { $0 + " gap=none" }, server).count { $0 == "+ 0" }
        #expect(inside > phrases.count * 9 / 10)
        #expect(server.stop() == 0)
    }
}
