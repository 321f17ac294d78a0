// Long jobs beside requests: verification and snapshots. Each kind has a thread of its own while it
// runs, one at a time; closing the store makes them give up and waits for them.

import Storage
import Synchronization

/// The long jobs of a store.
final class Upkeep: Sendable {
    /// Kinds of jobs.
    enum Kind: String, Sendable {
        case verification = "a verification"
        case snapshot = "a snapshot"
    }

    private final class Job: Sendable {
        let pace: Pace
        let isDone = Atomic<Bool>(false)
        init(_ pace: Pace) { self.pace = pace }
    }

    private struct State {
        var jobs: [Kind: (job: Job, thread: BackgroundThread)] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Tells how a job ended.
    typealias Report = () -> Void

    /// Starts a job; the reason when it cannot be.
    ///
    /// `body` returns how to tell of its end, which is called once the next job may begin: who is
    /// told may ask for it at once.
    func begin(
        _ kind: Kind, _ pace: Pace, _ body: @escaping @Sendable (Pace) -> Report
    ) -> StoreError? {
        state.withLock { state in
            if state.isClosed { return .stopped }
            if let (job, thread) = state.jobs[kind] {
                guard job.isDone.load(ordering: .acquiring) else {
                    return .busy("\(kind.rawValue) is being worked on; try again later")
                }
                thread.join()
            }
            let job = Job(pace)
            let thread = BackgroundThread {
                let report = body(pace)
                job.isDone.store(true, ordering: .releasing)
                report()
            }
            state.jobs[kind] = (job, thread)
            return nil
        }
    }

    /// Makes all jobs give up, waits for them, and takes no more.
    func close() {
        let jobs = state.withLock { state in
            state.isClosed = true
            defer { state.jobs = [:] }
            return Array(state.jobs.values)
        }
        for (job, _) in jobs { job.pace.cancel() }
        for (_, thread) in jobs { thread.join() }
    }
}

extension Store {
    /// Reads and checks every file, or those of some tracks, on a thread of its own and at the
    /// speed that the settings allow.
    package func verify(
        tracks: [UInt32]? = nil,
        finish: @escaping @Sendable (Result<Verification, StoreError>) -> Void
    ) {
        let (path, fs) = (folder.path, fs)
        let pace = Pace(bytesPerSecond: settings.verifyBytesPerSecond)
        let refusal = upkeep.begin(.verification, pace) { pace in
            var verifier = Verifier(path, in: fs, isLive: true, pace)
            do throws(StorageError) {
                let result = try verifier.run(tracks: tracks)
                return { finish(pace.wasCancelled ? .failure(.stopped) : .success(result)) }
            } catch { return { finish(.failure(.storage(error))) } }
        }
        if let refusal { finish(.failure(refusal)) }
    }
}
