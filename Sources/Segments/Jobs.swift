// Long work in the background, as its user sees it: what runs, how far it is, and a way to end it.

import Synchronization

/// How far a job is; any thread may read, one advances.
package final class JobProgress: Sendable {
    private let steps = Atomic<Int>(0)
    private let all = Atomic<Int>(0)
    private let cancelled = Atomic<Bool>(false)

    init() {}

    /// Steps done.
    package var done: Int { steps.load(ordering: .relaxed) }
    /// Steps that there are.
    package var total: Int { all.load(ordering: .relaxed) }
    /// Whether someone asked it to end.
    package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// There are so many steps.
    package func begin(_ total: Int) { all.store(total, ordering: .relaxed) }
    /// One more is done.
    package func advance() { steps.wrappingAdd(1, ordering: .relaxed) }
    /// So many are done.
    package func reach(_ done: Int) { steps.store(done, ordering: .relaxed) }
    func cancel() { cancelled.store(true, ordering: .relaxed) }
}

/// A job that runs.
package struct Job: Sendable {
    /// What is done.
    package enum Kind: String, Sendable {
        case flush, merge, index, verify, snapshot, enrich
    }

    /// Names it as long as the store is open.
    package let id: UInt64
    /// What is done.
    package let kind: Kind
    /// The track it works on; nil for all.
    package let track: UInt32?
    /// How far it is; a total of 0 where nobody knows.
    package let progress: JobProgress
    /// Asks it to end; nil where it has to come to its end.
    let cancel: (@Sendable () -> Void)?
}

/// The jobs that run now.
final class JobList: Sendable {
    private struct State {
        var jobs: [Job] = []
        var next: UInt64 = 1
    }

    private let state = Mutex(State())

    var running: [Job] { state.withLock { $0.jobs } }

    func begin(
        _ kind: Job.Kind, track: UInt32?, _ progress: JobProgress = JobProgress(),
        cancel: (@Sendable () -> Void)? = nil
    ) -> Job {
        state.withLock { state in
            let job = Job(
                id: state.next, kind: kind, track: track, progress: progress, cancel: cancel)
            state.next += 1
            state.jobs.append(job)
            return job
        }
    }

    func end(_ job: Job) { state.withLock { $0.jobs.removeAll { $0.id == job.id } } }

    /// Asks a job to end; false when there is none of that number that can.
    func cancel(_ id: UInt64) -> Bool {
        guard let cancel = running.first(where: { $0.id == id })?.cancel else { return false }
        cancel()
        return true
    }

    func cancelAll() { for job in running { job.cancel?() } }
}
