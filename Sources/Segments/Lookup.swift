// Finding annotations by key, and the neighbours of a place on a title's timeline.

package import Storage
import VectorIndex

extension View {
    /// The annotation with a key; nil when there is none.
    package func annotation(
        _ track: UInt32, title: [UInt8], key: [UInt8]
    ) throws(StorageError) -> Annotation? {
        guard let track = try soundTrack(track) else { return nil }
        for source in track.sources.reversed() {
            if let document = try source.document(title: title, key: key, liveAt: sequence) {
                return try source.annotation(document)
            }
        }
        return nil
    }

    /// The annotations of a lane around a time in timeline order: the last `before` that begin
    /// earlier than the one at `time`, that one (the last to begin at or before it), and the next
    /// `after`.
    package func context(
        _ track: UInt32, title: [UInt8], at time: Int64, before: Int, after: Int
    ) throws(StorageError) -> [Annotation] {
        let lanes = LaneReader(self)
        let found = try lanes.neighbours(
            track, title: title, around: time, before: before + 1, after: after)
        var rows: [Annotation] = []
        for entry in found.before + found.after { rows.append(try lanes.annotation(entry.place)) }
        return rows
    }

    /// Live annotations of a lane.
    package func count(_ track: UInt32, title: [UInt8]) -> Int {
        guard let track = tracks[track] else { return 0 }
        return track.sources.reduce(0) { sum, source in
            sum + source.documents(of: title).count { source.isLive($0, at: sequence) }
        }
    }
}

extension View {
    /// How long before a time an annotation may begin that stands for it without covering it.
    private static let exampleReach: Int64 = 10_000_000_000

    /// The annotation with vectors at a time of a lane: of those that cover it the last to begin,
    /// else the last to begin within ten seconds before.
    package func example(
        _ track: UInt32, title: [UInt8], at time: Int64
    ) throws(StorageError) -> (place: DocumentPlace, vectors: [[Float]])? {
        guard let view = try soundTrack(track) else { return nil }
        var best: (place: DocumentPlace, source: Source, rank: (Int, Int64, Int64))?
        for (part, source) in view.sources.enumerated() {
            guard let vectors = source.vectors else { continue }
            for document in source.documents(of: title) {
                let (start, end) = (source.start(document), source.end(document))
                guard start <= time, time - start <= Self.exampleReach || time < end,
                    source.isLive(document, at: sequence),
                    !vectors.vectors(of: document).isEmpty
                else { continue }
                let rank = (time < end || time == start ? 1 : 0, start, -end)
                if let best, best.rank >= rank { continue }
                let place = DocumentPlace(track: track, part: part, document: document)
                best = (place, source, rank)
            }
        }
        return try best.map { best throws(StorageError) in
            (best.place, try best.source.vectors(of: best.place.document))
        }
    }

    /// The vectors of the annotation with a key; none when there is no such annotation.
    package func vectors(
        _ track: UInt32, title: [UInt8], key: [UInt8]
    ) throws(StorageError) -> [[Float]] {
        guard let track = try soundTrack(track) else { return [] }
        for source in track.sources.reversed() {
            if let document = try source.document(title: title, key: key, liveAt: sequence) {
                return try source.vectors(of: document)
            }
        }
        return []
    }
}

extension Source {
    /// The vectors of a document as they are kept: in 16 bits a number, of length 1 under cosine.
    func vectors(of document: UInt32) throws(StorageError) -> [[Float]] {
        guard let vectors else { return [] }
        let own = vectors.vectors(of: document)
        if case .segment(let segment) = self { try segment.vectors?.verify(own) }
        return own.map { vectors.stored[$0] }
    }
}
