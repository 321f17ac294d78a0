// Finding annotations by key, and the neighbours of a place on a title's timeline.

package import Storage

extension View {
    /// The annotation with a key; nil when there is none.
    package func annotation(
        _ track: UInt32, title: [UInt8], key: [UInt8]
    ) throws(StorageError) -> Annotation? {
        guard let track = try soundTrack(track) else { return nil }
        for source in Source.all(of: track).reversed() {
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
        return Source.all(of: track).reduce(0) { sum, source in
            sum + source.documents(of: title).count { source.isLive($0, at: sequence) }
        }
    }
}
