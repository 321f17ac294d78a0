// Lines that an encoder wrote down of a film, and subtitles that come for it later.

import Net
import TestSupport
import Testing

@Suite struct HeardLinesTests {
    private let scratch: ScratchDirectory
    private let server: ServerProcess
    private let client: Client

    init() throws {
        scratch = try scratchDirectory("heard")
        server = try ServerProcess(scratch)
        client = try server.connect()
    }

    private func imported() throws -> Command {
        try Command.run(
            Command.mspd, ["import", "--again", scratch("ep.en.srt")], server: server.socket)
    }

    @Test func `subtitles take the place of what an encoder heard`() throws {
        for request in [
            "ENCODER SET speech command=speech accepts=audio",
            "ENCODER SET meaning command=meaning accepts=text dim=8",
            "TITLE SET ep", "TITLE SET other", "TRACK CREATE dialogue.en text=en",
            "PUT dialogue.en ep in=1s key=a source=speech text=\"the sword is year\"",
            "PUT dialogue.en ep in=5s key=b source=speech text=\"so it is\"",
            "PUT dialogue.en ep in=7s key=c source=meaning text=\"by hand\"",
            "PUT dialogue.en other in=1s key=a source=speech text=\"the sword is year\"",
        ] { #expect(try client.request(request).kind == .done, "\(request)") }
        let text = "1\n00:00:01,000 --> 00:00:01,900\nThe sword is here.\n\n"
        try Command.write(Array(text.utf8), to: scratch("ep.en.srt"))
        let done = try imported()
        #expect(done.status == 0, "\(done)")
        #expect(
            done.error.contains(
                "ep.en.srt: takes the place of 2 lines that encoder 'speech' wrote"),
            "\(done.error)")
        func count(_ words: String) throws -> String { try client.request("COUNT \(words)").words }
        #expect(try count("dialogue.en title=ep") == "2")
        #expect(try count("dialogue.en sword title=ep") == "1")
        #expect(try count("dialogue.en title=other") == "1")
        // Once is enough to be told.
        let again = try imported()
        #expect(again.status == 0 && !again.error.contains("takes the place"), "\(again.error)")
        #expect(try count("dialogue.en title=ep") == "2")
    }
}
