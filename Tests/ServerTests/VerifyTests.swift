// Damage as a user meets it: `mspd verify`, VERIFY, and a server that goes on without a track.

import Net
import Storage
import TestSupport
import Testing

@Suite struct VerifyTests {
    /// A folder with the tracks dialogue.en and dialogue.fr, stopped cleanly with segments.
    private func folder(_ scratch: ScratchDirectory) throws {
        let server = try ServerProcess(scratch, options: ["--memtable", "1"])
        let client = try server.connect()
        _ = try client.request("TITLE SET film fps=24")
        for (name, word) in [("dialogue.en", "back"), ("dialogue.fr", "retour")] {
            #expect(try client.request("TRACK CREATE \(name) text=en").kind == .done)
            let line = "{\"title\":\"film\",\"in\":1000,\"text\":\"go \(word) \(pad)\"}\n"
            let rows = Array(String(repeating: line, count: 12_000).utf8)
            client.send(Array("LOAD \(name) format=ndjson ".utf8) + Client.literal(rows) + [10])
            #expect(try client.readReply().kind == .end)
        }
        client.close()
        #expect(server.stop() == 0)
    }

    private let pad = String(repeating: "abcdefgh ", count: 12)

    private func segment(_ scratch: ScratchDirectory) throws -> String {
        let folder = "tracks/2/segments"
        let names = try RealFileSystem().list(scratch("data/\(folder)"))
        return "\(folder)/\(try #require(names.first { $0.hasSuffix(".seg") }))"
    }

    private func damage(_ path: String, at offset: Int) throws {
        let file = try RealFileSystem().open(path, .readWrite)
        defer { file.close() }
        let byte = try file.read(1, at: UInt64(offset))
        try file.write([byte[0] ^ 1], at: UInt64(offset))
        try file.sync()
    }

    @Test func `verify names every damaged place, and needs the folder for itself`() throws {
        let scratch = try scratchDirectory("verify")
        try folder(scratch)
        let data = scratch("data")
        let sound = try Command.run("verify", data)
        #expect(sound.status == 0, "\(sound.error)")
        #expect(sound.output.contains("bytes: all sound.\n"))
        let path = try segment(scratch)
        try damage("\(data)/\(path)", at: 64)
        try damage("\(data)/\(path)", at: 20_000)
        let found = try Command.run("verify", data)
        #expect(found.status == 5)
        #expect(found.output.contains(path))
        #expect(found.output.components("damaged: section ") == 3)
        #expect(found.error.contains("1 damaged, of track dialogue.fr"), "\(found.error)")
        #expect(try Command.run("dump", "\(data)/\(path)").status == 5)
        #expect(try Command.run("verify", scratch("none")).status == 2)
        let server = try ServerProcess(scratch)
        let locked = try Command.run("verify", data)
        #expect(locked.status == 3)
        #expect(locked.error.contains("VERIFY"))
        #expect(server.stop() == 0)
    }

    @Test func `a server goes on without a damaged track and says so`() throws {
        let scratch = try scratchDirectory("verify")
        try folder(scratch)
        let path = scratch("data/\(try segment(scratch))")
        let size = try #require(try RealFileSystem().size(of: path))
        try damage(path, at: Int(size) - 40)
        let server = try ServerProcess(scratch)
        #expect(server.messages.contains("track number 2 is set aside"))
        let client = try server.connect()
        let found = try client.request("SEARCH dialogue go limit=3 fold=0")
        #expect(found.rows.count == 3)
        #expect(found.fields["partial"] == "1" && found.fields["damaged"] == "dialogue.fr")
        for request in [
            "SEARCH dialogue.fr go", "COUNT dialogue.fr", "GET dialogue.fr film key=a",
            "CONTEXT dialogue.fr film at=1s", "PUT dialogue.fr film in=1s text=x",
            "DELETE dialogue.fr film", "TITLE DROP film",
        ] {
            let reply = try client.request(request)
            #expect(reply.code == "CORRUPT.track" && !reply.retry, "\(request): \(reply)")
            #expect(reply.text?.contains(path) == true && reply.text?.contains("DROP") == true)
        }
        #expect(try client.request("COUNT dialogue.en").words == "12000")
        let info = try client.request("INFO").rows
        #expect(info.contains { $0["name"] == "damaged.dialogue.fr" })
        let damage = try client.request("VERIFY")
        #expect(damage.fields["damaged"] == "1")
        #expect(damage.rows.first?["track"] == "dialogue.fr")
        let shell = try Command.run("search", "go", server: server.socket)
        #expect(shell.status == 0)
        #expect(shell.error.contains("without what is damaged: dialogue.fr"), "\(shell.error)")
        #expect(try client.request("TRACK DROP dialogue.fr").kind == .done)
        #expect(try client.request("SEARCH dialogue go limit=1").fields["partial"] == nil)
        #expect(server.stop() == 0)
    }
}

extension String {
    /// Into how many parts a text divides this one.
    fileprivate func components(_ text: String) -> Int {
        let (all, wanted) = (Array(utf8), Array(text.utf8))
        return 1 + all.indices.count { all[$0...].starts(with: wanted) }
    }
}
