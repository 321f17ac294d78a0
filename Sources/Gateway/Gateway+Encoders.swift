// ENCODER: the programs that make vectors and rows; and the way to a vector for a query.

import Segments
import VectorIndex

extension Gateway {
    func encoder(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let action = try arguments.word(0, "SET, GET, LIST or DROP").uppercased()
        try arguments.expectWords(atMost: action == "LIST" ? 1 : 2)
        if action != "SET", let key = arguments.keys.first {
            throw GatewayError("SYNTAX.key", "ENCODER \(action) takes no '\(key.name.prefix(64))='")
        }
        switch action {
        case "SET": return try setEncoder(arguments)
        case "GET":
            let encoder = try knownEncoder(try arguments.word(1, "the encoder's name"))
            return .answer(.rows([row(encoder)], summary: [AnswerField("shown", 1)]))
        case "LIST":
            let known = try current().catalog.encoders.values.sorted { $0.name < $1.name }
            let encoders = self.encoders.builtIn + known
            return .answer(
                .rows(encoders.map(row), summary: [AnswerField("shown", encoders.count)]))
        case "DROP": return try dropEncoder(arguments)
        default:
            throw GatewayError(
                "SYNTAX.word", "ENCODER \(action.prefix(64)) is none of SET, GET, LIST, DROP")
        }
    }

    /// Has the vector made that an input has by an encoder; `then` is called once, from any thread.
    ///
    /// What can be known before is thrown at once: there is no such encoder, it does not take this
    /// kind, its vectors are not those of the track.
    func vector(
        of input: EncoderInput, with name: String, for shape: VectorShape, seconds: Double?,
        then: @escaping @Sendable (Result<[Float], GatewayError>) -> Void
    ) throws(GatewayError) {
        let encoder = try knownEncoder(name)
        // A clip can be shown as pictures.
        let isShown = input.kind == .video && encoder.accepts.contains(.image)
        guard isShown || encoder.accepts.contains(input.kind) else {
            let kinds = encoder.accepts.map(\.rawValue).joined(separator: ", ")
            throw GatewayError(
                "ENCODER.kind",
                "encoder '\(name)' takes no \(input.kind.rawValue), only \(kinds)")
        }
        guard encoder.dimension == shape.dimension else {
            let gives = encoder.dimension.map { "vectors of \($0) numbers" } ?? "rows"
            throw GatewayError(
                "ENCODER.dimension",
                "encoder '\(name)' gives \(gives), the track takes \(shape.dimension) numbers")
        }
        let limit = min(seconds ?? .infinity, Double(encoder.seconds))
        encoders.vectors(of: [input], with: encoder, seconds: limit) { result in
            then(result.flatMap { Self.fitting($0.first ?? [], shape, name) })
        }
    }

    /// A vector by which can be searched, or why this is none.
    private static func fitting(
        _ vector: [Float], _ shape: VectorShape, _ name: String
    ) -> Result<[Float], GatewayError> {
        do { try shape.check(vector) } catch { return .failure(.misfit(name, error)) }
        return .success(vector)
    }

    /// The encoder of a name, a built-in one too.
    func knownEncoder(_ name: String) throws(GatewayError) -> Encoder {
        if let encoder = encoders.builtIn.first(where: { $0.name == name }) { return encoder }
        guard let encoder = try current().catalog.encoders[name] else {
            throw GatewayError(
                "NOTFOUND.encoder", "there is no encoder '\(name)'; ENCODER LIST shows them")
        }
        return encoder
    }

    private func setEncoder(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let name = try arguments.word(1, "the encoder's name")
        try Name.check(name, "an encoder")
        try refuseBuiltIn(name)
        guard let command = try arguments.string("command") else {
            throw GatewayError("SYNTAX.missing", "command= is missing")
        }
        try checkCommand(command)
        var encoder = Encoder(
            name: name, command: command, accepts: try kinds(arguments),
            dimension: try dimension(arguments))
        encoder.seconds = try arguments.integer(
            "seconds", Encoder.secondsRange, default: encoder.seconds)
        encoder.megabytes = try arguments.integer(
            "memory", Encoder.megabytesRange, default: encoder.megabytes)
        encoder.forks = try arguments.integer("forks", 0...1, default: 0) == 1
        let runner = encoders
        return .write([.set(name: Encoder.entry(name), value: encoder.encoded)]) { _ in
            runner.forget(name)
            return .ok([AnswerField("encoder", name)])
        }
    }

    private func dropEncoder(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let name = try arguments.word(1, "the encoder's name")
        try refuseBuiltIn(name)
        _ = try knownEncoder(name)
        let runner = encoders
        return .write([.unset(name: Encoder.entry(name))]) { _ in
            runner.forget(name)
            return .ok([AnswerField("encoder", name)])
        }
    }

    private func refuseBuiltIn(_ name: String) throws(GatewayError) {
        guard encoders.builtIn.contains(where: { $0.name == name }) else { return }
        throw GatewayError("EXISTS.encoder", "'\(name)' is built in; take another name")
    }

    /// A bare name, so that what may be run is what lies in the encoders folder.
    private func checkCommand(_ command: String) throws(GatewayError) {
        let isPlain = command.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        guard isPlain, !command.isEmpty, !command.hasPrefix("."), !command.hasPrefix("-"),
            !command.utf8.contains(UInt8(ascii: "/")), command.utf8.count <= Name.bytesMax
        else {
            throw GatewayError(
                "SYNTAX.value",
                "command=\(command.prefix(64)) is not the bare name of a file in the encoders "
                    + "folder")
        }
    }

    private func kinds(_ arguments: Arguments) throws(GatewayError) -> [EncoderKind] {
        let text = try arguments.string("accepts") ?? ""
        let names = text.split(separator: ",").map(String.init)
        let kinds = EncoderKind.allCases
        if let bad = names.first(where: { EncoderKind(rawValue: $0) == nil }) {
            let known = kinds.map(\.rawValue).joined(separator: ", ")
            throw GatewayError("SYNTAX.value", "accepts=\(bad.prefix(32)) is none of \(known)")
        }
        guard !names.isEmpty else {
            throw GatewayError("SYNTAX.missing", "accepts= is missing, such as accepts=text,image")
        }
        return kinds.filter { names.contains($0.rawValue) }
    }

    private func dimension(_ arguments: Arguments) throws(GatewayError) -> Int? {
        guard arguments.bytes("dim") != nil else { return nil }
        let range = VectorShape.dimensions
        return try arguments.integer("dim", range, default: range.lowerBound)
    }

    private func row(_ encoder: Encoder) -> [AnswerField] {
        var row = [AnswerField("encoder", encoder.name)]
        if !encoder.isBuiltIn { row.append(AnswerField("command", encoder.command)) }
        let kinds = encoder.accepts.map(\.rawValue).joined(separator: ",")
        row.append(AnswerField("accepts", kinds))
        if let dimension = encoder.dimension { row.append(AnswerField("dim", dimension)) }
        guard !encoder.isBuiltIn else { return row + [AnswerField("built_in", 1)] }
        row.append(AnswerField("seconds", encoder.seconds))
        row.append(AnswerField("memory", encoder.megabytes))
        if encoder.forks { row.append(AnswerField("forks", 1)) }
        let standing = encoders.standing(of: encoder)
        row.append(AnswerField("state", standing.state))
        if !standing.failure.isEmpty { row.append(AnswerField("failure", standing.failure)) }
        return row
    }
}

extension GatewayError {
    /// A vector that an encoder made does not fit what it was made for.
    static func misfit(_ encoder: String, _ reason: VectorError) -> GatewayError {
        GatewayError("ENCODER.answer", "the vector of '\(encoder)' does not fit: \(reason)")
    }
}
