// SubRip as people write it: every spelling of times, indexes and line ends, and broken cues that
// must not cost their neighbours.

import Media
import Testing

@Suite struct SRTReaderTests {
    static let second: Int64 = 1_000_000_000

    static func read(_ text: String) throws -> SubtitleFile {
        try SubtitleReader.read(Array(text.utf8), format: .srt)
    }

    @Test func `a plain file`() throws {
        let file = try SRTReaderTests.read(
            "1\n00:00:01,000 --> 00:00:02,500\nHello,\nworld.\n\n"
                + "2\n01:02:03,004 --> 01:02:04,000\nBye.\n"
        )
        let first = Cue(
            start: 1_000_000_000, end: 2_500_000_000, text: "Hello,\nworld.", line: 2,
            identifier: "1")
        let second = Cue(
            start: 3_723_004_000_000, end: 3_724_000_000_000, text: "Bye.", line: 7,
            identifier: "2")
        #expect(file.cues == [first, second])
        #expect(file.problems.isEmpty)
        #expect(file.encoding == .utf8)
        #expect(file.format == .srt)
    }

    @Test(arguments: ["\n", "\r\n", "\r", "\r\r\n", "\n\n"])
    func `any line end reads the same`(lineEnd: String) throws {
        let lines = [
            "1", "00:01,0 --> 00:02,0", "One", "two", "", "2", "00:03,0 --> 00:04,0", "Three",
        ]
        let file = try SRTReaderTests.read(lines.joined(separator: lineEnd))
        #expect(file.cues.map(\.text) == ["One\ntwo", "Three"])
        #expect(file.cues.map(\.identifier) == ["1", "2"])
        #expect(file.problems.isEmpty)
    }

    @Test(arguments: [
        ("00:00:01,500 --> 00:00:02,000", 1500), ("00:00:01.500 --> 00:00:02.000", 1500),
        ("0:00:01,500 --> 0:00:02,000", 1500), ("00:01,500 --> 00:02,000", 1500),
        ("00:00:01,5 --> 00:00:02,0", 1500), ("00:00:01,05 --> 00:00:02,00", 1050),
        ("00:00:01 --> 00:00:02", 1000), ("100:00:01,500 --> 100:00:02,000", 360_001_500),
        ("00:00:01,500-->00:00:02,000", 1500), ("  00:00:01,500  -->\t00:00:02,000  ", 1500),
        ("00:00:01,500 --> 00:00:02,000 X1:40 X2:600 Y1:20 Y2:50", 1500),
        ("00:00:01,500000 --> 00:00:02,000", 1500), ("0:00:01.500,0:00:02.000", 1500),
    ])
    func `any spelling of times`(times: String, milliseconds: Int64) throws {
        let file = try SRTReaderTests.read("1\n\(times)\nText\n")
        #expect(file.cues.map(\.start) == [milliseconds * 1_000_000])
        #expect(file.problems.isEmpty)
    }

    @Test(arguments: [
        "00:00:61,000 --> 00:01:02,000", "00:60:01,000 --> 01:00:02,000", "0:0:1,0 --> 0:0:2,0",
        "00:00:01:500 --> 00:00:02:000", "00:00:01,500 -> 00:00:02,000", "00:00:01,500 --> ",
        "--> 00:00:02,000", "00:00:01,500 - 00:00:02,000", "00:00:01,500 --> 00:00:0x,000",
        "-00:00:01,500 --> 00:00:02,000", "99999999:00:01,500 --> 99999999:00:02,000",
        "00:00:01, --> 00:00:02,000", "00:00:01,500 \u{2013}> 00:00:02,000",
        "00:00:01,500 --> 00:00:02,0000000000",
    ])
    func `broken times are reported and cost no other cue`(times: String) throws {
        let text =
            "1\n00:00:00,1 --> 00:00:00,2\nOne\n\n2\n\(times)\nLost\n\n"
            + "3\n00:01:00,0 --> 00:01:01,0\nThree\n"
        let file = try SRTReaderTests.read(text)
        #expect(file.cues.map(\.text) == ["One", "Three"])
        #expect(file.cues.map(\.identifier) == ["1", "3"])
        #expect(file.problems.map(\.line) == [6])
        #expect(file.problems.first?.message.contains("00:01:02,500 --> 00:01:04,000") == true)
    }

    @Test func `indexes may be missing, repeated or wrong`() throws {
        let times = "00:00:01,0 --> 00:00:02,0"
        let missing = try SRTReaderTests.read(
            "\(times)\nA\n\n\(times)\nB\n\n\(times)\n1984\n\n\(times)\nD")
        #expect(missing.cues.map(\.text) == ["A", "B", "1984", "D"])
        #expect(missing.cues.allSatisfy { $0.identifier == nil })
        let wrong = try SRTReaderTests.read("7\n\(times)\nA\n\n7\n\(times)\nB\n\n0\n\(times)\nC")
        #expect(wrong.cues.map(\.identifier) == ["7", "7", "0"])
        let crowded = try SRTReaderTests.read("1\n\(times)\nA\n2\n\(times)\nB\n\(times)\nC")
        #expect(crowded.cues.map(\.text) == ["A", "B", "C"])
        let spaced = try SRTReaderTests.read("1\n\n\(times)\n\nA\n\n2\n\n\(times)\n\nB\n")
        #expect(spaced.cues.map(\.text) == ["A", "B"])
        let doubled = try SRTReaderTests.read("1\n\(times)\n\(times)\nA\n")
        #expect(doubled.cues.map(\.identifier) == [nil])
        #expect(doubled.problems.map(\.line) == [2])
        for file in [missing, wrong, crowded, spaced] { #expect(file.problems.isEmpty) }
    }

    @Test func `text after a blank line belongs to the cue before`() throws {
        let file = try SRTReaderTests.read(
            "1\n00:00:01,0 --> 00:00:02,0\nOne\n\ntwo\n  \n42\n\nthree\n\n"
                + "2\n00:00:03,0 --> 00:00:04,0\nB"
        )
        #expect(file.cues.map(\.text) == ["One\ntwo\n42\nthree", "B"])
        #expect(file.cues.map(\.identifier) == ["1", "2"])
    }

    @Test func `what a file says beside its cues is reported once`() throws {
        let file = try SRTReaderTests.read(
            "Translated by Ann\nand Bob\n\n1\n00:00:01,0 --> 00:00:02,0\nA\n\n"
                + "2\n00:00:05,0 --> 00:00:04,0\nB\n\n3\n00:00:06,0 --> 00:00:07,0\n\n"
                + "4\n00:00:08,0 --> 00:00:09,0\n<i> </i>&nbsp;\n"
        )
        #expect(file.cues.map(\.text) == ["A"])
        #expect(file.problems.map(\.line) == [1, 9, 13, 16])
        #expect(file.problems[1].message.contains("before it starts"))
        #expect(file.problems[2].message.contains("no text"))
        #expect(file.problems[3].message.contains("no text"))
    }

    @Test func `an arrow in the words is no time`() throws {
        let file = try SRTReaderTests.read(
            "1\n00:00:01,0 --> 00:00:02,0\nTurn left --> then right\n")
        #expect(file.cues.map(\.text) == ["Turn left --> then right"])
        #expect(file.problems.isEmpty)
    }

    @Test(arguments: [
        ("<i>Go</i> <b>on</b>, <u>now</u>", "Go on, now"),
        ("<font color=\"#ffff00\" size='3'>Yellow</font>", "Yellow"),
        ("<I>Upper</I> <FONT FACE=x>case</FONT>", "Upper case"),
        ("{\\an8}Above", "Above"), ("{\\an8\\pos(1,2)}{\\i1}Both{\\i0}", "Both"),
        ("{not an override}", "{not an override}"), ("{\\open", "{\\open"),
        ("I <3 you", "I <3 you"), ("a < b > c", "a < b > c"),
        ("<unknown>tag</unknown>", "<unknown>tag</unknown>"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字", "漢字"), ("<i>open", "open"),
        ("<i unfinished", "<i unfinished"),
        ("<br>One<br/>two<BR>", "One\ntwo"),
        ("Q&amp;A &lt;3 &quot;x&quot; &apos;y&apos;", "Q&A <3 \"x\" 'y'"),
        ("&#8217;&#x2019;&#X2019;", "\u{2019}\u{2019}\u{2019}"),
        (
            "AT&T &nosuch; &#; &#x; &#xD800; &#99999999; &#x110000; &#7;",
            "AT&T &nosuch; &#; &#x; &#xD800; &#99999999; &#x110000; &#7;"
        ),
        ("&hellip;&mdash;&lrm;x", "\u{2026}\u{2014}\u{200E}x"), ("  - Spaces -  ", "- Spaces -"),
        ("Name: is no speaker", "Name: is no speaker"), ("C:\\New <> </>", "C:\\New <> </>"),
        ("\u{0}zero", "\u{FFFD}zero"), ("&#10;two&#10;lines", "two\nlines"),
    ])
    func `markup is taken from the words`(written: String, read: String) throws {
        let file = try SRTReaderTests.read("1\n00:00:01,0 --> 00:00:02,0\n\(written)\n")
        #expect(file.cues.map(\.text) == [read])
        #expect(file.cues.first?.speaker == nil)
    }

    @Test func `a voice tag names the speaker`() throws {
        let file = try SRTReaderTests.read(
            "1\n00:00:01,0 --> 00:00:02,0\n<v Ann Lee>Come in.</v>\n")
        #expect(file.cues.first?.speaker == "Ann Lee")
    }
}
