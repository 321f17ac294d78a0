// When the writer brings memory to disk, and what it does with what a flush made. Memtables are
// sealed between two records of the log, never within one: the log before the seal goes when the
// flush is done, so all of its operations must be in what was sealed.
//
// A flush that found the disk full, or no more files to be opened, is kept and done again as it is,
// which writes the same bytes under the same names; until it succeeds nothing new is sealed. Any
// other failure stops the store.

import Storage
import TextIndex

/// A flush, and the log that can go once it is done.
struct PendingFlush {
    let job: FlushJob
    let logNumber: UInt64
}

/// A flush on its thread.
struct RunningFlush {
    let flush: PendingFlush
    let thread: BackgroundThread
    let job: Job
    /// Whom to tell: those who asked before it sealed what there was.
    let waiters: [FlushWaiter]
}

extension StoreWriter {
    /// Bytes of memory of rows that no flush has.
    private var activeBytes: Int { tracks.values.reduce(0) { $0 + $1.activeBytes } }

    private var isFull: Bool {
        // The sealed logs go with the flush under way.
        let log = flushing == nil ? log.bytes : log.activeBytes
        return activeBytes >= settings.memtableBytes || log >= settings.logBytes
            || tracks.values.contains { $0.activeVectorBytes >= settings.vectorBytes }
    }

    /// Whether what is in memory is worth a segment once writing rests, or there are files of
    /// tracks that were dropped, which go with the next flush.
    var mayRest: Bool {
        guard !hasStopped, flushing == nil, postponed == nil, flushFailure == nil else {
            return false
        }
        return activeBytes >= settings.restBytes || !droppedTracks.isEmpty
    }

    /// Begins a flush when memory or log are full.
    func flushIfFull() {
        guard !hasStopped, isFull || postponed != nil else { return }
        // Two full memtables at a time are enough: the next flush waits for this one, and so do
        // the requests behind it.
        waitForFlush()
        if isFull || postponed != nil { startFlush() }
    }

    /// Makes sure that the rows of requests fit into the active memtables; false when they do not,
    /// for `flushFailure`.
    func makeRoom(for requests: [WriteRequest]) -> Bool {
        var rows: [UInt32: (count: Int, bytes: Int)] = [:]
        for request in requests {
            for case .put(let track, let batch) in request.operations {
                rows[track, default: (0, 0)].count += batch.count
                rows[track, default: (0, 0)].bytes += batch.bytes.count
            }
        }
        func hasRoom() -> Bool {
            rows.allSatisfy { track, rows in
                tracks[track]?.hasRoom(rows: rows.count, bytes: rows.bytes) ?? true
            }
        }
        if postponed == nil, hasRoom() { return true }
        waitForFlush()
        if postponed != nil, isFull || !hasRoom() {
            startFlush()
            waitForFlush()
        }
        if postponed == nil, !hasRoom() { startFlush() }
        return hasRoom() && !(postponed != nil && isFull)
    }

    private func waitForFlush() {
        guard flushing != nil else { return }
        install(
            queue.wait { queue in
                defer { queue.flushed = nil }
                return queue.flushed
            })
    }

    /// Seals what there is and hands it to a thread of its own; a postponed flush goes first.
    func startFlush() {
        guard flushing == nil else { return }
        guard !hasStopped else { return finishFlush(flushWaiters, .failure(.stopped)) }
        if let flush = postponed {
            postponed = nil
            return run(flush, [])
        }
        do { run(try seal(), flushWaiters) } catch {
            flushFailure = error
            if log.hasFailed { stop(error) }
            finishFlush(flushWaiters, .failure(refusal(error)))
        }
        flushWaiters = []
    }

    private func seal() throws(StorageError) -> PendingFlush {
        let number = try log.rotate()
        var flushes: [TrackFlush] = []
        for track in tracks.values.sorted(by: { $0.id < $1.id }) {
            track.seal()
            flushes.append(track.flush())
        }
        let checkpoint = Checkpoint(
            covered: view.sequence, tracks: flushes.map(\.id) + quarantined.keys.sorted(),
            aside: quarantined.mapValues(\.bound), catalog: view.catalog, requests: requests.all)
        let job = FlushJob(
            sequence: view.sequence, tracks: flushes, checkpoint: checkpoint,
            generation: checkpointGeneration + 1, folder: folder, fs: fs)
        return PendingFlush(job: job, logNumber: number)
    }

    private func run(_ flush: PendingFlush, _ waiters: [FlushWaiter]) {
        let queue = self.queue
        let thread = BackgroundThread {
            let result: Result<[FlushedTrack], StorageError>
            do throws(StorageError) {
                result = .success(try flush.job.run())
            } catch { result = .failure(error) }
            queue.update { $0.flushed = result }
        }
        flushing = RunningFlush(
            flush: flush, thread: thread, job: jobs.begin(.flush, track: nil), waiters: waiters)
    }

    /// Takes over what a flush made.
    func install(_ result: Result<[FlushedTrack], StorageError>) {
        guard let running = flushing else { return }
        running.thread.join()
        flushing = nil
        jobs.end(running.job)
        switch result {
        case .failure(let error):
            flushFailure = error
            if error.isShortage {
                postponed = running.flush
                settings.log("a flush waits until there is more room: \(error)")
                refuseMerges()
            } else {
                // What a half-finished flush left on disk is not known: as after a failed sync.
                stop(error)
            }
            finishFlush(running.waiters + flushWaiters, .failure(refusal(error)))
            flushWaiters = []
        case .success(let flushed):
            flushFailure = nil
            install(flushed, running.flush)
            finishFlush(running.waiters, .success(state(flushed, running.flush.job)))
            mergeIfDue()
        }
    }

    private func install(_ flushed: [FlushedTrack], _ flush: PendingFlush) {
        for track in flushed {
            guard let state = tracks[track.id] else { continue }
            state.install(track)
            view.tracks[track.id] = state.view
        }
        publish(view)
        checkpointGeneration = flush.job.generation
        do { try removeObsolete(flushed, flush) } catch {
            settings.log("files that are not needed any more could not be removed: \(error)")
        }
        view.logBytes = log.bytes
        publish(view)
    }

    /// The files that a flush leaves: of a track dropped meanwhile those that it wrote.
    private func state(_ flushed: [FlushedTrack], _ job: FlushJob) -> FlushedState {
        FlushedState(
            sequence: job.sequence, checkpointGeneration: job.generation,
            tracks: flushed.map { track in
                guard let now = tracks[track.id] else {
                    return (track.id, track.generation, track.manifest)
                }
                return (track.id, now.generation, now.manifest)
            }, quarantined: quarantined.first.map { ($0.key, $0.value.reason) })
    }

    private func removeObsolete(
        _ flushed: [FlushedTrack], _ flush: PendingFlush
    ) throws(StorageError) {
        let job = flush.job
        for path in flushed.flatMap(\.obsolete) { try fs.remove(path) }
        if job.generation > 1 { try fs.remove(folder.checkpoint(job.generation - 1)) }
        try log.remove(upTo: flush.logNumber)
        // Those that cannot be removed now are when the store is opened again.
        let gone = droppedTracks.filter { !job.checkpoint.tracks.contains($0) }
        droppedTracks.removeAll { gone.contains($0) }
        for track in gone { try Recovery.removeTrack(track, folder, fs) }
    }

    private func finishFlush(_ waiters: [FlushWaiter], _ result: Result<FlushedState, StoreError>) {
        for waiter in waiters { waiter(result) }
    }

    /// Ends the log; false when there is first a flush to wait for.
    func close() -> Bool {
        guard !hasStopped else { return true }
        if log.bytes > settings.replayBytes, !isLastFlushTried {
            isLastFlushTried = true
            startFlush()
            if flushing != nil { return false }
        }
        do { try log.close() } catch {
            // Without its seal the log is only slower to open.
            if log.hasFailed { stop(error) }
            settings.log("the log could not be closed: \(error)")
        }
        return true
    }
}
