// Waiting for the signals that end a server, on the main thread; and the server's own count of
// connections, which exists only after the gateway that shows it.

import Glibc
import Net
import Synchronization

/// Signals that no thread takes by surprise.
@safe struct Signals {
    private let set: sigset_t

    /// Blocks signals in this thread and those it starts.
    static func block(_ signals: [Int32]) -> Signals {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        return Signals(set: set)
    }

    private init(set: sigset_t) { self.set = set }

    /// Waits for one of them.
    func wait() -> Int32 {
        var set = self.set
        var signal: Int32 = 0
        while unsafe sigwait(&set, &signal) != 0 {}
        return signal
    }
}

/// Asks a server, once there is one, how many connections it has.
final class ConnectionCounter: Sendable {
    private let running = Mutex<Server?>(nil)

    var server: Server? {
        get { running.withLock { $0 } }
        set { running.withLock { $0 = newValue } }
    }

    var count: Int { server?.connectionCount ?? 0 }
}
