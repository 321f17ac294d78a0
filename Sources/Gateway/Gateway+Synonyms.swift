// The synonyms of tracks: taken with TRACK ALTER, kept in the catalog as they were written, shown
// with TRACK SYNONYMS.

import Segments

extension Gateway {
    /// Lines with errors that are shown.
    private static let problemsShown = 5

    /// What changes the synonyms of a track to the text that a request brings; nil when it brings
    /// none.
    ///
    /// An empty text takes them away.
    func synonymsChange(
        _ arguments: Arguments, _ track: inout Track
    ) throws(GatewayError) -> Segments.Operation? {
        guard let text = arguments.bytes("synonyms") else { return nil }
        guard track.language != nil else {
            throw GatewayError("SYNTAX.key", "track '\(track.name)' was made without text")
        }
        guard text.count <= Synonyms.bytesMax else {
            throw GatewayError(
                "LIMIT.text", "synonyms take \(Synonyms.bytesMax) bytes, not \(text.count)")
        }
        try checkUTF8(text, "synonyms")
        let (synonyms, problems) = Synonyms.read(text, track.analyzer)
        guard problems.isEmpty else {
            let shown = problems.prefix(Self.problemsShown).map { "line \($0.line): \($0.text)" }
            let more = problems.count - shown.count
            throw GatewayError(
                "SYNTAX.synonyms",
                shown.joined(separator: "; ") + (more > 0 ? "; and \(more) more" : ""))
        }
        track.synonyms = synonyms.rules.isEmpty ? nil : synonyms
        let entry = Track.synonymsEntry(track.name)
        return track.synonyms == nil ? .unset(name: entry) : .set(name: entry, value: text)
    }

    func showSynonyms(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 2)
        let track = try current().catalog.track(try arguments.word(1, "the track's name"))
        let rows = (track.synonyms?.rules ?? []).map { [AnswerField("synonyms", .bytes($0))] }
        return .answer(.rows(rows, summary: [AnswerField("shown", rows.count)]))
    }
}
