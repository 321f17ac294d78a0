// What a file's name says: its kind, the title and the language.

import Media

/// A file's name, taken apart: `film.en.srt` is title `film` in language `en`.
struct ImportName {
    let title: String
    let language: String?
    /// Where the title was taken from when the file's name says none; nil when it does.
    let namesake: String?

    /// Names that say what a file is rather than which film it belongs to.
    private static let generic: Set<String> = ["captions", "subtitles", "subs", "dialogue"]

    /// Languages by the codes that subtitle files carry: two letters, and the three-letter ones of
    /// ISO 639-2 that are met most.
    private static let threeLetters = [
        "eng": "en", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "spa": "es", "ita": "it",
        "por": "pt", "dut": "nl", "nld": "nl", "swe": "sv", "dan": "da", "nor": "no", "fin": "fi",
        "pol": "pl", "rus": "ru", "ukr": "uk", "cze": "cs", "ces": "cs", "gre": "el", "ell": "el",
        "tur": "tr", "ara": "ar", "heb": "he", "hin": "hi", "chi": "zh", "zho": "zh", "jpn": "ja",
        "kor": "ko", "tha": "th", "vie": "vi", "hun": "hu", "rum": "ro", "ron": "ro", "bul": "bg",
    ]
    private static let twoLetters = Set(threeLetters.values).union([
        "hr", "sr", "sk", "sl", "et", "lv", "lt", "is", "ca", "eu", "gl", "fa", "id", "ms", "bn",
        "ta", "te", "mr", "ur", "nb", "nn", "ga", "cy",
    ])

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

    init(_ path: String) {
        var stem = Files.name(path)
        if let dot = stem.lastIndex(of: "."), dot > stem.startIndex { stem = String(stem[..<dot]) }
        var language: String?
        if let mark = stem.lastIndex(where: { ".-_".contains($0) }), mark > stem.startIndex {
            language = Self.language(String(stem[stem.index(after: mark)...]))
            if language != nil { stem = String(stem[..<mark]) }
        }
        let isGeneric = Self.generic.contains(stem.lowercased())
        let other = isGeneric ? Self.namesake(of: path) : nil
        namesake = other?.what
        self.language = language
        title = Self.clean(other?.stem ?? stem)
    }

    /// What a file that does not say its film is named after: the only film beside it, or its
    /// folder.
    private static func namesake(of path: String) -> (stem: String, what: String)? {
        let whole = Files.absolute(path) ?? path
        guard let folder = Files.folderName(whole) else { return nil }
        let parent = String(whole.dropLast(Files.name(whole).utf8.count))
        let films = ((try? Files.names(in: parent)) ?? []).filter { isFilm(parent + $0) }
        guard films.count == 1 else { return (folder, "its folder") }
        return (ImportName(films[0]).title, "the film beside it")
    }

    /// The code of a language, in two letters where there are; regions such as `pt-BR` keep theirs.
    static func language(_ text: String) -> String? {
        let code = text.lowercased()
        return threeLetters[code] ?? (twoLetters.contains(code) ? code : nil)
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
