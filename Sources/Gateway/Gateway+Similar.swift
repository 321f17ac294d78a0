// SIMILAR: from examples or a vector to the annotations that are most alike.

import Segments
import VectorIndex

extension Gateway {
    func similar(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> Answer {
        let (view, catalog) = try current()
        let tracks = try vectorTracks(arguments, catalog)
        if tracks.allSatisfy({ view.quarantined[$0.id] != nil }) { try checkSound(tracks, view) }
        let limit = try arguments.integer("limit", 0...Self.limitMax, default: 10)
        let offset = try arguments.integer("offset", 0...Self.offsetMax, default: 0)
        let asked = try question(arguments, tracks, view, catalog)
        var request = SimilarRequest(
            try scope(arguments, tracks, catalog), asked.vectors, limit: limit + offset)
        request.except = asked.examples
        request.isExact = try arguments.integer("exact", 0...1, default: 0) == 1
        request.recall = try arguments.fraction("recall", 0.5...0.999) ?? request.recall
        request.minimum = try arguments.fraction("min_score", -Float.infinity...Float.infinity)
        let distinct = try arguments.choice(
            "distinct", SimilarRequest.Distinct.allCases.map(\.rawValue), default: "none")
        request.distinct = SimilarRequest.Distinct(rawValue: distinct) ?? .none
        let result: SearchResult
        do { result = try view.similar(tracks.map(\.id), request) } catch {
            throw GatewayError(error)
        }
        let names = Dictionary(uniqueKeysWithValues: tracks.map { ($0.id, $0.name) })
        let rows = result.hits.dropFirst(offset).map { hit in
            [AnswerField("score", .number(Double(hit.score), decimals: 4))]
                + row(hit.annotation, names[hit.track] ?? "", catalog, settings, nil)
        }
        return .rows(
            rows,
            summary: [AnswerField("shown", rows.count)]
                + Self.partial(result.damaged, tracks, coverage: 1))
    }

    /// The tracks named that have vectors, of which there is one at least.
    private func vectorTracks(
        _ arguments: Arguments, _ catalog: Catalog
    ) throws(GatewayError) -> [Track] {
        let list = try arguments.word(0, "the track")
        let tracks = try catalog.tracks(named: list).filter { $0.vector != nil }
        guard !tracks.isEmpty else {
            throw GatewayError(
                "NOTFOUND.vectors",
                "'\(list.prefix(64))' has no vectors; a track is made for them with "
                    + "TRACK CREATE name vector=DIMENSION")
        }
        return tracks
    }

    /// Titles, times and attributes, as SEARCH has them, without the titles of `not_title=`.
    private func scope(
        _ arguments: Arguments, _ tracks: [Track], _ catalog: Catalog
    ) throws(GatewayError) -> SearchRequest {
        var scope = try request(arguments, tracks, catalog)
        if let list = try arguments.string("not_title") {
            for name in list.split(separator: ",") {
                scope.exceptTitles.insert(Array(try catalog.title(String(name)).name.utf8))
            }
        }
        return scope
    }

    /// What to look for in each track, and the examples that it was made of.
    private func question(
        _ arguments: Arguments, _ tracks: [Track], _ view: View, _ catalog: Catalog
    ) throws(GatewayError) -> (vectors: [UInt32: [Float]], examples: Set<DocumentPlace>) {
        let given = ["vec", "like"].filter { arguments.bytes($0) != nil }
        guard given.count == 1 else {
            throw GatewayError(
                given.isEmpty ? "SYNTAX.missing" : "SYNTAX.key",
                "say what to look for by one of like=TITLE@TIME and vec=[0.1,-0.2,...]")
        }
        if let bytes = arguments.bytes("vec") {
            return (try vectors(bytes, tracks), [])
        }
        let examples = try Example.list(try arguments.string("like") ?? "", catalog)
        return try examples.question(tracks, view)
    }

    private func vectors(
        _ bytes: [UInt8], _ tracks: [Track]
    ) throws(GatewayError) -> [UInt32: [Float]] {
        guard let numbers = VectorText.numbers(.text(bytes)) else { throw .vectorForm("vec") }
        var vectors: [UInt32: [Float]] = [:]
        for track in tracks {
            do { try track.vector?.check(numbers) } catch {
                throw GatewayError(
                    "SYNTAX.vector", "vec does not fit track '\(track.name)': \(error)")
            }
            vectors[track.id] = numbers
        }
        return vectors
    }
}

extension GatewayError {
    /// A value that is no vector.
    static func vectorForm(_ name: String) -> GatewayError {
        GatewayError(
            "SYNTAX.vector",
            "\(name) is written \(name)=[0.1,-0.2,...], \(name)=f32:{bytes}, \(name)=f16:{bytes} "
                + "or \(name)=b64:... (little-endian floats, of 32 bits in b64)")
    }
}

extension Arguments {
    /// A number in a range; nil when it is not given.
    func fraction(_ key: String, _ range: ClosedRange<Float>) throws(GatewayError) -> Float? {
        guard let text = try string(key) else { return nil }
        guard let number = Float(text), number.isFinite, range.contains(number) else {
            let bounds =
                range.upperBound.isFinite ? " from \(range.lowerBound) to \(range.upperBound)" : ""
            throw GatewayError(
                "SYNTAX.value", "\(key)=\(text.prefix(32)) is not a number\(bounds)")
        }
        return number
    }
}
