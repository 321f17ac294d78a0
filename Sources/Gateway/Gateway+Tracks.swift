// TRACK: the tracks and the fields that they declare. Fields are only ever added.

import Segments
import Storage
import TextIndex
import VectorIndex

extension Gateway {
    /// Names that rows use themselves and that no attribute may have.
    private static let reserved: Set<String> = [
        "in", "out", "key", "text", "vec", "op", "req", "title", "track", "score", "source", "q",
        "match", "sort", "limit", "offset", "highlight", "group", "per", "cursor", "at", "deadline",
        "gap", "cues", "synonyms", "like", "image", "video", "not_title", "min_score", "distinct",
        "recall", "exact", "encoder", "context", "fold", "alike",
    ]

    /// The keys that the actions of TRACK take.
    private static let trackKeys = [
        "CREATE": ["text", "vector", "metric", "encoder", "learn"],
        "ALTER": ["synonyms", "encoder", "learn"],
    ]

    func track(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let action = try arguments.word(0, "CREATE, ALTER, LIST, SYNONYMS or DROP").uppercased()
        let keys = Self.trackKeys[action] ?? []
        if let key = arguments.keys.first(where: { !keys.contains($0.name) }) {
            throw GatewayError("SYNTAX.key", "TRACK \(action) takes no '\(key.name.prefix(64))='")
        }
        switch action {
        case "CREATE": return try createTrack(arguments)
        case "ALTER": return try alterTrack(arguments)
        case "SYNONYMS": return try showSynonyms(arguments)
        case "LIST":
            try arguments.expectWords(atMost: 1)
            let (view, catalog) = try current()
            let tracks = catalog.tracks.values.sorted { $0.name < $1.name }
            return .answer(
                .rows(
                    tracks.map { row($0, view.tracks[$0.id]) },
                    summary: [AnswerField("shown", tracks.count)]))
        case "DROP":
            try arguments.expectWords(atMost: 2)
            let catalog = try current().catalog
            let track = try catalog.track(try arguments.word(1, "the track's name"))
            var operations: [Segments.Operation] = [
                .drop(track: track.id), .unset(name: Track.entry(track.name)),
            ]
            if track.synonyms != nil {
                operations.append(.unset(name: Track.synonymsEntry(track.name)))
            }
            if catalog.enrichments[track.name] != nil {
                operations.append(.unset(name: Enrichment.entry(track.name)))
            }
            return .write(operations) { [store] _ in
                // A search under way may have brought one more.
                store.forgetQueries(of: track.id)
                // Nobody wants what still fills it.
                for job in store.jobs where job.kind == .enrich && job.track == track.id {
                    _ = store.cancel(job.id)
                }
                return .ok([AnswerField("track", track.name)])
            }
        default:
            throw GatewayError(
                "SYNTAX.word",
                "TRACK \(action.prefix(64)) is none of CREATE, ALTER, LIST, SYNONYMS, DROP")
        }
    }

    private func createTrack(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let name = try arguments.word(1, "the track's name")
        try Name.check(name, "a track")
        let catalog = try current().catalog
        guard catalog.tracks[name] == nil else {
            throw GatewayError(
                "EXISTS.track", "track '\(name)' is there already; TRACK ALTER adds fields")
        }
        var track = Track(name: name, id: catalog.nextTrack)
        if let code = try arguments.string("text") { track.language = try language(code) }
        track.vector = try vectorShape(arguments)
        track.encoder = try encoderName(arguments, track)
        track.learns = try learning(arguments, track) ?? false
        try addFields(arguments, to: &track)
        guard track.language != nil || track.vector != nil || !track.fields.isEmpty else {
            throw GatewayError(
                "SYNTAX.missing",
                "a track needs text=LANGUAGE, vector=DIMENSION or an attribute:type")
        }
        var next = ByteWriter()
        next.u32(track.id + 1)
        let operations: [Segments.Operation] = [
            .set(name: Track.nextEntry, value: next.bytes),
            .create(
                track: track.id,
                content: TrackContent(
                    language: track.language ?? .auto, vectors: track.vector)),
            .set(name: Track.entry(name), value: track.encoded),
        ]
        return .write(operations) { _ in .ok([AnswerField("track", name)]) }
    }

    private func language(_ code: String) throws(GatewayError) -> Language {
        if let language = Language(code: code) { return language }
        let known = Language.allCases.map(\.rawValue).joined(separator: ", ")
        throw GatewayError(
            "SYNTAX.value",
            "text=\(code.prefix(64)) is no language; auto suits any, and known are \(known)")
    }

    private func vectorShape(_ arguments: Arguments) throws(GatewayError) -> VectorShape? {
        let metrics = Metric.allCases.map(\.rawValue)
        let metric = try arguments.choice("metric", metrics, default: Metric.cosine.rawValue)
        let range = VectorShape.dimensions
        guard arguments.bytes("vector") != nil else {
            guard arguments.bytes("metric") == nil else {
                throw GatewayError("SYNTAX.missing", "metric= goes with vector=DIMENSION")
            }
            return nil
        }
        let dimension = try arguments.integer("vector", range, default: range.lowerBound)
        return Metric(rawValue: metric).flatMap { VectorShape(dimension: dimension, metric: $0) }
    }

    private func alterTrack(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        var track = try current().catalog.track(try arguments.word(1, "the track's name"))
        let synonyms = try synonymsChange(arguments, &track)
        let encoder = try encoderName(arguments, track)
        let learning = try learning(arguments, track)
        let isChanged = arguments.words.count > 2 || encoder != nil || learning != nil
        guard isChanged || synonyms != nil else {
            throw GatewayError(
                "SYNTAX.missing", "attribute:type, synonyms=, encoder= or learn= is missing")
        }
        try addFields(arguments, to: &track)
        track.encoder = encoder ?? track.encoder
        track.learns = learning ?? track.learns
        var operations = synonyms.map { [$0] } ?? []
        if isChanged {
            operations.append(.set(name: Track.entry(track.name), value: track.encoded))
        }
        let changed = track
        return .write(operations) { [store] _ in
            if !changed.learns { store.forgetQueries(of: changed.id) }
            let rules = AnswerField("synonyms", changed.synonyms?.rules.count ?? 0)
            return .ok([AnswerField("track", changed.name)] + (synonyms == nil ? [] : [rules]))
        }
    }

    /// Whether the track is to learn from queries; nil when that is not said.
    private func learning(
        _ arguments: Arguments, _ track: Track
    ) throws(GatewayError) -> Bool? {
        guard arguments.bytes("learn") != nil else { return nil }
        let learns = try arguments.integer("learn", 0...1, default: 0) == 1
        guard track.vector != nil else {
            throw GatewayError("SYNTAX.missing", "learn= goes with vector=DIMENSION")
        }
        return learns
    }

    /// The encoder named, which may be made later; nil when none is.
    private func encoderName(
        _ arguments: Arguments, _ track: Track
    ) throws(GatewayError) -> String? {
        guard let name = try arguments.string("encoder") else { return nil }
        try Name.check(name, "an encoder")
        guard track.vector != nil else {
            throw GatewayError("SYNTAX.missing", "encoder= goes with vector=DIMENSION")
        }
        return name
    }

    private func addFields(_ arguments: Arguments, to track: inout Track) throws(GatewayError) {
        for index in arguments.words.indices.dropFirst(2) {
            let word = try arguments.word(index, "attribute:type")
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            let type = AttributeType.allCases.first { Track.typeName($0) == parts.last ?? "" }
            guard parts.count == 2, let type else {
                throw GatewayError(
                    "SYNTAX.value",
                    "'\(word.prefix(64))' is not attribute:type with one of the types keyword, "
                        + "number, text, box, blob")
            }
            let name = String(parts[0])
            try Name.check(name, "an attribute")
            guard !Self.reserved.contains(name) else {
                throw GatewayError(
                    "SYNTAX.name", "'\(name)' means something else; take another name")
            }
            guard track.field(name) == nil else {
                throw GatewayError("EXISTS.attribute", "'\(name)' is declared already")
            }
            track.fields.append(Track.Field(name: name, type: type))
        }
    }

    private func row(_ track: Track, _ view: TrackView?) -> [AnswerField] {
        var row = [AnswerField("track", track.name)]
        if let language = track.language { row.append(AnswerField("text", language.rawValue)) }
        if let vector = track.vector {
            row.append(AnswerField("vector", vector.dimension))
            row.append(AnswerField("metric", vector.metric.rawValue))
        }
        if let encoder = track.encoder { row.append(AnswerField("encoder", encoder)) }
        if track.learns {
            row.append(AnswerField("learn", 1))
            row.append(AnswerField("queries", store.queriesSeen(in: track.id)))
        }
        row += track.fields.map { AnswerField($0.name, Track.typeName($0.type)) }
        if let synonyms = track.synonyms {
            row.append(AnswerField("synonyms", synonyms.rules.count))
        }
        let live = view.map { $0.documentCount - $0.deletedCount } ?? 0
        return row + [AnswerField("annotations", live)]
    }
}
