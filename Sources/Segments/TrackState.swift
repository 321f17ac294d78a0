// One track as its only writer sees it: segments, the memtable that takes rows, the sealed one that
// is being flushed, and what the manifest on disk says.

import Storage
import TextIndex

/// The writer's side of a track.
final class TrackState {
    let id: UInt32
    /// Generation of the manifest on disk; 0 before the first.
    var generation: UInt64
    var manifest: Manifest
    var segments: [Segment]
    /// Takes rows; nil until there is one.
    private(set) var active: Memtable?
    /// Full, on its way to a segment.
    private(set) var sealed: Memtable?
    /// Deletions that the manifest on disk knows, by segment.
    var persistedDeletions: [UInt64: Int] = [:]
    /// The last commit to each lane that has one.
    var commits: [[UInt8]: Commit]
    /// Whether a merge met damage, so that there will be no other.
    var isMergeBroken = false
    /// Segments whose index was given up or could not be made: it is not tried again.
    var unindexed: Set<UInt64> = []
    /// Queries seen when the index of a segment was measured last.
    var learnt: [UInt64: Int] = [:]

    /// Takes the track's texts apart.
    var analyzer: Analyzer { Analyzer(manifest.content.language) }

    init(
        _ id: UInt32, generation: UInt64 = 0, _ manifest: Manifest = Manifest(),
        segments: [Segment] = []
    ) {
        self.id = id
        self.generation = generation
        self.manifest = manifest
        self.segments = segments
        commits = Dictionary(
            manifest.commits.map { ($0.scope.title, $0) }, uniquingKeysWith: { _, last in last })
        for segment in segments { persistedDeletions[segment.id] = segment.tombstones.count }
    }

    /// What searches may see of the track now.
    var view: TrackView {
        let memtables = [sealed, active].compactMap { $0 }.map {
            MemtableView(
                $0, count: $0.count, statistics: $0.statistics,
                titleCount: $0.titleCount, vectors: $0.vectors?.view(documents: $0.count))
        }
        return TrackView(
            segments: segments, memtables: memtables, language: manifest.content.language)
    }

    /// Bytes of memory that the active memtable takes.
    var activeBytes: Int { active?.bytes ?? 0 }
    /// Of those, bytes of vectors.
    var activeVectorBytes: Int { active?.vectors?.bytes ?? 0 }

    /// Whether so many rows of so many bytes altogether surely fit into the active memtable.
    func hasRoom(rows: Int, bytes: Int) -> Bool {
        active?.hasRoom(rows: rows, bytes: bytes) ?? true
    }

    /// Puts rows.
    ///
    /// The first gets `sequence`. Returns how many replaced another.
    func put(_ rows: RowBatch, sequence: UInt64) throws(StorageError) -> Int {
        let memtable = active ?? Memtable(manifest.content)
        active = memtable
        var replaced = 0
        var failure: StorageError?
        unsafe rows.bytes.bytes.withUnsafeBufferPointer { bytes in
            guard var next = bytes.baseAddress else { return }
            let end = unsafe next + bytes.count
            for row in 0..<rows.count {
                guard let count = unsafe readVarint(&next, end: end),
                    unsafe count <= UInt64(end - next)
                else { preconditionFailure("a batch of rows that was checked does not parse") }
                let row = unsafe (
                    bytes: UnsafeBufferPointer(start: next, count: Int(count)),
                    sequence: sequence + UInt64(row)
                )
                do throws(StorageError) {
                    let older = try unsafe markOlder(row.bytes, row.sequence)
                    let newer = unsafe memtable.add(row.bytes, sequence: row.sequence)
                    if older || newer { replaced += 1 }
                } catch {
                    failure = error
                    return
                }
                unsafe next += Int(count)
            }
        }
        if let failure { throw failure }
        return replaced
    }

    /// Marks an annotation with the row's key in a segment or the sealed memtable as deleted.
    private func markOlder(
        _ row: UnsafeBufferPointer<UInt8>, _ sequence: UInt64
    ) throws(StorageError) -> Bool {
        guard !segments.isEmpty || sealed != nil, let view = unsafe RowView(row),
            unsafe !view.key.isEmpty
        else { return false }
        let title = unsafe Array(view.title)
        guard sealed != nil || segments.contains(where: { $0.titles[title] != nil }) else {
            return false
        }
        return try unsafe deleteOlder(title: title, key: Array(view.key), sequence)
    }

    /// Deletes the annotation with a key; false when there is none.
    func delete(title: [UInt8], key: [UInt8], _ sequence: UInt64) throws(StorageError) -> Bool {
        if active?.delete(title: title, key: key, sequence: sequence) ?? false { return true }
        return try deleteOlder(title: title, key: key, sequence)
    }

    private func deleteOlder(
        title: [UInt8], key: [UInt8], _ sequence: UInt64
    ) throws(StorageError) -> Bool {
        if sealed?.delete(title: title, key: key, sequence: sequence) ?? false { return true }
        for segment in segments {
            guard let document = try segment.document(title: title, key: key) else { continue }
            return segment.tombstones.mark(document, at: sequence)
        }
        return false
    }

    /// Deletes what a lane holds, or of it what has an attribute; returns how many.
    func clear(
        title: [UInt8], name: [UInt8], value: [UInt8], _ sequence: UInt64
    ) throws(StorageError) -> Int {
        let filter =
            name.isEmpty ? [] : [[TermKey.attribute(name, analyzer.fold(value))]]
        var deleted = 0
        for segment in segments {
            guard let range = segment.titles[title]?.documents else { continue }
            let (text, tombstones) = (segment.text, segment.tombstones)
            deleted += try mark(text, filter, text.ordinals(range)) {
                tombstones.mark(text.document($0), at: sequence)
            }
        }
        for memtable in [sealed, active].compactMap({ $0 }) {
            let view = MutableIndexView(memtable.index, documentCount: memtable.count)
            let documents = 0..<memtable.count
            deleted += try mark(view, filter + [[TermKey.title(title)]], [documents]) {
                memtable.tombstones.mark($0, at: sequence)
            }
        }
        return deleted
    }

    /// Calls `mark` with all that pass the filters, and tells for how many it was true.
    private func mark(
        _ source: any TermSource, _ filters: [[[UInt8]]], _ ranges: [Range<UInt32>],
        _ mark: @escaping (UInt32) -> Bool
    ) throws(StorageError) -> Int {
        let query = try BoundQuery(TextQuery(filters: filters), source)
        let weights = QueryWeights(documentFrequencies: [], BM25(CollectionStatistics()))
        var nothing = TopK(capacity: 0)
        let filter = DocumentFilter(ranges: ranges, accepts: mark)
        return query.evaluate(weights, filter, into: &nothing, countLimit: .max).count
    }

    /// Closes the active memtable for flushing.
    func seal() {
        precondition(sealed == nil, "a flush is under way or postponed")
        sealed = active
        active = nil
    }

    /// Puts a segment in the place of the sealed memtable that it was made of, nil when nothing of
    /// that was kept.
    func replaceSealed(_ written: (segment: Segment, numbers: [UInt32?])?) {
        if let memtable = sealed, let (segment, numbers) = written {
            for mark in memtable.tombstones.marks(upTo: .max) {
                guard Int(mark.document) < numbers.count, let number = numbers[Int(mark.document)]
                else { continue }
                segment.tombstones.mark(number, at: mark.sequence)
            }
            segments.append(segment)
        }
        sealed = nil
    }

    /// Takes over what a flush wrote: the sealed memtable goes, its segment comes.
    func install(_ flushed: FlushedTrack) {
        replaceSealed(flushed.segment)
        let next = manifest.nextSegment
        manifest = flushed.manifest
        manifest.nextSegment = max(manifest.nextSegment, next)
        generation = flushed.generation
        for (segment, count) in flushed.persistedDeletions {
            persistedDeletions[segment] = count
        }
    }
}

extension TrackState {
    /// Carries out an operation on the track's annotations.
    func apply(_ operation: Operation, _ sequence: UInt64) throws(StorageError) -> Applied {
        var applied = Applied()
        switch operation {
        case .put(_, let rows):
            applied.replaced = try put(rows, sequence: sequence)
            applied.put = rows.count
        case .delete(_, let title, let key):
            applied.deleted = try delete(title: title, key: key, sequence) ? 1 : 0
        case .clear(_, let title, let name, let value):
            applied.deleted = try clear(title: title, name: name, value: value, sequence)
            if name.isEmpty { commits[title] = nil }
        default: break
        }
        return applied
    }
}

extension TrackState {
    /// A copy of what a flush of the sealed memtable needs.
    func flush() -> TrackFlush {
        let segmentNumber = takeSegmentNumber()
        var manifest = manifest
        manifest.commits = commits.values.sorted {
            $0.sequences.lowerBound < $1.sequences.lowerBound
        }
        return TrackFlush(
            id: id, generation: generation, segmentNumber: segmentNumber,
            manifest: manifest, memtable: sealed,
            count: sealed?.count ?? 0, segments: segments,
            persistedDeletions: persistedDeletions)
    }
}

extension TrackState {
    /// Replaces what is in a scope: `segments` come, and rows put behind it if it has some.
    func replace(
        _ replacement: Replacement, with segments: [Segment], _ sequence: UInt64
    ) throws(StorageError) -> Applied {
        let scope = replacement.scope
        var applied = Applied()
        applied.deleted = try clear(
            title: scope.title, name: scope.name, value: scope.value, sequence)
        for segment in segments {
            applied.put += Int(segment.documentCount)
            applied.replaced += try deleteKeys(of: segment, sequence)
            manifest.nextSegment = max(manifest.nextSegment, segment.id + 1)
        }
        self.segments += segments
        commits[scope.title] =
            replacement.isRollback
            ? nil : Commit(scope: scope, sequences: sequence...sequence + replacement.rows)
        return applied
    }

    /// Deletes what has the keys that a segment brings; returns how many.
    private func deleteKeys(
        of segment: Segment, _ sequence: UInt64
    ) throws(StorageError) -> Int {
        let reader = RowReader(segment)
        var deleted = 0
        for (title, lane) in segment.titles where hasLive(title) {
            for document in lane.documents {
                let key = try reader.key(document)
                if !key.isEmpty, try delete(title: title, key: key, sequence) { deleted += 1 }
            }
        }
        return deleted
    }

    /// Whether a lane has an annotation.
    private func hasLive(_ title: [UInt8]) -> Bool {
        view.sources.contains { source in
            source.documents(of: title).contains { source.isLive($0, at: .max) }
        }
    }
}
