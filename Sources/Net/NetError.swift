// The one error type of this room: what can go wrong between two ends of a socket, with its facts.

import Glibc

/// Why a server did not start or a client did not get its answer.
package enum NetError: Error, Equatable, CustomStringConvertible {
    /// Somebody listens at this address already.
    case portInUse(String)
    /// A system call on a socket failed.
    case socket(operation: String, address: String, errno: Int32)
    /// Nobody answered at this address.
    case connect(address: String, errno: Int32)
    /// The other end closed the connection in the middle of a reply.
    case closed
    /// The other end said something the protocol has no place for; its words.
    case protocolViolation(String)
    /// Nothing moved for the time allowed.
    case timeout

    /// One line for a person.
    package var description: String {
        switch self {
        case .portInUse(let address): "\(address) is in use by another program"
        case .socket(let operation, let address, let code):
            "\(operation) \(address): \(NetError.text(code))"
        case .connect(let address, let code):
            "cannot connect to \(address): \(NetError.text(code))"
        case .closed: "the connection was closed"
        case .protocolViolation(let words): "not understood: \(words)"
        case .timeout: "no answer in time"
        }
    }

    /// The system's words for an error number.
    private static func text(_ code: Int32) -> String {
        guard let message = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: message)
    }
}
