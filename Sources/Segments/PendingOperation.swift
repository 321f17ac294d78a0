// An operation between its beginning and its commit. A small one keeps its rows as they came, and
// its commit is one record of the log. A large one gathers them in a track of its own, which no one
// sees; full memtables of it go to segment files that no manifest names, so that it may outgrow
// memory and holds no log. What a crash leaves of it is removed at the next start.

import Storage
import TextIndex

/// An open operation, as anyone may see it.
package struct OpenOperation: Sendable, Equatable {
    /// Names it, as long as the store is open.
    package let id: UInt64
    /// The track it writes to.
    package let track: UInt32
    /// What it replaces.
    package let scope: Scope
    /// Rows taken so far.
    package internal(set) var rows = 0
    /// Bytes of memory that they take; the others are in files.
    package internal(set) var bytes = 0
}

/// An open operation, as the writing thread sees it.
final class PendingOperation {
    let shown: OpenOperation
    /// The token of the request that began it.
    let token: [UInt8]?
    /// Milliseconds since 1970.
    var lastUse: UInt64
    private(set) var rows = 0
    /// All its rows, as long as it is small.
    private(set) var batches: [(rows: RowBatch, sequence: UInt64)] = []
    private var batchBytes = 0
    /// Its rows when it is large.
    private(set) var state: TrackState?
    /// What works on its files.
    var job: BackgroundThread?
    /// Who waits for its commit.
    var commit: OperationRequest?
    var isAborted = false

    init(_ shown: OpenOperation, token: [UInt8]?, now: UInt64) {
        self.shown = shown
        self.token = token
        lastUse = now
    }

    var id: UInt64 { shown.id }
    var track: UInt32 { shown.track }

    /// Bytes of memory that rows take.
    var bytes: Int { batchBytes + activeBytes + (state?.sealed?.bytes ?? 0) }
    /// Of those, what a new segment file would free.
    var activeBytes: Int { state?.activeBytes ?? 0 }

    /// Takes rows; the first gets `sequence`.
    func stage(
        _ more: RowBatch, _ sequence: UInt64, smallBytes: Int, _ content: TrackContent
    ) throws(StorageError) {
        rows += more.count
        batches.append((more, sequence))
        batchBytes += more.bytes.count
        guard state != nil || batchBytes > smallBytes else { return }
        let state = self.state ?? TrackState(track, Manifest(content: content))
        self.state = state
        for (rows, sequence) in batches { _ = try state.put(rows, sequence: sequence) }
        batches = []
        batchBytes = 0
    }

    /// Holds these segments and nothing else from now on.
    func replaceAll(with segments: [Segment], _ content: TrackContent) {
        state = TrackState(track, Manifest(content: content), segments: segments)
    }
}

/// Work on the files of an operation.
struct PendingJob: Sendable {
    let track: UInt32
    /// Written to a segment file of this number.
    let memtable: (memtable: Memtable, count: UInt32, number: UInt64)?
    /// What the operation has in files already.
    let segments: [Segment]
    /// The number for all of it in one, when it is to be committed.
    let wholeNumber: UInt64?
    let memory: Int
    let folder: Folder
    let fs: any FileSystem

    /// What the work made.
    struct Result: Sendable {
        var written: (segment: Segment, numbers: [UInt32?])?
        /// All of the operation, durable and without deletions, when it is to be committed.
        var whole: [Segment]?
    }

    func run() throws(StorageError) -> Result {
        try fs.createDirectory(folder.track(track))
        try fs.createDirectory(folder.segments(track))
        var result = Result()
        if let (memtable, count, number) = memtable {
            let path = folder.segment(track, number)
            let writer = SegmentWriter(memtable, count: count) {
                memtable.tombstones.sequence(of: $0) == 0
            }
            if !writer.isEmpty {
                let written = try writer.write(path, id: number, in: fs)
                result.written = (try Segment(written: path, id: number, in: fs), written.numbers)
            }
        }
        guard let wholeNumber else { return result }
        result.whole = try merged(
            segments + (result.written.map { [$0.segment] } ?? []), wholeNumber)
        for path in [folder.segments(track), folder.track(track), folder.tracks] {
            try fs.syncDirectory(path)
        }
        return result
    }

    /// The segments as they are, or without deleted rows in one where there are any: what the log
    /// adopts has no deletions.
    private func merged(
        _ segments: [Segment], _ number: UInt64
    ) throws(StorageError) -> [Segment] {
        guard segments.contains(where: { $0.tombstones.count > 0 }) else { return segments }
        var merger = SegmentMerger(
            segments, keeping: { $0.tombstones.isLive($1, at: .max) }, memory: memory,
            JobProgress())
        let merged = try merger.run(folder.segment(track, number), id: number, in: fs)
        for segment in segments { try fs.remove(segment.path) }
        return merged?.segment.map { [$0] } ?? []
    }
}
