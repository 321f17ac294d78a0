// One encoder and the thread that looks after it: starts the program when there is something to do,
// writes batches, reads answers, and ends it when it fails, stalls or is not needed. The thread
// lives as long as the supervisor, so the program does not outlive the server.

import Synchronization

/// Runs one encoder program.
final class EncoderSupervisor: Sendable {
    /// What callers and the thread share.
    struct Shared: Sendable {
        var queue = JobQueue()
        var isStopping = false
        var isRunning = false
        /// The running program has answered something.
        var hasAnswered = false
        /// The program and its folder are gone, for good.
        var isOver = false
        /// When a program that failed may be started again.
        var notBefore = -Double.infinity
        var failure: EncoderError?
    }

    let description: EncoderDescription
    let settings: EncoderSettings
    let shared = Mutex(Shared())
    let wakeup: Wakeup

    /// Makes a thread for the program, which is not started yet.
    init(_ description: EncoderDescription, _ settings: EncoderSettings) throws(EncoderError) {
        self.description = description
        self.settings = settings
        wakeup = try Wakeup()
        let isStarted = startThread { [self] in
            let run = EncoderRun(self)
            run.loop()
        }
        guard isStarted else { throw .start("no thread is to be had") }
    }

    /// Puts a job into the queue, or finishes it at once with why not.
    func submit(_ job: EncoderJob) {
        let refusal = shared.withLock { shared -> EncoderError? in
            if shared.isStopping { return .stopped }
            let requests = shared.queue.requestCount + job.requests.count
            let bytes = shared.queue.byteCount + job.byteCount
            let isFull = requests > settings.waiting.requests || bytes > settings.waiting.bytes
            if isFull, !shared.queue.isEmpty { return .busy }
            shared.queue.add(job)
            return nil
        }
        if let refusal { return job.finish(.failure(refusal)) }
        wakeup.signal()
    }

    /// Ends the program soon; what waits is told so.
    func stop() {
        shared.withLock { $0.isStopping = true }
        wakeup.signal()
    }

    /// Whether nothing is left of the program after `stop`.
    var isOver: Bool { shared.withLock { $0.isOver } }

    /// A word for how it is, and what went wrong last.
    var standing: (state: String, failure: String) {
        let now = settings.clock()
        return shared.withLock { shared in
            let failure = shared.failure.map { "\($0)" } ?? ""
            if shared.isRunning { return (shared.hasAnswered ? "running" : "starting", failure) }
            return (shared.notBefore > now ? "resting" : "idle", failure)
        }
    }

    func log(_ line: String) { settings.log("encoder \(description.name): \(line)") }
}
