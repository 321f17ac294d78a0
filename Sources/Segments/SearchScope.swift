// Which documents of one part of a track a search is kept to, beyond what its query says: titles
// that it leaves out, and single documents.

import Storage
import TextIndex

/// Documents in ascending order, mostly many in a row.
struct DocumentSet {
    private var ranges: [Range<UInt32>] = []

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
    func hit(_ lanes: LaneReader, margin: Int64?) throws(StorageError) -> Hit {
        let place = DocumentPlace(track: track, part: part, document: scored.document)
        var row: (annotation: Annotation, nearby: [NearbyText])
        if let margin {
            row = try lanes.row(place, margin: margin)
        } else {
            row = (try lanes.annotation(place), [])
        }
        var following: [Annotation] = []
        for next in self.following {
            following.append(try next.source.annotation(next.document))
        }
        return Hit(
            track: track, score: scored.score, sequence: source.sequence(scored.document),
            annotation: row.annotation, place: place, nearby: row.nearby, following: following)
    }
}
