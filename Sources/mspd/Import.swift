// `mspd import`: films, subtitle files and NDJSON rows, single files or folders of them, to a
// server.

import ArgumentParser
import Media
import Net

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import films, subtitles (.srt, .vtt) and rows (.ndjson), or folders of them.",
        discussion: """
            Title and language come from the file's name (film.en.srt: title film, track
            dialogue.en) unless options say otherwise, or the language from the folder's name
            (fr/film.srt); captions.en.vtt and the like are named after the only film beside them,
            or their folder. Missing titles and tracks are made. A file imported again replaces the
            rows that came from it, and nothing else.

            A film (.mkv, .mp4, .mov, .avi, .webm, .mxf, ...) is read through ffmpeg: its frame rate
            and start label, the subtitles in it and beside it (track dialogue), and its shots
            (track shots), each with a picture and a vector of what it looks like. A film that is
            there already and did not change is passed over, so that an import that was
            interrupted goes on with the film it had come to. A film whose title is that of another
            one is refused; films of one name in several folders, imported together, have these in
            their titles (day1/A001). Subtitles beside a film (film.en.srt beside film.mkv) are
            imported with it and take the place of those in it in the same language; of several
            files in one language the one with the shortest name is taken, and those that were
            named.

            EXAMPLES
              mspd import film.mkv
              mspd import films/ --frames 1
              mspd import film.en.srt --fps 24
              mspd import reel2.srt --title film --lang fr --offset 00:20:00.000
              mspd import subtitles/
            """)

    @Argument(help: "Files and folders.")
    var paths: [String]
    @Option(help: "The title of one file, or of one film with its subtitles; by default its name.")
    var title: String?
    @Option(
        help: "The track; by default dialogue, and the language behind a dot; for a film its shots."
    )
    var track: String?
    @Option(
        help: ArgumentHelp(
            "The language, such as en or fr; with a film, that of subtitles which do not say "
                + "theirs.", valueName: "lang"))
    var lang: String?
    @Option(help: "The title's frame rate, such as 24, 23.976, 29.97 or 30000/1001.")
    var fps: String?
    @Option(help: "The label of the title's first frame, such as 01:00:00:00; needs --fps.")
    var start: String?
    @Option(help: "Added to every time, such as 00:20:00.000 for a second reel.")
    var offset: String?
    @Option(
        help: "Divide shots into parts, so many a second, each with its picture; such as 0.5.")
    var frames: Double?
    @Flag(help: "Import films again that did not change.")
    var again = false
    @Flag(help: "Show no progress.")
    var quiet = false
    @OptionGroup var client: ClientOptions

    func validate() throws {
        if let fps, FrameRate(fps) == nil {
            throw ValidationError(
                "--fps \(fps) is no frame rate; write 23.976, 24, 25, 29.97, 30, 50, 59.94, 60 or "
                    + "a fraction such as 24000/1001.")
        }
        if let frames, !(0.01...25).contains(frames) {
            throw ValidationError("--frames takes a number from 0.01 to 25.")
        }
        if start != nil, fps == nil { throw ValidationError("--start needs --fps.") }
        _ = try shift()
    }

    func run() throws {
        if let title { _ = try RequestLine.name(title, "--title") }
        if let track { _ = try RequestLine.name(track, "--track") }
        let files = try ImportFiles(paths)
        guard title == nil || files.leaders == 1 else {
            throw ValidationError(
                "--title names one file's title; there are \(files.leaders) files, not counting "
                    + "films' subtitles.")
        }
        let connection = try client.connect()
        defer { connection.close() }
        let importer = try Importer(connection, self, files)
        try importer.run()
    }

    /// The language that is told, by its code of two letters where it is one of three.
    var language: String? {
        lang.map { $0.utf8.count == 3 ? LanguageCode.known($0) ?? $0 : $0 }
    }

    /// Nanoseconds that are added to every time.
    func shift() throws -> Int64 {
        guard let offset else { return 0 }
        do {
            return try Timecode.parse(offset, rate: fps.flatMap { FrameRate($0) }, start: 0)
        } catch { throw ValidationError("--offset \(offset): \(error)") }
    }
}
