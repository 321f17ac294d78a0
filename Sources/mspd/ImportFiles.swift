// Finds the files of an import: those that were named, all of a known kind in folders, and the
// subtitles beside films, each of which comes right before its film.

import Media

/// One file of an import.
struct ImportFile {
    enum Kind {
        case rows, subtitles, film
    }

    let path: String
    let kind: Kind
    /// For a film and its subtitles the film's path, where the film is of the same import.
    var film: String?
}

/// All files of an import.
struct ImportFiles {
    /// In the order in which they are imported.
    private(set) var files: [ImportFile] = []
    /// What could not be read, and why.
    private(set) var failures: [Failure] = []
    /// Subtitles that are left out, and folders that hold nothing to import.
    private(set) var notes: [String] = []
    /// The folders that the files are in.
    private(set) var folders = FilmFolders()

    /// The first film of each title.
    private(set) var films: [String: String] = [:]
    /// The titles of films of one name, by the bytes of their paths.
    private var titles: [[UInt8]: String] = [:]

    /// The bytes of paths: names that look alike may differ.
    private var named: Set<[UInt8]> = []
    private var taken: Set<[UInt8]> = []

    /// Finds the files that these paths stand for.
    init(_ paths: [String]) throws {
        for path in paths where !Files.isNamed(path) {
            throw Failure(.usage, "mspd: there is no file or folder '\(path)'")
        }
        named = Set(paths.map { Array($0.utf8) })
        let all = paths.flatMap { expand($0) }
        if all.isEmpty, failures.isEmpty, let note = notes.first { throw Failure(.usage, note) }
        let films = all.filter { $0.kind == .film }.map(\.path)
        tellApart(films)
        self.films = Dictionary(
            films.map { (title(ofFilm: $0), $0) }, uniquingKeysWith: { first, _ in first })
        let sidecars = Set(
            films.flatMap { folders.folder(of: $0).subtitles(of: $0) }.map { Array($0.utf8) })
        leaveOutRepeats(
            all.filter { $0.kind == .subtitles && !sidecars.contains(Array($0.path.utf8)) }.map(
                \.path))
        for file in all where file.kind == .film || !sidecars.contains(Array(file.path.utf8)) {
            if file.kind == .film { addSubtitles(of: file.path) }
            add(file)
        }
    }

    /// How many files there are that no film brings along.
    var leaders: Int { files.count { $0.film == nil || $0.kind == .film } }

    /// The title of a film: its name, behind as many folders as tell it from others of this import.
    func title(ofFilm path: String) -> String {
        titles[Array(path.utf8)] ?? ImportName(film: path).title
    }

    /// Finds titles for films of one name, such as those of a camera's cards.
    ///
    /// What differs by its ending alone is left as it is, and refused later.
    private mutating func tellApart(_ films: [String]) {
        let groups = Dictionary(grouping: films) { ImportName(film: $0).title }.values
        for group in groups where group.count > 1 {
            var places: [Files.Identity?: (path: String, names: [String])] = [:]
            for path in group where places[Files.identity(of: path)] == nil {
                places[Files.identity(of: path)] = (path, ImportName.titles(film: path))
            }
            var count: [String: Int] = [:]
            for name in places.values.flatMap(\.names) { count[name, default: 0] += 1 }
            for (path, names) in places.values where places.count > 1 {
                titles[Array(path.utf8)] = names.first { count[$0] == 1 }
            }
        }
    }

    /// A file, or the files in a folder whose kind is known.
    private mutating func expand(_ path: String) -> [ImportFile] {
        guard Files.isFolder(path) else { return [ImportFile(path: path, kind: kind(path))] }
        var seen: Set<Files.Identity> = []
        var troubles: [Failure] = []
        let found = Files.all(below: path, seen: &seen) { troubles.append($0) }
            .filter { ImportName.isKnown($0) }
        failures += troubles
        if found.isEmpty, troubles.isEmpty {
            notes.append("mspd: no film, no .srt, .vtt or .ndjson file lies below '\(path)'")
        }
        return found.map { ImportFile(path: $0, kind: kind($0)) }
    }

    /// What a file is by its name; a name that does not say it is that of a film unless there is
    /// text in it.
    private func kind(_ path: String) -> ImportFile.Kind {
        if ImportName.isRows(path) { return .rows }
        if ImportName.isFilm(path) { return .film }
        guard SubtitleFormat(fileName: path) == nil else { return .subtitles }
        let beginning = (try? Files.beginning(of: path, 4_096)) ?? []
        return SubtitleReader.whatIsNoText(beginning) == nil ? .subtitles : .film
    }

    private mutating func add(_ file: ImportFile) {
        guard taken.insert(Array(file.path.utf8)).inserted else { return }
        var file = file
        if file.kind == .film { file.film = file.path }
        files.append(file)
    }

    /// Adds the subtitles beside a film; of several in one language those with the shortest name,
    /// and those that were named.
    private mutating func addSubtitles(of film: String) {
        let folder = folders.folder(of: film)
        var languages: [String?: String] = [:]
        for path in folder.subtitles(of: film) where !taken.contains(Array(path.utf8)) {
            let language = folder.owner(of: Files.name(path))?.language
            let first = languages[language]
            languages[language] = first ?? path
            if let first, !named.contains(Array(path.utf8)) {
                leaveOut(path, for: first, language, "this film's lines")
                continue
            }
            add(ImportFile(path: path, kind: .subtitles, film: film))
        }
    }

    /// Leaves out subtitles of a title in a language that others of this import have: those beside
    /// the title's film, or else those with the shortest name.
    ///
    /// Those that were named stay, and so do those of one name in several folders, of which one is
    /// refused.
    private mutating func leaveOutRepeats(_ paths: [String]) {
        var first: [Speech: String] = [:]
        for (title, film) in films {
            let folder = folders.folder(of: film)
            for path in folder.subtitles(of: film) {
                let language = folder.owner(of: Files.name(path))?.language
                let speech = Speech(title: title, language: language)
                first[speech] = first[speech] ?? path
            }
        }
        let inOrder = paths.sorted { one, other in
            // Of names of one length that which lies in the fewest folders.
            (Files.name(one).count, one.split(separator: "/").count, one)
                < (Files.name(other).count, other.split(separator: "/").count, other)
        }
        for path in inOrder {
            let name = ImportName(subtitles: path, beside: folders.folder(of: path))
            let speech = Speech(title: name.title, language: name.language)
            let other = first[speech] ?? path
            first[speech] = other
            guard Files.name(other) != Files.name(path), !named.contains(Array(path.utf8)) else {
                continue
            }
            leaveOut(path, for: other, name.language, "the lines of title '\(name.title)'")
        }
    }

    private mutating func leaveOut(
        _ path: String, for other: String, _ language: String?, _ what: String
    ) {
        let why =
            language.map { "\(what) in the same language, \($0)" }
            ?? "\(what), and neither says its language"
        notes.append(
            "\(path): left out, for \(Files.name(other)) has \(why); import it by its name to have "
                + "both")
        taken.insert(Array(path.utf8))
    }
}

/// The dialogue of a title in a language.
private struct Speech: Hashable {
    let title: String
    /// Nil where it is not said.
    let language: String?
}
