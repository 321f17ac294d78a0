// SUGGEST: words that complete the last one of what is being typed, or values of a keyword of which
// a word begins so, with the number of rows that hold them and as the rows have them written.

import Segments
import Storage
import TextIndex

extension Gateway {
    func suggest(_ arguments: Arguments) throws(GatewayError) -> Answer {
        try arguments.expectWords(atMost: 1)
        let (view, catalog) = try current()
        let tracks = try catalog.tracks(named: try arguments.word(0, "the track"))
        let limit = try arguments.integer("limit", 1...100, default: 10)
        if arguments.text != nil, arguments.bytes("q") != nil {
            throw GatewayError("SYNTAX.key", "the text stands on the line or in q=, not both")
        }
        try checkSound(tracks, view)
        let own = Verb.named("SUGGEST")?.keys ?? []
        let values = arguments.keys.filter { !own.contains($0.name) }
        let text = arguments.bytes("q") ?? arguments.text ?? []
        try checkUTF8(text, "the text")
        guard let value = values.first else {
            if let answer = try typedValue(text, tracks, view, limit) { return answer }
            return try words(text, tracks, view, limit)
        }
        guard values.count == 1, text.isEmpty else {
            throw GatewayError(
                "SYNTAX.key", "SUGGEST completes a text or the value of one attribute, not both")
        }
        return try self.values(value, tracks, view, limit)
    }

    /// Something that may be meant.
    private struct Completion {
        var rows: UInt64 = 0
        /// The track of most of the rows, which is asked how it is written, and how many it has.
        var track: Track?
        var rowsOfTrack: UInt64 = 0
        /// What was typed before it.
        var before: [UInt8] = []
        /// As that track has it written, where that is known.
        var written: [UInt8]?

        mutating func add(
            _ count: UInt64, _ track: Track, after before: [UInt8] = [], written: [UInt8]? = nil
        ) {
            rows += count
            guard count > rowsOfTrack else { return }
            (self.track, rowsOfTrack) = (track, count)
            (self.before, self.written) = (before, written)
        }
    }

    /// Those of most rows, as they are looked up.
    private func best(
        _ completions: [[UInt8]: Completion], _ limit: Int
    ) -> ArraySlice<(key: [UInt8], value: Completion)> {
        let sorted = completions.sorted { a, b in
            if a.value.rows != b.value.rows { return a.value.rows > b.value.rows }
            return a.key.lexicographicallyPrecedes(b.key)
        }
        return sorted.prefix(limit)
    }

    private func words(
        _ text: [UInt8], _ tracks: [Track], _ view: View, _ limit: Int
    ) throws(GatewayError) -> Answer {
        var found: [[UInt8]: Completion] = [:]
        do {
            for track in tracks {
                if let span = TypedSpan(text, track.analyzer) {
                    for (folded, written, rows) in try spans(span, track, view, limit) {
                        found[folded, default: Completion()].add(
                            UInt64(rows), track, after: span.before, written: written)
                    }
                } else {
                    try words(text, track, view, into: &found)
                }
            }
            var rows: [[AnswerField]] = []
            for (term, completion) in best(found, limit) {
                var word = term
                if let written = completion.written {
                    word = written
                } else {
                    word = try spelling(term, completion.track, view)
                }
                rows.append([
                    AnswerField("word", .bytes(word)), AnswerField("rows", Int(completion.rows)),
                    AnswerField("text", .bytes(completion.before + word)),
                ])
            }
            return .rows(rows, summary: [AnswerField("shown", rows.count)])
        } catch { throw GatewayError(error) }
    }

    /// Adds the words of a track that begin like the last one of a text.
    private func words(
        _ text: [UInt8], _ track: Track, _ view: View, into found: inout [[UInt8]: Completion]
    ) throws(StorageError) {
        let typed = track.analyzer.tokens(text).filter { !$0.place.isOtherForm }
        guard let last = typed.last else { return }
        let before = Array(text[..<last.range.lowerBound])
        // Behind a space no word has begun; behind an apostrophe one may go on.
        let rest = track.analyzer.fold(Array(text[last.range.upperBound...]))
        guard rest.isEmpty || rest == [UInt8(ascii: "'")] else { return }
        let words = try view.words(track.id, beginning: TermKey.word(last.term))
        guard !rest.isEmpty else {
            for word in words {
                found[Array(word.term.dropFirst()), default: Completion()]
                    .add(word.documentFrequency, track, after: before)
            }
            return
        }
        let mostFrequent = words.sorted { $0.documentFrequency > $1.documentFrequency }
        for word in mostFrequent.prefix(Self.wordsLookedAt) {
            let term = Array(word.term.dropFirst())
            let written = try spelling(term, track, view)
            guard track.analyzer.fold(written).starts(with: last.term + rest) else { continue }
            found[term, default: Completion()]
                .add(word.documentFrequency, track, after: before, written: written)
        }
    }

    /// Words that are asked whether they are written with an apostrophe.
    private static let wordsLookedAt = 30

    private func spelling(
        _ word: [UInt8], _ track: Track?, _ view: View
    ) throws(StorageError) -> [UInt8] {
        guard let track else { return word }
        return try view.spelling(track.id, of: word, track.analyzer) ?? word
    }

    /// Whether what was typed begins a value or a word of it; both are folded.
    private static func hasWord(_ value: ArraySlice<UInt8>, beginning typed: [UInt8]) -> Bool {
        let space = UInt8(ascii: " ")
        return value.starts(with: typed)
            || value.indices.contains { index in
                value[index] == space && value[(index + 1)...].starts(with: typed)
            }
    }

    /// Completes the value behind a `name:` that a text ends with; nil when it ends with none.
    private func typedValue(
        _ text: [UInt8], _ tracks: [Track], _ view: View, _ limit: Int
    ) throws(GatewayError) -> Answer? {
        let quote = UInt8(ascii: "\"")
        let opened = text.count { $0 == quote } % 2 == 1 ? text.lastIndex(of: quote) : nil
        let end = opened ?? text.lastIndex(of: UInt8(ascii: ":")).map { $0 + 1 } ?? 0
        guard end > 0, text[end - 1] == UInt8(ascii: ":"),
            !text[end...].contains(32) || opened != nil
        else { return nil }
        let start =
            text[..<end].lastIndex { $0 <= 32 || "(+-".utf8.contains($0) }.map { $0 + 1 } ?? 0
        let name = String(decoding: text[start..<(end - 1)], as: UTF8.self)
        guard tracks.contains(where: { $0.field(name)?.type == .keyword }) else { return nil }
        let value = Array(text[(opened.map { $0 + 1 } ?? end)...])
        return try self.values((name, value), tracks, view, limit, before: Array(text[..<end]))
    }

    /// `before` is the text that a completed value stands behind, in quotes; nil for none.
    private func values(
        _ key: (name: String, value: [UInt8]), _ tracks: [Track], _ view: View, _ limit: Int,
        before: [UInt8]? = nil
    ) throws(GatewayError) -> Answer {
        let asked = tracks.filter { $0.field(key.name)?.type == .keyword }
        guard !asked.isEmpty else {
            throw GatewayError(
                "SYNTAX.key", "'\(key.name)' is not a keyword, and only keywords are completed")
        }
        try checkUTF8(key.value, key.name)
        let name = Array(key.name.utf8)
        let prefix = TermKey.attribute(name, [])
        var found: [[UInt8]: Completion] = [:]
        do {
            for track in asked {
                let typed = analyzer.fold(key.value)
                for (term, rows) in try view.values(track.id, of: name, beginning: []) {
                    let value = term[prefix.count...]
                    guard Self.hasWord(value, beginning: typed) else { continue }
                    found[Array(value), default: Completion()].add(rows, track)
                }
            }
            var rows: [[AnswerField]] = []
            for (folded, completion) in best(found, limit) {
                guard let track = completion.track else { continue }
                let value = try view.spelling(track.id, ofValue: folded, of: name, analyzer)
                let quote = [UInt8(ascii: "\"")]
                let text = before.map { $0 + quote + (value ?? folded) + quote }
                rows.append(
                    [
                        AnswerField(key.name, .bytes(value ?? folded)),
                        AnswerField("rows", Int(completion.rows)),
                    ] + (text.map { [AnswerField("text", .bytes($0))] } ?? []))
            }
            return .rows(rows, summary: [AnswerField("shown", rows.count)])
        } catch { throw GatewayError(error) }
    }
}
