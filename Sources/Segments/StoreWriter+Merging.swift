// When the writer has segments merged, and what it does with what a merge made. One merge runs at
// a time, on a thread of low priority. It leaves out what had been deleted by the operation that
// the manifest covers, so that a manifest is the state at one operation before and after;
// deletions that came later move to the new segment. The switch waits for a flush under way: both
// write manifests.

import Storage
import TextIndex

/// A merge on its thread.
struct RunningMerge {
    let track: UInt32
    let inputs: [Segment]
    let id: UInt64
    /// Queries seen when it began.
    let seen: Int
    let job: Job
    let thread: BackgroundThread
}

/// Someone who wants a track's segments merged into one.
struct MergeRequest: Sendable {
    let track: UInt32
    let finish: @Sendable (Result<Void, StoreError>) -> Void
}

extension StoreWriter {
    private var canMerge: Bool {
        merging == nil && indexing == nil && !hasStopped && postponed == nil && !isClosing
    }

    /// Begins the merge that someone asked for, or else one that is due.
    func mergeIfDue() {
        mergeAsked()
        guard canMerge else { return }
        for track in tracks.values.sorted(by: { $0.id < $1.id }) where !track.isMergeBroken {
            guard let ids = settings.policy.choose(track.mergeCandidates) else { continue }
            if startMerge(track, track.segments.filter { ids.contains($0.id) }) { return }
        }
        indexIfDue()
    }

    /// Begins the merge that someone asked for, and answers those for whom nothing is to be done.
    private func mergeAsked() {
        if hasStopped || postponed != nil { refuseMerges() }
        guard canMerge else { return }
        while let request = mergeRequests.first {
            if let track = tracks[request.track], let inputs = track.everything() {
                if startMerge(track, inputs) { return }
                request.finish(.failure(noRoom(inputs)))
            } else {
                request.finish(
                    tracks[request.track] == nil
                        ? .failure(.noTrack(request.track)) : .success(()))
            }
            mergeRequests.removeFirst()
        }
    }

    /// Answers those who wait for a merge: a flush that is postponed has to be done before.
    func refuseMerges() {
        let error = hasStopped ? .stopped : flushFailure.map(refusal) ?? .stopped
        for request in mergeRequests { request.finish(.failure(error)) }
        mergeRequests = []
    }

    private func bytesNeeded(_ inputs: [Segment]) -> UInt64 {
        let bytes = inputs.reduce(0) { $0 + $1.length }
        return bytes + bytes / 10 + settings.reserveBytes
    }

    private func noRoom(_ inputs: [Segment]) -> StoreError {
        .diskFull(
            available: (try? fs.available(folder.path)) ?? 0, needed: bytesNeeded(inputs))
    }

    /// False when there is no room on the disk.
    private func startMerge(_ track: TrackState, _ inputs: [Segment]) -> Bool {
        let needed = bytesNeeded(inputs)
        guard ((try? fs.available(folder.path)) ?? .max) >= needed else {
            settings.log("a merge waits for \(needed) bytes of room on the disk")
            return false
        }
        let id = track.takeSegmentNumber()
        let progress = JobProgress()
        let job = jobs.begin(.merge, track: track.id, progress) { progress.cancel() }
        let (path, indexPath) = (folder.segment(track.id, id), folder.index(track.id, id))
        let (queue, fs, selection, memory) = (queue, fs, track.selection, settings.mergeBytes)
        let seen = seen.count(of: track.id)
        let makeIndex = indexMaking(of: track, inputs, progress)
        let thread = BackgroundThread(isUrgent: false) {
            var merger = SegmentMerger(inputs, keeping: selection, memory: memory, job.progress)
            let result: Result<MergedSegment?, StorageError>
            do throws(StorageError) {
                let merged = try merger.run(path, id: id, in: fs)
                if let merged, let segment = merged.segment, IndexMaker.isWanted(by: segment) {
                    try makeIndex(segment, merged.numbers).install(indexPath, in: fs)
                }
                result = .success(merged)
            } catch { result = .failure(error) }
            queue.update { $0.merged = result }
        }
        merging = RunningMerge(
            track: track.id, inputs: inputs, id: id, seen: seen, job: job, thread: thread)
        return true
    }

    /// Takes over what a merge made.
    func install(merge result: Result<MergedSegment?, StorageError>) {
        guard let running = merging else { return }
        running.thread.join()
        merging = nil
        jobs.end(running.job)
        guard !hasStopped else { return }
        let track = tracks[running.track]
        do throws(StorageError) {
            guard let merged = try result.get() else {
                guard track != nil else {
                    cancelRequest(running.track, .noTrack(running.track))
                    return mergeIfDue()
                }
                cancelRequest(running.track)
                return mergeAsked()
            }
            if let track { try install(merged, running, track) }
        } catch {
            settings.log("a merge failed: \(error)")
            guard !error.isShortage else {
                discard(running)
                // Unasked it is tried again after the next flush.
                cancelRequest(running.track, refusal(error))
                return mergeAsked()
            }
            // Damaged segments stay what they are until someone looks; other tracks go on.
            track?.isMergeBroken = true
            cancelRequest(running.track, .storage(error))
        }
        mergeIfDue()
    }

    /// Removes what a merge wrote that will not be used; a failure is left to the next start.
    private func discard(_ running: RunningMerge) {
        for path in [
            folder.segment(running.track, running.id), folder.index(running.track, running.id),
        ] { try? fs.remove(path) }
    }

    private func cancelRequest(_ track: UInt32, _ error: StoreError = .cancelled) {
        guard mergeRequests.first?.track == track else { return }
        mergeRequests.removeFirst().finish(.failure(error))
    }

    private func install(
        _ merged: MergedSegment, _ running: RunningMerge, _ track: TrackState
    ) throws(StorageError) {
        if let segment = merged.segment {
            for (input, numbers) in zip(running.inputs, merged.numbers) {
                for mark in input.tombstones.marks(upTo: .max) {
                    let number = numbers[Int(mark.document)]
                    guard number != TextMergeInput.dropped else { continue }
                    segment.tombstones.mark(number, at: mark.sequence)
                }
            }
        }
        let generation = track.generation + 1
        var manifest = track.manifest
        let obsolete = manifest.segments.filter { entry in
            running.inputs.contains { $0.id == entry.id }
        }
        let place = manifest.segments.firstIndex { $0.id == obsolete.first?.id } ?? 0
        manifest.segments.removeAll { obsolete.contains($0) }
        var persisted = 0
        do throws(StorageError) {
            if let segment = merged.segment {
                let marks = segment.tombstones.marks(upTo: manifest.covered)
                persisted = marks.count
                var entry = Manifest.Entry(segment)
                try entry.write(marks, generation, of: track.id, in: folder, fs)
                manifest.segments.insert(entry, at: place)
            }
            try manifest.install(generation, of: track.id, in: folder, fs)
        } catch {
            // Whether the new manifest counts is not known, unless it had no room.
            if !error.isShortage { stop(error) }
            throw error
        }
        track.replace(
            running.inputs, with: merged.segment, manifest, generation, persisted: persisted)
        track.learnt[running.id] = running.seen
        view.tracks[track.id] = track.view
        publish(view)
        remove(obsolete, of: track.id, generation: generation - 1)
        for input in running.inputs where input.index != nil {
            try? fs.remove(folder.index(track.id, input.id))
        }
    }

    private func remove(_ entries: [Manifest.Entry], of track: UInt32, generation: UInt64) {
        do throws(StorageError) {
            try fs.remove(folder.manifest(track, generation))
            for path in entries.flatMap({ folder.files($0, of: track) }) { try fs.remove(path) }
        } catch {
            settings.log("files that are not needed any more could not be removed: \(error)")
        }
    }
}
