// SNAPSHOT: states of the store kept beside it, as hard links.

import Segments

extension Gateway {
    func snapshot(_ arguments: Arguments) throws(GatewayError) -> CallOutcome {
        let action = try arguments.word(0, "CREATE, LIST, VERIFY or DROP").uppercased()
        guard action != "LIST" else {
            try arguments.expectWords(atMost: 1)
            return .answer(try listSnapshots())
        }
        guard ["CREATE", "VERIFY", "DROP"].contains(action) else {
            throw GatewayError(
                "SYNTAX.word",
                "SNAPSHOT \(action.prefix(64)) is none of CREATE, LIST, VERIFY, DROP")
        }
        try arguments.expectWords(atMost: 2)
        let text = try arguments.word(1, "the snapshot's name")
        guard let name = SnapshotName(text) else {
            throw GatewayError(
                "SYNTAX.name",
                "'\(text.prefix(64))' cannot name a snapshot: names have 1 to 64 letters, digits, "
                    + "dots, underscores or hyphens, and begin with a letter or digit")
        }
        let (store, catalog) = (store, try current().catalog)
        return .later { finish in
            switch action {
            case "CREATE":
                store.createSnapshot(name) { result in
                    finish(result.map { .ok(Self.fields($0)) }.mapError { GatewayError($0) })
                }
            case "VERIFY":
                store.verifySnapshot(name) { result in
                    finish(
                        result.map { Self.answer($0, catalog) }.mapError { GatewayError($0) })
                }
            default:
                store.dropSnapshot(name) { result in
                    finish(
                        result.map { .ok([AnswerField("snapshot", name.text)]) }
                            .mapError { GatewayError($0) })
                }
            }
        }
    }

    private func listSnapshots() throws(GatewayError) -> Answer {
        do {
            let all = try store.snapshots()
            let rows = all.map { snapshot, shared in
                Self.fields(snapshot) + [AnswerField("own", Int(clamping: snapshot.bytes - shared))]
            }
            return .rows(rows, summary: [AnswerField("shown", rows.count)])
        } catch { throw GatewayError(error) }
    }

    private static func fields(_ snapshot: Snapshot) -> [AnswerField] {
        [
            AnswerField("snapshot", snapshot.name),
            AnswerField("time", utc(snapshot.time)),
            AnswerField("operations", Int(clamping: snapshot.sequence)),
            AnswerField("files", snapshot.files.count),
            AnswerField("bytes", Int(clamping: snapshot.bytes)),
        ]
    }

    /// Milliseconds since 1970 as YYYY-MM-DDTHH:MM:SSZ, in the Gregorian calendar.
    static func utc(_ milliseconds: UInt64) -> String {
        let seconds = Int(clamping: milliseconds / 1_000)
        // Days from 1 March of year 0, so that leap days come last (Hinnant's civil_from_days).
        let day = seconds / 86_400 + 719_468
        let era = day / 146_097
        let ofEra = day % 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let date = ofYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(era * 400 + year + (civilMonth <= 2 ? 1 : 0))-\(two(civilMonth))-\(two(date))T"
            + "\(two(seconds / 3_600 % 24)):\(two(seconds / 60 % 60)):\(two(seconds % 60))Z"
    }
}
