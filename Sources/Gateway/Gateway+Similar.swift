// SIMILAR: from examples, a vector, or what an encoder makes a vector of, to the annotations that
// are most alike.

import Segments
import TextIndex
import VectorIndex

extension Gateway {
    /// What says what to look for.
    private enum Question: String, CaseIterable { case like, vec, text, image, video }

    func similar(
        _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 1)
        var plan = try SimilarPlan(self, arguments, settings)
        let given = Question.allCases.filter { arguments.bytes($0.rawValue) != nil }
        guard given.count == 1, let question = given.first,
            let value = arguments.bytes(question.rawValue)
        else {
            throw GatewayError(
                given.isEmpty ? "SYNTAX.missing" : "SYNTAX.key",
                "say what to look for by one of like=TITLE@TIME, vec=[0.1,-0.2,...], "
                    + "text=\"red car\", image={n} and video={n}")
        }
        switch question {
        case .vec:
            plan.request.vectors = try vectors(value, plan.tracks)
            learn(from: plan)
            return .answer(try answer(plan))
        case .like:
            let examples = try Example.list(try utf8(value, question.rawValue), plan.catalog)
            let asked = try examples.question(plan.tracks, plan.view)
            plan.request.vectors = asked.vectors
            plan.request.except = asked.examples
            return .answer(try answer(plan))
        case .text:
            try checkUTF8(value, question.rawValue)
            return try encoded(EncoderInput(.text, value), plan)
        case .image: return try encoded(EncoderInput(.image, value), plan)
        case .video: return try encoded(EncoderInput(.video, value), plan)
        }
    }

    /// Answers once the tracks' encoder has made a vector.
    private func encoded(
        _ input: EncoderInput, _ plan: SimilarPlan
    ) throws(GatewayError) -> CallOutcome {
        let (encoder, shape) = try plan.encoder()
        return .later { [self] finish in
            do throws(GatewayError) {
                try vector(of: input, with: encoder, for: shape, seconds: plan.deadline) { result in
                    finish(
                        result.flatMap { vector in
                            var plan = plan
                            for track in plan.tracks { plan.request.vectors[track.id] = vector }
                            self.learn(from: plan)
                            do throws(GatewayError) { return .success(try self.answer(plan)) } catch
                            {
                                return .failure(error)
                            }
                        })
                }
            } catch { finish(.failure(error)) }
        }
    }

    /// Keeps what was looked for, for tracks that learn from queries.
    ///
    /// Examples are vectors of the tracks themselves, of which indexes know what they take.
    private func learn(from plan: SimilarPlan) {
        for track in plan.tracks where track.learns {
            guard let vector = plan.request.vectors[track.id] else { continue }
            store.learn(from: vector, in: track.id)
        }
    }

    private func answer(_ plan: SimilarPlan) throws(GatewayError) -> Answer {
        var request = plan.request
        request.scope.deadline = plan.deadline.map { Deadline(clock() + $0, on: clock) }
        let result: SearchResult
        do { result = try plan.view.similar(plan.tracks.map(\.id), request) } catch {
            throw GatewayError(error)
        }
        let names = Dictionary(uniqueKeysWithValues: plan.tracks.map { ($0.id, $0.name) })
        let rows = result.hits.dropFirst(plan.offset).map { hit in
            let alike = result.alike[hit.place].map { [AnswerField("alike", $0 + 1)] }
            return [AnswerField("score", .number(Double(hit.score), decimals: 4))]
                + row(
                    hit.annotation, names[hit.track] ?? "", plan.catalog, plan.settings, nil)
                + (alike ?? [])
        }
        return .rows(
            rows,
            summary: [AnswerField("shown", rows.count)]
                + Self.partial(result.damaged, plan.tracks, coverage: result.isCut ? 0 : 1))
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

/// What a request of SIMILAR asks for, but for the vectors.
private struct SimilarPlan {
    let view: View
    let catalog: Catalog
    /// Those named that have vectors, of which there is one at least.
    let tracks: [Track]
    var request: SimilarRequest
    /// Rows left out before those shown.
    let offset: Int
    /// Seconds that an encoder may take; nil for as long as it is allowed.
    let deadline: Double?
    let settings: ConversationSettings

    init(
        _ gateway: Gateway, _ arguments: Arguments, _ settings: ConversationSettings
    ) throws(GatewayError) {
        if let key = arguments.keys.first(where: { Self.foreign.contains($0.name) }) {
            throw GatewayError("SYNTAX.key", "SIMILAR takes no '\(key.name)='")
        }
        (view, catalog) = try gateway.current()
        tracks = try Self.tracks(arguments, catalog)
        if tracks.allSatisfy({ [view] in view.quarantined[$0.id] != nil }) {
            try gateway.checkSound(tracks, view)
        }
        let limit = try arguments.integer("limit", 0...Gateway.limitMax, default: 10)
        offset = try arguments.integer("offset", 0...Gateway.offsetMax, default: 0)
        let scope = try gateway.request(arguments, tracks, catalog)
        request = SimilarRequest(scope, [:], limit: limit + offset)
        request.isExact = try arguments.integer("exact", 0...1, default: 0) == 1
        request.recall = try arguments.fraction("recall", 0.5...0.999) ?? request.recall
        request.minimum = try arguments.fraction("min_score", -Float.infinity...Float.infinity)
        let distinct = try arguments.choice(
            "distinct", SimilarRequest.Distinct.allCases.map(\.rawValue), default: "none")
        request.distinct = SimilarRequest.Distinct(rawValue: distinct) ?? .none
        deadline =
            arguments.bytes("deadline") == nil
            ? settings.deadline : try SearchShape.deadline(arguments)
        self.settings = settings
    }

    /// Keys of SEARCH that say nothing here.
    private static let foreign = Set(Verb.named("SEARCH")?.keys ?? [])
        .subtracting(Verb.named("SIMILAR")?.keys ?? [])

    private static func tracks(
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

    /// The encoder of all tracks, and the shape that its vectors must have.
    func encoder() throws(GatewayError) -> (name: String, shape: VectorShape) {
        for track in tracks {
            guard let encoder = track.encoder, let shape = track.vector else {
                throw GatewayError(
                    "NOTFOUND.encoder",
                    "track '\(track.name)' has no encoder to make a vector of this; "
                        + "TRACK ALTER \(track.name) encoder=NAME gives it one")
            }
            if tracks.allSatisfy({ $0.encoder == encoder }) { return (encoder, shape) }
        }
        throw GatewayError(
            "SYNTAX.value", "these tracks have different encoders; search them one at a time")
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
