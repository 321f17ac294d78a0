// Sends files to a server: each subtitle file as one request that replaces what came from it
// before; Importer+Rows.swift sends rows. Reports what is broken by file and line and goes on with
// the rest.

import Gateway
import Media
import Net
import TextIndex

/// One run of `mspd import`.
final class Importer {
    let connection: Client
    let options: Import
    private let files: [String]
    let shift: Int64
    /// The tracks by name, with what TRACK LIST says of those fields that films need.
    var tracks: [String: [String: String]] = [:]
    private(set) var progress: Progress
    private var read = Progress.Amounts()
    var unchanged = 0
    private var problems = 0
    /// Titles that were told to come from elsewhere than a file's name.
    private var named: Set<String> = []
    private var failedFiles = 0

    init(_ connection: Client, _ options: Import, _ files: [String]) throws {
        self.connection = connection
        self.options = options
        self.files = files
        shift = try options.shift()
        let sizes = files.map { path in (try? Files.state(of: path).bytes) ?? 0 }
        progress = Progress(total: sizes.reduce(0, +), isShown: !options.quiet)
        for row in try connection.ask(Array("TRACK LIST\n".utf8)).rows {
            guard let track = row["track"] else { continue }
            tracks[track] = [:]
            for field in Self.shotFields.map(\.name) + ["vector", "encoder"] {
                tracks[track]?[field] = row[field]
            }
        }
    }

    func run() throws {
        for path in files {
            do {
                if ImportName.isRows(path) {
                    try importRows(path)
                } else if ImportName.isFilm(path) {
                    try importFilm(path)
                } else {
                    try importSubtitles(path)
                }
            } catch let error as SubtitleError {
                failed(path, "\(error)")
            } catch let error as FilmError {
                if case .missing = error { throw Failure(.refused, "mspd: \(error)") }
                failed(path, "\(error)")
            }
        }
        progress.finish(read)
        let trouble = problems == 0 ? "" : ", \(Terminal.grouped(problems)) problems reported above"
        let pictures = read.shots == 0 ? "" : " and \(Terminal.grouped(read.shots)) shots"
        let same = unchanged == 0 ? "" : ", \(unchanged) of them there already, unchanged"
        print(
            "\(Terminal.grouped(read.lines)) lines\(pictures) from \(files.count - failedFiles) "
                + "of \(files.count) "
                + "files imported\(same)\(trouble)")
        if failedFiles > 0 {
            throw Failure(
                .refused, "mspd: \(failedFiles) of \(files.count) files were not imported")
        }
    }

    /// Tells of a file of which nothing is imported.
    private func failed(_ path: String, _ message: String) {
        failedFiles += 1
        report("\(path): \(message)")
    }

    /// Tells of a problem that does not stop the import.
    func report(_ message: String) {
        problems += 1
        progress.clear()
        Terminal.error(message)
    }

    /// Makes the track when there is none, and returns its name.
    func track(_ language: String?) throws -> String {
        guard let name = options.track else { return try dialogueTrack(language) }
        return try textTrack(RequestLine.name(name, "--track"), language)
    }

    /// Makes the track of dialogue in a language when there is none, and returns its name.
    func dialogueTrack(_ language: String?) throws -> String {
        try textTrack(language.map { "dialogue.\($0)" } ?? "dialogue", language)
    }

    private func textTrack(_ name: String, _ language: String?) throws -> String {
        guard tracks[name] == nil else { return name }
        tracks[name] = [:]
        var line = RequestLine("TRACK")
        line.word("CREATE")
        line.word(name)
        line.word("speaker:keyword")
        let known = language.flatMap { Language(code: $0) } ?? .auto
        line.key("text", literal: Array(known.rawValue.utf8))
        _ = try connection.ask(line.line)
        return name
    }

    // MARK: Subtitles

    private func importSubtitles(_ path: String) throws {
        let bytes = try Files.read(path)
        let file = try SubtitleReader.read(bytes, format: SubtitleFormat(fileName: path))
        let name = ImportName(path)
        let title = try RequestLine.name(options.title ?? name.title, "--title")
        if options.title == nil, let namesake = name.namesake, named.insert(title).inserted {
            progress.clear()
            Terminal.error(
                "\(path): goes to title '\(title)', named after \(namesake); --title says another")
        }
        var settings = RequestLine("TITLE")
        settings.word("SET")
        settings.word(title)
        if let fps = options.fps { settings.key("fps", literal: Array(fps.utf8)) }
        if let start = options.start { settings.key("start", literal: Array(start.utf8)) }
        _ = try connection.ask(settings.line)
        try send(
            file, of: path, source: Files.name(path), title,
            track(options.lang ?? name.language), shift)
        advance(bytes.count)
    }

    /// Sends the cues of a file in place of those that came from its source before.
    func send(
        _ file: SubtitleFile, of path: String, source: String, _ title: String, _ track: String,
        _ shift: Int64
    ) throws {
        for problem in file.problems { report("\(path):\(problem.line): \(problem.message)") }
        var load = RequestLine("LOAD")
        load.word(track)
        load.key("format", literal: Array("ndjson".utf8))
        load.key("title", literal: Array(title.utf8))
        load.key("source", literal: Array(source.utf8))
        load.literal(Self.rows(file.cues, source: source, shift: shift))
        let reply = try connection.ask(load.line)
        for row in reply.rows {
            let cue = row["row"].flatMap { Int($0) }.map { file.cues[$0 - 1] }
            report("\(path):\(cue?.line ?? 0): \(row["error"] ?? "") \(row["text"] ?? "")")
        }
        count(reply, 0)
    }

    /// Says how far the import is.
    func advance(_ bytes: Int) { progress.advance(bytes, read) }

    /// Counts the rows of a reply to that many bytes of a file.
    func count(_ reply: ClientReply, _ bytes: Int) {
        read.lines += reply.fields["rows"].flatMap { Int($0) } ?? 0
        advance(bytes)
    }

    /// Counts the shots of a film that lasts so many nanoseconds.
    func count(_ shots: [Shot], _ duration: Int64) {
        read.shots += shots.count
        read.film += duration
    }

    private static func rows(_ cues: [Cue], source: String, shift: Int64) -> [UInt8] {
        var lines: [UInt8] = []
        for (index, cue) in cues.enumerated() {
            lines += Array("{\"in\":\"\(time(cue.start + shift))\",".utf8)
            lines += Array("\"out\":\"\(time(cue.end + shift))\",\"key\":".utf8)
            JSONText.append("\(source)#\(index + 1)", to: &lines)
            lines += Array(",\"text\":".utf8)
            JSONText.append(cue.text, to: &lines)
            if let speaker = cue.speaker {
                lines += Array(",\"speaker\":".utf8)
                JSONText.append(speaker, to: &lines)
            }
            lines += Array("}\n".utf8)
        }
        return lines
    }

    /// A time that keeps every nanosecond.
    static func time(_ nanoseconds: Int64) -> String {
        if nanoseconds % 1_000_000 == 0 { return "\(nanoseconds / 1_000_000)ms" }
        let fraction = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000)."
            + String(repeating: "0", count: 9 - fraction.count) + fraction + "s"
    }
}

/// Text as JSON.
enum JSONText {
    /// Appends a string with its quotes (RFC 8259, section 7).
    static func append(_ text: String, to json: inout [UInt8]) {
        json.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0..<32:
                let digits = Array("0123456789abcdef".utf8)
                json += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: json.append(byte)
            }
        }
        json.append(UInt8(ascii: "\""))
    }
}
