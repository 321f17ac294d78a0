// The command line's entry: finds the subcommand, and turns every failure into a sentence on
// standard error and an exit code that scripts can rely on.

import ArgumentParser
import Gateway
import Glibc
import Net
import Segments
import Storage

@main
struct MSPD: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mspd",
        abstract: "A media search server: who says what, and where, with timecodes.",
        discussion: """
            EXAMPLES
              mspd serve --data ./data
              mspd import film.en.srt --fps 24
              mspd search "we have to go back" --title film

            EXIT CODES
              0 done, 1 nothing found, 2 wrong usage, 3 the server said no,
              4 could not connect, 5 damage found
            """,
        version: Gateway.version,
        subcommands: [
            Serve.self, Import.self, Search.self, Bench.self, Dump.self, Verify.self,
            SnapshotCommand.self, RestoreCommand.self, SynonymsCommand.self,
            EnrichCommand.self, EncoderChildCommand.self,
        ])

    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot(Search.textBehindOptions(CommandLine.arguments))
            try command.run()
            Terminal.flush()
        } catch let failure as Failure {
            Terminal.error(failure.message)
            Glibc.exit(failure.code.rawValue)
        } catch {
            let isUsage = exitCode(for: error) == .validationFailure
            let message = fullMessage(for: error)
            if isUsage { Terminal.error(message) } else { print(message) }
            Glibc.exit(isUsage ? ExitStatus.usage.rawValue : exitCode(for: error).rawValue)
        }
    }
}

/// What a command's end means to a script.
enum ExitStatus: Int32 {
    case done = 0
    case nothingFound = 1
    case usage = 2
    case refused = 3
    case noConnection = 4
    case damaged = 5
}

/// The end of a command that did not do what it was asked.
struct Failure: Error {
    let code: ExitStatus
    let message: String
    /// The code that the server gave, when it refused something.
    let refusal: String?

    init(_ code: ExitStatus, _ message: String, refusal: String? = nil) {
        self.code = code
        self.message = message
        self.refusal = refusal
    }

    init(_ error: NetError) {
        switch error {
        case .connect(let address, _):
            self.init(
                .noConnection,
                "mspd: no server answers at \(address) (\(error)); start one with "
                    + "`mspd serve --data ./data`, or name it with --server")
        default: self.init(.noConnection, "mspd: \(error)")
        }
    }

    init(_ error: StoreError) {
        var isDamage = false
        if case .storage(.corrupt) = error { isDamage = true }
        self.init(isDamage ? .damaged : .refused, "mspd: \(error)")
    }
}
