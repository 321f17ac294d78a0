// SUGGEST: words that complete the last one of what is being typed.

import Segments
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
        let text = arguments.bytes("q") ?? arguments.text ?? []
        try checkUTF8(text, "the text")
        try checkSound(tracks, view)
        var rows: [[UInt8]: (frequency: UInt64, before: [UInt8])] = [:]
        for track in tracks {
            let typed = track.analyzer.tokens(text).filter { $0.place.kind != .joined }
            // Behind a space no word has begun.
            guard let last = typed.last, last.range.upperBound == text.count else { continue }
            let found: [Expansion.Word]
            do { found = try view.words(track.id, beginning: TermKey.word(last.term)) } catch {
                throw GatewayError(error)
            }
            for word in found {
                let known = rows[word.term]?.frequency ?? 0
                rows[word.term] = (
                    known + word.documentFrequency, Array(text[..<last.range.lowerBound])
                )
            }
        }
        let best = rows.sorted { a, b in
            if a.value.frequency != b.value.frequency {
                return a.value.frequency > b.value.frequency
            }
            return a.key.lexicographicallyPrecedes(b.key)
        }
        let shown = best.prefix(limit).map { term, row in
            let word = Array(term.dropFirst())
            return [
                AnswerField("word", .bytes(word)), AnswerField("rows", Int(row.frequency)),
                AnswerField("text", .bytes(row.before + word)),
            ]
        }
        return .rows(Array(shown), summary: [AnswerField("shown", shown.count)])
    }
}
