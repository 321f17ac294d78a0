// The connections of a server that are open now, to count them and to end them.

import NIOCore
import Synchronization

/// A set of channels, shared between event loops and the thread that stops the server.
final class ConnectionTable: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// How many connections are open and were not refused.
    var count: Int { channels.withLock { $0.count } }

    /// Adds a connection until it closes; false when there are as many as may be.
    func admit(_ channel: any Channel) -> Bool {
        let admitted = channels.withLock { channels in
            guard channels.count < limit else { return false }
            channels[ObjectIdentifier(channel)] = channel
            return true
        }
        if admitted {
            channel.closeFuture.whenComplete { _ in
                self.channels.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
            }
        }
        return admitted
    }

    /// Calls `body` with each connection.
    func forEach(_ body: (any Channel) -> Void) {
        for channel in channels.withLock({ Array($0.values) }) { body(channel) }
    }
}
