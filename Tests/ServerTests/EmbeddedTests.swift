// The subtitles that lie in a film: they are replaced with it, they go when it has them no more,
// and a file beside it takes their place.

import Net
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct EmbeddedTests {
    private let scratch: ScratchDirectory
    private let server: ServerProcess
    private let client: Client

    init() throws {
        scratch = try scratchDirectory("embedded")
        server = try ServerProcess(scratch)
        client = try server.connect()
        for (name, line) in [("en", "We go back."), ("de", "Wir gehen."), ("und", "Who goes?")] {
            try Command.write(
                Array("1\n00:00:00,000 --> 00:00:01,000\n\(line)\n".utf8), to: scratch(name))
        }
    }

    /// Makes m.mkv anew, with subtitles in these languages behind a sound if need be.
    private func film(_ languages: [String], sound: Bool = false) throws {
        var words = ["-f", "lavfi", "-i", "testsrc2=d=2:r=24:s=320x180"]
        if sound { words += ["-f", "lavfi", "-i", "sine=d=2"] }
        for name in languages { words += ["-f", "srt", "-i", scratch(name)] }
        for input in 0..<(languages.count + (sound ? 2 : 1)) { words += ["-map", "\(input)"] }
        words += ["-c:v", "mpeg4", "-c:s", "srt"]
        for (number, name) in languages.enumerated() {
            words += ["-metadata:s:s:\(number)", "language=\(name == "en" ? "eng" : name)"]
        }
        #expect(try FilmMaker.run(words + [scratch("m.mkv")]) == 0)
    }

    private func subtitles(
        _ words: String, _ tag: String, name: String = "", mark: String = "0"
    ) -> FilmMaker.Subtitles {
        FilmMaker.Subtitles(scratch(words), tag: tag, name: name, mark: mark)
    }

    private func imported(_ words: String...) throws -> Command {
        try Command.run(Command.mspd, ["import"] + words, server: server.socket)
    }

    private func count(_ words: String) throws -> String {
        try client.request("COUNT \(words)").words
    }

    @Test func `a film that changed brings its lines anew, and those that it lost go`() throws {
        try film(["en", "de"])
        #expect(try imported(scratch("m.mkv")).status == 0)
        #expect(try count("dialogue") == "2")
        try film(["en", "de"], sound: true)
        #expect(try imported(scratch("m.mkv")).status == 0)
        #expect(try count("dialogue") == "2")
        try film(["de"])
        #expect(try imported(scratch("m.mkv")).status == 0)
        #expect(try count("dialogue.de") == "1" && count("dialogue.en") == "0")
        try film([])
        let done = try imported(scratch("m.mkv"))
        #expect(done.output.contains("0 lines and 1 shot from 1 of 1 file imported\n"))
        #expect(try count("dialogue") == "0")
    }

    @Test func `a line at the film's beginning is there although the picture comes later`() throws {
        // The sound's own delay moves the picture a few milliseconds behind 0.
        try film(["en"], sound: true)
        let done = try imported(scratch("m.mkv"))
        #expect(done.status == 0 && !done.output.contains("problem"), "\(done.error)")
        let row = try #require(try client.request("SEARCH dialogue back").rows.first)
        #expect(row["in"] == "00:00:00:00", "\(row)")
    }

    @Test func `a file beside a film takes the place of what is in it in the same language`() throws
    {
        try film(["en", "de", "und"])
        let first = try imported(scratch("m.mkv"))
        #expect(first.error.contains("subtitles in stream 3 are left out"), "\(first.error)")
        #expect(try count("dialogue") == "2")
        // Which comes later, while the film is there already.
        try Command.write(
            Array("1\n00:00:00,000 --> 00:00:01,000\nWe go home.\n".utf8), to: scratch("m.en.srt"))
        let second = try imported(scratch("m.mkv"))
        #expect(second.error.contains("m.en.srt: takes the place of 1 line in "), "\(second.error)")
        #expect(try count("dialogue.en") == "1" && count("dialogue.en home") == "1")
        // And which comes with it.
        let third = try imported("--again", scratch("m.mkv"))
        #expect(third.error.contains("m.en.srt has this film's lines"), "\(third.error)")
        #expect(third.output.contains("2 lines and 1 shot from 2 of 2 files imported\n"))
        #expect(try count("dialogue") == "2" && count("dialogue.de") == "1")
    }

    @Test func `lines that do not say their language are taken for what they are told to be`()
        throws
    {
        try film(["und"])
        #expect(try imported(scratch("m.mkv")).status == 0)
        #expect(try count("dialogue goes") == "1")
        let same = try imported(scratch("m.mkv"), "--lang", "en", "--fps", "25")
        #expect(same.output.contains("there already"), "\(same.output)")
        #expect(same.output.contains("1 line from 1 of 1 file imported"), "\(same.output)")
        #expect(try client.request("TITLE GET m").rows[0]["fps"] == "25")
        #expect(try count("dialogue goes") == "1" && count("dialogue.en goes") == "1")
        #expect(try imported(scratch("m.mkv"), "--lang", "fr").status == 0)
        #expect(try count("dialogue goes") == "1" && count("dialogue.fr goes") == "1")
        #expect(try imported("--again", scratch("m.mkv"), "--lang", "en").status == 0)
        #expect(try count("dialogue goes") == "1" && count("dialogue.en goes") == "1")
        // Those that say it are not touched.
        try film(["en", "de"])
        #expect(try imported(scratch("m.mkv")).status == 0)
        let said = try imported(scratch("m.mkv"), "--lang", "fr")
        #expect(said.status == 0 && said.output.contains("0 lines from 1 of 1"), "\(said.output)")
        #expect(try count("dialogue.en") == "1" && count("dialogue.de") == "1")
    }

    @Test func `of several streams in one language the whole dialogue is taken`() throws {
        try FilmMaker.film(
            [
                subtitles("und", "eng", mark: "default+forced"),
                subtitles("und", "eng", name: "English (SDH)"), subtitles("en", "eng"),
                subtitles("de", "ger", name: "Forced"),
            ], to: scratch("f.mkv"))
        let done = try imported(scratch("f.mkv"))
        #expect(done.status == 0 && done.output.contains("2 lines and 1 shot"), "\(done.output)")
        #expect(try count("dialogue.en back") == "1" && count("dialogue.de") == "1")
        for stream in 1...2 {
            #expect(
                done.error.contains(
                    "f.mkv: subtitles in stream \(stream) are left out: those in stream 3 are in "
                        + "en, too; to have these instead, `ffmpeg -i f.mkv -map 0:\(stream) "
                        + "f.en.srt`"),
                "\(done.error)")
        }
        #expect(!done.error.contains("stream 4"), "\(done.error)")
    }

    @Test func `every language has its own lines`() throws {
        try FilmMaker.film(
            [
                subtitles("en", "en-US"), subtitles("de", "nob"), subtitles("de", "hrv"),
                subtitles("de", "srp"), subtitles("de", "fil"), subtitles("de", "qya"),
            ], to: scratch("f.mkv"))
        let done = try imported(scratch("f.mkv"))
        #expect(done.status == 0 && !done.error.contains("left out"), "\(done.error)")
        for code in ["en", "nb", "hr", "sr", "fil", "qya"] {
            #expect(try count("dialogue.\(code)") == "1", "\(code)")
        }
        // A file says its language as people write it.
        for code in ["srp", "english", "nob", "fil"] {
            try Command.write(
                Array("1\n00:00:00,000 --> 00:00:01,000\nAnew.\n".utf8),
                to: scratch("f.\(code).srt"))
        }
        #expect(try imported("--again", scratch("f.mkv")).status == 0)
        #expect(try count("dialogue anew") == "4" && count("dialogue") == "6")
    }

    @Test func `what subtitles draw is nothing that is said`() throws {
        let ass = """
            [Script Info]
            ScriptType: v4.00+

            [V4+ Styles]
            Format: Name, Fontname, Fontsize
            Style: Default,Arial,20

            [Events]
            Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
            Dialogue: 0,0:00:00.10,0:00:00.90,Default,,0,0,0,,{\\p1}m 0 0 l 100 0 100 100{\\p0}
            Dialogue: 0,0:00:00.10,0:00:00.90,Default,,0,0,0,,{\\p2}m 1{\\p0\\i1}Boat{\\i0}, ho
            Dialogue: 0,0:00:01.25,0:00:01.90,Default,,0,0,0,,Who goes\\Nthere?

            """
        try Command.write(Array(ass.utf8), to: scratch("drawn.ass"))
        #expect(
            try FilmMaker.run([
                "-f", "lavfi", "-i", "testsrc2=d=2:r=24:s=320x180", "-i", scratch("drawn.ass"),
                "-map", "0", "-map", "1", "-c:v", "mpeg4", "-c:s", "ass", scratch("f.mkv"),
            ]) == 0)
        let done = try imported(scratch("f.mkv"))
        #expect(done.status == 0 && done.output.contains("2 lines and 1 shot"), "\(done.output)")
        let rows = try client.request("SEARCH dialogue title=f sort=time").rows
        #expect(rows.map { $0["text"] } == ["Boat, ho", "Who goes\nthere?"], "\(rows)")
        #expect(rows.map { $0["in"] } == ["00:00:00:02", "00:00:01:06"], "\(rows)")
    }
}
