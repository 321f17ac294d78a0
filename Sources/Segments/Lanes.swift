// The rows of a lane next to each other: neighbours in a segment are adjacent documents, and those
// of several parts are brought together by their times. No row is read to find them.

package import Storage

/// A row of a lane that has not been read.
package struct LaneEntry: Sendable {
    /// Names its document.
    package let place: DocumentPlace
    /// Its in-time in nanoseconds.
    package let start: Int64
    /// Its out-time in nanoseconds.
    package let end: Int64
}

/// Some rows of a lane on both sides of a place, each in timeline order.
package struct Neighbours: Sendable {
    /// The nearest before the place.
    package var before: [LaneEntry] = []
    /// The nearest after it.
    package var after: [LaneEntry] = []

    /// No rows.
    package init() {}
}

/// The text of a row that lies close to a hit.
package struct NearbyText: Sendable {
    /// Names its document.
    package let place: DocumentPlace
    /// The text; empty for none.
    package let text: [UInt8]
}

/// Walks through lanes of one view, and keeps what it learnt of each; not thread safe.
package final class LaneReader {
    /// Rows on each side of a hit that may lie close to it.
    static let nearbyMax = 4

    private struct Lane: Hashable {
        let track: UInt32
        let title: [UInt8]
    }

    /// What one part of a track has of a lane, in timeline order, deleted rows included.
    private struct Part {
        let number: Int
        let source: Source
        /// The documents: consecutive ones from `first` on, or those in `sorted`.
        let first: UInt32
        let sorted: [UInt32]?
        let count: Int

        func document(_ index: Int) -> UInt32 { sorted?[index] ?? first + UInt32(index) }
    }

    private struct PartName: Hashable {
        let track: UInt32
        let number: Int
    }

    private let view: View
    private var sources: [UInt32: [Source]] = [:]
    private var lanes: [Lane: [Part]] = [:]
    private var readers: [PartName: RowReader] = [:]

    /// Reads lanes of a view.
    package init(_ view: View) { self.view = view }

    /// The rows of a document's lane next to it, so many on each side at most.
    package func neighbours(
        of place: DocumentPlace, before: Int, after: Int
    ) throws(StorageError) -> Neighbours {
        let source = try sources(of: place.track)[place.part]
        let lane = Lane(track: place.track, title: source.title(place.document))
        let own = entry(place, source)
        return try neighbours(lane, before, after) { part, document throws(StorageError) in
            if part.number == place.part, part.sorted == nil {
                return document < place.document
            }
            if part.number == place.part, document == place.document { return false }
            let other = DocumentPlace(track: place.track, part: part.number, document: document)
            return try precedes(entry(other, part.source), own)
        } except: {
            $0 == place
        }
    }

    /// The rows of a lane around a time, so many on each side at most; those that begin at the time
    /// come before it.
    package func neighbours(
        _ track: UInt32, title: [UInt8], around time: Int64, before: Int, after: Int
    ) throws(StorageError) -> Neighbours {
        try neighbours(Lane(track: track, title: title), before, after) {
            part, document throws(StorageError) in
            part.source.start(document) <= time
        } except: { _ in
            false
        }
    }

    /// The annotation of a row; cheap when rows are asked for in order.
    package func annotation(_ place: DocumentPlace) throws(StorageError) -> Annotation {
        let source = try sources(of: place.track)[place.part]
        guard case .segment(let segment) = source else {
            return try source.annotation(place.document)
        }
        return try reader(place, segment).annotation(place.document)
    }

    /// Whether a row has vectors, which lie apart and are not read with it.
    package func hasVectors(_ place: DocumentPlace) throws(StorageError) -> Bool {
        let vectors = try sources(of: place.track)[place.part].vectors
        return vectors?.vectors(of: place.document).isEmpty == false
    }

    private func text(_ place: DocumentPlace) throws(StorageError) -> [UInt8] {
        switch try sources(of: place.track)[place.part] {
        case .segment(let segment): return try reader(place, segment).text(place.document)
        case .memtable(let view): return view.memtable.text(place.document)
        }
    }

    private func reader(_ place: DocumentPlace, _ segment: Segment) -> RowReader {
        let name = PartName(track: place.track, number: place.part)
        if let known = readers[name] { return known }
        let reader = RowReader(segment)
        readers[name] = reader
        return reader
    }

    /// A hit's annotation, and the texts around it from which at most `margin` nanoseconds part it;
    /// read in one go, since neighbours lie together.
    func row(
        _ place: DocumentPlace, margin: Int64
    ) throws(StorageError) -> (annotation: Annotation, nearby: [NearbyText]) {
        let (before, after) = try close(to: place, margin: margin)
        var nearby: [NearbyText] = []
        // What cannot be read is nobody's neighbour; who asks for it itself is told.
        func add(_ place: DocumentPlace) {
            if let text = try? text(place) {
                nearby.append(NearbyText(place: place, text: text))
            }
        }
        for place in before { add(place) }
        let annotation = try annotation(place)
        for place in after { add(place) }
        return (annotation, nearby)
    }

    /// Of the nearest rows of a document's lane those from which at most `margin` part it, in
    /// timeline order.
    private func close(
        to place: DocumentPlace, margin: Int64
    ) throws(StorageError) -> (before: [DocumentPlace], after: [DocumentPlace]) {
        let source = try sources(of: place.track)[place.part]
        let own = entry(place, source)
        let lane = Lane(track: place.track, title: source.title(place.document))
        let parts = try parts(of: lane)
        guard parts.count == 1, parts[0].sorted == nil else {
            let near = try neighbours(of: place, before: Self.nearbyMax, after: Self.nearbyMax)
            return (
                near.before.filter { own.start - $0.end <= margin }.map(\.place),
                near.after.filter { $0.start - own.end <= margin }.map(\.place)
            )
        }
        // In one segment they are the documents beside it.
        var (before, after): ([DocumentPlace], [DocumentPlace]) = ([], [])
        let first = parts[0].first
        var other = place.document
        var seen = 0
        while other > first, seen < Self.nearbyMax {
            other -= 1
            guard source.isLive(other, at: view.sequence) else { continue }
            seen += 1
            guard own.start - source.end(other) <= margin else { continue }
            before.append(DocumentPlace(track: place.track, part: place.part, document: other))
        }
        (other, seen) = (place.document + 1, 0)
        while other < first + UInt32(parts[0].count), seen < Self.nearbyMax {
            defer { other += 1 }
            guard source.isLive(other, at: view.sequence) else { continue }
            seen += 1
            // Later ones begin later.
            guard source.start(other) - own.end <= margin else { break }
            after.append(DocumentPlace(track: place.track, part: place.part, document: other))
        }
        return (before.reversed(), after)
    }

    private func sources(of track: UInt32) throws(StorageError) -> [Source] {
        if let known = sources[track] { return known }
        guard let seen = try view.soundTrack(track) else { return [] }
        let all = seen.sources
        sources[track] = all
        return all
    }

    private func entry(_ place: DocumentPlace, _ source: Source) -> LaneEntry {
        LaneEntry(
            place: place, start: source.start(place.document), end: source.end(place.document))
    }

    /// `isBefore` tells whether a document of a part comes before the place in question, `isAt`
    /// whether it is the place itself.
    private func neighbours(
        _ lane: Lane, _ before: Int, _ after: Int,
        _ isBefore: (Part, UInt32) throws(StorageError) -> Bool,
        except isAt: (DocumentPlace) -> Bool
    ) throws(StorageError) -> Neighbours {
        var found = Neighbours()
        for part in try parts(of: lane) {
            let split = try partitionPoint(part.count) { index throws(StorageError) in
                try isBefore(part, part.document(index))
            }
            let earlier = collect(lane.track, part, from: split - 1, step: -1, before, isAt)
            let later = collect(lane.track, part, from: split, step: 1, after, isAt)
            found.before = try merged(found.before, earlier.reversed()).suffix(before)
            found.after = Array(try merged(found.after, later).prefix(after))
        }
        return found
    }

    private func parts(of lane: Lane) throws(StorageError) -> [Part] {
        if let known = lanes[lane] { return known }
        var found: [Part] = []
        for (number, source) in try sources(of: lane.track).enumerated() {
            switch source {
            case .segment(let segment):
                guard let documents = segment.titles[lane.title]?.documents else { continue }
                found.append(
                    Part(
                        number: number, source: source, first: documents.lowerBound, sorted: nil,
                        count: documents.count))
            case .memtable(let view):
                let sorted = view.documentsInOrder(of: lane.title)
                guard !sorted.isEmpty else { continue }
                found.append(
                    Part(
                        number: number, source: source, first: 0, sorted: sorted,
                        count: sorted.count))
            }
        }
        lanes[lane] = found
        return found
    }

    /// The nearest rows that are to be seen, beginning with the one at an index of a part.
    private func collect(
        _ track: UInt32, _ part: Part, from index: Int, step: Int, _ count: Int,
        _ isAt: (DocumentPlace) -> Bool
    ) -> [LaneEntry] {
        var entries: [LaneEntry] = []
        var index = index
        while entries.count < count, index >= 0, index < part.count {
            let place = DocumentPlace(
                track: track, part: part.number, document: part.document(index))
            if !isAt(place), part.source.isLive(place.document, at: view.sequence) {
                entries.append(entry(place, part.source))
            }
            index += step
        }
        return entries
    }

    /// Rows of two parts, each in order, in one order.
    private func merged(
        _ first: [LaneEntry], _ second: [LaneEntry]
    ) throws(StorageError) -> [LaneEntry] {
        if first.isEmpty || second.isEmpty { return first + second }
        var all: [LaneEntry] = []
        var rest = first[...]
        for entry in second {
            while let other = rest.first, try precedes(other, entry) {
                all.append(other)
                rest.removeFirst()
            }
            all.append(entry)
        }
        return all + rest
    }

    /// Whether a row comes first; of two with the same times the keys are read.
    private func precedes(_ a: LaneEntry, _ b: LaneEntry) throws(StorageError) -> Bool {
        if a.start != b.start { return a.start < b.start }
        if a.end != b.end { return a.end < b.end }
        let sources = try sources(of: a.place.track)
        let (first, second) = (try annotation(a.place), try annotation(b.place))
        return first.precedes(second) {
            sources[a.place.part].sequence(a.place.document)
                < sources[b.place.part].sequence(b.place.document)
        }
    }
}

extension MemtableView {
    /// The documents of a title in timeline order.
    fileprivate func documentsInOrder(of title: [UInt8]) -> [UInt32] {
        let memtable = memtable
        // Nearly always the in-times decide, which are at hand without the rows.
        return memtable.documents(of: title, below: count).sorted { a, b in
            let (first, second) = (memtable.start(a), memtable.start(b))
            return first != second ? first < second : memtable.precedes(a, b)
        }
    }
}
