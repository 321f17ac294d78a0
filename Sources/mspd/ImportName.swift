// What a file's name says: its kind, the title and the language. A film's name is its title;
// subtitles say the film that they go with, and a language behind it, or lie in a folder that is
// named after one.

import Media

/// A file's name, taken apart: `film.en.srt` is title `film` in language `en`.
struct ImportName {
    let title: String
    let language: String?
    /// Where the title was taken from when the file's name says none; nil when it does.
    let namesake: String?
    /// Whether the language is that of the folder's name.
    private(set) var isLanguageOfFolder = false

    /// Names that say what a file is rather than which film it belongs to.
    private static let generic: Set<String> = ["captions", "subtitles", "subs", "dialogue"]

    static func isKnown(_ path: String) -> Bool {
        isRows(path) || SubtitleFormat(fileName: path) != nil || isFilm(path)
    }

    /// Whether a file is a film by its name; where other files end alike, by its first bytes.
    static func isFilm(_ path: String) -> Bool {
        let name = Files.name(path)
        guard let dot = name.lastIndex(of: ".") else { return false }
        let ending = name[name.index(after: dot)...].lowercased()
        guard FilmProbe.endings.contains(ending) else { return false }
        guard ["ts", "mts"].contains(ending) else { return true }
        // A transport stream has this byte at the front of each packet, or four bytes into it.
        let first = (try? Files.beginning(of: path, 5)) ?? []
        return first.count == 5 && (first[0] == 0x47 || first[4] == 0x47)
    }

    static func isRows(_ path: String) -> Bool { path.lowercased().hasSuffix(".ndjson") }

    /// A film's name, which is its title.
    init(film path: String) {
        title = Self.clean(Self.stem(path))
        language = nil
        namesake = nil
    }

    /// The titles that a film may have: its name alone, then behind one folder after the other.
    static func titles(film path: String) -> [String] {
        let place = Files.absolute(path) ?? path
        let folders = place.split(separator: "/").dropLast().map(String.init)
        return (0...folders.count).map { depth in
            clean((folders.suffix(depth) + [stem(path)]).joined(separator: "/"))
        }
    }

    /// The name of subtitles that lie beside these films.
    ///
    /// The film whose whole name theirs begins with is theirs; the rest says the language. Where
    /// there is none, a language is taken off their name, or else the folder's name says it.
    init(subtitles path: String, beside films: FilmFolder) {
        var stem = Self.stem(path)
        if let owner = films.owner(of: Files.name(path)) {
            title = Self.clean(owner.stem)
            language = owner.language
            namesake = nil
            return
        }
        var language: String?
        if let cut = Self.languageCut(stem) { (stem, language) = cut }
        let said = language == nil ? films.name.flatMap(LanguageCode.folder) : nil
        isLanguageOfFolder = said != nil
        self.language = language ?? said
        let other = Self.generic.contains(stem.lowercased()) ? films.namesake : nil
        namesake = other?.what
        title = Self.clean(other?.stem ?? stem)
    }

    /// A file's name without its ending.
    static func stem(_ path: String) -> String {
        let name = Files.name(path)
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// Whether a file of subtitles has no more than a part of a film's dialogue, or none of it, by
    /// what its name says behind the film's, or at all where it does not begin with that.
    static func isPart(_ file: String, of film: String) -> Bool {
        let name = stem(file).lowercased()
        let whole = stem(film).lowercased()
        let rest = name.hasPrefix(whole) ? name.dropFirst(whole.count) : name[...]
        let words = rest.split { ".-_ ".contains($0) }
        return words.contains { ["forced", "signs", "commentary"].contains($0) }
    }

    /// A name without the language at its end, and the language; nil where there is none.
    static func languageCut(_ stem: String) -> (stem: String, language: String?)? {
        guard let mark = stem.lastIndex(where: { ".-_".contains($0) }), mark > stem.startIndex,
            let language = LanguageCode.common(String(stem[stem.index(after: mark)...]))
        else { return nil }
        return (String(stem[..<mark]), language)
    }

    /// A name that titles may have: spaces and what the protocol needs become hyphens.
    static func clean(_ name: String) -> String {
        var clean = ""
        for scalar in name.unicodeScalars {
            let isBad =
                scalar.value <= 32 || scalar.value == 127
                || ",@\"={}".unicodeScalars.contains(scalar)
            if !isBad {
                clean.unicodeScalars.append(scalar)
            } else if !clean.hasSuffix("-") {
                clean += "-"
            }
        }
        return clean.isEmpty ? "untitled" : clean
    }
}
