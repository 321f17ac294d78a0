// Which documents of one part of a track a search is kept to, beyond what its query says: titles
// that it leaves out, and single documents.

import Storage
import TextIndex

/// Documents in ascending order, mostly many in a row.
struct DocumentSet {
    /// In order, none next to another.
    private(set) var ranges: [Range<UInt32>] = []

    /// Some ranges that do not overlap.
    init(_ some: [Range<UInt32>]) {
        for range in some.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = ranges.last, last.upperBound == range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
    }

    func holds(_ document: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= document { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(document)
    }
}

/// What a search asks of single documents beside its query: that they are live, of no title that
/// is left out, and overlap its range of time.
struct DocumentScope {
    private let source: Source
    private let sequence: UInt64
    private let excluded: DocumentSet?
    private let from: Int64?
    private let to: Int64?

    /// As a search at the operation `sequence` sees a part.
    init(_ request: borrowing SearchRequest, _ source: Source, at sequence: UInt64) {
        self.source = source
        self.sequence = sequence
        excluded =
            request.exceptTitles.isEmpty ? nil : source.documents(ofTitles: request.exceptTitles)
        (from, to) = (request.start, request.end)
    }

    /// Whether every document of the part is allowed.
    var isOpen: Bool { !hasTimes && excluded == nil && source.isWhole }

    func allows(_ document: UInt32) -> Bool {
        source.isLive(document, at: sequence) && !(excluded?.holds(document) ?? false)
            && (!hasTimes || overlaps(document))
    }

    /// Whether there is a range of time.
    var hasTimes: Bool { from != nil || to != nil }

    /// Whether a document overlaps the range of time.
    func overlaps(_ document: UInt32) -> Bool {
        let (start, end) = (source.start(document), source.end(document))
        if let to, start >= to { return false }
        // A point counts as lying in a range that begins there.
        if let from, end <= from, !(start == end && start == from) { return false }
        return true
    }
}

extension Range<UInt32> {
    /// The same numbers, as places in columns and among bits.
    var asInts: Range<Int> { Int(lowerBound)..<Int(upperBound) }
}

extension Source {
    /// The documents of some titles.
    func documents(ofTitles titles: Set<[UInt8]>) -> DocumentSet {
        DocumentSet(
            titles.flatMap { title -> [Range<UInt32>] in
                switch self {
                case .segment(let segment):
                    return (segment.titles[title]?.documents).map { [$0] } ?? []
                case .memtable: return documents(of: title).map { $0..<$0 + 1 }
                }
            })
    }

    /// Where the text index has some documents.
    func ranges(_ documents: [UInt32]) -> [Range<UInt32>] {
        documents.map { ordinal($0) }.sorted().map { $0..<$0 + 1 }
    }
}

extension FoundDocument {
    /// The document as a hit, its row read, and what lies close to it where `margin` asks for that.
    func hit(
        _ view: View, _ lanes: LaneReader, margin: Int64?
    ) throws(StorageError) -> Hit {
        let source = view.source(of: self)
        let place = self.place(in: view)
        var row: (annotation: Annotation, nearby: [NearbyText])
        if let margin {
            row = try lanes.row(place, margin: margin)
        } else {
            row = (try lanes.annotation(place), [])
        }
        var following: [FollowingRow] = []
        for next in self.following ?? [] {
            following.append(
                FollowingRow(
                    annotation: try next.source.annotation(next.document),
                    repeated: next.repeated))
        }
        return Hit(
            track: track, score: score, sequence: source.sequence(place.document),
            annotation: row.annotation, place: place, nearby: row.nearby, following: following)
    }
}
