// Which of the subtitles in a film are read: those of each language that are most likely all of its
// dialogue, and no pictures of text. What is left out is named with its reason.

import Media

/// The text subtitles in a film, language by language.
struct EmbeddedChoice {
    /// Subtitles in one language.
    struct Group {
        /// Nil where they do not say it.
        let language: String?
        /// Those that are wanted most come first.
        var streams: [Film.Subtitles]
    }

    private(set) var groups: [Group] = []
    /// The numbers of the streams that are pictures of text.
    let pictures: [Int]

    /// `told` is the language of those which do not say theirs, and of the only ones.
    init(_ film: Film, told: String?) {
        pictures = film.subtitles.filter(\.isPictures).map(\.stream)
        let texts = film.subtitles.filter { !$0.isPictures }
        for subtitles in texts {
            let own = subtitles.language.flatMap { LanguageCode.said($0) }
            let language = texts.count == 1 ? told ?? own : own ?? told
            if let index = groups.firstIndex(where: { $0.language == language }) {
                groups[index].streams.append(subtitles)
            } else {
                groups.append(Group(language: language, streams: [subtitles]))
            }
        }
        for index in groups.indices {
            let byPlace = groups[index].streams.enumerated()
            groups[index].streams = byPlace.sorted {
                ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset)
            }.map(\.element)
        }
    }

    /// Whether their language is for somebody to tell: some do not say theirs, or only one stream
    /// says one, which may be wrong.
    var isOpen: Bool {
        groups.contains { $0.language == nil } || groups.count == 1 && groups[0].streams.count == 1
    }

    /// The languages that they say.
    var languages: [String] { groups.compactMap(\.language) }

    /// That subtitles do not say their language, in words.
    static func unsaid(_ subtitles: Film.Subtitles) -> String {
        guard let tag = subtitles.language, tag.lowercased() != "und", !tag.isEmpty else {
            return "they do not say their language"
        }
        return "their language, '\(tag)', is not known"
    }

    /// What brings subtitles in a film in place of others in their language.
    static func wayOut(_ subtitles: Film.Subtitles, _ language: String?, _ path: String) -> String {
        let ending = language.map { ".\($0).srt" } ?? ".srt"
        return "to have these instead, `ffmpeg -i \(Files.name(path)) -map 0:\(subtitles.stream) "
            + "\(ImportName.stem(path))\(ending)` makes a file of them to import"
    }
}
