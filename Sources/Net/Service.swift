// The door between this room and whoever answers requests.

import Synchronization

/// Makes a conversation for each connection.
package protocol Service: Sendable {
    /// Called on an event loop, so it must not block. `peer` is `address:port`, or `unix` for any
    /// connection over a Unix socket.
    func greet(peer: String, options: ConnectionOptions) -> any Conversation
}

/// Answers the requests of one connection; released when the connection is over.
package protocol Conversation: AnyObject, Sendable {
    /// Called on a worker thread, never an event loop; the requests of one connection one at a time
    /// and in order.
    func run(_ request: Request, reply: inout Reply, later: Later) -> Outcome
}

/// What a connection has asked for about the form of its replies.
package final class ConnectionOptions: Sendable {
    private let jsonFlag = Atomic<Bool>(false)

    /// The defaults.
    package init() {}

    /// Whether rows are JSON objects, from the next request on.
    package var json: Bool {
        get { jsonFlag.load(ordering: .relaxed) }
        set { jsonFlag.store(newValue, ordering: .relaxed) }
    }
}
