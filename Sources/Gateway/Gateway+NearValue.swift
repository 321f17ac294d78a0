// What value of a keyword may have been meant where no row has the one that was asked for: one with
// the same word in it, or one that a slip makes of it.

import Segments
import Storage
import TextIndex

extension Gateway {
    /// Values of one keyword that are looked at.
    private static let valuesMax = 100_000

    /// `NAME="VALUE"` for the first keyword of a request whose value no row has; nil when all have
    /// some, or nothing is near.
    func nearValue(
        _ arguments: Arguments, _ tracks: [Track], _ view: View
    ) throws(StorageError) -> [UInt8]? {
        let own = Verb.named("SEARCH")?.keys ?? []
        for key in arguments.keys where !own.contains(key.name) {
            let asked = tracks.filter { $0.field(key.name)?.type == .keyword }
            if let value = try nearValue(to: key.value, of: key.name, asked, view) {
                return Array("\(key.name)=\"".utf8) + value + [UInt8(ascii: "\"")]
            }
        }
        return nil
    }

    private func nearValue(
        to value: [UInt8], of key: String, _ tracks: [Track], _ view: View
    ) throws(StorageError) -> [UInt8]? {
        let name = Array(key.utf8)
        let prefix = TermKey.attribute(name, [])
        let wanted = TermKey.word(analyzer.fold(value))
        let distance = EditDistance(to: wanted, atMost: QueryReader.edits(wanted))
        var nearest: (track: Track, value: [UInt8], edits: Int, rows: UInt64)?
        for track in tracks where view.quarantined[track.id] == nil {
            let values = try view.values(track.id, of: name, beginning: [])
            if values.count > Self.valuesMax || values[prefix + wanted.dropFirst()] != nil {
                return nil
            }
            for (term, rows) in values {
                let value = Array(term[prefix.count...])
                guard let edits = Self.edits(value, distance) else { continue }
                if let known = nearest,
                    (known.edits, rows) < (edits, known.rows)
                        || (known.edits, rows) == (edits, known.rows)
                            && known.value.lexicographicallyPrecedes(value)
                {
                    continue
                }
                nearest = (track, value, edits, rows)
            }
        }
        guard let nearest else { return nil }
        return try view.spelling(nearest.track.id, ofValue: nearest.value, of: name, analyzer)
            ?? nearest.value
    }

    /// How far a value, or the nearest word of it, is from one asked for; nil when too far.
    private static func edits(_ value: [UInt8], _ distance: EditDistance) -> Int? {
        let words = value.split { $0 < 0x80 && !isLetterOrDigit($0) }
        return ([value[...]] + words).compactMap { distance.measure(TermKey.word(Array($0))) }.min()
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20)
    }
}
