// `mspd search --like`: what looks like a place in a film, or like a picture in a file.

import Net

extension Search {
    /// The request for what looks alike.
    func similarRequest(_ like: String, _ limit: Int) throws(Failure) -> [UInt8] {
        var line = RequestLine("SIMILAR")
        line.word(try RequestLine.name(track ?? "shots", "--track"))
        if Files.exists(like), !Files.isFolder(like) {
            line.key("image", literal: try Files.read(like))
        } else {
            line.key("like", literal: Array(like.utf8))
        }
        let keys = [
            ("title", title), ("not_title", notTitle), ("in", start), ("out", end),
            ("limit", "\(limit)"), ("offset", offset > 0 ? "\(offset)" : nil),
            ("min_score", minScore.map { "\($0)" }), ("distinct", repeats ? nil : "shot"),
            ("thumb", sheet == nil ? nil : "1"),
        ]
        for (name, value) in keys {
            if let value { line.key(name, literal: Array(value.utf8)) }
        }
        try addConditions(to: &line)
        return line.line
    }
}
