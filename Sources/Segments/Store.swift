// The life of a data folder: opening it, reading the newest view, handing requests to the writer,
// closing it. All of a store's threads begin and end here.

package import Storage
import Synchronization

/// The newest view, where the writer puts it and readers take it.
private final class ViewBox: Sendable {
    let view = Mutex(View())
}

/// An open data folder.
package final class Store: Sendable {
    private let current: ViewBox
    let queue: Monitor<WriterQueue>
    private let lock: any FileLock
    private let thread: BackgroundThread
    /// Its bounds.
    package let settings: StoreSettings
    let folder: Folder
    let fs: any FileSystem
    let upkeep: Upkeep
    private let isOpen = Atomic<Bool>(true)
    private let jobList: JobList
    let requests: RequestTable
    let openOperations = OperationList()
    let seen = SeenQueries()

    /// Opens a data folder, making it when there is none.
    ///
    /// Throws `.storage(.locked)` when a process has it open, `.storage(.corrupt)` with file and
    /// offset when its catalog or log is damaged, `.storage(.newerFormat)` when a newer mspd wrote
    /// it. Tracks with damaged files are set aside; views name them.
    package init(
        opening path: String, in fs: any FileSystem, _ settings: StoreSettings = StoreSettings()
    ) throws(StoreError) {
        let folder = Folder(path)
        do throws(StorageError) {
            try fs.createDirectory(folder.path)
            let lock = try fs.lock(folder.lock)
            let recovered: (RecoveredState, WriteAheadLog)
            do throws(StorageError) {
                var recovery = Recovery(folder, fs, settings)
                recovered = try recovery.run()
            } catch {
                lock.release()
                throw error
            }
            self.lock = lock
            self.folder = folder
            self.fs = fs
            self.settings = settings
            let queue = Monitor(WriterQueue())
            self.queue = queue
            let current = ViewBox()
            let jobs = JobList()
            jobList = jobs
            upkeep = Upkeep(jobs)
            requests = recovered.0.requests
            let writer = StoreWriter(
                recovered.0, recovered.1, folder, fs, settings, queue, jobs,
                openOperations, seen, publish: { view in current.view.withLock { $0 = view } })
            self.current = current
            thread = BackgroundThread { writer.run() }
        } catch {
            throw .storage(error)
        }
    }

    /// The newest state; keep it as long as one answer needs it.
    package var view: View { current.view.withLock { $0 } }

    /// Hands operations to the writer, together.
    ///
    /// After a crash all of them count or none. `finish` is called on the writing thread once they
    /// are durable and visible, or refused. A request with a token that was carried out before
    /// does nothing.
    package func submit(
        _ operations: [Operation], token: [UInt8]? = nil,
        finish: @escaping @Sendable (Result<Applied, StoreError>) -> Void
    ) {
        let bytes = operations.reduce(0) { $0 + $1.bytes }
        guard bytes <= settings.requestBytes else {
            return finish(.failure(.tooLarge(bytes: bytes, limit: settings.requestBytes)))
        }
        let request = WriteRequest(
            operations: operations, bytes: bytes, token: token, finish: finish)
        let limit = settings.queueBytes
        let isTaken: Bool = queue.wait { queue in
            if queue.isClosing { return false }
            guard queue.bytes < limit else { return nil }
            queue.requests.append(request)
            queue.bytes += bytes
            return true
        }
        if !isTaken { finish(.failure(.stopped)) }
    }

    /// Hands operations to the writer and waits until they are durable and visible.
    @discardableResult
    package func write(
        _ operations: [Operation], token: [UInt8]? = nil
    ) throws(StoreError) -> Applied {
        try wait { self.submit(operations, token: token, finish: $0) }
    }

    /// Starts something and waits for its end.
    func wait<Value: Sendable>(
        _ start: (@escaping @Sendable (Result<Value, StoreError>) -> Void) -> Void
    ) throws(StoreError) -> Value {
        let done = Monitor<Result<Value, StoreError>?>(nil)
        start { result in done.update { $0 = result } }
        return try done.wait { $0 }.get()
    }

    /// Hands the writer something to do with an operation.
    func ask(_ kind: OperationRequest.Kind, _ token: [UInt8]?, _ finish: @escaping Finish) {
        let request = OperationRequest(kind: kind, token: token, finish: finish)
        let isTaken = queue.update { queue in
            if !queue.isClosing { queue.operationRequests.append(request) }
            return !queue.isClosing
        }
        if !isTaken { finish(.failure(.stopped)) }
    }

    /// Brings everything in memory into segments, and waits for it.
    package func flush() throws(StoreError) {
        let _: FlushedState = try wait { self.flush($0) }
    }

    /// Brings everything in memory into segments; `finish` is called on the writing thread.
    package func flush(finish: @escaping @Sendable (Result<Void, StoreError>) -> Void) {
        flush { (result: Result<FlushedState, StoreError>) in finish(result.map { _ in () }) }
    }

    /// Asks for a flush; `waiter` is called on the writing thread when it is installed, before
    /// anything else changes.
    func flush(_ waiter: @escaping FlushWaiter) {
        let isTaken = queue.update { queue in
            if queue.isClosing { return false }
            queue.flushes.append(waiter)
            return true
        }
        if !isTaken { waiter(.failure(.stopped)) }
    }

    /// Brings a track's segments into one without deleted rows; what is in memory stays there.
    ///
    /// `finish` is called on the writing thread, with `.cancelled` when someone cancelled the job.
    package func merge(
        _ track: UInt32, finish: @escaping @Sendable (Result<Void, StoreError>) -> Void
    ) {
        let isTaken = queue.update { queue in
            guard !queue.isClosing else { return false }
            queue.merges.append(MergeRequest(track: track, finish: finish))
            return true
        }
        if !isTaken { finish(.failure(.stopped)) }
    }

    /// Brings a track's segments into one, and waits for it.
    package func merge(_ track: UInt32) throws(StoreError) {
        try wait { self.merge(track, finish: $0) }
    }

    /// The jobs that run in the background now.
    package var jobs: [Job] { jobList.running }

    /// Shows something long that is done elsewhere as a job that can be cancelled.
    ///
    /// Whoever does it looks at its progress, and ends it with `endJob`; `cancelled` is called,
    /// from any thread, once its progress says so.
    package func beginJob(
        _ kind: Job.Kind, track: UInt32?, cancelled: @escaping @Sendable () -> Void = {}
    ) -> Job {
        let progress = JobProgress()
        return jobList.begin(kind, track: track, progress) {
            progress.cancel()
            cancelled()
        }
    }

    /// A job shown by `beginJob` is over.
    package func endJob(_ job: Job) { jobList.end(job) }

    /// Asks a job to end; false when none that can be cancelled has this number.
    package func cancel(_ job: UInt64) -> Bool { jobList.cancel(job) }

    /// Finishes what was handed in, makes the next start quick, and lets go of the folder.
    package func close() {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
        queue.update { $0.isClosing = true }
        upkeep.close()
        jobList.cancelAll()
        thread.join()
        lock.release()
    }
}
