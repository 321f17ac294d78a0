// What a search sees: one immutable value, published as a whole by the writer, that names the
// segments, memtables and the last operation that count. Whoever holds it sees one state of
// everything, however long.

package import Storage
package import TextIndex

/// The visible part of a memtable; an object, so that a search hands it around as one pointer.
package final class MemtableView: Sendable {
    /// The memtable.
    package let memtable: Memtable
    /// Documents that count.
    package let count: UInt32
    /// Their words.
    let text: MutableIndexView
    /// Documents with text and their words.
    package let statistics: CollectionStatistics
    /// Titles with documents that count.
    package let titleCount: UInt32
    /// The vectors of documents that count; nil when there are none.
    let vectors: PartVectors?

    init(
        _ memtable: Memtable, count: UInt32, statistics: CollectionStatistics, titleCount: UInt32,
        vectors: PartVectors?
    ) {
        self.memtable = memtable
        self.count = count
        text = MutableIndexView(memtable.index, documentCount: count)
        self.statistics = statistics
        self.titleCount = titleCount
        self.vectors = vectors
    }
}

/// The visible state of one track; an object, so that a search hands it around as one pointer.
package final class TrackView: Sendable {
    /// Its segments, oldest first.
    package let segments: [Segment]
    /// What is to be seen of its memtables, oldest first.
    package let memtables: [MemtableView]
    /// All of these, oldest first.
    let sources: [Source]
    /// Their words.
    let parts: [any TermSource]
    /// What scoring needs of the whole track.
    package let statistics: CollectionStatistics
    /// The language of its texts.
    let language: Language
    /// The ranking function with these statistics.
    let ranking: BM25
    /// Where lanes go on in another part, once someone has asked.
    let seams = SeamCache()

    init(segments: [Segment], memtables: [MemtableView], language: Language) {
        self.language = language
        self.segments = segments
        self.memtables = memtables
        sources = segments.map { .segment($0) } + memtables.map { .memtable($0) }
        parts = sources.map(\.terms)
        var sum = CollectionStatistics()
        for segment in segments { sum += segment.statistics }
        for memtable in memtables { sum += memtable.statistics }
        statistics = sum
        ranking = BM25(sum)
    }

    /// Documents, deleted ones included.
    package var documentCount: Int {
        segments.reduce(0) { $0 + Int($1.documentCount) }
            + memtables.reduce(0) { $0 + Int($1.count) }
    }

    /// Documents marked as deleted.
    package var deletedCount: Int {
        segments.reduce(0) { $0 + $1.tombstones.count }
            + memtables.reduce(0) { $0 + $1.memtable.tombstones.count }
    }

    /// Bytes of segment files.
    package var segmentBytes: UInt64 { segments.reduce(0) { $0 + $1.length } }
    /// Bytes of the sections of segments, by what they are for.
    package var segmentParts: SegmentParts {
        var sum = SegmentParts()
        for segment in segments { sum += segment.parts }
        return sum
    }
    /// Bytes of memory of memtables.
    package var memtableBytes: Int { memtables.reduce(0) { $0 + $1.memtable.bytes } }
}

/// The visible state of a store.
package struct View: Sendable {
    /// The last operation that counts.
    package internal(set) var sequence: UInt64 = 0
    package internal(set) var tracks: [UInt32: TrackView] = [:]
    /// Tracks that were set aside when the folder was opened, and what is wrong with their files.
    package internal(set) var quarantined: [UInt32: StorageError] = [:]
    /// Bytes of log that a start would replay.
    package internal(set) var logBytes: UInt64 = 0
    /// Named values that the store keeps for its user: descriptions of titles and tracks.
    package internal(set) var catalog: [[UInt8]: [UInt8]] = [:]
    /// The last operation that changed the catalog.
    package internal(set) var catalogSequence: UInt64 = 0

    /// Bytes of each memtable that lives as long as this view does.
    package var heldMemory: [ObjectIdentifier: Int] {
        var held: [ObjectIdentifier: Int] = [:]
        for view in tracks.values.flatMap(\.memtables) {
            held[ObjectIdentifier(view.memtable)] = view.memtable.bytes
        }
        return held
    }
}
