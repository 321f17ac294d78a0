// Imports the subtitles that lie in a film. All of them have one source, whatever their streams'
// numbers, so that a film imported again replaces them, and those that it has no more go. A file
// beside the film takes the place of what is in it, language by language.

import Media

/// When a film's picture is shown, in nanoseconds.
struct Shown {
    /// The first frame's own time in the file.
    let origin: Int64
    /// How long.
    let duration: Int64
}

extension Importer {
    /// What the rows of subtitles in a film come from.
    static func subtitlesSource(_ film: String) -> String { "\(Files.name(film))#subtitles" }

    /// The tracks that subtitles come to by themselves.
    var dialogueTracks: [String] {
        tracks.keys.filter { name in
            tracks[name]?["text"] != nil && (name == "dialogue" || name.hasPrefix("dialogue."))
        }.sorted()
    }

    /// Imports the text subtitles in a film, in each language the best; says which are left out.
    func importSubtitles(
        in film: Film, _ path: String, _ title: String, _ shown: Shown, isNew: Bool
    ) throws {
        let choice = EmbeddedChoice(film, told: options.language)
        var kept: Set<String> = []
        for group in choice.groups {
            let name = group.language.map { "dialogue.\($0)" } ?? "dialogue"
            let lane = Lane(title: title, track: name)
            let earlier = isNew ? [:] : try earlierFiles(lane, path)
            let times = shift..<(shift + max(shown.duration, 1))
            let file =
                try brought.files[lane]?.keys.filter { !ImportName.isPart($0, of: path) }.min()
                ?? earlier.keys.sorted().first { lies($0, by: path) }
                ?? (isNew ? nil : otherFile(lane, path, at: times))
            if let reason = unwanted(group, choice, file) {
                for subtitles in group.streams { leaveOut(subtitles, path, reason(subtitles)) }
                continue
            }
            let cues = Cues(
                path: path, lane: lane, source: Self.subtitlesSource(path),
                shift: shift - shown.origin)
            guard try importBest(of: group, cues) else { continue }
            kept.insert(name)
            if !isNew { try takePlaceOfTranscript(lane, path) }
            let others = brought.files.filter { $0.key.title == title && $0.key != lane }
            if group.language == nil, let file = others.values.flatMap(\.keys).min() {
                tellOfUnsaid(path, title, file)
            }
            for (source, count) in earlier {
                try delete(lane, source: source)
                tell(
                    "\(path): \(source) lies beside it no more, so what it brought goes "
                        + "(\(Terminal.counted(count, "line"))), and the lines in the film come")
            }
        }
        if !choice.pictures.isEmpty {
            let streams = choice.pictures.map { "\($0)" }.joined(separator: ", ")
            tell(
                "\(path): subtitles in stream \(streams) are left out: they are pictures of text; "
                    + "a file of text beside the film brings its lines")
        }
        guard !isNew else { return }
        for track in dialogueTracks where !kept.contains(track) {
            try delete(Lane(title: title, track: track), source: Self.subtitlesSource(path))
        }
    }

    /// Gives the subtitles in a film that is there already the language that they are told to have.
    func retell(_ path: String, _ title: String) throws {
        let film = try header(of: path)
        guard EmbeddedChoice(film, told: nil).isOpen else { return }
        let origin = try FilmStart(of: path, film).origin
        let duration = film.pictureDuration ?? film.duration ?? 0
        try importSubtitles(
            in: film, path, title, Shown(origin: origin, duration: duration), isNew: false)
    }

    /// Imports the first subtitles in one language that can be read; false where there are none.
    private func importBest(of group: EmbeddedChoice.Group, _ cues: Cues) throws -> Bool {
        var best: Film.Subtitles?
        for subtitles in group.streams {
            if let best {
                let why =
                    group.language.map { "those in stream \(best.stream) are in \($0), too" }
                    ?? "\(EmbeddedChoice.unsaid(subtitles)), nor do those in stream \(best.stream)"
                let way = EmbeddedChoice.wayOut(subtitles, group.language, cues.path)
                leaveOut(subtitles, cues.path, "\(why); \(way)")
                continue
            }
            do {
                let bytes = try EmbeddedSubtitles.srt(cues.path, subtitles)
                let file = try SubtitleReader.read(bytes, format: .srt)
                try takeNewConnection()
                _ = try dialogueTrack(group.language)
                var cues = cues
                cues.stream = subtitles.stream
                try send(file, cues)
                best = subtitles
            } catch SubtitleError.empty {
                leaveOut(subtitles, cues.path, "there are none in it")
            } catch let error as SubtitleError {
                report("\(cues.path): subtitles in stream \(subtitles.stream): \(error)")
            } catch let error as FilmError {
                report("\(cues.path): subtitles in stream \(subtitles.stream): \(error)")
            }
        }
        return best != nil
    }

    private func leaveOut(_ subtitles: Film.Subtitles, _ path: String, _ reason: String) {
        tell("\(path): subtitles in stream \(subtitles.stream) are left out: \(reason)")
    }

    /// Why subtitles in a film are not wanted in a lane; nil where they are.
    ///
    /// A file has them, or they do not say their language and others in the film do.
    private func unwanted(
        _ group: EmbeddedChoice.Group, _ choice: EmbeddedChoice, _ file: String?
    ) -> ((Film.Subtitles) -> String)? {
        if let file {
            return { subtitles in
                group.language == nil
                    ? "\(EmbeddedChoice.unsaid(subtitles)), nor does \(file), whose lines are taken"
                    : "\(file) has this film's lines in the same language"
            }
        }
        guard group.language == nil, !choice.languages.isEmpty else { return nil }
        return { subtitles in
            "\(EmbeddedChoice.unsaid(subtitles)), and others do; --again --lang says it"
        }
    }
}
