// Which films lie in a folder, and which subtitles go with each: those whose name begins with the
// film's whole name, such as `toy-de.en.srt` beside `toy-de.mkv`.

import Media

/// The films and subtitles of one folder.
struct FilmFolder {
    /// The folder that files are in, with a slash at its end; empty for the one we are in.
    let path: String
    /// The films of each name without its ending, in the order of their names.
    private var films: [String: [String]] = [:]
    /// The subtitles of each such name.
    private var subtitles: [String: [String]] = [:]

    /// Looks into a folder; one that cannot be read has no films.
    init(_ path: String) {
        self.path = path
        let names = (try? Files.names(in: path.isEmpty ? "." : path)) ?? []
        for name in names where ImportName.isFilm(path + name) {
            films[ImportName.stem(name), default: []].append(name)
        }
        for name in names where SubtitleFormat(fileName: name) != nil {
            guard let owner = owner(of: name) else { continue }
            subtitles[owner.stem, default: []].append(name)
        }
    }

    /// The paths of subtitles that go with a film of this path: what is but a part of its dialogue
    /// last, and before that those with the shortest names first.
    func subtitles(of film: String) -> [String] {
        let names = subtitles[ImportName.stem(film)] ?? []
        let parts = names.filter { ImportName.isPart($0, of: film) }
        let others = names.filter { !ImportName.isPart($0, of: film) }
        return [others, parts].flatMap { $0.sorted { $0.count < $1.count } }.map { path + $0 }
    }

    /// The paths of the films that subtitles of this path go with: more than one where films
    /// differ by their ending alone.
    func films(of subtitles: String) -> [String] {
        guard let owner = owner(of: Files.name(subtitles)) else { return [] }
        return (films[owner.stem] ?? []).map { path + $0 }
    }

    /// The paths of the films whose names say a title.
    func films(ofTitle title: String) -> [String] {
        films.filter { ImportName.clean($0.key) == title }.flatMap(\.value).sorted().map {
            path + $0
        }
    }

    /// The name of the film that subtitles go with, and the language that they say behind it.
    func owner(of subtitles: String) -> (stem: String, language: String?)? {
        let whole = ImportName.stem(subtitles)
        if films[whole] != nil { return (whole, nil) }
        var stem = whole[...]
        var language: String?
        while let dot = stem.lastIndex(of: ".") {
            let part = String(stem[stem.index(after: dot)...])
            language = language ?? LanguageCode.known(part)
            stem = stem[..<dot]
            if films[String(stem)] != nil { return (String(stem), language) }
        }
        guard let cut = ImportName.languageCut(whole), films[cut.stem] != nil else { return nil }
        return cut
    }

    /// What subtitles are named after that do not say their film: the only film beside them, or
    /// their folder.
    var namesake: (stem: String, what: String)? {
        if films.count == 1, let film = films.first, film.value.count == 1 {
            return (film.key, "the film beside it")
        }
        return name.map { ($0, "its folder") }
    }

    /// The folder's own name, whatever it was called by; nil for the root.
    var name: String? {
        let whole = Files.absolute(path.isEmpty ? "." : path)
        return whole.flatMap { $0 == "/" ? nil : Files.name($0) }
    }
}

/// Folders that were looked into.
struct FilmFolders {
    private var known: [String: FilmFolder] = [:]

    /// The folder that a file is in.
    mutating func folder(of path: String) -> FilmFolder {
        let parent = String(path.dropLast(Files.name(path).count))
        if let folder = known[parent] { return folder }
        let folder = FilmFolder(parent)
        known[parent] = folder
        return folder
    }
}
