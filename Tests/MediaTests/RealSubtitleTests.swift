// Subtitles that others made: the fixtures of go-astisub, and the films and courses at hand. What
// they hold is what users will bring.

import Media
import Testing

@Suite struct RealSubtitleTests {
    private struct Line: Equatable {
        var start: Int64
        var end: Int64
        var text: String
    }

    private func lines(_ name: String, in suite: SharedMaterial) throws -> [Line] {
        let format = SubtitleFormat(fileName: name)
        return try SubtitleReader.read(suite.bytes(name), format: format).cues.map {
            Line(start: $0.start, end: $0.end, text: $0.text)
        }
    }

    @Test func `the same film reads the same in every spelling`() throws {
        guard let suite = SharedMaterial.folder("suites/subtitles/testdata") else { return }
        let groups = [
            [
                "example-out.srt", "example-in.srt", "missing-sequence-in.srt",
                "example-in-non-utf8.srt", "example-out.vtt", "example-in.vtt",
                "example-in-non-utf8.vtt",
            ],
            ["example-in-carriage-return.srt", "example-in-carriage-return.vtt"],
            [
                "example-in-html-entities.srt", "example-out-html-entities.srt",
                "example-in-html-entities.vtt", "example-out-html-entities.vtt",
            ],
            ["example-in-styled.srt", "example-out-styled.srt", "example-out-styled.vtt"],
        ]
        let counts = [6, 3, 3, 10]
        for (group, count) in zip(groups, counts) {
            let first = try lines(group[0], in: suite)
            #expect(first.count == count)
            for name in group.dropFirst() {
                #expect(try lines(name, in: suite) == first, "\(name)")
            }
        }
        let styled = try lines("example-in-styled.srt", in: suite)
        #expect(styled[0].text == "[instrumental music]")
        #expect(styled[6].text == "Test with multi line italics\nTerminated on the next line")
        #expect(styled[9].text == "x^3 * x = 100")
        let entities = try lines("example-in-html-entities.srt", in: suite)
        #expect(entities[1].text == "Go,\u{A0}then,")
        #expect(entities[2].text == "there are other < worlds than these.")
        #expect(Set(groups.joined()).count + 1 == suite.files(".srt", ".vtt").count)
    }

    @Test func `what is no SubRip and no WebVTT is refused by name`() throws {
        guard let suite = SharedMaterial.folder("suites/subtitles/testdata") else { return }
        for name in suite.files(".stl") {
            #expect(throws: SubtitleError.notText(what: "an EBU STL subtitle file")) {
                _ = try SubtitleReader.read(suite.bytes(name), format: nil)
            }
        }
        for name in suite.files(".ssa", ".ttml") {
            #expect(throws: SubtitleError.unknownFormat) {
                _ = try SubtitleReader.read(suite.bytes(name), format: nil)
            }
        }
        let error = #expect(throws: SubtitleError.self) {
            _ = try SubtitleReader.read(suite.bytes("broken-1-in.vtt"), format: .webVTT)
        }
        #expect(error?.description.contains("begins with the line WEBVTT") == true)
    }

    /// Thirteen cues of the courses have times and no words at all: those are reported, and nothing
    /// else is.
    @Test func `every subtitle of the demonstration films is read`() throws {
        guard let demo = SharedMaterial.folder("data/demo") else { return }
        var files = 0
        var cues = 0
        var problems: [String] = []
        for path in demo.files(".srt", ".vtt") {
            let file = try SubtitleReader.read(
                demo.bytes(path), format: SubtitleFormat(fileName: path))
            files += 1
            cues += file.cues.count
            #expect(file.cues.allSatisfy { $0.end >= $0.start }, "\(path)")
            problems += file.problems.map { "\(path):\($0.line): \($0.message)" }
        }
        print("demonstration subtitles: \(files) files, \(cues) cues, \(problems.count) problems")
        #expect(problems.count == 13)
        #expect(problems.allSatisfy { $0.contains("the cue has no text") })
        #expect(files > 200 && cues > 17_000)
    }

    @Test func `the project's own scenes read without a problem`() throws {
        let scenes = SharedMaterial.project("examples/screenplay")
        func read(_ name: String) throws -> SubtitleFile {
            try SubtitleReader.read(scenes.bytes(name), format: SubtitleFormat(fileName: name))
        }
        let english = try read("lighthouse.en.srt")
        let french = try read("lighthouse.fr.vtt")
        let storm = try read("storm-signal.en.vtt")
        #expect([english, french, storm].allSatisfy { $0.problems.isEmpty })
        #expect([english, french, storm].map(\.cues.count) == [46, 46, 26])
        #expect(english.cues.map(\.start) == french.cues.map(\.start))
        #expect(english.cues.allSatisfy { $0.speaker == nil })
        #expect((french.cues + storm.cues).allSatisfy { $0.speaker != nil })
        let back = english.cues.filter { $0.text.contains("We have to go back") }
        #expect(back.map(\.identifier) == ["23"])
        for file in [english, french, storm] {
            for (cue, next) in zip(file.cues, file.cues.dropFirst()) {
                #expect(cue.start < cue.end && cue.end < next.start)
            }
        }
    }

    @Test func `films and pictures are refused by name`() throws {
        guard let demo = SharedMaterial.folder("data/demo") else { return }
        for path in demo.files(".mkv", ".webm") {
            #expect(throws: SubtitleError.notText(what: "a Matroska film")) {
                _ = try SubtitleReader.read(demo.bytes(path), format: .srt)
            }
        }
        for path in demo.files(".mp4") {
            #expect(throws: SubtitleError.notText(what: "an MP4 or QuickTime film")) {
                _ = try SubtitleReader.read(demo.bytes(path), format: nil)
            }
        }
    }
}
