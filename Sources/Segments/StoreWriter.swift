// The one thread that changes a store. It takes what requests have gathered, writes them to the log
// with one sync, carries them out, publishes the new view, and only then acknowledges. While one
// sync is under way the next batch gathers: the busier, the larger the batches.

import Storage
import TextIndex

/// A request's operations and whom to tell.
struct WriteRequest: Sendable {
    let operations: [Operation]
    /// Bytes of log that the operations take, about.
    let bytes: Int
    let finish: @Sendable (Result<Applied, StoreError>) -> Void
}

/// What waits for the writer.
struct WriterQueue {
    var requests: [WriteRequest] = []
    var bytes = 0
    var flushed: Result<[FlushedTrack], StorageError>?
    /// Asked to flush; called when it is done.
    var flushes: [@Sendable (Result<Void, StoreError>) -> Void] = []
    var isClosing = false
}

/// The state that only the writing thread touches.
@safe final class StoreWriter: @unchecked Sendable {
    // Unchecked: after `run` begins, only its thread uses this.

    private let folder: Folder
    private let fs: any FileSystem
    private let settings: StoreSettings
    private let queue: Monitor<WriterQueue>
    private let publish: @Sendable (View) -> Void
    private let log: WriteAheadLog
    private var tracks: [UInt32: TrackState]
    private var view = View()
    private var checkpoint: Checkpoint
    private var checkpointGeneration: UInt64
    private var flushing: (job: FlushJob, logNumber: UInt64)?
    private var flushWaiters: [@Sendable (Result<Void, StoreError>) -> Void] = []
    private var droppedTracks: [UInt32] = []
    private var hasStopped = false

    init(
        _ recovered: RecoveredState, _ log: WriteAheadLog, _ folder: Folder, _ fs: any FileSystem,
        _ settings: StoreSettings, _ queue: Monitor<WriterQueue>,
        publish: @escaping @Sendable (View) -> Void
    ) {
        self.folder = folder
        self.fs = fs
        self.settings = settings
        self.queue = queue
        self.publish = publish
        self.log = log
        tracks = recovered.tracks
        checkpoint = Checkpoint()
        checkpointGeneration = recovered.checkpointGeneration
        view.sequence = recovered.sequence
        view.catalog = recovered.catalog
        for (id, track) in tracks { view.tracks[id] = track.view }
        publish(view)
    }

    private struct Work {
        var requests: [WriteRequest] = []
        var flushed: Result<[FlushedTrack], StorageError>?
        var flushes: [@Sendable (Result<Void, StoreError>) -> Void] = []
        var isClosing = false
    }

    /// Works until the store is closed.
    func run() {
        while true {
            let work = queue.wait { self.take(from: &$0) }
            if let flushed = work.flushed { install(flushed) }
            if !work.requests.isEmpty { write(work.requests) }
            flushWaiters += work.flushes
            if !flushWaiters.isEmpty, flushing == nil { startFlush() } else { flushIfFull() }
            if work.isClosing, work.requests.isEmpty, flushing == nil {
                if close() { return }
            }
        }
    }

    private func take(from queue: inout WriterQueue) -> Work? {
        var work = Work()
        var bytes = 0
        var count = 0
        while count < queue.requests.count, bytes < settings.batchBytes {
            bytes += queue.requests[count].bytes
            count += 1
        }
        work.requests = Array(queue.requests[..<count])
        queue.requests.removeFirst(count)
        queue.bytes -= bytes
        swap(&work.flushed, &queue.flushed)
        swap(&work.flushes, &queue.flushes)
        work.isClosing = queue.isClosing && flushing == nil && queue.requests.isEmpty
        let isIdle =
            work.requests.isEmpty && work.flushed == nil && work.flushes.isEmpty && !work.isClosing
        return isIdle ? nil : work
    }

    private func write(_ requests: [WriteRequest]) {
        guard !hasStopped else { return refuse(requests, .stopped) }
        let available = (try? fs.available(folder.path)) ?? .max
        guard available >= settings.reserveBytes else {
            return refuse(
                requests, .diskFull(available: available, needed: settings.reserveBytes))
        }
        var known = Set(tracks.keys)
        var accepted: [WriteRequest] = []
        var payload = ByteWriter()
        payload.varint(view.sequence + 1)
        for request in requests {
            if let missing = Self.missingTrack(request.operations, &known) {
                request.finish(.failure(.noTrack(missing)))
                continue
            }
            for operation in request.operations { operation.encode(into: &payload) }
            accepted.append(request)
        }
        guard !accepted.isEmpty else { return }
        do { try log.write(payload.bytes) } catch {
            return logFailed(error, accepted)
        }
        acknowledge(accepted)
    }

    /// The first track that an operation needs and that is not there.
    private static func missingTrack(
        _ operations: [Operation], _ known: inout Set<UInt32>
    ) -> UInt32? {
        var after = known
        for operation in operations {
            if let track = operation.track, !after.contains(track) { return track }
            if case .create(let track) = operation { after.insert(track) }
            if case .drop(let track) = operation { after.remove(track) }
        }
        known = after
        return nil
    }

    private func logFailed(_ error: StorageError, _ requests: [WriteRequest]) {
        if log.hasFailed {
            stop(error)
            refuse(requests, .storage(error))
        } else if error.isOutOfSpace {
            refuse(requests, .diskFull(available: 0, needed: settings.reserveBytes))
        } else {
            refuse(requests, .storage(error))
        }
    }

    private func refuse(_ requests: [WriteRequest], _ error: StoreError) {
        for request in requests { request.finish(.failure(error)) }
    }

    private func stop(_ error: StorageError) {
        hasStopped = true
        settings.stop(error)
    }

    /// Carries out what the log has taken, shows it, and tells.
    private func acknowledge(_ requests: [WriteRequest]) {
        var results: [Result<Applied, StoreError>] = []
        for request in requests { results.append(apply(request.operations)) }
        publish(view)
        for (request, result) in zip(requests, results) { request.finish(result) }
    }

    private func apply(_ operations: [Operation]) -> Result<Applied, StoreError> {
        var sum = Applied()
        var failure: StorageError?
        for operation in operations {
            let sequence = view.sequence + 1
            do { sum += try apply(operation, sequence) } catch { failure = error }
            view.sequence += operation.sequences
        }
        if let failure { return .failure(.storage(failure)) }
        return .success(sum)
    }

    private func apply(
        _ operation: Operation, _ sequence: UInt64
    ) throws(StorageError) -> Applied {
        switch operation {
        case .set(let name, let value): view.catalog[name] = value
        case .unset(let name): view.catalog[name] = nil
        case .create(let id):
            tracks[id] = tracks[id] ?? TrackState(id, analyzer: Analyzer(settings.segmentation))
            view.tracks[id] = tracks[id]?.view
        case .drop(let id):
            tracks[id] = nil
            view.tracks[id] = nil
            droppedTracks.append(id)
        case .put(let id, let rows):
            if let track = tracks[id], !track.hasRoom(rows) {
                waitForFlush()
                startFlush()
            }
            fallthrough
        case .delete(let id, _, _), .clear(let id, _, _, _):
            guard let track = tracks[id] else { return Applied() }
            defer { view.tracks[id] = track.view }
            return try track.apply(operation, sequence)
        }
        return Applied()
    }
}

// MARK: Flushing

extension StoreWriter {
    private func flushIfFull() {
        let memory = tracks.values.reduce(0) { $0 + $1.activeBytes }
        let isFull = memory >= settings.memtableBytes || log.bytes >= settings.logBytes
        guard isFull, !hasStopped else { return }
        // Two full memtables at a time are enough: the next flush waits for this one, and so do
        // the requests behind it.
        waitForFlush()
        startFlush()
    }

    private func waitForFlush() {
        guard flushing != nil else { return }
        install(
            queue.wait { queue in
                defer { queue.flushed = nil }
                return queue.flushed
            })
    }

    /// Seals what there is and hands it to a thread of its own.
    private func startFlush() {
        guard flushing == nil, !hasStopped else { return }
        let number: UInt64
        do { number = try log.rotate() } catch {
            if log.hasFailed { stop(error) }
            return finishFlush(.failure(.storage(error)))
        }
        var jobs: [TrackFlush] = []
        for track in tracks.values.sorted(by: { $0.id < $1.id }) {
            track.seal()
            jobs.append(track.flush)
        }
        checkpoint = Checkpoint()
        checkpoint.covered = view.sequence
        checkpoint.tracks = jobs.map(\.id)
        checkpoint.catalog = view.catalog
        let job = FlushJob(
            sequence: view.sequence, tracks: jobs, checkpoint: checkpoint,
            generation: checkpointGeneration + 1, folder: folder, fs: fs)
        flushing = (job, number)
        let queue = self.queue
        _ = BackgroundThread {
            let result: Result<[FlushedTrack], StorageError>
            do throws(StorageError) {
                result = .success(try job.run())
            } catch { result = .failure(error) }
            queue.update { $0.flushed = result }
        }
    }

    private func install(_ result: Result<[FlushedTrack], StorageError>) {
        guard let (job, number) = flushing else { return }
        flushing = nil
        let flushed: [FlushedTrack]
        switch result {
        case .failure(let error):
            // What a half-finished flush left on disk is not known: as after a failed sync.
            stop(error)
            return finishFlush(.failure(.storage(error)))
        case .success(let tracks): flushed = tracks
        }
        for track in flushed {
            guard let state = tracks[track.id] else { continue }
            state.install(track)
            view.tracks[track.id] = state.view
        }
        publish(view)
        do { try removeObsolete(flushed, job, number) } catch {
            settings.log("files that are not needed any more could not be removed: \(error)")
        }
        checkpointGeneration = job.generation
        finishFlush(.success(()))
    }

    private func removeObsolete(
        _ flushed: [FlushedTrack], _ job: FlushJob, _ number: UInt64
    ) throws(StorageError) {
        for path in flushed.flatMap(\.obsolete) { try fs.remove(path) }
        if job.generation > 1 { try fs.remove(folder.checkpoint(job.generation - 1)) }
        try log.remove(upTo: number)
        for track in droppedTracks where !job.tracks.contains(where: { $0.id == track }) {
            try Recovery.removeTrack(track, folder, fs)
        }
        droppedTracks.removeAll { track in !job.tracks.contains { $0.id == track } }
    }

    private func finishFlush(_ result: Result<Void, StoreError>) {
        let waiters = flushWaiters
        flushWaiters = []
        for waiter in waiters { waiter(result) }
    }

    /// Ends the log; false when there is first a flush to wait for.
    private func close() -> Bool {
        guard !hasStopped else { return true }
        if log.bytes > settings.replayBytes {
            startFlush()
            if flushing != nil { return false }
        }
        do { try log.close() } catch { stop(error) }
        return true
    }
}
