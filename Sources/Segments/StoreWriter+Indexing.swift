// When a segment's vectors get an index, and where it comes from at a start. One index is made at a
// time, on a thread of low priority, and not while segments are merged: a merge makes the index of
// what it wrote itself. Until there is one, every vector of the segment is looked at.

import Storage
import VectorIndex

/// An index being made on its thread.
struct RunningIndexing {
    let track: UInt32
    let job: Job
    let thread: BackgroundThread
}

extension StoreWriter {
    /// Begins to make an index that is wanted.
    func indexIfDue() {
        guard indexing == nil, merging == nil, !hasStopped, !isClosing else { return }
        for track in tracks.values.sorted(by: { $0.id < $1.id }) where !track.isIndexBroken {
            let wanted = track.segments.filter { IndexMaker.isWanted(by: $0) }
            guard let segment = wanted.max(by: { $0.length < $1.length }) else { continue }
            startIndexing(segment, of: track)
            return
        }
    }

    private func startIndexing(_ segment: Segment, of track: TrackState) {
        let progress = JobProgress()
        let job = jobs.begin(.index, track: track.id, progress) { progress.cancel() }
        let maker = IndexMaker(segment: segment, epochs: track.epochs)
        let path = folder.index(track.id, segment.id)
        let (queue, fs) = (queue, fs)
        let thread = BackgroundThread(isUrgent: false) {
            let result: Result<Void, StorageError>
            do throws(StorageError) {
                result = .success(try maker.install(path, in: fs, unless: progress))
            } catch { result = .failure(error) }
            queue.update { $0.indexed = result }
        }
        indexing = RunningIndexing(track: track.id, job: job, thread: thread)
    }

    /// Notes that an index was made, or could not be.
    func install(index result: Result<Void, StorageError>) {
        guard let running = indexing else { return }
        running.thread.join()
        indexing = nil
        jobs.end(running.job)
        if case .failure(let error) = result {
            settings.log("an index of vectors could not be made: \(error)")
            // Searches look at every vector; the next start tries again.
            tracks[running.track]?.isIndexBroken = true
        } else if running.job.progress.isCancelled {
            tracks[running.track]?.isIndexBroken = true
        }
        mergeIfDue()
    }
}

extension IndexMaker {
    /// Makes the index, writes it, and gives it to the segment, mapped from its file.
    func install(
        _ path: String, in fs: any FileSystem, unless progress: JobProgress
    ) throws(StorageError) {
        guard let index = try make(), !progress.isCancelled else { return }
        try SegmentIndex.write(index, of: segment, to: path, in: fs)
        segment.index = try SegmentIndex.read(path, of: segment, in: fs)
    }
}

extension TrackState {
    /// The epochs of the track's indexes, those of most vectors first.
    var epochs: [VectorEpoch] {
        let indexes = segments.compactMap(\.index).sorted { $0.count > $1.count }
        var known: Set<UInt64> = []
        return indexes.map(\.epoch).filter { known.insert($0.identity).inserted }
    }
}

extension Segment {
    /// Takes the index from its file, if there is one that fits; says what is wrong with one that
    /// does not, and removes it.
    func openIndex(
        _ path: String, in fs: any FileSystem, log: (String) -> Void
    ) throws(StorageError) {
        guard vectors != nil, try fs.size(of: path) != nil else { return }
        do throws(StorageError) { index = try SegmentIndex.read(path, of: self, in: fs) } catch {
            guard case .corrupt = error else { throw error }
            log("\(error); the index is made again, and meanwhile every vector is looked at")
            try fs.remove(path)
        }
    }
}
