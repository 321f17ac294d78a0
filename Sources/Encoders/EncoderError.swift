// What can go wrong with an encoder, as the request that needed it is told.

/// Why a request got no answer.
package enum EncoderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The program cannot be started.
    case start(String)
    /// The program says that it can do nothing with this input.
    case refused(String)
    /// What the program wrote is no answer: another dimension, no finite numbers, no header.
    case answer(String)
    /// Nothing came in so many seconds.
    case timeout(Double)
    /// The same, of a program that was just started and has more time for its first answer; so much
    /// of that is left.
    case starting(seconds: Double, left: Double)
    /// The program ended before it answered.
    case exited(String)
    /// It failed, and is started again in so many seconds, not before.
    case resting(seconds: Double, failure: String)
    /// More requests wait than are let in.
    case busy
    /// The server stops, or the encoder was changed or dropped.
    case stopped

    /// A sentence for people, without the encoder's name.
    package var description: String {
        switch self {
        case .start(let reason): "it cannot be started: \(reason)"
        case .refused(let reason): "it refuses this input: \(reason)"
        case .answer(let reason): "its answer is none: \(reason)"
        case .timeout(let seconds): "no answer in \(Self.spelled(seconds))"
        case .starting(let seconds, let left):
            "no answer in \(Self.spelled(seconds)), nor to anything else since it was started: "
                + "it loads, or hangs, and is ended in \(Self.spelled(left)) unless it answers"
        case .exited(let how): "it ended before it answered: \(how)"
        case .resting(let seconds, let failure):
            "it failed and is started again in \(Self.spelled(seconds)): \(failure)"
        case .busy: "too many requests wait for it"
        case .stopped: "it was stopped meanwhile"
        }
    }

    private static func spelled(_ seconds: Double) -> String {
        seconds < 10
            ? "\(Int((seconds * 1_000).rounded(.up))) ms" : "\(Int(seconds.rounded(.up))) s"
    }
}
