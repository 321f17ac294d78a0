// Brings sealed memtables, new deletions and the catalog to disk as of one operation, on a thread
// of its own. Order of syncs: segment and tombstone files, their folder, manifest, its folder; at
// last the catalog's checkpoint. Only then may the log behind them go.

import Storage

/// What is to be flushed of one track: copied by the writer, so that it may go on.
struct TrackFlush: Sendable {
    let id: UInt32
    let generation: UInt64
    /// The number that a new segment gets.
    let segmentNumber: UInt64
    let manifest: Manifest
    let memtable: Memtable?
    let count: UInt32
    let segments: [Segment]
    let persistedDeletions: [UInt64: Int]
}

/// What a flush made of a track.
struct FlushedTrack: Sendable {
    let id: UInt32
    let generation: UInt64
    let manifest: Manifest
    /// The new segment, and for each document of the memtable its number there.
    let segment: (Segment, [UInt32?])?
    let persistedDeletions: [UInt64: Int]
    /// Files that the new manifest does not name any more.
    let obsolete: [String]
}

/// Everything to be flushed as of one operation.
struct FlushJob: Sendable {
    let sequence: UInt64
    let tracks: [TrackFlush]
    let checkpoint: Checkpoint
    /// Generation of the checkpoint to write.
    let generation: UInt64
    let folder: Folder
    let fs: any FileSystem

    /// Writes it all; returns what the writer has to take over.
    func run() throws(StorageError) -> [FlushedTrack] {
        var flushed: [FlushedTrack] = []
        for track in tracks { flushed.append(try run(track)) }
        try checkpoint.write(folder.checkpoint(generation), generation: generation, in: fs)
        try fs.syncDirectory(folder.catalog)
        return flushed
    }

    private func run(_ track: TrackFlush) throws(StorageError) -> FlushedTrack {
        if track.generation == 0 {
            try fs.createDirectory(folder.track(track.id))
            try fs.createDirectory(folder.segments(track.id))
            try fs.syncDirectory(folder.track(track.id))
            try fs.syncDirectory(folder.tracks)
        }
        var manifest = track.manifest
        var persisted: [UInt64: Int] = [:]
        var obsolete: [String] = []
        manifest.covered = sequence
        let generation = track.generation + 1
        let known = Dictionary(uniqueKeysWithValues: manifest.segments.map { ($0.id, $0) })
        manifest.segments = []
        for segment in track.segments {
            var entry = known[segment.id] ?? Manifest.Entry(segment)
            let marks = segment.tombstones.marks(upTo: sequence)
            if marks.count != track.persistedDeletions[segment.id] ?? 0 {
                obsolete += folder.files(entry, of: track.id).dropFirst()
                try entry.write(marks, generation, of: track.id, in: folder, fs)
                persisted[segment.id] = marks.count
            }
            manifest.segments.append(entry)
        }
        let written = try writeSegment(track)
        if let (segment, numbers) = written, let memtable = track.memtable {
            var entry = Manifest.Entry(segment)
            let marks = memtable.tombstones.marks(upTo: sequence).compactMap { mark in
                numbers[Int(mark.document)].map { (document: $0, sequence: mark.sequence) }
            }
            try entry.write(
                marks.sorted { $0.document < $1.document }, generation, of: track.id, in: folder,
                fs)
            persisted[segment.id] = marks.count
            manifest.segments.append(entry)
        }
        try manifest.install(generation, of: track.id, in: folder, fs)
        if track.generation > 0 { obsolete.append(folder.manifest(track.id, track.generation)) }
        return FlushedTrack(
            id: track.id, generation: generation, manifest: manifest, segment: written,
            persistedDeletions: persisted, obsolete: obsolete)
    }

    private func writeSegment(_ track: TrackFlush) throws(StorageError) -> (Segment, [UInt32?])? {
        guard let memtable = track.memtable else { return nil }
        let kept = RetainedDeletions(track.manifest.commits)
        let writer = SegmentWriter(memtable, count: track.count) { document in
            let deleted = memtable.tombstones.sequence(of: document)
            return deleted == 0 || deleted > sequence || kept.contains(deleted)
        }
        guard !writer.isEmpty else { return nil }
        let id = track.segmentNumber
        let path = folder.segment(track.id, id)
        let written = try writer.write(path, id: id, in: fs)
        return (try Segment(written: path, id: id, in: fs), written.numbers)
    }
}
