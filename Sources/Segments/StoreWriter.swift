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
    /// Makes sure that it happens once.
    var token: [UInt8]?
    let finish: @Sendable (Result<Applied, StoreError>) -> Void

    /// Whether it shares no record of the log with others.
    var isAlone: Bool {
        if case .begin? = operations.first { return true }
        return false
    }
}

/// What waits for the writer.
struct WriterQueue {
    var requests: [WriteRequest] = []
    var bytes = 0
    var flushed: Result<[FlushedTrack], StorageError>?
    var merged: Result<MergedSegment?, StorageError>?
    var indexed: Result<Void, StorageError>?
    var staged: [StagedFiles] = []
    var rolledBack: Result<Segment?, StorageError>?
    var operationRequests: [OperationRequest] = []
    /// Asked to merge a track's segments into one.
    var merges: [MergeRequest] = []
    /// Whether a track has seen enough queries to learn from.
    var haveQueriesCome = false
    /// Asked to flush; called when it is done.
    var flushes: [FlushWaiter] = []
    var isClosing = false
}

/// Told how a flush ended.
typealias FlushWaiter = @Sendable (Result<FlushedState, StoreError>) -> Void

/// The state that only the writing thread touches.
@safe final class StoreWriter: @unchecked Sendable {
    // Unchecked: after `run` begins, only its thread uses this.

    let folder: Folder
    let fs: any FileSystem
    let settings: StoreSettings
    let queue: Monitor<WriterQueue>
    let publish: @Sendable (View) -> Void
    let log: WriteAheadLog
    var tracks: [UInt32: TrackState]
    var view = View()
    var checkpointGeneration: UInt64
    /// The flush under way.
    var flushing: RunningFlush?
    /// A flush that found no room on the disk: to be done again as it is, before any other.
    var postponed: PendingFlush?
    /// Why the last flush did not succeed.
    var flushFailure: StorageError?
    /// Asked to flush since the flush under way began.
    var flushWaiters: [FlushWaiter] = []
    var droppedTracks: [UInt32] = []
    /// Tracks that are neither read nor written.
    var quarantined: [UInt32: Quarantine]
    let jobs: JobList
    /// Requests with tokens.
    let requests: RequestTable
    /// What others see of the open operations.
    let openOperations: OperationList
    /// Queries that were seen, of tracks that learn from them.
    let seen: SeenQueries
    /// The open operations.
    var operations: [UInt64: PendingOperation] = [:]
    /// Open segments of the replacement that is being written.
    var adopting: [Segment] = []
    var rollingBack: RunningRollback?
    /// The merge under way.
    var merging: RunningMerge?
    /// The index being made.
    var indexing: RunningIndexing?
    /// Whose merge is under way or waits.
    var mergeRequests: [MergeRequest] = []
    var isClosing = false
    var hasStopped = false
    var isLastFlushTried = false

    init(
        _ recovered: RecoveredState, _ log: WriteAheadLog, _ folder: Folder, _ fs: any FileSystem,
        _ settings: StoreSettings, _ queue: Monitor<WriterQueue>, _ jobs: JobList,
        _ openOperations: OperationList, _ seen: SeenQueries,
        publish: @escaping @Sendable (View) -> Void
    ) {
        self.folder = folder
        self.fs = fs
        self.settings = settings
        self.queue = queue
        self.jobs = jobs
        self.openOperations = openOperations
        self.seen = seen
        requests = recovered.requests
        self.publish = publish
        self.log = log
        tracks = recovered.tracks
        checkpointGeneration = recovered.checkpointGeneration
        droppedTracks = recovered.droppedTracks
        view.sequence = recovered.sequence
        view.catalog = recovered.catalog
        view.catalogSequence = recovered.sequence
        quarantined = recovered.quarantined
        view.quarantined = quarantined.mapValues(\.reason)
        for (id, track) in tracks { view.tracks[id] = track.view }
        view.logBytes = log.bytes
        publish(view)
    }

    private struct Work {
        var requests: [WriteRequest] = []
        var flushed: Result<[FlushedTrack], StorageError>?
        var flushes: [FlushWaiter] = []
        var merged: Result<MergedSegment?, StorageError>?
        var indexed: Result<Void, StorageError>?
        var merges: [MergeRequest] = []
        var haveQueriesCome = false
        var staged: [StagedFiles] = []
        var rolledBack: Result<Segment?, StorageError>?
        var operationRequests: [OperationRequest] = []
        var isClosing = false
    }

    /// Works until the store is closed.
    func run() {
        mergeIfDue()
        while true {
            guard let work = nextWork() else {
                startFlush()
                continue
            }
            if let flushed = work.flushed { install(flushed) }
            // Before anything that may start a flush.
            if let merged = work.merged { install(merge: merged) }
            if let indexed = work.indexed { install(index: indexed) }
            // Writing may wait for files of operations that are not here yet.
            for staged in work.staged { install(staged) }
            if !work.requests.isEmpty { write(work.requests) }
            if let rolledBack = work.rolledBack { install(rollback: rolledBack) }
            for request in work.operationRequests { perform(request) }
            flushWaiters += work.flushes
            if !flushWaiters.isEmpty, flushing == nil {
                startFlush()
            } else if postponed == nil || !work.requests.isEmpty {
                // A postponed flush is tried again when there is a reason to, not in a circle.
                flushIfFull()
            }
            mergeRequests += work.merges
            if !work.merges.isEmpty || work.haveQueriesCome { mergeIfDue() }
            if work.isClosing, work.requests.isEmpty, flushing == nil {
                dropOperations()
                if close() {
                    for request in mergeRequests { request.finish(.failure(.stopped)) }
                    return
                }
            }
        }
    }

    /// Waits for something to do; nil when for long there was nothing, and memory is worth a flush.
    private func nextWork() -> Work? {
        guard mayRest else { return queue.wait { self.take(from: &$0) } }
        return queue.wait(milliseconds: settings.restMilliseconds) { self.take(from: &$0) }
    }

    private func take(from queue: inout WriterQueue) -> Work? {
        var work = Work()
        var bytes = 0
        var count = 0
        while count < queue.requests.count, bytes < settings.batchBytes {
            let isAlone = queue.requests[count].isAlone
            if isAlone, count > 0 { break }
            bytes += queue.requests[count].bytes
            count += 1
            if isAlone { break }
        }
        work.requests = Array(queue.requests[..<count])
        queue.requests.removeFirst(count)
        queue.bytes -= bytes
        swap(&work.flushed, &queue.flushed)
        swap(&work.flushes, &queue.flushes)
        // The switch to a merged segment and a flush both write manifests.
        if flushing == nil, postponed == nil || queue.isClosing {
            swap(&work.merged, &queue.merged)
        }
        swap(&work.indexed, &queue.indexed)
        swap(&work.merges, &queue.merges)
        swap(&work.haveQueriesCome, &queue.haveQueriesCome)
        swap(&work.staged, &queue.staged)
        swap(&work.rolledBack, &queue.rolledBack)
        swap(&work.operationRequests, &queue.operationRequests)
        isClosing = queue.isClosing
        if isClosing { jobs.cancelAll() }
        work.isClosing =
            isClosing && flushing == nil && merging == nil && queue.requests.isEmpty
            && indexing == nil && work.operationRequests.isEmpty && !isWorkingOnOperations
        let isIdle =
            work.requests.isEmpty && work.flushed == nil && work.flushes.isEmpty
            && work.merged == nil && work.indexed == nil && work.merges.isEmpty
            && work.staged.isEmpty && !work.haveQueriesCome
            && work.rolledBack == nil && work.operationRequests.isEmpty && !work.isClosing
        return isIdle ? nil : work
    }

    func write(_ requests: [WriteRequest]) {
        guard !hasStopped else { return refuse(requests, .stopped) }
        let available = (try? fs.available(folder.path)) ?? .max
        guard available >= settings.reserveBytes else {
            return refuse(
                requests, .diskFull(available: available, needed: settings.reserveBytes))
        }
        guard makeRoom(for: requests) else {
            return refuse(requests, flushFailure.map(refusal) ?? .stopped)
        }
        var known = Set(tracks.keys).union(view.quarantined.keys)
        var accepted: [WriteRequest] = []
        var repeated: [WriteRequest] = []
        defer { for request in repeated { finishRepeated(request) } }
        var tokens: Set<[UInt8]> = []
        var payload = ByteWriter()
        payload.varint(view.sequence + 1)
        for request in requests {
            if let token = request.token {
                let isFirst = self.requests.applied(token) == nil && begun(by: request) == nil
                guard tokens.insert(token).inserted, isFirst else {
                    repeated.append(request)
                    continue
                }
            }
            if let refusal = refusal(of: request.operations) {
                request.finish(.failure(refusal))
                continue
            }
            if let missing = Self.missingTrack(request.operations, &known) {
                request.finish(.failure(.noTrack(missing)))
                continue
            }
            if let token = request.token, !request.isAlone {
                let mark = RequestMark(
                    token: token, time: settings.now(), operations: request.operations.count)
                Operation.request(mark).encode(into: &payload)
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
            if case .create(let track, _) = operation { after.insert(track) }
            if case .drop(let track) = operation { after.remove(track) }
        }
        known = after
        return nil
    }

    private func logFailed(_ error: StorageError, _ requests: [WriteRequest]) {
        if log.hasFailed { stop(error) }
        refuse(requests, log.hasFailed ? .storage(error) : refusal(error))
    }

    /// What a request is told when nothing was lost but it could not be taken.
    func refusal(_ error: StorageError) -> StoreError {
        guard error.isOutOfSpace else { return .storage(error) }
        let available = (try? fs.available(folder.path)) ?? 0
        return .diskFull(available: available, needed: settings.reserveBytes)
    }

    private func refuse(_ requests: [WriteRequest], _ error: StoreError) {
        for request in requests { request.finish(.failure(error)) }
    }

    func stop(_ error: StorageError) {
        hasStopped = true
        settings.stop(error)
    }

    /// Carries out what the log has taken, shows it, and tells.
    private func acknowledge(_ requests: [WriteRequest]) {
        var results: [Result<Applied, StoreError>] = []
        for request in requests { results.append(apply(request)) }
        view.logBytes = log.bytes
        publish(view)
        for (request, result) in zip(requests, results) { request.finish(result) }
    }

    /// Tells what a request did that was carried out before.
    private func finishRepeated(_ request: WriteRequest) {
        let applied = begun(by: request) ?? request.token.flatMap { requests.repeated($0) }
        // Without an answer the first of its kind has failed just now.
        request.finish(applied.map { .success($0) } ?? .failure(.busy("send it again")))
    }

    private func apply(_ request: WriteRequest) -> Result<Applied, StoreError> {
        var sum = Applied()
        var failure: StorageError?
        for operation in request.operations {
            let sequence = view.sequence + 1
            do { sum += try apply(operation, sequence, request.token) } catch { failure = error }
            view.sequence += operation.sequences
        }
        if let failure { return .failure(.storage(failure)) }
        if let token = request.token, !request.isAlone {
            requests.add(FinishedRequest(token: token, time: settings.now(), applied: sum))
        }
        return .success(sum)
    }

    private func apply(
        _ operation: Operation, _ sequence: UInt64, _ token: [UInt8]?
    ) throws(StorageError) -> Applied {
        switch operation {
        case .set, .setIfAbsent, .unset:
            if operation.apply(to: &view.catalog) { view.catalogSequence = sequence }
        case .create(let id, let content):
            tracks[id] = tracks[id] ?? TrackState(id, Manifest(content: content))
            view.tracks[id] = tracks[id]?.view
        case .drop(let id):
            tracks[id] = nil
            view.tracks[id] = nil
            seen.forget(id)
            cancelJobs(of: id)
            dropQuarantined(id)
            dropOperations(of: id)
            droppedTracks.append(id)
        case .put(let id, _), .delete(let id, _, _), .clear(let id, _, _, _):
            guard let track = tracks[id] else { return Applied() }
            defer { view.tracks[id] = track.view }
            return try track.apply(operation, sequence)
        case .begin(let id, let scope): return begin(id, scope, token: token, sequence)
        case .stage(let id, let rows): return try stage(id, rows, sequence)
        case .replace(let id, let replacement):
            guard let track = tracks[id] else { return Applied() }
            defer { view.tracks[id] = track.view }
            return try track.replace(replacement, with: adopting, sequence)
        case .skip, .request: break
        }
        return Applied()
    }
}
