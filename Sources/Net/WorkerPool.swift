// The threads that run requests. A session is in the queue at most once (its state sees to that),
// and goes to the end after its turn, so that none waits for another's thousand requests.

import Glibc

/// A fixed number of threads and a queue of sessions.
// @unchecked Sendable: the mutable fields are touched under the monitor only.
final class WorkerPool: @unchecked Sendable {
    private let monitor = Monitor()
    private var queue = Ring<Session>()
    private var sleeping = 0
    private var alive: Int
    private var stopping = false

    init(threads: Int) throws(NetError) {
        alive = 0
        for _ in 0..<max(1, threads) {
            var thread = pthread_t()
            let context = unsafe Unmanaged.passRetained(self)
            let failure = unsafe pthread_create(
                &thread, nil,
                { context in
                    guard let context = unsafe context else { return nil }
                    let pool = unsafe Unmanaged<WorkerPool>.fromOpaque(context)
                    unsafe pool.takeRetainedValue().loop()
                    return nil
                }, context.toOpaque())
            guard failure == 0 else {
                unsafe context.release()
                stop(graceSeconds: 1)
                throw .socket(operation: "pthread_create", address: "worker", errno: failure)
            }
            pthread_detach(thread)
            monitor.withLock { alive += 1 }
        }
    }

    /// Has some thread call the session's `work`.
    func submit(_ session: Session) {
        monitor.withLock {
            queue.append(session)
            if sleeping > 0 { monitor.signal() }
        }
    }

    /// Lets the threads finish what is queued and waits for their end, or for the grace to pass:
    /// a thread deep in a request is then left to itself.
    func stop(graceSeconds: Double) {
        let deadline = Monitor.deadline(after: graceSeconds)
        monitor.withLock {
            stopping = true
            monitor.broadcast()
            while alive > 0, monitor.wait(until: deadline) {}
        }
    }

    private func loop() {
        var back: Session?
        while let session = next(giving: back) {
            back = session.work() ? session : nil
        }
        monitor.withLock {
            alive -= 1
            monitor.broadcast()
        }
    }

    /// Puts a session that is not done at the end, and takes the first.
    private func next(giving back: Session?) -> Session? {
        monitor.withLock {
            if let back { queue.append(back) }
            while queue.isEmpty, !stopping {
                sleeping += 1
                monitor.wait()
                sleeping -= 1
            }
            return queue.popFirst()
        }
    }
}
