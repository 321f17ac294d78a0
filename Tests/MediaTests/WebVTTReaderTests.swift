// WebVTT: blocks, voices and what is reported; the suite of the standard's cases is in
// WebVTTSuiteTests.

import Media
import Testing

@Suite struct WebVTTReaderTests {
    static func read(_ body: String) throws -> SubtitleFile {
        try SubtitleReader.read(Array("WEBVTT\n\n\(body)".utf8), format: .webVTT)
    }

    static func cue(_ text: String) throws -> [Cue] {
        try read("00:01.000 --> 00:02.000\n\(text)\n").cues
    }

    @Test func `blocks that are no cues are passed over`() throws {
        let file = try WebVTTReaderTests.read(
            """
            STYLE
            ::cue(b) { color: red }

            REGION
            id:fred

            Region: id=bill width=40%

            NOTE
            NOTE twice
            and more

            NOTE\tafter a tab

            intro
            00:01.000 --> 00:02.000 align:start
            One

            01:00:00.000 --> 01:00:01.000
            Two
            NOTE is a word here

            NOTE the end
            """)
        #expect(file.cues.map(\.text) == ["One", "Two\nNOTE is a word here"])
        #expect(file.cues.map(\.identifier) == ["intro", nil])
        #expect(file.cues.map(\.line) == [18, 21])
        #expect(file.problems.isEmpty)
        #expect(file.format == .webVTT)
    }

    @Test func `voices become speakers`() throws {
        let one = try WebVTTReaderTests.cue(
            "<v.loud.far Mary  Ann&amp;Co>Come <i>in</i>!</v> she said")
        #expect(one.map(\.text) == ["Come in! she said"])
        #expect(one.map(\.speaker) == ["Mary Ann&Co"])
        let two = try WebVTTReaderTests.cue(
            "- <v Ann>Where?</v>\n<v Bob>There.</v>\n<v Bob>No, there.\n<v Ann>Oh.\n<v Eve></v>")
        #expect(two.map(\.speaker) == ["Ann", "Bob", "Ann"])
        #expect(two.map(\.text) == ["- Where?", "There.\nNo, there.", "Oh."])
        #expect(Set(two.map(\.start)).count == 1 && Set(two.map(\.line)).count == 1)
        let none = try WebVTTReaderTests.cue("<v>Who?</v>\n<video>no voice</video>")
        #expect(none.map(\.speaker) == [nil])
        #expect(none.map(\.text) == ["Who?\nno voice"])
    }

    @Test(arguments: [
        ("<00:00:01.000>It <00:00:01.500><c.yellow>moves</c>", "It moves"),
        ("<ruby>漢<rt>かん</rt>字<rp>(</rp><rt.a>じ</rt><rp>)</rp></ruby>テスト", "漢字テスト"),
        ("<ruby>漢<rt>kan</ruby>字", "漢字"), ("<rt>no</rt> ruby", "no ruby"),
        ("<ruby>a<rt>b\nc", "a\nc"), ("<ruby>漢<rt>ka<i>n&amp;</i></rt>", "漢"),
        ("<lang en-GB>Right</lang>", "Right"),
        (" \nafter a blank first line", "after a blank first line"),
        ("a\u{A0}b&nbsp;c", "a\u{A0}b\u{A0}c"), ("x &lt;b&gt; y", "x <b> y"),
    ])
    func `markup is taken from the words`(written: String, read: String) throws {
        #expect(try WebVTTReaderTests.cue(written).map(\.text) == [read])
    }

    @Test func `what is broken is reported by line, and the rest is read`() throws {
        let file = try WebVTTReaderTests.read(
            """
            00:01.000 --> 00:02.000
            One

            stray words
            in two lines

            00:75.000 --> 00:80.000
            lost

            00:05.000 --> 00:04.000
            backwards

            00:06.000 --> 00:07.000

            id
            00:08.000 --> 00:09.000
            Last
            00:10.000 --> 00:11.000
            and at once
            """)
        #expect(file.cues.map(\.text) == ["One", "Last", "and at once"])
        #expect(file.cues.map(\.identifier) == [nil, "id", nil])
        #expect(file.problems.map(\.line) == [6, 9, 12, 15])
        #expect(file.problems[0].message.contains("NOTE"))
        #expect(file.problems[1].message.contains("00:01:02.500 --> 00:01:04.000"))
        #expect(file.problems[2].message.contains("00:00:04.000"))
        #expect(file.problems[3].message.contains("no text"))
    }

    @Test func `a map to a stream's clock is mentioned only if it shifts`() throws {
        func problems(_ map: String) throws -> [SubtitleProblem] {
            let text = "WEBVTT\nX-TIMESTAMP-MAP=\(map)\n\n00:01.000 --> 00:02.000\nA\n"
            let file = try SubtitleReader.read(Array(text.utf8), format: .webVTT)
            #expect(file.cues.first?.start == 1_000_000_000)
            return file.problems
        }
        #expect(try problems("MPEGTS:0,LOCAL:00:00:00.000").isEmpty)
        #expect(try problems("LOCAL:00:00:10.000,MPEGTS:900000").isEmpty)
        #expect(try problems("nonsense").isEmpty)
        let shifted = try problems("MPEGTS:900000,LOCAL:00:00:00.000")
        #expect(shifted.map(\.line) == [2])
        #expect(shifted.first?.message.contains("00:00:10.000") == true)
        #expect(try problems("MPEGTS:9223372036854775807,LOCAL:00:00:00.000").count == 1)
    }

    @Test func `the signature decides, not the name`() throws {
        let text = "WEBVTT - some title\n\n00:01.000 --> 00:02.000\n<v Ann>Hi\n"
        for format in [nil, .srt, .webVTT] as [SubtitleFormat?] {
            let file = try SubtitleReader.read(Array(text.utf8), format: format)
            #expect(file.format == .webVTT)
            #expect(file.cues.first?.speaker == "Ann")
        }
        let bare = Array("00:01.000 --> 00:02.000\nHi\n".utf8)
        #expect(try SubtitleReader.read(bare, format: nil).format == .srt)
        let error = #expect(throws: SubtitleError.self) {
            _ = try SubtitleReader.read(bare, format: .webVTT)
        }
        #expect(error?.description.contains("begins with the line WEBVTT") == true)
    }

    @Test(arguments: [
        ("film.srt", SubtitleFormat.srt), ("FILM.EN.SRT", .srt), ("a.b/c.vtt", .webVTT),
        ("x.webvtt", .webVTT), ("srt", nil), ("film.ttml", nil), ("film.srt.bak", nil), ("", nil),
    ])
    func `a name promises a format`(name: String, format: SubtitleFormat?) {
        #expect(SubtitleFormat(fileName: name) == format)
    }
}
