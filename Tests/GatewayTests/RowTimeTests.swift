// Times as programs print what they have divided, in JSON and beside it.

import Gateway
import Testing

@Suite("Times of rows")
struct RowTimeTests {
    @Test("are rounded to a nanosecond, and to the frame that they stand for")
    func rounded() throws {
        let talk = try EncoderTalk()
        try talk.ask("TITLE SET a fps=24")
        try talk.ask("TRACK CREATE lines text=en")
        let json = #"{"in":333.3333333333333,"out":1e3,"text":"abba","key":"j"}"#
        #expect(try talk.ask("LOAD lines format=ndjson title=a \(json)").summary["rows"] == "1")
        try talk.ask("PUT lines a in=12.333333333333334s out=1.25e1s key=p text=abba")
        let rows = try talk.ask("SEARCH lines sort=time").rows
        #expect(rows.map { $0["in"] } == ["00:00:00:08", "00:00:12:08"])
        #expect(rows.map { $0["out"] } == ["00:00:01:00", "00:00:12:12"])
        #expect(talk.refusal("PUT lines a in=00:00:01:24 text=x") == "SYNTAX.time")
        #expect(talk.refusal("PUT lines a in=00:00:01:02.5 text=x") == "SYNTAX.time")
    }
}
