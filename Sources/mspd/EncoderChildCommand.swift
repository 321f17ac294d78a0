// `mspd encoder-child`: what the server starts in order to become an encoder. Not for people.

import ArgumentParser
import Encoders
import Glibc

struct EncoderChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoder-child",
        abstract: "Give up what an encoder may not have, and become one.", shouldDisplay: false)

    @Argument(parsing: .captureForPassthrough)
    var words: [String] = []

    func run() throws {
        Terminal.error("mspd: \(Sandbox.enter(words))")
        Glibc.exit(Sandbox.notStarted)
    }
}
