// `mspd search --like`: what looks like a place in a film, or like a picture in a file.

import ArgumentParser
import Net

extension Search {
    /// The most that a search for what looks alike shows.
    private static let likeLimit = 1_000

    /// Refuses options that only a search for words has.
    func validateLike() throws {
        guard like != nil else { return }
        let options = [
            ("match", match != nil), ("gap", gap != nil), ("sort", sort != nil),
            ("by-title", byTitle), ("per", per != nil), ("context", context != nil),
        ]
        if let (name, _) = options.first(where: \.1) {
            throw ValidationError("--\(name) needs words; it does not go with --like.")
        }
        if limit > Self.likeLimit {
            throw ValidationError(
                "--limit goes up to \(Self.likeLimit) with --like; narrow it by --title or "
                    + "--min-score.")
        }
    }

    /// The request for what looks alike.
    func similarRequest(_ like: String, _ limit: Int) throws(Failure) -> [UInt8] {
        var line = RequestLine("SIMILAR")
        line.word(try RequestLine.name(track ?? "shots", "--track"))
        if Files.exists(like), !Files.isFolder(like) {
            let key = ImportName.isFilm(like) ? "video" : "image"
            line.key(key, literal: try Files.read(like))
        } else if !like.contains("@") {
            throw Failure(
                .usage,
                "mspd: there is no file '\(like)'; a place in a film is TITLE@TIME, such as "
                    + "film@00:01:02:12")
        } else {
            line.key("like", literal: Array(like.utf8))
        }
        let keys = [
            ("title", title), ("not_title", notTitle), ("speaker", speaker), ("in", start),
            ("out", end),
            ("limit", "\(limit)"), ("offset", offset > 0 ? "\(offset)" : nil),
            ("min_score", minScore.map { "\($0)" }), ("distinct", showsAll ? nil : "shot"),
            ("thumb", sheet == nil ? nil : "1"),
        ]
        for (name, value) in keys {
            if let value { line.key(name, literal: Array(value.utf8)) }
        }
        try addConditions(to: &line)
        return line.line
    }
}
