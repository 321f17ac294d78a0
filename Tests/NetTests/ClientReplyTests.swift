// Replies as a client reads them.

import Net
import Testing

@Suite struct ClientReplyTests {
    private func read(_ lines: String...) throws -> ClientReply {
        try #require(ClientReply(lines: lines.map { Array($0.utf8) }))
    }

    @Test func `the sentence of a failure is whole, whatever stands in it`() throws {
        for sentence in [
            "offset=20000 is not a whole number from 0 to 10000", "a=b", "=", "no such thing",
            "retry=1 is no key",
        ] {
            let reply = try read("- SYNTAX.value\tretry=0\t\(sentence)")
            #expect(reply.text == sentence)
            #expect(reply.code == "SYNTAX.value")
            #expect(!reply.retry)
        }
        #expect(try read("- LIMIT.disk\tretry=1\tfull").retry)
    }

    @Test func `rows and ends have fields`() throws {
        let reply = try read("=\tkey=a\ttext=x\\ty", ".\thits=1\tdid_you_mean=a=b")
        #expect(reply.rows[0]["text"] == "x\ty")
        #expect(reply.fields["did_you_mean"] == "a=b")
        #expect(reply.kind == .end)
    }
}
