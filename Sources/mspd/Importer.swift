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
    private let shift: Int64
    private var tracks: Set<String> = []
    private(set) var progress: Progress
    private(set) var rows = 0
    private var problems = 0
    private var failedFiles = 0

    init(_ connection: Client, _ options: Import, _ files: [String]) throws {
        self.connection = connection
        self.options = options
        self.files = files
        shift = try options.shift()
        let sizes = files.map { path in (try? Files.read(path).count) ?? 0 }
        progress = Progress(total: sizes.reduce(0, +), isShown: !options.quiet)
        for row in try connection.ask(Array("TRACK LIST\n".utf8)).rows {
            if let track = row["track"] { tracks.insert(track) }
        }
    }

    func run() throws {
        for path in files {
            do {
                try ImportName.isRows(path) ? importRows(path) : importSubtitles(path)
            } catch let error as SubtitleError {
                failedFiles += 1
                report("\(path): \(error)")
            }
        }
        progress.finish(rows)
        let trouble = problems == 0 ? "" : ", \(Terminal.grouped(problems)) problems reported above"
        print(
            "\(Terminal.grouped(rows)) lines from \(files.count - failedFiles) of \(files.count) "
                + "files imported\(trouble)")
        if failedFiles > 0 {
            throw Failure(
                .refused, "mspd: \(failedFiles) of \(files.count) files were not imported")
        }
    }

    /// Tells of a problem that does not stop the import.
    func report(_ message: String) {
        problems += 1
        progress.clear()
        Terminal.error(message)
    }

    /// Makes the track when there is none, and returns its name.
    func track(_ language: String?) throws -> String {
        let name = try RequestLine.name(
            options.track ?? (language.map { "dialogue.\($0)" } ?? "dialogue"), "--track")
        guard tracks.insert(name).inserted else { return name }
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
        for problem in file.problems { report("\(path):\(problem.line): \(problem.message)") }
        let name = ImportName(path)
        let title = try RequestLine.name(options.title ?? name.title, "--title")
        let track = try self.track(options.lang ?? name.language)
        var settings = RequestLine("TITLE")
        settings.word("SET")
        settings.word(title)
        if let fps = options.fps { settings.key("fps", literal: Array(fps.utf8)) }
        if let start = options.start { settings.key("start", literal: Array(start.utf8)) }
        _ = try connection.ask(settings.line)
        var load = RequestLine("LOAD")
        load.word(track)
        load.key("format", literal: Array("ndjson".utf8))
        load.key("title", literal: Array(title.utf8))
        load.key("source", literal: Array(Files.name(path).utf8))
        load.literal(Self.rows(file.cues, source: Files.name(path), shift: shift))
        let reply = try connection.ask(load.line)
        for row in reply.rows {
            let cue = row["row"].flatMap { Int($0) }.map { file.cues[$0 - 1] }
            report("\(path):\(cue?.line ?? 0): \(row["error"] ?? "") \(row["text"] ?? "")")
        }
        count(reply, bytes.count)
    }

    /// Counts the rows of a reply to that many bytes of a file.
    func count(_ reply: ClientReply, _ bytes: Int) {
        rows += reply.fields["rows"].flatMap { Int($0) } ?? 0
        progress.advance(bytes, rows)
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
    private static func time(_ nanoseconds: Int64) -> String {
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
