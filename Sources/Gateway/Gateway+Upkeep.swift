// VERIFY, and what requests are told about tracks whose files are damaged.

import Segments
import Storage

extension Gateway {
    /// Damaged places that one answer names; further ones are only counted.
    private static let damageShown = 1_000

    func verify(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        try arguments.expectWords(atMost: 1)
        let (store, catalog) = (store, try current().catalog)
        let wanted: [Track]? =
            arguments.words.isEmpty
            ? nil : try catalog.tracks(named: try arguments.word(0, "the track"))
        return .later { finish in
            store.verify(tracks: wanted?.map(\.id)) { result in
                finish(
                    result.map { Self.answer($0, catalog) }.mapError { GatewayError($0) })
            }
        }
    }

    static func answer(_ found: Verification, _ catalog: Catalog) -> Answer {
        let rows = found.damage.prefix(damageShown).map { damage in
            var row: [AnswerField] = []
            if let track = damage.track {
                row.append(AnswerField("track", catalog.name(ofTrack: track)))
            }
            row.append(AnswerField("file", damage.file))
            row.append(AnswerField("section", damage.section))
            row.append(AnswerField("offset", Int(clamping: damage.offset)))
            row.append(AnswerField("what", damage.what))
            return row
        }
        return .rows(
            Array(rows),
            summary: [
                AnswerField("files", found.files),
                AnswerField("bytes", Int(clamping: found.bytes)),
                AnswerField("damaged", found.damagedFiles),
            ])
    }

    /// Throws when one of these tracks was set aside.
    func checkSound(_ tracks: [Track], _ view: View) throws(GatewayError) {
        for track in tracks {
            if let reason = view.quarantined[track.id] { throw .damagedTrack(track.name, reason) }
        }
    }

    /// What is said of an answer that lacks some of the tracks that were asked for, or documents
    /// that were not looked at before the deadline.
    static func partial(
        _ damaged: [UInt32: StorageError], _ tracks: [Track], coverage: Double
    ) -> [AnswerField] {
        let names = tracks.filter { damaged[$0.id] != nil }.map(\.name)
        var fields: [AnswerField] = []
        if !names.isEmpty || coverage < 1 { fields.append(AnswerField("partial", 1)) }
        if coverage < 1 {
            // Nearly all is not all.
            let share = (coverage * 100).rounded(.down) / 100
            fields.append(AnswerField("coverage", .number(share, decimals: 2)))
        }
        if !names.isEmpty {
            fields.append(AnswerField("damaged", names.joined(separator: ",")))
        }
        return fields
    }

    /// The rows of INFO about tracks set aside.
    func quarantineRows(_ view: View, _ catalog: Catalog) -> [[AnswerField]] {
        view.quarantined.sorted { $0.key < $1.key }.map { track, reason in
            [
                AnswerField("name", "damaged.\(catalog.name(ofTrack: track))"),
                AnswerField("value", "\(reason)"),
            ]
        }
    }
}

extension Catalog {
    /// The name of a track; its number where the catalog has none.
    package func name(ofTrack id: UInt32) -> String {
        tracks.values.first { $0.id == id }?.name ?? "\(id)"
    }
}
