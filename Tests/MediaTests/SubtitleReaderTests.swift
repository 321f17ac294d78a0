// Encodings, what is no subtitle file, limits, time, and hostile bytes.

import Media
import TestSupport
import Testing

@Suite struct SubtitleReaderTests {
    private static let plain = "1\n00:00:01,0 --> 00:00:02,0\nDéjà vu, “№ 1” 𝄞\n"

    private func utf16(_ text: String, bigEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return bigEndian ? bytes : bytes.reversed()
        }
    }

    @Test func `every encoding reads the same`() throws {
        let text = SubtitleReaderTests.plain
        let spellings: [(TextEncoding, [UInt8])] = [
            (.utf8, Array(text.utf8)), (.utf8WithMark, [0xEF, 0xBB, 0xBF] + Array(text.utf8)),
            (.utf16LE, [0xFF, 0xFE] + utf16(text, bigEndian: false)),
            (.utf16BE, [0xFE, 0xFF] + utf16(text, bigEndian: true)),
            (.utf16LE, utf16(text, bigEndian: false)), (.utf16BE, utf16(text, bigEndian: true)),
        ]
        for (encoding, bytes) in spellings {
            let file = try SubtitleReader.read(bytes, format: nil)
            #expect(file.encoding == encoding)
            #expect(file.cues.map(\.text) == ["Déjà vu, “№ 1” 𝄞"])
            #expect(file.problems.isEmpty)
        }
    }

    @Test func `Windows-1252 is read where the bytes are not UTF-8`() throws {
        let head = Array("1\n00:00:01,0 --> 00:00:02,0\n".utf8)
        let table = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ"
        let high = String(String.UnicodeScalarView((0xA1...0xFF).compactMap(Unicode.Scalar.init)))
        let file = try SubtitleReader.read(
            head + Array(0x80...0x9F) + Array(0xA1...0xFF), format: nil)
        #expect(file.encoding == .windows1252)
        #expect(file.cues.map(\.text) == [table + high])
        #expect(file.problems.isEmpty)
    }

    @Test func `a few bad bytes do not spoil the rest of a UTF-8 file`() throws {
        let cyrillic = "Мы должны вернуться назад"
        let bytes = Array("1\n00:00:01,0 --> 00:00:02,0\n\(cyrillic)".utf8) + [0xD0]
        let file = try SubtitleReader.read(bytes, format: nil)
        #expect(file.encoding == .utf8)
        #expect(file.cues.map(\.text) == [cyrillic + "\u{FFFD}"])
        #expect(file.problems.map(\.line) == [3])
    }

    @Test(
        arguments: [
            ("a JPEG image", [0xFF, 0xD8, 0xFF, 0xE0]), ("a PNG image", [0x89, 0x50, 0x4E, 0x47]),
            ("a Matroska film", [0x1A, 0x45, 0xDF, 0xA3]), ("a gzip archive", [0x1F, 0x8B, 8]),
            ("an MP4 or QuickTime film", [0, 0, 0, 0x20] + Array("ftypisom".utf8)),
            ("an AVI film", Array("RIFF....AVI LIST".utf8)),
            ("a PDF document", Array("%PDF-1.7".utf8)),
            ("an RTF document", Array("{\\rtf1\\ansi".utf8)),
            ("a program", [0x7F, 0x45, 0x4C, 0x46]),
            ("binary data", Array(0...255)), ("binary data", [UInt8](repeating: 0, count: 64)),
            ("UTF-32 text (save it as UTF-8)", [0xFF, 0xFE, 0, 0, 0x31, 0, 0, 0]),
        ] as [(String, [UInt8])])
    func `what is no text is named`(what: String, bytes: [UInt8]) {
        for format in [nil, .srt, .webVTT] as [SubtitleFormat?] {
            let error = #expect(throws: SubtitleError.self) {
                _ = try SubtitleReader.read(bytes, format: format)
            }
            #expect(error == .notText(what: what))
        }
    }

    @Test func `a file without cues is refused with a reason`() {
        func error(_ text: String, _ format: SubtitleFormat? = nil) -> SubtitleError? {
            #expect(throws: SubtitleError.self) {
                _ = try SubtitleReader.read(Array(text.utf8), format: format)
            }
        }
        #expect(error("") == .empty)
        #expect(error(" \n\t\r\n") == .empty)
        #expect(error("\u{FEFF}\n", .srt) == .empty)
        #expect(error("Dear diary") == .unknownFormat)
        #expect(error("WEBVTT") == .noCues(problems: []))
        #expect(error("Dear diary", .srt)?.description.contains("line 1") == true)
        #expect(
            error("1\n00:00:02,0 --> 00:00:01,0\nA", .srt)?.description.contains("line 2") == true)
        let tooLong = [UInt8](repeating: 0x20, count: SubtitleReader.maximumBytes + 1)
        #expect(throws: SubtitleError.tooLarge(bytes: tooLong.count)) {
            _ = try SubtitleReader.read(tooLong, format: .srt)
        }
    }

    @Test func `limits hold`() throws {
        let limit = SubtitleReader.maximumCueBytes
        let word = { (count: Int) in String(repeating: "a", count: count) }
        let file = try SRTReaderTests.read(
            "00:01,0 --> 00:02,0\n\(word(limit))\n\n00:03,0 --> 00:04,0\n\(word(limit + 1))\n")
        #expect(file.cues.map(\.text.utf8.count) == [limit])
        #expect(file.problems.map(\.line) == [4])
        let empty = String(repeating: "00:03,0 --> 00:04,0\n", count: 5000)
        let many = try SRTReaderTests.read("\(empty)00:05,0 --> 00:06,0\nlast\n")
        #expect(many.cues.count == 1)
        #expect(many.problems.count == SubtitleReader.maximumProblems + 1)
        #expect(many.problems.last?.message == "more problems follow")
        let crowd = String(repeating: "00:01-->00:02\nx\n", count: SubtitleReader.maximumCues + 9)
        let full = try SRTReaderTests.read(crowd)
        #expect(full.cues.count == SubtitleReader.maximumCues)
        #expect(full.problems.map(\.line) == [2 * SubtitleReader.maximumCues + 1])
    }

    @Test func `ten thousand cues take milliseconds`() throws {
        var text = "WEBVTT\n\n"
        for index in 0..<10_000 {
            let start = Timecode.clock(nanoseconds: Int64(index) * 2_000_000_000)
            let end = Timecode.clock(nanoseconds: Int64(index) * 2_000_000_000 + 1_900_000_000)
            text += "\(index + 1)\n\(start) --> \(end)\n<v Ann>We have to go <i>back</i>,\n"
            text += "all of us &amp; before the tide turns.\n\n"
        }
        let subRip = Array(text.utf8.dropFirst(8))
        let clock = ContinuousClock()
        for (bytes, format) in [(Array(text.utf8), SubtitleFormat.webVTT), (subRip, .srt)] {
            var best = Duration.seconds(9)
            for _ in 0..<5 {
                best = min(
                    best,
                    try clock.measure {
                        let file = try SubtitleReader.read(bytes, format: format)
                        #expect(file.cues.count == 10_000 && file.problems.isEmpty)
                    })
            }
            print("\(format): 10,000 cues, \(bytes.count) bytes, in \(best)")
            #expect(best < .milliseconds(200))
        }
    }

    // MARK: Hostile bytes

    @Test(arguments: [
        "<", "<i ", "<v a>x", "{\\", "&", "&amp", "-->", "\r", "\n\r", "00:00:00,0-->00:00:00,0\n",
        "1\n", "99999999999\n", "\u{0}a b c d e f g h i j k l m n o p q r s t u v w x y z ", ":",
        "<v a>x<v b>y", "<c>", "}", ">", "NOTE\n\n", "é",
    ])
    func `time stays in proportion to length`(piece: String) {
        let body = [UInt8](String(repeating: piece, count: (2 << 20) / piece.utf8.count).utf8)
        let clock = ContinuousClock()
        for head in ["WEBVTT\n\n00:00.000 --> 00:01.000\n", "1\n00:00:00,0 --> 00:00:01,0\n"] {
            let time = clock.measure {
                _ = try? SubtitleReader.read(Array(head.utf8) + body, format: nil)
            }
            #expect(time < .seconds(5), "\(head.prefix(6)) \(piece)")
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `changed bytes never trap, and cues stay whole`(seed: UInt64) {
        let srt =
            "1\r\n00:00:01,000 --> 00:00:02,500 X1:0\r\n<i>Hé</i> {\\an8}&amp;&#8217;\r\n\r\n"
            + "2\r\n00:00:03,000 --> 00:00:04,000\r\n- A <v B>b\r\n\r\ntail\r\n"
        let vtt =
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\nNOTE n\n\nid\n"
            + "00:01.000 --> 00:02.000 align:start\n<v.c A B>x</v>\n<v C>&lt;y<00:01.500>z\n\n"
        var random = SeededRandom(seed: seed)
        for round in 0..<500 {
            var bytes = Array((random.next() & 1 == 0 ? srt : vtt).utf8)
            if random.next() & 3 == 0 { bytes += bytes }
            for _ in 0...(random.next() % 12) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: place)
                default:
                    bytes[place] = Array("<>&;{}\\:-,.\n\r0 9/v#".utf8)[Int(random.next() % 19)]
                }
                if bytes.isEmpty { bytes = [0x31] }
            }
            let lines = bytes.count(where: { $0 == 0x0A || $0 == 0x0D }) + 1
            guard let file = try? SubtitleReader.read(bytes, format: nil) else { continue }
            for cue in file.cues {
                let isWhole =
                    0 <= cue.start && cue.start <= cue.end && !cue.text.isEmpty
                    && (1...lines).contains(cue.line) && cue.speaker != ""
                    && !cue.text.contains("\n\n") && cue.text.first != "\n" && cue.text.last != "\n"
                #expect(isWhole, "seed \(seed), round \(round): \(cue)")
            }
            for problem in file.problems { #expect((1...lines).contains(problem.line)) }
        }
    }
}
