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

    func begin(_ total: Int) { all.store(total, ordering: .relaxed) }
    func advance() { steps.wrappingAdd(1, ordering: .relaxed) }
    func reach(_ done: Int) { steps.store(done, ordering: .relaxed) }
    func cancel() { cancelled.store(true, ordering: .relaxed) }
}

/// A job that runs.
package struct Job: Sendable {
    /// What is done.
    package enum Kind: String, Sendable { case flush, merge }

    /// Names it as long as the store is open.
    package let id: UInt64
    /// What is done.
    package let kind: Kind
    /// The track it works on; nil for all.
    package let track: UInt32?
    /// How far it is.
    package let progress: JobProgress
}

/// The jobs that run now.
final class JobList: Sendable {
    private struct State {
        var jobs: [Job] = []
        var next: UInt64 = 1
    }

    private let state = Mutex(State())

    var running: [Job] { state.withLock { $0.jobs } }

    func begin(_ kind: Job.Kind, track: UInt32?) -> Job {
        state.withLock { state in
            let job = Job(id: state.next, kind: kind, track: track, progress: JobProgress())
            state.next += 1
            state.jobs.append(job)
            return job
        }
    }

    func end(_ job: Job) { state.withLock { $0.jobs.removeAll { $0.id == job.id } } }

    /// Asks a merge to end; false when there is none of that number.
    func cancel(_ id: UInt64) -> Bool {
        let job = running.first { $0.id == id && $0.kind == .merge }
        job?.progress.cancel()
        return job != nil
    }

    func cancelAll() {
        for job in running where job.kind == .merge { job.progress.cancel() }
    }
}
