// When a segment's vectors get an index, and where it comes from at a start. One index is made at a
// time, on a thread of low priority, and not while segments are merged: a merge makes the index of
// what it wrote itself. Until there is one, every vector of the segment is looked at. An index is
// measured again when its track learns from queries and enough of them have come.

import Storage
import VectorIndex

/// An index being made on its thread.
struct RunningIndexing {
    let track: UInt32
    let segment: UInt64
    /// Queries seen when it began.
    let seen: Int
    let job: Job
    let thread: BackgroundThread
}

extension StoreWriter {
    /// Begins to make an index that is wanted, or else to measure one again.
    func indexIfDue() {
        guard indexing == nil, merging == nil, !hasStopped, !isClosing else { return }
        if startIndexing(amongst: \.unindexedSegments) { return }
        _ = startIndexing { [seen] track in
            track.unlearnt(mark: seen.mark(of: track.id), seen: seen.count(of: track.id))
        }
    }

    /// Begins with the largest of the segments that `wanted` names, of the first track where there
    /// are some; false when there are none.
    private func startIndexing(amongst wanted: (TrackState) -> [Segment]) -> Bool {
        for track in tracks.values.sorted(by: { $0.id < $1.id }) {
            guard let segment = wanted(track).max(by: { $0.length < $1.length }) else { continue }
            startIndexing(segment, of: track)
            return true
        }
        return false
    }

    /// How the index of what a merge of some segments makes of a track is made: of the new segment
    /// and the new numbers of each input's documents.
    func indexMaking(
        of track: TrackState, _ inputs: [Segment], _ progress: JobProgress
    ) -> @Sendable (Segment, [[UInt32]]) -> IndexMaker {
        let (epochs, queries) = (track.epochs, seen.latest(of: track.id))
        let floor = track.largestLearnt?.calibration
        return { segment, numbers in
            IndexMaker(
                segment: segment, inputs: Array(zip(inputs, numbers)), epochs: epochs,
                queries: queries, floor: floor, progress: progress)
        }
    }

    /// Ends what is being made for a track that goes.
    func cancelJobs(of track: UInt32) {
        if indexing?.track == track { indexing?.job.progress.cancel() }
        if merging?.track == track { merging?.job.progress.cancel() }
    }

    private func startIndexing(_ segment: Segment, of track: TrackState) {
        let progress = JobProgress()
        let job = jobs.begin(.index, track: track.id, progress) { progress.cancel() }
        let maker = indexMaking(of: track, [], progress)(segment, [])
        let path = folder.index(track.id, segment.id)
        let (queue, fs, seen) = (queue, fs, seen.count(of: track.id))
        let thread = BackgroundThread(isUrgent: false) {
            let result: Result<Void, StorageError>
            do throws(StorageError) {
                result = .success(try maker.install(path, in: fs))
            } catch { result = .failure(error) }
            queue.update { $0.indexed = result }
        }
        indexing = RunningIndexing(
            track: track.id, segment: segment.id, seen: seen, job: job, thread: thread)
    }

    /// Notes that an index was made, or could not be.
    func install(index result: Result<Void, StorageError>) {
        guard let running = indexing else { return }
        running.thread.join()
        indexing = nil
        jobs.end(running.job)
        if case .failure(let error) = result {
            settings.log("an index of vectors could not be made: \(error)")
        }
        let track = tracks[running.track]
        if track?.segments.first(where: { $0.id == running.segment })?.index != nil {
            // One that could not be measured again is as it was, until more queries have come.
            track?.learnt[running.segment] = running.seen
        } else {
            // Searches look at every vector of it until it is merged or the next start.
            track?.unindexed.insert(running.segment)
        }
        mergeIfDue()
    }
}

extension IndexMaker {
    /// Makes the index, writes it, and gives it to the segment, mapped from its file.
    func install(_ path: String, in fs: any FileSystem) throws(StorageError) {
        guard let index = try make(), !progress.isCancelled else { return }
        try SegmentIndex.write(index, of: segment, to: path, in: fs)
        segment.index = try SegmentIndex.read(path, of: segment, knowing: [index.epoch], in: fs)
    }
}

extension TrackState {
    /// The segments that want an index and were not given up.
    var unindexedSegments: [Segment] {
        segments.filter { IndexMaker.isWanted(by: $0) && !unindexed.contains($0.id) }
    }

    /// The epochs of the track's indexes, those of most vectors first.
    var epochs: [VectorEpoch] { segments.compactMap(\.index).epochs }

    /// Of the indexes that have learnt from queries the one of most vectors.
    var largestLearnt: VectorIndex? {
        segments.compactMap(\.index).filter(\.calibration.isLearnt).max { $0.count < $1.count }
    }

    /// The segments whose indexes were measured before `mark` queries had been seen, of `seen` by
    /// now; queries that were measured by and given up since do not count.
    func unlearnt(mark: Int, seen: Int) -> [Segment] {
        segments.filter { segment in
            let known = learnt[segment.id] ?? 0
            return segment.index != nil && (known > seen ? 0 : known) < mark
        }
    }
}

extension [VectorIndex] {
    /// Their epochs, each once, those of most vectors first.
    var epochs: [VectorEpoch] {
        var known: Set<UInt64> = []
        return sorted { $0.count > $1.count }.map(\.epoch)
            .filter { known.insert($0.identity).inserted }
    }
}

extension Segment {
    /// Takes the index from its file, if there is one that fits; says what is wrong with one that
    /// does not, and removes it.
    func openIndex(
        _ path: String, knowing epochs: [VectorEpoch], in fs: any FileSystem,
        log: (String) -> Void
    ) throws(StorageError) {
        guard vectors != nil, try fs.size(of: path) != nil else { return }
        do throws(StorageError) {
            index = try SegmentIndex.read(path, of: self, knowing: epochs, in: fs)
        } catch {
            log("\(error); the index is made again, and meanwhile every vector is looked at")
            // What cannot be read for another reason is no harm either, and is left to its owner.
            if case .corrupt = error { try fs.remove(path) }
        }
    }
}
