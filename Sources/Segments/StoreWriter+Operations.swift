// Operations: begun, filled, committed, aborted, taken back. Rows of an open one are accepted in
// the order of all writes and take sequence numbers, but the log keeps only how many they were. The
// commit is one record of the log; before it, all files that it names are durable.
//
// A rollback is a replacement too: of what the commit brought, by the rows that it deleted. Flushes
// and merges keep those rows until the next commit to the lane.

import Storage
import TextIndex

/// Something to be done with an operation.
struct OperationRequest: Sendable {
    enum Kind: Sendable {
        case commit(UInt64)
        case abort(UInt64)
        /// `isFlushed` once all that the commit deleted is in segments.
        case rollback(track: UInt32, title: [UInt8], isFlushed: Bool)
    }

    var kind: Kind
    let token: [UInt8]?
    let finish: @Sendable (Result<Applied, StoreError>) -> Void
}

/// How work on the files of an operation ended.
struct StagedFiles {
    let operation: UInt64
    let result: Result<PendingJob.Result, StorageError>
}

/// A rollback on its thread.
struct RunningRollback {
    let track: UInt32
    let commit: Commit
    let request: OperationRequest
    let thread: BackgroundThread
}

extension StoreWriter {
    var isWorkingOnOperations: Bool {
        rollingBack != nil || operations.values.contains { $0.job != nil }
    }

    func perform(_ request: OperationRequest) {
        guard !hasStopped else { return request.finish(.failure(.stopped)) }
        if let token = request.token, let applied = requests.repeated(token) {
            return request.finish(.success(applied))
        }
        switch request.kind {
        case .commit(let id): commit(id, request)
        case .abort(let id): abort(id, request)
        case .rollback(let track, let title, let isFlushed):
            rollBack(track, title, isFlushed, request)
        }
    }

    // MARK: Begin and fill

    /// Why an operation cannot begin or take rows.
    func operationRefusal(_ operation: Operation) -> StoreError? {
        switch operation {
        case .begin(let track, let scope):
            expire()
            let other = operations.values.first {
                $0.track == track && $0.shown.scope.overlaps(scope) && !$0.isAborted
            }
            if let other { return .laneTaken(by: other.id) }
            return operations.count < settings.openOperations
                ? nil : .tooManyOperations(limit: settings.openOperations)
        case .stage(let id, let rows):
            guard let pending = operations[id], !pending.isAborted else {
                return .noOperation(id)
            }
            if pending.commit != nil { return .busy("operation \(id) is being committed") }
            return makeRoom(in: pending, for: rows)
        default: return nil
        }
    }

    /// The operation that a request would begin, when it has begun it before.
    func begun(by request: WriteRequest) -> Applied? {
        guard let token = request.token,
            case .begin(let track, let scope)? = request.operations.first,
            let open = operations.values.first(where: {
                $0.token == token && $0.track == track && $0.shown.scope == scope
            })
        else { return nil }
        var applied = Applied()
        applied.operation = open.id
        applied.isRepeated = true
        return applied
    }

    func begin(_ track: UInt32, _ scope: Scope, token: [UInt8]?, _ sequence: UInt64) -> Applied {
        let shown = OpenOperation(id: sequence, track: track, scope: scope)
        operations[sequence] = PendingOperation(shown, token: token, now: settings.now())
        openOperations.show(shown)
        var applied = Applied()
        applied.operation = sequence
        return applied
    }

    func stage(
        _ id: UInt64, _ rows: RowBatch, _ sequence: UInt64
    ) throws(StorageError) -> Applied {
        guard let pending = operations[id] else { return Applied() }
        try pending.stage(
            rows, sequence, smallBytes: settings.smallOperationBytes, content(pending.track))
        pending.lastUse = settings.now()
        var shown = pending.shown
        shown.rows = pending.rows
        shown.bytes = pending.bytes
        openOperations.show(shown)
        spillIfFull()
        var applied = Applied()
        applied.put = rows.count
        return applied
    }

    private func content(_ track: UInt32) -> TrackContent {
        tracks[track]?.manifest.content ?? TrackContent()
    }

    /// Brings rows of operations to files when they take too much memory, and waits when that does
    /// not keep up.
    private func spillIfFull() {
        func sum(_ bytes: (PendingOperation) -> Int) -> Int {
            operations.values.reduce(0) { $0 + bytes($1) }
        }
        while sum({ $0.activeBytes }) >= settings.operationBytes,
            let largest = operations.values.filter({ $0.job == nil && $0.activeBytes > 0 })
                .max(by: { $0.activeBytes < $1.activeBytes })
        {
            startJob(largest)
        }
        while sum({ $0.bytes }) >= 2 * settings.operationBytes,
            operations.values.contains(where: { $0.job != nil })
        {
            waitForJob()
        }
    }

    /// Makes sure that rows fit into an operation's memtable; why they do not.
    private func makeRoom(in pending: PendingOperation, for rows: RowBatch) -> StoreError? {
        for _ in 0..<4 {
            let bytes = rows.bytes.count + settings.smallOperationBytes
            guard let state = pending.state, !state.hasRoom(rows: rows.count, bytes: bytes) else {
                return nil
            }
            if pending.job == nil { startJob(pending) } else { waitForJob() }
        }
        return .busy("operation \(pending.id) waits for its files; try again later")
    }

    private func waitForJob() {
        let staged = queue.wait { queue in
            queue.staged.isEmpty ? nil : queue.staged.removeFirst()
        }
        install(staged)
    }

    /// Ends operations that nobody has used for long.
    private func expire() {
        let now = settings.now()
        for pending in operations.values
        where pending.lastUse &+ settings.operationIdleMilliseconds < now
            && pending.commit == nil
        {
            settings.log("operation \(pending.id) was not used for long and is given up")
            drop(pending)
        }
    }

    // MARK: Commit

    private func commit(_ id: UInt64, _ request: OperationRequest) {
        guard let pending = operations[id], !pending.isAborted else {
            return request.finish(.failure(.noOperation(id)))
        }
        guard pending.commit == nil else {
            return request.finish(.failure(.busy("operation \(id) is being committed")))
        }
        pending.lastUse = settings.now()
        pending.commit = request
        guard pending.state == nil else {
            if pending.job == nil { startJob(pending) }
            return
        }
        var replacement = Replacement(scope: pending.shown.scope)
        replacement.rows = UInt64(pending.rows)
        replace(
            pending,
            [.replace(track: pending.track, replacement)]
                + pending.batches.map { .put(track: pending.track, rows: $0.rows) }, [])
    }

    /// Writes the record that makes an operation count.
    private func replace(
        _ pending: PendingOperation, _ changes: [Operation], _ segments: [Segment]
    ) {
        guard let request = pending.commit else { return }
        let (id, list) = (pending.id, openOperations)
        let tell: Store.Finish = { result in
            // Whoever is told that it is committed finds no such operation any more.
            if case .success = result { list.hide(id) }
            request.finish(
                result.map { applied in
                    var applied = applied
                    applied.operation = id
                    return applied
                })
        }
        adopting = segments
        write([WriteRequest(operations: changes, bytes: 0, token: request.token, finish: tell)])
        adopting = []
        pending.commit = nil
        guard let token = request.token, requests.applied(token) != nil else { return }
        operations[pending.id] = nil
    }

    /// Has the memtable written, and everything made ready when there is someone who commits.
    private func startJob(_ pending: PendingOperation) {
        guard let state = pending.state, let track = tracks[pending.track] else { return }
        if state.sealed == nil { state.seal() }
        let job = PendingJob(
            track: pending.track,
            memtable: state.sealed.map { ($0, $0.count, track.takeSegmentNumber()) },
            segments: state.segments,
            wholeNumber: pending.commit == nil ? nil : track.takeSegmentNumber(),
            memory: settings.mergeBytes, folder: folder, fs: fs)
        let (id, queue) = (pending.id, queue)
        pending.job = BackgroundThread {
            let result: Result<PendingJob.Result, StorageError>
            do throws(StorageError) { result = .success(try job.run()) } catch {
                result = .failure(error)
            }
            queue.update { $0.staged.append(StagedFiles(operation: id, result: result)) }
        }
    }

    /// Takes over what work on an operation's files made.
    func install(_ staged: StagedFiles) {
        guard let pending = operations[staged.operation] else { return }
        pending.job?.join()
        pending.job = nil
        do throws(StorageError) {
            let made = try staged.result.get()
            guard !pending.isAborted, tracks[pending.track] != nil, !hasStopped else {
                pending.commit?.finish(.failure(hasStopped ? .stopped : .noTrack(pending.track)))
                pending.state?.replaceSealed(made.written)
                return drop(pending)
            }
            guard let whole = made.whole else {
                pending.state?.replaceSealed(made.written)
                if pending.commit != nil { startJob(pending) }
                return
            }
            pending.replaceAll(with: whole, content(pending.track))
            var replacement = Replacement(scope: pending.shown.scope)
            replacement.segments = whole.map { Manifest.Entry($0) }
            replace(pending, [.replace(track: pending.track, replacement)], whole)
        } catch {
            // The rows are still in memory: whoever commits again tries again.
            settings.log("operation \(pending.id) could not be written: \(error)")
            pending.commit?.finish(.failure(refusal(error)))
            pending.commit = nil
            if pending.isAborted { drop(pending) }
        }
    }

    // MARK: Abort

    private func abort(_ id: UInt64, _ request: OperationRequest) {
        guard let pending = operations[id], !pending.isAborted else {
            return request.finish(.failure(.noOperation(id)))
        }
        guard pending.commit == nil else {
            return request.finish(.failure(.busy("operation \(id) is being committed")))
        }
        drop(pending)
        var applied = Applied()
        applied.operation = id
        request.finish(.success(applied))
    }

    /// Gives an operation up; one whose files are being worked on goes when that has ended.
    private func drop(_ pending: PendingOperation) {
        openOperations.hide(pending.id)
        pending.isAborted = true
        guard pending.job == nil else { return }
        operations[pending.id] = nil
        for segment in pending.state?.segments ?? [] {
            // What cannot be removed goes at the next start.
            try? fs.remove(segment.path)
        }
    }

    /// Gives up all operations, or those of a track.
    func dropOperations(of track: UInt32? = nil) {
        for pending in operations.values where track == nil || pending.track == track {
            drop(pending)
        }
    }

    // MARK: Rollback

    private func rollBack(
        _ id: UInt32, _ title: [UInt8], _ isFlushed: Bool, _ request: OperationRequest
    ) {
        if let reason = view.quarantined[id] {
            return request.finish(.failure(.damagedTrack(id, reason)))
        }
        guard let track = tracks[id] else { return request.finish(.failure(.noTrack(id))) }
        guard let commit = track.commits[title] else { return request.finish(.failure(.noCommit)) }
        guard isFlushed else { return flushFirst(request, id, title) }
        guard rollingBack == nil else {
            return request.finish(.failure(.busy("a rollback is being worked on; try again later")))
        }
        let inputs = track.segments.filter { $0.titles[title] != nil }
        let number = track.takeSegmentNumber()
        let (path, fs, memory, queue) = (
            folder.segment(id, number), fs, settings.mergeBytes, queue
        )
        let folder = folder.segments(id)
        let thread = BackgroundThread {
            let result: Result<Segment?, StorageError>
            do throws(StorageError) {
                var merger = SegmentMerger(
                    inputs, keeping: { commit.deleted($1, of: $0) }, memory: memory, JobProgress())
                let merged = try merger.run(path, id: number, in: fs)
                try fs.syncDirectory(folder)
                result = .success(merged?.segment)
            } catch { result = .failure(error) }
            queue.update { $0.rolledBack = result }
        }
        rollingBack = RunningRollback(track: id, commit: commit, request: request, thread: thread)
    }

    private func flushFirst(_ request: OperationRequest, _ track: UInt32, _ title: [UInt8]) {
        let queue = self.queue
        flushWaiters.append { result in
            if case .failure(let error) = result { return request.finish(.failure(error)) }
            var next = request
            next.kind = .rollback(track: track, title: title, isFlushed: true)
            queue.update { $0.operationRequests.append(next) }
        }
    }

    /// Takes over the rows that a rollback brings back.
    func install(rollback result: Result<Segment?, StorageError>) {
        guard let running = rollingBack else { return }
        running.thread.join()
        rollingBack = nil
        do throws(StorageError) {
            let segment = try result.get()
            let commit = running.commit
            guard !hasStopped, tracks[running.track]?.commits[commit.scope.title] == commit else {
                if let segment { try fs.remove(segment.path) }
                return running.request.finish(.failure(hasStopped ? .stopped : .changedMeanwhile))
            }
            var replacement = Replacement(scope: commit.scope)
            replacement.isRollback = true
            replacement.segments = segment.map { [Manifest.Entry($0)] } ?? []
            adopting = segment.map { [$0] } ?? []
            write([
                WriteRequest(
                    operations: [.replace(track: running.track, replacement)], bytes: 0,
                    token: running.request.token, finish: running.request.finish)
            ])
            adopting = []
        } catch {
            settings.log("a rollback could not be written: \(error)")
            running.request.finish(.failure(refusal(error)))
        }
    }
}

extension Commit {
    /// Whether a document was there before the commit, and went by it.
    func deleted(_ document: UInt32, of segment: Segment) -> Bool {
        segment.titles[scope.title]?.documents.contains(document) ?? false
            && sequences.contains(segment.tombstones.sequence(of: document))
            && segment.sequence(document) < sequences.lowerBound
    }
}
