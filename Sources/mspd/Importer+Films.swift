// Imports a film: its rate and first label to the title, the subtitles in it to the dialogue, its
// shots to a track of their own, each with a picture and a vector of what it looks like.
//
// A film's shots carry what identifies the file they came from (its size, when it was changed, and
// how shots were divided), so a film that is there already is known by one question. They are
// written by one operation: what a search sees is all of the old or all of the new.

import Media
import Net

extension Importer {
    /// Requests sent ahead of their replies.
    private static let requestsAhead = 64

    /// What a track of shots has beside vectors.
    static let shotFields = [
        (name: "shot", type: "number"), (name: "film", type: "keyword"),
        (name: "thumb", type: "blob"),
    ]

    func importFilm(_ path: String) throws {
        try Files.expectFile(path)
        try renewConnection()
        let title = try title(ofFilm: path)
        do { try importFilm(path, title) } catch {
            // What is no film after all has no title.
            brought.films[title] = nil
            throw error
        }
    }

    private func importFilm(_ path: String, _ title: String) throws {
        let state = try Files.state(of: path)
        let isNew = titles[title] == nil
        let track = try shotsTrack()
        var identity = "\(Files.name(path)):\(state.bytes):\(state.changed):\(shift)"
        if let frames = options.frames { identity += ":\(frames)" }
        if !options.again, try has(track, title, identity) {
            // It may lie elsewhere than before.
            try setPlace(title, path)
            if options.fps != nil, options.offset == nil {
                try setRate(title, start: start(of: path))
            }
            if options.lang != nil { try retell(path, title) }
            unchanged += 1
            advance(state.bytes)
            return
        }
        let film = try header(of: path)
        var done = 0
        let found = try ShotReader.shots(path, film, framesPerSecond: options.frames) { time in
            let whole = max(film.pictureDuration ?? film.duration ?? 0, 1)
            let bytes = min(
                Int(Double(time) / Double(whole) * Double(state.bytes)), state.bytes)
            advance(max(0, bytes - done))
            done = max(done, bytes)
        }
        if let complaint = found.complaint { report("\(path): ffmpeg says: \(complaint)") }
        if let jump = found.jumps.first {
            tell(
                "\(path): its time stamps begin anew at \(jump / 1_000_000_000) s, and what is "
                    + "behind that counts on; encoders that look into it go by the stamps, and may "
                    + "see another place")
        }
        try takeNewConnection()
        let former = try former(of: title, before: path)
        try setTitle(title, film, found, path)
        let shown = Shown(origin: found.origin, duration: found.duration)
        try importSubtitles(in: film, path, title, shown, isNew: isNew)
        try send(found.shots, track, title, Files.name(path), identity)
        if let former { try forget(former, before: path, Lane(title: title, track: track)) }
        count(found.shots, found.duration)
        advance(state.bytes - done)
    }

    // MARK: Track and title

    /// The track for shots, made when it is not there.
    private func shotsTrack() throws -> String {
        let name = try RequestLine.name(options.track ?? "shots", "--track")
        var line = RequestLine("TRACK")
        guard let track = tracks[name] else {
            line.word("CREATE")
            line.word(name)
            line.word("vector=\(Look.dimension) metric=cosine encoder=\(Look.name)")
            for field in Self.shotFields { line.word("\(field.name):\(field.type)") }
            if try isMade(name, line) { return try shotsTrack() }
            tracks[name] = ["vector": "\(Look.dimension)", "encoder": Look.name]
            for field in Self.shotFields { tracks[name]?[field.name] = field.type }
            return name
        }
        guard track["vector"] == "\(Look.dimension)", track["encoder"] == Look.name else {
            throw Failure(
                .usage,
                "mspd: track '\(name)' was not made for vectors of encoder \(Look.name); "
                    + "--track names another, which is made when it is not there")
        }
        let missing = Self.shotFields.filter { track[$0.name] == nil }
        guard !missing.isEmpty else { return name }
        line.word("ALTER")
        line.word(name)
        for field in missing { line.word("\(field.name):\(field.type)") }
        _ = try connection.ask(line.line)
        for field in missing { tracks[name]?[field.name] = field.type }
        return name
    }

    /// Whether a title has the shots of this file.
    private func has(_ track: String, _ title: String, _ identity: String) throws -> Bool {
        guard titles[title] != nil else { return false }
        var line = RequestLine("COUNT")
        line.word(track)
        line.key("title", literal: Array(title.utf8))
        line.key("film", literal: Array(identity.utf8))
        return Int(try connection.ask(line.line).words) ?? 0 > 0
    }

    /// Gives the title the film's rate and first label, where options say no other, and its place.
    ///
    /// A second reel begins at a label of its own, which is not the title's, as its rate may be.
    private func setTitle(
        _ title: String, _ film: Film, _ found: FilmShots, _ path: String
    ) throws {
        var line = RequestLine("TITLE")
        line.word("SET")
        line.word(title)
        let kept = try rateKept(title, path, found.rate)
        let rate = options.fps ?? kept ?? found.rate.map { "\($0)" }
        if let rate { line.key("fps", literal: Array(rate.utf8)) }
        let start =
            try start(of: path)
            ?? (options.offset == nil && options.fps == nil ? film.start : nil)
        if rate != nil, let start { line.key("start", literal: Array(start.utf8)) }
        let place = place(of: path)
        if let place { line.key("file", literal: Array(place.utf8)) }
        _ = try connection.ask(line.line)
        titles[title] = place ?? titles[title] ?? ""
    }

    /// The first label that options say; with `:` it is in drop-frame where the film counts so.
    private func start(of path: String) throws(FilmError) -> String? {
        guard let start = options.start, !start.contains(";"),
            options.fps.flatMap({ FrameRate($0) })?.allowsDropFrame == true,
            try header(of: path).start?.contains(";") == true,
            let colon = start.lastIndex(of: ":")
        else { return options.start }
        let dropped = start[..<colon] + ";" + start[start.index(after: colon)...]
        tell("\(path): counts in drop-frame, so --start \(start) is taken as \(dropped)")
        return String(dropped)
    }

    /// The rate of a title that a second reel comes to; nil when it has none.
    private func rateKept(
        _ title: String, _ path: String, _ rate: FrameRate?
    ) throws -> String? {
        guard options.offset != nil, options.fps == nil, titles[title] != nil else { return nil }
        var line = RequestLine("TITLE")
        line.word("GET")
        line.word(title)
        guard let kept = try connection.ask(line.line).rows.first?["fps"] else { return nil }
        if let rate, "\(rate)" != kept {
            tell("\(path): runs at \(rate) frames a second; title '\(title)' keeps its \(kept)")
        }
        return kept
    }

    /// Says where a title's film lies now.
    private func setPlace(_ title: String, _ path: String) throws {
        guard let place = place(of: path) else { return }
        var line = RequestLine("TITLE")
        line.word("SET")
        line.word(title)
        line.key("file", literal: Array(place.utf8))
        _ = try connection.ask(line.line)
        titles[title] = place
    }

    /// Where a title's film lies: servers and their encoders are on the same machine.
    ///
    /// A second reel is not its title's film.
    private func place(of path: String) -> String? {
        options.offset == nil ? Files.absolute(path) : nil
    }

    // MARK: Shots

    /// Puts shots in the place of those that came from the same file before.
    private func send(
        _ found: [Shot], _ track: String, _ title: String, _ source: String, _ identity: String
    ) throws {
        let isDivided = found.contains { $0.part > 1 }
        try replace(track, title, Array(source.utf8)) { operation in
            var waiting = 0
            // Replies to what was sent come before any other, also when one of them is a refusal.
            defer { skipReplies(waiting) }
            func takeReplies(leaving left: Int) throws {
                while waiting > left {
                    waiting -= 1
                    _ = try connection.accepted(connection.readReply())
                }
            }
            for shot in found {
                var line = RequestLine("PUT")
                line.word(track)
                line.word(title)
                line.word("op=\(operation)")
                line.word("in=\(Self.time(shot.start + shift))")
                line.word("out=\(Self.time(shot.end + shift))")
                let part = isDivided ? ".\(shot.part)" : ""
                line.key("key", literal: Array("\(source)#\(shot.number)\(part)".utf8))
                line.word("shot=\(shot.number)")
                line.key("film", literal: Array(identity.utf8))
                if let vector = shot.vector { line.vector(vector) }
                if let thumbnail = shot.thumbnail { line.key("thumb", literal: thumbnail) }
                try push(line)
                waiting += 1
                try takeReplies(leaving: Self.requestsAhead)
            }
            try takeReplies(leaving: 0)
        }
    }
}
