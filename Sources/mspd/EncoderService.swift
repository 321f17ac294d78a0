// What stands behind the gateway's door to encoders: the programs of a folder, and the one that is
// built in. All that happens here is translation between the rooms.

import Encoders
import Gateway

/// Runs the encoders of a server.
final class EncoderService: QueryEncoder {
    private let pool: EncoderPool?

    /// Encoders of a folder; none without one.
    init(folder: String?) {
        pool = folder.map { folder in
            EncoderPool(
                EncoderSettings(folder: folder, clock: { Terminal.seconds }) {
                    Terminal.error("mspd: \($0)")
                })
        }
    }

    var builtIn: [Encoder] { [LookEncoder.encoder] }

    func vectors(
        of inputs: [EncoderInput], with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[[Float]], GatewayError>) -> Void
    ) {
        if encoder.isBuiltIn {
            return LookEncoder.vectors(of: inputs, seconds: seconds, then: then)
        }
        let started = Terminal.seconds
        ShownPictures.prepare(inputs, for: encoder) { [self] prepared in
            let groups: [[EncoderInput]]
            switch prepared {
            case .failure(let error): return then(.failure(error))
            case .success(let value): groups = value
            }
            let left = max(0, seconds - (Terminal.seconds - started))
            ask(encoder, groups.flatMap { $0 }, left) { result in
                then(
                    result.map { answers in
                        let vectors = answers.map { answer -> [Float] in
                            if case .vector(let vector) = answer { vector } else { [] }
                        }
                        return ShownPictures.pooled(vectors, groups.map(\.count))
                    })
            }
        }
    }

    func rows(
        of input: EncoderInput, with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[UInt8], GatewayError>) -> Void
    ) {
        ask(encoder, [input], seconds) { result in
            then(
                result.map { answers in
                    if case .rows(let rows) = answers.first { rows } else { [] }
                })
        }
    }

    func standing(of encoder: Encoder) -> EncoderStanding {
        guard let (state, failure) = pool?.standing(encoder.name) else {
            return EncoderStanding("none")
        }
        return EncoderStanding(state, failure: failure)
    }

    func forget(_ name: String) { pool?.forget(name) }

    /// Ends all programs.
    func stop() { pool?.stop() }

    private func ask(
        _ encoder: Encoder, _ inputs: [EncoderInput], _ seconds: Double,
        then: @escaping @Sendable (Result<[EncoderAnswer], GatewayError>) -> Void
    ) {
        guard let pool else { return then(.failure(.noEncoders)) }
        let description = EncoderDescription(
            name: encoder.name, command: encoder.command, dimension: encoder.dimension,
            seconds: Double(encoder.seconds), memory: UInt64(encoder.megabytes) << 20,
            forks: encoder.forks)
        let requests = inputs.map { EncoderRequest($0.kind.rawValue, $0.bytes) }
        pool.ask(description, requests, seconds: seconds) { result in
            then(result.mapError { GatewayError($0, encoder.name) })
        }
    }
}

extension GatewayError {
    /// What a failure of an encoder means to a client.
    fileprivate init(_ error: EncoderError, _ name: String) {
        let text = "encoder '\(name)': \(error)"
        switch error {
        case .start: self.init("ENCODER.start", text)
        case .refused: self.init("ENCODER.refused", text)
        case .answer: self.init("ENCODER.answer", text)
        case .timeout, .starting: self.init("ENCODER.timeout", retry: true, text)
        case .exited: self.init("ENCODER.exited", text)
        case .resting: self.init("ENCODER.resting", retry: true, text)
        case .busy: self.init("BUSY.encoder", retry: true, text)
        case .stopped: self.init("BUSY.stopping", retry: true, text)
        }
    }
}
