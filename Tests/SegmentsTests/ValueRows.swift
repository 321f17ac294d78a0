// Rows with attributes of one kind in segments, memtables and deletions: what tests of conditions
// on attributes ask their questions of.

import Segments
import TestSupport

extension ModelledStore {
    /// An empty store whose memtable fills up only when it is told to and whose segments are merged
    /// only when asked for, with the track of `source`.
    static func resting(_ source: inout RandomOperations) throws -> ModelledStore {
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.policy.fanout = 0
        var modelled = try ModelledStore(FaultyFileSystem(), settings)
        try modelled.write([source.create()])
        return modelled
    }

    /// Puts about so many rows, each with some attributes that `attribute` makes, and deletes some.
    mutating func fill(
        _ source: inout RandomOperations, _ count: Int,
        _ attribute: (inout RandomOperations) -> Attribute
    ) throws {
        let track = source.tracks[0]
        for _ in 0..<count / 20 + 1 {
            let rows = (0..<20).map { _ in
                var row = source.annotation()
                for _ in 0..<[0, 1, 1, 1, 2][source.below(5)] {
                    row.attributes.append(attribute(&source))
                }
                // As a row has them.
                row.attributes.sort { a, b in
                    a.name == b.name ? false : a.name.lexicographicallyPrecedes(b.name)
                }
                return row
            }
            try write([.put(track: track, rows: batch(rows))])
            if source.below(3) == 0 {
                try write([.delete(track: track, title: source.title(), key: source.key())])
            }
        }
    }

    /// Calls `ask` with what is there now, a part of it in memory, and when all is in one segment.
    mutating func beforeAndAfterMerging(
        _ source: RandomOperations, _ note: String,
        _ ask: (inout ModelledStore, _ note: String) throws -> Void
    ) throws {
        try ask(&self, "\(note) with a memtable")
        try flush()
        try store.merge(source.tracks[0])
        model.forgetDead()
        try ask(&self, "\(note) merged")
    }
}
