// Sends files to a server: each subtitle file as one request that replaces what came from it
// before; Importer+Rows.swift sends rows. Reports what is broken by file and line and goes on with
// the rest.

import Gateway
import Media
import Net
import TextIndex

/// One run of `mspd import`.
final class Importer {
    var connection: Client
    /// Whether no server answered, long enough to give up.
    var isServerGone = false
    let options: Import
    let files: ImportFiles
    var folders: FilmFolders
    let shift: Int64
    /// The tracks by name, with what TRACK LIST says of those fields that imports need.
    var tracks: [String: [String: String]] = [:]
    /// The titles by name, each with the place of its film; an empty one where it has none.
    var titles: [String: String] = [:]
    /// What this import brought: the films of titles, and the files of lanes.
    var brought = Brought()
    private(set) var progress: Progress
    private var read = Progress.Amounts()
    /// What films say about themselves, by their places.
    var headers: [String: Film] = [:]
    var unchanged = 0
    private var problems = 0
    /// Titles that were told to come from elsewhere than a file's name.
    private var named: Set<String> = []
    /// Folders of which it was told that their names say a language.
    private var languageFolders: Set<String> = []
    /// Titles whose films' subtitles were told not to say their language.
    var toldUnsaid: Set<String> = []
    /// Whether it was told that titles have folders in their names.
    var toldFolders = false
    /// The encoders that write rows; nil until they were asked for.
    var transcribers: [String]?
    private var failedFiles = 0

    init(_ connection: Client, _ options: Import, _ files: ImportFiles) throws {
        self.connection = connection
        self.options = options
        self.files = files
        folders = files.folders
        shift = try options.shift()
        let sizes = files.files.map { file in (try? Files.state(of: file.path).bytes) ?? 0 }
        progress = Progress(total: sizes.reduce(0, +), isShown: !options.quiet)
        try readTracks()
        for row in try connection.ask(Array("TITLE LIST\n".utf8)).rows {
            if let title = row["title"] { titles[title] = row["file"] ?? "" }
        }
    }

    /// Reads which tracks there are.
    private func readTracks() throws {
        for row in try connection.ask(Array("TRACK LIST\n".utf8)).rows {
            guard let track = row["track"] else { continue }
            tracks[track] = [:]
            for field in Self.shotFields.map(\.name) + ["text", "vector", "encoder"] {
                tracks[track]?[field] = row[field]
            }
        }
    }

    func run() throws {
        for failure in files.failures { report(failure.message) }
        for note in files.notes { tell(note) }
        for (number, file) in files.files.enumerated() {
            do { try importFile(file) } catch {
                guard let reason = lost(error) else { throw error }
                failed("\(file.path): \(reason)")
                if !isServerGone { try? takeNewConnection() }
            }
            guard !isServerGone else {
                failedFiles += files.files.count - number - 1
                break
            }
        }
        progress.finish(read)
        try finish()
    }

    /// Imports a file, or tells why it cannot be; throws what keeps all others from being imported.
    private func importFile(_ file: ImportFile) throws {
        do {
            switch file.kind {
            case .rows: try importRows(file.path)
            case .film: try importFilm(file.path)
            case .subtitles: try importSubtitles(file)
            }
        } catch let error as SubtitleError {
            failed("\(file.path): \(error)")
        } catch let error as FilmError {
            if case .missing = error { throw Failure(.refused, "mspd: \(error)") }
            failed("\(file.path): \(whatElse(file.path))\(error)")
        } catch let failure as Failure where failure.isOfOneFile {
            failed(failure.refusal == nil ? failure.message : "\(file.path): \(failure.message)")
        }
    }

    /// Says what was imported; that not everything was is a failure.
    private func finish() throws {
        let all = files.files.count
        let whole = Terminal.grouped(all - failedFiles)
        let trouble =
            problems == 0 ? "" : ", \(Terminal.counted(problems, "problem")) reported above"
        let pictures = read.shots == 0 ? "" : " and \(Terminal.counted(read.shots, "shot"))"
        let same = unchanged == 0 ? "" : ", \(unchanged) of them there already, unchanged"
        print(
            "\(Terminal.counted(read.lines, "line"))\(pictures) from \(whole) of "
                + "\(Terminal.counted(all, "file")) imported\(same)\(trouble)")
        let folders = files.failures.count
        let left = [
            failedFiles == 0 ? nil : "\(failedFiles) of \(all) files were not imported",
            folders == 0 ? nil : "\(Terminal.counted(folders, "folder")) could not be read",
        ]
        guard failedFiles + folders == 0 else {
            throw Failure(
                isServerGone ? .noConnection : .refused,
                "mspd: " + left.compactMap { $0 }.joined(separator: ", "))
        }
    }

    /// What a file is that was tried as a film, though its name does not say that it is one.
    private func whatElse(_ path: String) -> String {
        guard !ImportName.isFilm(path), let bytes = try? Files.beginning(of: path, 4_096),
            let what = SubtitleReader.whatIsNoText(bytes)
        else { return "" }
        return "this is \(what), not a subtitle file, and "
    }

    /// Tells of a file of which nothing is imported.
    private func failed(_ message: String) {
        failedFiles += 1
        report(message)
    }

    /// Tells of a problem that does not stop the import.
    func report(_ message: String) {
        problems += 1
        tell(message)
    }

    /// Tells of what is no problem.
    func tell(_ message: String) {
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
        var line = RequestLine("TRACK")
        line.word("CREATE")
        line.word(name)
        line.word("speaker:keyword")
        let known = language.flatMap { Language(code: $0) } ?? .auto
        line.key("text", literal: Array(known.rawValue.utf8))
        if try !isMade(name, line) { tracks[name] = ["text": known.rawValue] }
        return name
    }

    /// Makes a track; true when somebody else has made it meanwhile, perhaps in another way.
    func isMade(_ name: String, _ line: RequestLine) throws -> Bool {
        do { _ = try connection.ask(line.line) } catch {
            guard error.refusal == "EXISTS.track" else { throw error }
            try readTracks()
            guard tracks[name] != nil else { throw error }
            return true
        }
        return false
    }

    // MARK: Subtitles

    private func importSubtitles(_ file: ImportFile) throws {
        let path = file.path
        let bytes = try Files.read(path)
        let subtitles = try SubtitleReader.read(bytes, format: SubtitleFormat(fileName: path))
        try renewConnection()
        let folder = folders.folder(of: path)
        let name = ImportName(subtitles: path, beside: folder)
        let title = try title(of: file, name, folder)
        if options.title == nil, let namesake = name.namesake, named.insert(title).inserted {
            tell("\(path): goes to title '\(title)', named after \(namesake); --title says another")
        }
        if name.isLanguageOfFolder, options.language == nil, let language = name.language,
            languageFolders.insert(folder.path).inserted
        {
            tell(
                "\(path): taken to be in \(language), after which its folder is named, as others "
                    + "there; --lang says another")
        }
        let films = films(of: file, title, folder)
        let isNew = titles[title] == nil
        let track = try track(of: file, name, films, title)
        guard tracks[track]?["text"] != nil else {
            throw Failure(
                .usage,
                "\(path): track '\(track)' has no text, so it takes no subtitles; --track names "
                    + "another")
        }
        let lane = Lane(title: title, track: track)
        try claim(lane, path)
        try setRate(title, start: options.start)
        try send(subtitles, Cues(path: path, lane: lane, source: Files.name(path), shift: shift))
        if name.language == nil, !films.isEmpty, !isNew { try leaveOtherTracks(path, lane) }
        try takePlace(of: films, lane, path)
        if !isNew, !films.contains(where: { ImportName.isPart(path, of: $0) }) {
            try takePlaceOfTranscript(lane, path)
        }
        advance(bytes.count)
    }

    /// The track of a file of subtitles: what a film brings along says its own language, and
    /// --track is about the film's shots.
    private func track(
        of file: ImportFile, _ name: ImportName, _ films: [String], _ title: String
    ) throws -> String {
        guard file.film == nil else {
            let told = name.language ?? options.language
            return try dialogueTrack(told ?? language(of: file.path, films, title))
        }
        let told = options.language ?? name.language
        guard told == nil, options.track == nil else { return try track(told) }
        return try dialogueTrack(language(of: file.path, films, title))
    }

    /// Makes the title, and gives it the rate that options say, and a first label.
    func setRate(_ title: String, start: String?) throws {
        var settings = RequestLine("TITLE")
        settings.word("SET")
        settings.word(title)
        if let fps = options.fps { settings.key("fps", literal: Array(fps.utf8)) }
        if let start { settings.key("start", literal: Array(start.utf8)) }
        _ = try connection.ask(settings.line)
        titles[title] = titles[title] ?? ""
    }

    /// Sends the cues of a file in place of those that came from its source before.
    func send(_ file: SubtitleFile, _ cues: Cues) throws {
        for problem in file.problems { report("\(cues.place(problem.line)): \(problem.message)") }
        if file.rollsUp {
            tell("\(cues.path): its captions roll up; each line counts where it first stands")
        }
        var load = RequestLine("LOAD")
        load.word(cues.lane.track)
        load.key("format", literal: Array("ndjson".utf8))
        load.key("title", literal: Array(cues.lane.title.utf8))
        load.key("source", literal: Array(cues.source.utf8))
        load.literal(Self.rows(file.cues, cues))
        let reply = try connection.ask(load.line)
        for row in reply.rows {
            let cue = row["row"].flatMap { Int($0) }.map { file.cues[$0 - 1] }
            report("\(cues.place(cue?.line ?? 0)): \(row["error"] ?? "") \(row["text"] ?? "")")
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

    /// Cues as rows; what comes before the first frame is moved there.
    private static func rows(_ file: [Cue], _ cues: Cues) -> [UInt8] {
        var lines: [UInt8] = []
        for (index, cue) in file.enumerated() {
            let start = max(0, cue.start + cues.shift)
            let end = max(start, cue.end + cues.shift)
            lines += Array("{\"in\":\"\(time(start))\",".utf8)
            lines += Array("\"out\":\"\(time(end))\",\"key\":".utf8)
            JSONText.append("\(cues.source)#\(index + 1)", to: &lines)
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

/// Where cues come from, and where they go.
struct Cues {
    let path: String
    let lane: Lane
    /// What replaces them later.
    let source: String
    /// Nanoseconds that are added to every time.
    let shift: Int64
    /// The number of their stream, when they lie in a film.
    var stream: Int?

    /// A line of them, as people find it; those in a film have none.
    func place(_ line: Int) -> String {
        stream.map { "\(path): subtitles in stream \($0)" } ?? "\(path):\(line)"
    }
}

extension Failure {
    /// Whether the rest of an import can go on: a file that cannot be read, or something in it
    /// that the server does not take.
    fileprivate var isOfOneFile: Bool {
        code == .usage || refusal?.hasPrefix("SYNTAX.") == true
            || refusal?.hasPrefix("CONFLICT.") == true || refusal == "NOTFOUND.operation"
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
