// Where the lane of a title goes on in another part of its track. Most titles lie in one part as a
// whole, and have no seams; one that was written in pieces, or edited, has few. They are found once
// for a view, by going from part to part, not from row to row.

import Storage
import Synchronization

/// A row of a track: in which of its parts, and which document.
struct RowPlace: Hashable, Sendable {
    let part: Int
    let document: UInt32
}

/// The pairs of rows that follow each other in a lane and lie in different parts.
struct Seams: Sendable {
    private(set) var next: [RowPlace: RowPlace] = [:]
    /// The same the other way round.
    private(set) var previous: [RowPlace: RowPlace] = [:]
    /// For each part, the rows before a seam, ascending.
    private(set) var rows: [[UInt32]]

    /// The seams between parts.
    init(_ parts: [LanePart]) throws(StorageError) {
        rows = parts.map { _ in [] }
        guard parts.count > 1 else { return }
        var joiner = LaneJoiner(parts)
        for (title, holders) in Self.shared(parts) {
            try joiner.join(title, holders, into: &next)
        }
        for (row, following) in next {
            rows[row.part].append(row.document)
            previous[following] = row
        }
        for part in rows.indices { rows[part].sort() }
    }

    /// Titles with rows in several parts, and in which.
    private static func shared(_ parts: [LanePart]) -> [[UInt8]: [Int]] {
        // The titles of the largest segment are not looked through, but looked up.
        func titles(_ part: LanePart) -> Int {
            guard case .segment(let segment) = part.source else { return -1 }
            return segment.titles.count
        }
        let largest = parts.indices.max { titles(parts[$0]) < titles(parts[$1]) } ?? 0
        var holders: [[UInt8]: [Int]] = [:]
        for (number, part) in parts.enumerated() where number != largest {
            for title in part.titles { holders[title, default: []].append(number) }
        }
        for title in holders.keys where !parts[largest].places(of: title).isEmpty {
            holders[title]?.append(largest)
        }
        return holders.filter { $0.value.count > 1 }
    }
}

/// Puts the pieces of lanes together.
private struct LaneJoiner {
    private let parts: [LanePart]
    /// Of segments.
    private var readers: [RowReader?]

    init(_ parts: [LanePart]) {
        self.parts = parts
        readers = parts.map { part in
            guard case .segment(let segment) = part.source else { return nil }
            return RowReader(segment)
        }
    }

    /// What is left of a lane in one part; stands at a row that counts.
    private struct Piece {
        let part: Int
        var places: Range<UInt32>
    }

    mutating func join(
        _ title: [UInt8], _ holders: [Int], into next: inout [RowPlace: RowPlace]
    ) throws(StorageError) {
        var pieces: [Piece] = []
        for part in holders {
            let piece = Piece(part: part, places: parts[part].places(of: title))
            if let piece = settled(piece) { pieces.append(piece) }
        }
        while pieces.count > 1 {
            let (first, second) = try twoFirst(pieces)
            let after = row(pieces[second])
            let end = try end(of: pieces[first], before: after)
            next[last(of: pieces[first], below: end)] = after
            pieces[first].places = end..<pieces[first].places.upperBound
            if let rest = settled(pieces[first]) {
                pieces[first] = rest
            } else {
                pieces.remove(at: first)
            }
        }
    }

    private func row(_ piece: Piece) -> RowPlace {
        RowPlace(
            part: piece.part, document: parts[piece.part].document(at: piece.places.lowerBound))
    }

    /// The piece from its first row on that counts; nil when none does.
    private func settled(_ piece: Piece) -> Piece? {
        let part = parts[piece.part]
        guard let first = piece.places.first(where: { part.isSeen(part.document(at: $0)) }) else {
            return nil
        }
        return Piece(part: piece.part, places: first..<piece.places.upperBound)
    }

    /// The last row below a place that counts; the piece's first does.
    private func last(of piece: Piece, below end: UInt32) -> RowPlace {
        let part = parts[piece.part]
        var place = end - 1
        while place > piece.places.lowerBound, !part.isSeen(part.document(at: place)) { place -= 1 }
        return RowPlace(part: piece.part, document: part.document(at: place))
    }

    private func twoFirst(_ pieces: [Piece]) throws(StorageError) -> (Int, Int) {
        var (first, second) = (0, 1)
        if try precedes(row(pieces[1]), row(pieces[0])) { (first, second) = (1, 0) }
        for index in pieces.indices.dropFirst(2) {
            let this = row(pieces[index])
            if try precedes(this, row(pieces[first])) {
                (first, second) = (index, first)
            } else if try precedes(this, row(pieces[second])) {
                second = index
            }
        }
        return (first, second)
    }

    /// Behind the last place of a piece whose row comes before another; the first does.
    private func end(of piece: Piece, before other: RowPlace) throws(StorageError) -> UInt32 {
        let part = parts[piece.part]
        var low = piece.places.lowerBound + 1
        var step: UInt32 = 1
        func comesBefore(_ place: UInt32) throws(StorageError) -> Bool {
            let row = RowPlace(part: piece.part, document: part.document(at: place))
            return try precedes(row, other)
        }
        while low + step <= piece.places.upperBound, try comesBefore(low + step - 1) {
            low += step
            step *= 2
        }
        var high = min(low + step - 1, piece.places.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if try comesBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The order of rows on a title's timeline: by in, out, key, sequence.
    private func precedes(_ a: RowPlace, _ b: RowPlace) throws(StorageError) -> Bool {
        let (one, other) = (parts[a.part].source, parts[b.part].source)
        let starts = (one.start(a.document), other.start(b.document))
        if starts.0 != starts.1 { return starts.0 < starts.1 }
        let ends = (one.end(a.document), other.end(b.document))
        if ends.0 != ends.1 { return ends.0 < ends.1 }
        let keys = (try key(a), try key(b))
        if keys.0 != keys.1 { return keys.0.lexicographicallyPrecedes(keys.1) }
        return one.sequence(a.document) < other.sequence(b.document)
    }

    private func key(_ row: RowPlace) throws(StorageError) -> [UInt8] {
        if let reader = readers[row.part] { return try reader.key(row.document) }
        return try parts[row.part].source.annotation(row.document).key
    }
}

/// The seams of a view's track, found when they are first asked for.
final class SeamCache: Sendable {
    private let known = Mutex<(sequence: UInt64, seams: Seams)?>(nil)

    /// The seams as a search at the operation `sequence` sees them, which a view has only one of.
    func seams(_ parts: [LanePart], at sequence: UInt64) throws(StorageError) -> Seams {
        if let known = known.withLock({ $0 }), known.sequence == sequence { return known.seams }
        let seams = try Seams(parts)
        known.withLock { $0 = (sequence, seams) }
        return seams
    }
}
