// Whose title is whose: what comes from two files never mixes because their names are alike. A
// title has the film that it says it has, as long as that lies there, or the first of an import.

import Net

/// The rows of a track in a title.
struct Lane: Hashable {
    let title: String
    let track: String
}

/// What an import brought so far.
struct Brought {
    /// A title's film, as its whole path.
    var films: [String: String] = [:]
    /// The paths of a lane's subtitle files, by their names.
    var files: [Lane: [String: String]] = [:]
}

extension Importer {
    /// The title that a film comes into; one that is another film's is refused.
    func title(ofFilm path: String) throws -> String {
        let title = options.title ?? ImportName(film: path).title
        let place = Files.absolute(path) ?? path
        if let other = brought.films[title], other != place { throw taken(title, path, other) }
        if let other = otherFilm(of: title, than: place) {
            if options.offset == nil { throw taken(title, path, other) }
            // A second reel; its name is what tells its rows from those of the first.
            guard Files.name(other) != Files.name(path) else {
                throw Failure(
                    .usage, "\(path): a second reel needs another file name than that of \(other)")
            }
        }
        brought.films[title] = place
        return title
    }

    /// The title that subtitles come into; one that is the film's of others is refused.
    func title(of file: ImportFile, _ name: ImportName, _ folder: FilmFolder) throws -> String {
        if let film = file.film { return try title(ofFilm: film) }
        if let title = options.title { return title }
        let films = folder.films(of: file.path).map { Files.absolute($0) ?? $0 }
        guard let first = films.first, options.offset == nil else { return name.title }
        let other = brought.films[name.title] ?? otherFilm(of: name.title, than: first)
        if let other, !films.contains(other) { throw taken(name.title, file.path, other) }
        return name.title
    }

    /// Refuses subtitles that would replace those of another file of this import.
    func claim(_ lane: Lane, _ path: String) throws {
        let name = Files.name(path)
        let place = Files.absolute(path) ?? path
        if let other = brought.files[lane]?[name], other != place {
            throw Failure(
                .usage,
                "\(path): \(other) has the same name and went to title '\(lane.title)'; --title "
                    + "gives this one another")
        }
        brought.files[lane, default: [:]][name] = place
    }

    /// The film that a title says it has, when that is another and still there.
    private func otherFilm(of title: String, than place: String) -> String? {
        guard let other = titles[title], !other.isEmpty, other != place,
            let identity = Files.identity(of: other), identity != Files.identity(of: place)
        else { return nil }
        return other
    }

    private func taken(_ title: String, _ path: String, _ other: String) -> Failure {
        Failure(
            .usage, "\(path): title '\(title)' is that of \(other); --title gives this one another")
    }

    /// Deletes what came to a title from a file of another name that was its film and is gone.
    func forget(_ former: String, before path: String, _ shots: Lane) throws {
        guard !former.isEmpty, options.offset == nil, !Files.exists(former),
            Files.name(former) != Files.name(path)
        else { return }
        tell("\(path): takes the place of \(former), which is gone")
        try delete(shots, source: Files.name(former))
        for track in dialogueTracks {
            try delete(
                Lane(title: shots.title, track: track), source: Self.subtitlesSource(former))
        }
    }

    /// Deletes what came from a source to a lane, and returns the number of rows.
    @discardableResult
    func delete(_ lane: Lane, source: String) throws -> Int {
        var line = RequestLine("DELETE")
        line.word(lane.track)
        line.word(lane.title)
        line.key("source", literal: Array(source.utf8))
        return Int(try connection.ask(line.line).fields["deleted"] ?? "") ?? 0
    }
}
