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

    /// The row of a hit, from the in of its first annotation to the out of its last; what a row
    /// only says again of the one before is left out of its text.
    func row(
        _ hit: Hit, _ track: Track, _ catalog: Catalog, _ settings: ConversationSettings,
        _ highlight: Highlight?
    ) -> [AnswerField] {
        guard !hit.following.isEmpty else {
            return row(hit.annotation, track.name, catalog, settings, highlight)
        }
        var whole = hit.annotation
        whole.end = hit.following.reduce(whole.end) { max($0, $1.annotation.end) }
        let rest = hit.following.map { next in
            track.analyzer.text(next.annotation.text ?? [], behind: next.repeated)
        }
        let texts = [whole.text ?? []] + rest.filter { !$0.isEmpty }
        let marked = highlight?.mark(texts) ?? texts
        whole.text = Array(marked.joined(separator: [UInt8(ascii: " ")]))
        var fields = row(whole, track.name, catalog, settings, nil)
        let out = fields.firstIndex { $0.name == "out" } ?? fields.count - 1
        fields.insert(AnswerField("cues", 1 + hit.following.count), at: out + 1)
        return fields
    }
}

extension Analyzer {
    /// What is left of a text behind so many words, with the punctuation that belongs to it.
    fileprivate func text(_ text: [UInt8], behind count: Int) -> [UInt8] {
        guard count > 0 else { return text }
        let tokens = tokens(text, ofLine: true).filter { !$0.place.isOtherForm }
        guard count < tokens.count else { return [] }
        let (last, next) = (tokens[count - 1].range, tokens[count].range)
        // Two characters that stand together are one range.
        let between = min(last.upperBound, next.lowerBound)..<next.lowerBound
        let space = text[between].lastIndex { [9, 10, 13, 32].contains($0) }
        return Array(text[(space.map { $0 + 1 } ?? next.lowerBound)...])
    }
}

extension Highlight {
    /// The texts of rows that follow each other with what matched marked, phrases too that begin in
    /// one and end in a later one.
    package func mark(_ texts: [[UInt8]]) -> [[UInt8]] {
        var places: [[Token]] = []
        /// For each place, the number of its text.
        var owners: [Int] = []
        /// Where in `places` each text but the first begins.
        var edges: [Int] = []
        for (number, text) in texts.enumerated() {
            if number > 0 { edges.append(places.count) }
            places += Self.places(analyzer.tokens(text, ofLine: true))
            owners += [Int](repeating: number, count: places.count - owners.count)
        }
        var ranges: [[Range<Int>]] = texts.map { _ in [] }
        let pairs = words.filter { PhraseSplit.characters(of: $0) != nil }.map { [$0] }
        for phrase in phrases + pairs {
            for split in PhraseSplit.all(of: phrase) {
                for edge in edges where edge >= split.before.count {
                    let start = edge - split.before.count
                    // A further edge may break a pair too.
                    let words = (split.before + split.after).enumerated().map { offset, term in
                        edges.contains(start + offset + 1)
                            ? PhraseSplit.characters(of: term)?.first ?? term : term
                    }
                    let found = Self.ranges(of: words, places[start...]) ?? []
                    for (owner, range) in zip(owners[start...], found) {
                        ranges[owner].append(range)
                    }
                }
            }
        }
        return zip(texts, ranges).map { mark($0, and: $1) }
    }
}
