// Places in the order of hits, so that a list can be taken page by page: what comes after a place
// is found without what comes before it.

import Storage
import TextIndex

/// Names a document of a view.
package struct DocumentPlace: Sendable, Hashable {
    /// The track.
    package let track: UInt32
    /// The part of the track, in the order of `TrackView.sources`.
    package let part: Int
    /// The document in that part.
    package let document: UInt32
}

/// Where a row stands among all rows of a track, by title and time; no two rows stand in one place.
package struct TimelinePlace: Sendable {
    let title: [UInt8]
    let start: Int64
    let end: Int64
    let key: [UInt8]
    let sequence: UInt64
}

/// Where a hit stands in the order of hits.
package struct HitPlace: Sendable {
    let score: Float
    let row: TimelinePlace
}

extension Hit {
    /// Where the hit stands in the order of hits.
    package var listPlace: HitPlace { HitPlace(score: score, row: timelinePlace) }

    /// Where its row stands in its track.
    var timelinePlace: TimelinePlace {
        TimelinePlace(
            title: annotation.title, start: annotation.start, end: annotation.end,
            key: annotation.key, sequence: sequence)
    }
}

extension Source {
    /// Where a list of the best documents goes on behind a place; `document` gives the document
    /// that the text index has as an ordinal.
    func start(behind place: HitPlace) throws(StorageError) -> TopK.Start {
        let row = place.row
        switch self {
        case .segment(let segment):
            let first = try firstDocument(of: segment, behind: row)
            return TopK.Start(score: place.score) { segment.text.document($0) >= first }
        case .memtable(let view):
            let memtable = view.memtable
            return TopK.Start(score: place.score) { memtable.isBehind($0, row) }
        }
    }

    /// The first document of a segment that comes after a place.
    private func firstDocument(
        of segment: Segment, behind place: TimelinePlace
    ) throws(StorageError) -> UInt32 {
        guard let lane = segment.titles[place.title]?.documents else {
            return segment.firstDocument(behindTitle: place.title)
        }
        let count = try partitionPoint(lane.count) { index throws(StorageError) in
            let document = lane.lowerBound + UInt32(index)
            return try precedes(document, place) || isAt(document, place)
        }
        return lane.lowerBound + UInt32(count)
    }

    /// Whether a document stands at a place of its title.
    func isAt(_ document: UInt32, _ place: TimelinePlace) -> Bool {
        sequence(document) == place.sequence
    }

    /// Whether a document comes before a place of its title.
    func precedes(_ document: UInt32, _ place: TimelinePlace) throws(StorageError) -> Bool {
        let (start, end) = (start(document), end(document))
        if start != place.start { return start < place.start }
        if end != place.end { return end < place.end }
        // Rows of the same times are few, so theirs are the only keys that are read.
        let key = try key(document)
        if key != place.key { return key.lexicographicallyPrecedes(place.key) }
        return sequence(document) < place.sequence
    }

    private func key(_ document: UInt32) throws(StorageError) -> [UInt8] {
        switch self {
        case .segment(let segment): return try RowReader(segment).key(document)
        case .memtable(let view): return view.memtable.annotation(document).key
        }
    }
}

extension Memtable {
    /// Whether a document comes after a place, in the order of titles and times.
    fileprivate func isBehind(_ document: UInt32, _ place: TimelinePlace) -> Bool {
        let row = annotation(document)
        if row.title != place.title { return place.title.lexicographicallyPrecedes(row.title) }
        if row.start != place.start { return row.start > place.start }
        if row.end != place.end { return row.end > place.end }
        if row.key != place.key { return place.key.lexicographicallyPrecedes(row.key) }
        return sequence(document) > place.sequence
    }
}

/// How many of `count` things in order, of which the first are before something, are before it.
func partitionPoint(
    _ count: Int, _ isBefore: (Int) throws(StorageError) -> Bool
) throws(StorageError) -> Int {
    var (low, high) = (0, count)
    while low < high {
        let middle = low + (high - low) / 2
        if try isBefore(middle) { low = middle + 1 } else { high = middle }
    }
    return low
}
