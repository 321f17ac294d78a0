// Long jobs beside requests: verification and snapshots. Each kind has a thread of its own while it
// runs, one at a time, and stands in the list of jobs; closing the store makes them give up and
// waits for them.

import Storage
import Synchronization

/// The long jobs of a store.
final class Upkeep: Sendable {
    private final class Running: Sendable {
        let pace: Pace
        let isDone = Atomic<Bool>(false)
        init(_ pace: Pace) { self.pace = pace }
    }

    private struct State {
        var jobs: [Job.Kind: (job: Running, thread: BackgroundThread)] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let list: JobList

    /// Jobs that stand in a list while they run.
    init(_ list: JobList) { self.list = list }

    /// Tells how a job ended.
    typealias Report = () -> Void

    /// Starts a job; the reason when it cannot be.
    ///
    /// It reads at most `bytesPerSecond`, and `total` bytes as far as is known. `body` returns how
    /// to tell of its end, which is called once the next job may begin: who is told may ask for it
    /// at once.
    func begin(
        _ kind: Job.Kind, bytesPerSecond: UInt64, total: Int = 0,
        _ body: @escaping @Sendable (Pace) -> Report
    ) -> StoreError? {
        state.withLock { state in
            if state.isClosed { return .stopped }
            if let (job, thread) = state.jobs[kind] {
                guard job.isDone.load(ordering: .acquiring) else {
                    return .busy("another \(kind.rawValue) is under way; JOBS shows it")
                }
                thread.join()
            }
            let progress = JobProgress()
            progress.begin(total)
            let pace = Pace(bytesPerSecond: bytesPerSecond) { progress.reach($0) }
            let listed = list.begin(kind, track: nil, progress) { pace.cancel() }
            let running = Running(pace)
            let thread = BackgroundThread { [list] in
                let report = body(pace)
                list.end(listed)
                running.isDone.store(true, ordering: .releasing)
                report()
            }
            state.jobs[kind] = (running, thread)
            return nil
        }
    }

    /// What a job says that was made to give up.
    var reason: StoreError { state.withLock { $0.isClosed } ? .stopped : .cancelled }

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
        let (path, fs, upkeep) = (folder.path, fs, upkeep)
        let (view, rate) = (view, settings.verifyBytesPerSecond)
        let wanted = view.tracks.filter { tracks?.contains($0.key) ?? true }
        let bytes = wanted.values.reduce(view.logBytes) { $0 + $1.segmentBytes }
        let refusal = upkeep.begin(
            .verify, bytesPerSecond: rate, total: Int(clamping: bytes)
        ) { pace in
            var verifier = Verifier(path, in: fs, isLive: true, pace)
            do throws(StorageError) {
                let result = try verifier.run(tracks: tracks)
                return { finish(pace.wasCancelled ? .failure(upkeep.reason) : .success(result)) }
            } catch { return { finish(.failure(.storage(error))) } }
        }
        if let refusal { finish(.failure(refusal)) }
    }
}
