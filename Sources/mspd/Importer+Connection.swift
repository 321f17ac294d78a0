// An import's connection to its server. A film takes longer to read than a server lets a connection
// idle, and the server may be started anew meanwhile: so what is sent after it goes over a new one.
// A connection that is lost all the same costs the file that it was lost with, and no other.

import Glibc
import Net

extension Importer {
    /// Seconds that a server has to come back.
    private static let patience = 5.0

    /// Takes a new connection; nothing may be under way on the old one.
    func takeNewConnection() throws(Failure) {
        connection.close()
        let end = Terminal.seconds + Self.patience
        while true {
            do throws(Failure) {
                connection = try options.client.connect()
                return
            } catch {
                isServerGone = Terminal.seconds >= end
                if isServerGone { throw error }
                usleep(100_000)
            }
        }
    }

    /// Takes a new connection where the server has closed the old one.
    func renewConnection() throws(Failure) {
        if connection.isOver { try takeNewConnection() }
    }

    /// What is to be said of an error that means that the connection is lost; nil of others.
    func lost(_ error: any Error) -> String? {
        let reason: String
        switch error {
        case let error as NetError: reason = "\(error)"
        case let failure as Failure where failure.code == .noConnection:
            reason = Self.withoutName(failure.message)
        case let failure as Failure where failure.refusal == "LIMIT.idle":
            reason = Self.withoutName(failure.message)
        default: return nil
        }
        return "\(reason); import it again, what is there already is passed over"
    }

    /// A message without the program's name at its front.
    private static func withoutName(_ message: String) -> String {
        message.hasPrefix("mspd: ") ? String(message.dropFirst("mspd: ".count)) : message
    }
}
