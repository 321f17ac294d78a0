// When a lane changed, as the numbers of operations: what was made of a lane is out of date once
// that lane changed behind it. Deletions are known as long as their rows are kept, so the last
// change of a lane from which rows only went may be forgotten when segments are merged.

package import Storage

extension View {
    /// The last operation known that put a row of a lane or deleted one; 0 where there is none.
    package func lastChange(
        _ track: UInt32, title: [UInt8]
    ) throws(StorageError) -> UInt64 {
        guard let track = try soundTrack(track) else { return 0 }
        var last: UInt64 = 0
        for source in track.sources {
            for document in source.documents(of: title) {
                last = max(last, source.sequence(document))
                let deletion = source.deletion(document)
                if deletion <= sequence { last = max(last, deletion) }
            }
        }
        return last
    }

    /// The annotation of a lane that came by the earliest operation, and that operation; nil where
    /// the lane is empty.
    package func eldest(
        _ track: UInt32, title: [UInt8]
    ) throws(StorageError) -> (sequence: UInt64, annotation: Annotation)? {
        guard let track = try soundTrack(track) else { return nil }
        var first: (sequence: UInt64, source: Source, document: UInt32)?
        for source in track.sources {
            for document in source.documents(of: title) {
                let own = source.sequence(document)
                if let first, first.sequence <= own { continue }
                if source.isLive(document, at: sequence) { first = (own, source, document) }
            }
        }
        guard let first else { return nil }
        return (first.sequence, try first.source.annotation(first.document))
    }
}
