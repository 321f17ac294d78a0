// Phrases that begin in one row and end in a later one: how far apart the rows may be, and the hit
// that spans them.

import Media
import Segments
import TextIndex

extension Gateway {
    /// Nanoseconds between two rows that a phrase may go over, unless it is said.
    ///
    /// Of 5,769 sentences broken between cues, in films and lectures in four languages, the rest of
    /// all but 17 begins within 2 s.
    static let gapDefault: Int64 = 2_000_000_000

    /// What `gap=` asks for; nil for phrases within rows alone.
    func gap(_ arguments: Arguments) throws(GatewayError) -> Int64? {
        guard let text = try arguments.string("gap") else { return Self.gapDefault }
        return text == "none" ? nil : try Title(name: "").time(text, "gap")
    }

    /// The row of a hit, from the in of its first annotation to the out of its last.
    func row(
        _ hit: Hit, _ track: String, _ catalog: Catalog, _ settings: ConversationSettings,
        _ highlight: Highlight?
    ) -> [AnswerField] {
        guard !hit.following.isEmpty else {
            return row(hit.annotation, track, catalog, settings, highlight)
        }
        let all = [hit.annotation] + hit.following
        let texts = all.map { $0.text ?? [] }
        var whole = hit.annotation
        whole.end = all.reduce(0) { max($0, $1.end) }
        let marked = highlight?.mark(texts) ?? texts
        whole.text = Array(marked.joined(separator: [UInt8(ascii: " ")]))
        var fields = row(whole, track, catalog, settings, nil)
        let out = fields.firstIndex { $0.name == "out" } ?? fields.count - 1
        fields.insert(AnswerField("cues", all.count), at: out + 1)
        return fields
    }
}

extension Highlight {
    /// The texts of rows that follow each other with what matched marked, phrases too that begin in
    /// one and end in a later one.
    package func mark(_ texts: [[UInt8]]) -> [[UInt8]] {
        var tokens: [(text: Int, token: Token)] = []
        /// Where in `tokens` each text but the first begins.
        var edges: [Int] = []
        for (number, text) in texts.enumerated() {
            if number > 0 { edges.append(tokens.count) }
            tokens += analyzer.tokens(text, tails: true)
                .filter { $0.place.kind != .joined }.map { (number, $0) }
        }
        let terms = tokens.map { TermKey.word($0.token.term) }
        var ranges: [[Range<Int>]] = texts.map { _ in [] }
        for phrase in phrases {
            for split in PhraseSplit.all(of: phrase) {
                let wanted = split.before + split.after
                for edge in edges {
                    let start = edge - split.before.count
                    guard start >= 0, start + wanted.count <= terms.count,
                        terms[start..<start + wanted.count].elementsEqual(wanted)
                    else { continue }
                    for (number, token) in tokens[start..<start + wanted.count] {
                        ranges[number].append(token.range)
                    }
                }
            }
        }
        return zip(texts, ranges).map { mark($0, and: $1) }
    }
}
