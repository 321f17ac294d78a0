// Files of subtitles and the films that they go with. A file takes the place of the lines in its
// film in the same language, in whatever order both come; one that does not say its language is in
// the one that the film's are in, where that is one.

import Media
import Net

extension Importer {
    /// The films that a file of subtitles goes with: the one that brings it along, those beside it,
    /// or that of its title, which may come later in this import.
    func films(of file: ImportFile, _ title: String, _ folder: FilmFolder) -> [String] {
        if let film = file.film { return [film] }
        let beside = folder.films(of: file.path)
        guard options.offset == nil else { return beside }
        if options.title == nil {
            // What says no film by its name has its title from the one beside it.
            let films = beside.isEmpty ? folder.films(ofTitle: title) : beside
            guard films.isEmpty else { return films }
        }
        let film = brought.films[title] ?? files.films[title] ?? titles[title] ?? ""
        return film.isEmpty ? beside : [film]
    }

    /// The language of a file that does not say it, by what its films have; says how it is taken.
    func language(of path: String, _ films: [String], _ title: String) -> String? {
        for film in films {
            guard let header = try? header(of: film) else { continue }
            let languages = Set(EmbeddedChoice(header, told: nil).languages)
            guard let only = languages.first else { continue }
            if languages.count == 1, !isSpoken(only, title, film, but: path) {
                tell(
                    "\(path): does not say its language, and is taken to be in \(only), as the "
                        + "subtitles in \(Files.name(film)); --lang says another")
                return only
            }
            tell("\(path): does not say its language; --lang says it")
            return nil
        }
        return nil
    }

    /// What a film says about itself, which is asked once.
    func header(of film: String) throws(FilmError) -> Film {
        let place = Files.absolute(film) ?? film
        if let known = headers[place] { return known }
        let header = try FilmProbe.film(at: film)
        headers[place] = header
        return header
    }

    /// Whether another file has the lines of a title or its film in a language.
    private func isSpoken(
        _ language: String, _ title: String, _ film: String, but path: String
    ) -> Bool {
        let lane = Lane(title: title, track: "dialogue.\(language)")
        if brought.files[lane]?.keys.contains(where: { $0 != Files.name(path) }) == true {
            return true
        }
        let folder = folders.folder(of: film)
        return folder.subtitles(of: film).contains { other in
            Files.name(other) != Files.name(path)
                && folder.owner(of: Files.name(other))?.language == language
        }
    }

    /// Deletes what a file brought to other tracks before it was known which language it is in.
    func leaveOtherTracks(_ path: String, _ lane: Lane) throws {
        for track in dialogueTracks where track != lane.track {
            try delete(Lane(title: lane.title, track: track), source: Files.name(path))
        }
    }

    /// Deletes the subtitles in films that a file now has; says which may be in its language.
    func takePlace(of films: [String], _ lane: Lane, _ path: String) throws {
        for film in films where !ImportName.isPart(path, of: film) {
            let source = Self.subtitlesSource(film)
            let count = try delete(lane, source: source)
            if count > 0 {
                tell("\(path): takes the place of \(Terminal.counted(count, "line")) in \(film)")
            }
            let unsaid = Lane(title: lane.title, track: "dialogue")
            guard lane != unsaid, tracks[unsaid.track] != nil, !toldUnsaid.contains(lane.title),
                try self.count(unsaid, source: source) > 0
            else { continue }
            tellOfUnsaid(film, lane.title, Files.name(path))
        }
    }

    /// Says, once for a title, that lines of its film which do not say their language may be those
    /// of a file.
    func tellOfUnsaid(_ film: String, _ title: String, _ file: String) {
        guard toldUnsaid.insert(title).inserted else { return }
        tell(
            "\(film): the subtitles in it do not say their language, and come beside those of "
                + "\(file); --again --lang says it")
    }

    // MARK: Files of earlier imports

    /// Files that brought lines to a lane earlier and go with a film by their names, each with the
    /// number of its lines; `parts` are those that are no whole dialogue.
    func earlierFiles(
        _ lane: Lane, _ film: String, parts: Bool = false
    ) throws -> [String: Int] {
        try files(of: lane, beside: film).filter { source, _ in
            Self.goes(source, with: film) && (parts || !ImportName.isPart(source, of: film))
        }
    }

    /// A file of another name than a film's that brought lines to a lane earlier, at times at which
    /// the film is shown.
    func otherFile(_ lane: Lane, _ film: String, at times: Range<Int64>) throws -> String? {
        try files(of: lane, beside: film, at: times).keys.filter {
            !Self.goes($0, with: film) && !ImportName.isPart($0, of: film)
        }.min()
    }

    /// The files of subtitles that a lane's lines are from, each with the number of its lines; none
    /// where all of them are from a film.
    private func files(
        of lane: Lane, beside film: String, at times: Range<Int64>? = nil
    ) throws -> [String: Int] {
        guard tracks[lane.track] != nil else { return [:] }
        let own = Self.subtitlesSource(film)
        guard try count(lane, source: nil) > count(lane, source: own) else { return [:] }
        var found: [String: Int] = [:]
        var cursor: String?
        repeat {
            var line = RequestLine("SEARCH")
            line.word(lane.track)
            line.key("title", literal: Array(lane.title.utf8))
            line.word("sort=time fold=0 limit=1000")
            if let times {
                line.word("in=\(Self.time(times.lowerBound)) out=\(Self.time(times.upperBound))")
            }
            if let cursor { line.word("cursor=\(cursor)") }
            let reply = try connection.ask(line.line)
            for row in reply.rows where row["track"] == lane.track {
                guard let source = row["source"], SubtitleFormat(fileName: source) != nil else {
                    continue
                }
                found[source, default: 0] += 1
            }
            cursor = reply.fields["cursor"]
        } while cursor != nil
        return found
    }

    /// The number of a lane's rows, or of those from a source; a track's name alone stands for its
    /// languages, too, whose rows are not the lane's.
    private func count(_ lane: Lane, source: String?) throws -> Int {
        var line = RequestLine("COUNT")
        line.word(lane.track)
        line.key("title", literal: Array(lane.title.utf8))
        if let source { line.key("source", literal: Array(source.utf8)) }
        let all = Int(try connection.ask(line.line).words) ?? 0
        guard all > 0 else { return 0 }
        return try tracks.keys.filter { $0.hasPrefix(lane.track + ".") }.reduce(all) {
            rest, track in
            rest - (try count(Lane(title: lane.title, track: track), source: source))
        }
    }

    /// Whether the name of a file of subtitles begins with a film's.
    private static func goes(_ source: String, with film: String) -> Bool {
        let name = ImportName.stem(source)
        let stem = ImportName.stem(film)
        return name == stem || [".", "-", "_"].contains { name.hasPrefix(stem + $0) }
    }

    /// Whether a file of this name lies beside a film, or in a folder beside it.
    func lies(_ name: String, by film: String) -> Bool {
        let folder = String(film.dropLast(Files.name(film).count))
        if Files.exists(folder + name) { return true }
        let others = (try? Files.names(in: folder.isEmpty ? "." : folder)) ?? []
        return others.contains { other in
            Files.isFolder(folder + other) && Files.exists("\(folder)\(other)/\(name)")
        }
    }
}
