// Imports the subtitles that lie in a film. All of them have one source, whatever their streams'
// numbers, so that a film imported again replaces them, and those that it has no more go. A file
// beside the film takes the place of what is in it, language by language.

import Media

extension Importer {
    /// What the rows of subtitles in a film come from.
    static func subtitlesSource(_ film: String) -> String { "\(Files.name(film))#subtitles" }

    /// The tracks that subtitles come to by themselves.
    var dialogueTracks: [String] {
        tracks.keys.filter { name in
            tracks[name]?["text"] != nil && (name == "dialogue" || name.hasPrefix("dialogue."))
        }.sorted()
    }

    /// Imports the text subtitles in a film, the first of each language.
    func importSubtitles(
        in film: Film, _ path: String, _ title: String, _ origin: Int64, isNew: Bool
    ) throws {
        let source = Self.subtitlesSource(path)
        var kept: Set<String> = []
        for (subtitles, language) in streams(of: film) {
            let name = language.map { "dialogue.\($0)" } ?? "dialogue"
            let lane = Lane(title: title, track: name)
            let isKnown = language != nil || !streams(of: film).contains { $0.language != nil }
            if let reason = betterFile(lane, isKnown) {
                tell("\(path): subtitles in stream \(subtitles.stream) are left out: \(reason)")
                continue
            }
            kept.insert(name)
            do {
                let bytes = try EmbeddedSubtitles.srt(path, subtitles)
                let file = try SubtitleReader.read(bytes, format: .srt)
                try takeNewConnection()
                _ = try dialogueTrack(language)
                try send(
                    file,
                    Cues(
                        path: path, lane: lane, source: source, shift: shift - origin,
                        stream: subtitles.stream))
            } catch let error as SubtitleError {
                kept.remove(name)
                guard error != .empty else { continue }
                report("\(path): subtitles in stream \(subtitles.stream): \(error)")
            } catch let error as FilmError {
                report("\(path): subtitles in stream \(subtitles.stream): \(error)")
            }
        }
        guard !isNew else { return }
        for track in dialogueTracks where !kept.contains(track) {
            try delete(Lane(title: title, track: track), source: source)
        }
    }

    /// The first text subtitles of each language; --lang is that of those which do not say theirs,
    /// and of the only ones.
    private func streams(of film: Film) -> [(subtitles: Film.Subtitles, language: String?)] {
        let texts = film.subtitles.filter { !$0.isPictures }
        var seen: Set<String?> = []
        return texts.compactMap { subtitles in
            let own = subtitles.language.flatMap { ImportName.language($0) }
            let language = texts.count == 1 ? options.lang ?? own : own ?? options.lang
            return seen.insert(language).inserted ? (subtitles, language) : nil
        }
    }

    /// Why subtitles in a film are not wanted in a lane: a file has them, or, where they do not say
    /// their language, they may be those of a lane that does.
    private func betterFile(_ lane: Lane, _ isKnown: Bool) -> String? {
        if let file = brought.files[lane]?.keys.min() {
            return "\(file) has this film's lines in the same language"
        }
        let others = brought.files.keys.contains {
            $0.title == lane.title && $0.track.hasPrefix("dialogue.")
        }
        guard lane.track == "dialogue", !isKnown || others else { return nil }
        return "they do not say their language, and others do; --lang says it"
    }

    /// Deletes the subtitles in films that a file now has.
    func takePlace(of films: [String], _ lane: Lane, _ path: String) throws {
        let lanes = Set([lane, Lane(title: lane.title, track: "dialogue")])
        for film in films {
            var count = 0
            for lane in lanes where dialogueTracks.contains(lane.track) {
                count += try delete(lane, source: Self.subtitlesSource(film))
            }
            guard count > 0 else { continue }
            tell("\(path): takes the place of \(Terminal.counted(count, "line")) in \(film)")
        }
    }
}
