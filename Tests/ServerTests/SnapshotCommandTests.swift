// Backups as a user makes them: snapshot, copy, restore, serve.

import Net
import Storage
import TestSupport
import Testing

@Suite struct SnapshotCommandTests {
    @Test func `a snapshot that was copied elsewhere restores and serves`() throws {
        let scratch = try scratchDirectory("snapshot")
        let server = try ServerProcess(scratch)
        let client = try server.connect()
        for line in [
            "TRACK CREATE dialogue text=en", "TITLE SET film fps=24",
            "PUT dialogue film in=1s key=a text=\"Go back.\"",
        ] { #expect(try client.request(line).kind == .done) }
        let made = try Command.run("snapshot", "create", "monday", server: server.socket)
        #expect(made.status == 0, "\(made.error)")
        #expect(made.output.contains("snapshot=monday  time=20"), "\(made.output)")
        #expect(try client.request("PUT dialogue film in=2s text=later").kind == .done)
        let listed = try Command.run("snapshot", "list", server: server.socket)
        #expect(listed.output.contains("snapshot=monday"))
        let sound = try Command.run("snapshot", "verify", "monday", server: server.socket)
        #expect(sound.status == 0 && sound.output.contains("damaged=0"))
        let again = try Command.run("snapshot", "create", "monday", server: server.socket)
        #expect(again.status == 3 && again.error.contains("EXISTS.snapshot"))
        let bad = try Command.run("snapshot", "create", "../x", server: server.socket)
        #expect(bad.status == 3 && bad.error.contains("SYNTAX.name"))
        #expect(try Command.run("snapshot", "create", server: server.socket).status == 2)
        let copy = scratch("elsewhere")
        #expect(
            try Command.run("/bin/cp", ["-r", scratch("data/snapshots/monday"), copy]).status == 0)
        #expect(try Command.run("snapshot", "drop", "monday", server: server.socket).status == 0)
        #expect(try Command.run("snapshot", "drop", "monday", server: server.socket).status == 3)
        #expect(server.stop() == 0)
        #expect(try Command.run("verify", copy).status == 0)
        #expect(try Command.run("restore", copy, scratch("data")).status == 3)
        #expect(try Command.run("restore", scratch("data"), scratch("x")).status == 2)
        let restored = try Command.run("restore", copy, scratch("restored"))
        #expect(restored.status == 0, "\(restored.error)")
        let second = try ServerProcess(scratch, data: "restored")
        #expect(try second.connect().request("COUNT dialogue").words == "1")
        #expect(second.stop() == 0)
    }
}
