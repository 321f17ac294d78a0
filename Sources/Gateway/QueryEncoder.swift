// The door through which the gateway has encoders run, without knowing processes. The program puts
// something behind it when it starts.

/// How an encoder is, for people who look after it.
package struct EncoderStanding: Sendable, Equatable {
    /// One word: `idle`, `starting` (until its first answer), `running` or `resting` (after
    /// failures).
    package var state: String
    /// What went wrong last; empty for nothing.
    package var failure = ""

    /// A state, and what went wrong last.
    package init(_ state: String, failure: String = "") {
        self.state = state
        self.failure = failure
    }
}

/// Runs encoders.
package protocol QueryEncoder: Sendable {
    /// Encoders that the program has without being told.
    var builtIn: [Encoder] { get }

    /// Has vectors made of inputs: one for each, in order, of the encoder's dimension, all finite.
    ///
    /// Returns at once. `then` is called once, from a thread that may do a search's work and no
    /// more; after `seconds` at the latest, with an error of the class ENCODER if need be.
    func vectors(
        of inputs: [EncoderInput], with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[[Float]], GatewayError>) -> Void)

    /// Has rows made of one input: JSON objects with PUT's names, one a line. Otherwise as above.
    func rows(
        of input: EncoderInput, with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[UInt8], GatewayError>) -> Void)

    /// How an encoder is.
    func standing(of encoder: Encoder) -> EncoderStanding

    /// Lets go of what ran for a name that was changed or dropped.
    func forget(_ name: String)
}

/// Runs none: what a gateway has that was told of no encoders.
package struct NoEncoders: QueryEncoder {
    /// None.
    package var builtIn: [Encoder] { [] }

    /// Runs none.
    package init() {}

    /// Refuses.
    package func vectors(
        of inputs: [EncoderInput], with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[[Float]], GatewayError>) -> Void
    ) { then(.failure(.noEncoders)) }

    /// Refuses.
    package func rows(
        of input: EncoderInput, with encoder: Encoder, seconds: Double,
        then: @escaping @Sendable (Result<[UInt8], GatewayError>) -> Void
    ) { then(.failure(.noEncoders)) }

    /// Nothing runs.
    package func standing(of encoder: Encoder) -> EncoderStanding { EncoderStanding("idle") }

    /// Nothing runs.
    package func forget(_ name: String) {}
}
