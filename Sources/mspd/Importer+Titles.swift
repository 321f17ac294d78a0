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
    /// The title that a film comes into, or a file that goes with it; one that is another film's
    /// is refused.
    func title(ofFilm path: String, with file: String? = nil) throws -> String {
        let title = options.title ?? known(path) ?? newTitle(ofFilm: path)
        let place = Files.absolute(path) ?? path
        let file = file ?? path
        if let other = brought.films[title], !Files.isSame(other, place) {
            throw taken(title, file, other)
        }
        if let other = try otherFilm(of: title, than: place) {
            if options.offset == nil { throw taken(title, file, other) }
            // A second reel; its name is what tells its rows from those of the first.
            guard Files.name(other) != Files.name(path) else {
                throw Failure(
                    .usage, "\(file): a second reel needs another file name than that of \(other)")
            }
        }
        brought.films[title] = place
        return title
    }

    /// The title of a film that has none; says, once, that it is not as the film's name says.
    private func newTitle(ofFilm path: String) -> String {
        let title = files.title(ofFilm: path)
        if !toldFolders, title != ImportName(film: path).title {
            toldFolders = true
            tell(
                "\(path): comes to title '\(title)', since films in other folders have its name; "
                    + "further ones are told apart likewise")
        }
        return title
    }

    /// The title that a film has since an earlier import, by its name or by that and folders; nil
    /// for a new film.
    private func known(_ path: String) -> String? {
        let place = Files.absolute(path) ?? path
        return ImportName.titles(film: path).first { name in
            titles[name].map { Files.isSame($0, place) } == true
        }
    }

    /// The title that subtitles come into; one that is the film's of others is refused.
    func title(of file: ImportFile, _ name: ImportName, _ folder: FilmFolder) throws -> String {
        if let film = file.film { return try title(ofFilm: film, with: file.path) }
        if let title = options.title { return title }
        let films = folder.films(of: file.path).map { Files.absolute($0) ?? $0 }
        guard let first = films.first, options.offset == nil else { return name.title }
        if let known = films.lazy.compactMap({ self.known($0) }).first { return known }
        let other = try brought.films[name.title] ?? otherFilm(of: name.title, than: first)
        if let other, !films.contains(other) { throw taken(name.title, file.path, other) }
        return name.title
    }

    /// Refuses subtitles that would replace those of another file of this import.
    func claim(_ lane: Lane, _ path: String) throws {
        let name = Files.name(path)
        let place = Files.absolute(path) ?? path
        if let other = brought.files[lane]?[name], !Files.isSame(other, place) {
            throw Failure(
                .usage,
                "\(path): \(other) has the same name and went to title '\(lane.title)'; --title "
                    + "gives this one another")
        }
        brought.files[lane, default: [:]][name] = place
    }

    /// The film that a title says it has, when that is another.
    ///
    /// One that is gone is another where it was not the same file and lay in another folder;
    /// --title says that a title is meant all the same.
    private func otherFilm(of title: String, than place: String) throws -> String? {
        guard let other = titles[title], !other.isEmpty, !Files.isSame(other, place) else {
            return nil
        }
        guard let identity = Files.identity(of: other) else {
            guard options.title == nil, options.offset == nil else { return nil }
            let isNear = other.dropLast(Files.name(other).count).elementsEqual(
                place.dropLast(Files.name(place).count))
            return try !isNear && isAnother(other, title, than: place) ? other : nil
        }
        return identity == Files.identity(of: place) ? nil : other
    }

    /// Whether a title's film, which is gone, was not the file that lies at a place now, by its
    /// size and when it was changed; false where its shots do not tell.
    private func isAnother(_ former: String, _ title: String, than place: String) throws -> Bool {
        let name = Files.name(former)
        let state = try Files.state(of: place)
        for track in tracks.keys.sorted() where tracks[track]?["film"] != nil {
            for number in ["1", "1.1"] {
                var line = RequestLine("GET")
                line.word(track)
                line.word(title)
                line.key("key", literal: Array("\(name)#\(number)".utf8))
                guard let identity = try connection.ask(line.line).rows.first?["film"],
                    identity.hasPrefix(name + ":")
                else { continue }
                let parts = identity.dropFirst(name.count + 1).split(separator: ":")
                return !parts.starts(with: ["\(state.bytes)", "\(state.changed)"])
            }
        }
        return false
    }

    private func taken(_ title: String, _ path: String, _ other: String) -> Failure {
        let what = "\(path): title '\(title)' is that of \(other)"
        guard !Files.exists(other) else {
            return Failure(.usage, "\(what); --title gives this one another")
        }
        return Failure(
            .usage,
            "\(what), which is gone and was another file; --title \(title) puts this one in its "
                + "place, --title with another name beside it")
    }

    // MARK: Films that are gone

    /// The place of a title's film, when that is gone and another takes its place.
    func former(of title: String, before path: String) throws -> String? {
        guard let former = titles[title], !former.isEmpty, options.offset == nil,
            !Files.exists(former)
        else { return nil }
        let isOther =
            try Files.name(former) != Files.name(path)
            || isAnother(former, title, than: path)
        return isOther ? former : nil
    }

    /// Deletes what came to a title from its former film and from files that went with it, but for
    /// what came with the new one.
    func forget(_ former: String, before path: String, _ shots: Lane) throws {
        tell("\(path): takes the place of \(former), which is gone")
        if Files.name(former) != Files.name(path) {
            try delete(shots, source: Files.name(former))
        }
        for track in dialogueTracks {
            let lane = Lane(title: shots.title, track: track)
            if Files.name(former) != Files.name(path) {
                try delete(lane, source: Self.subtitlesSource(former))
            }
            for source in try earlierFiles(lane, former, parts: true).keys.sorted() {
                guard brought.files[lane]?[source] == nil, !lies(source, by: path) else { continue }
                let count = try delete(lane, source: source)
                tell(
                    "\(path): with it goes what \(source) brought: "
                        + Terminal.counted(count, "line"))
            }
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
