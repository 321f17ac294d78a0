// What value of a keyword, or what title, may have been meant where no row has the one that was
// asked for, by a key or in the query: one with the same word in it, or one a slip makes of it.

import Segments
import Storage
import TextIndex

extension Gateway {
    /// Values of one keyword that are looked at.
    private static let valuesMax = 100_000
    /// Values in a query that are looked at.
    private static let fieldsMax = 4

    /// The first keyword among the keys of a request whose value no row has, and a value that may
    /// have been meant; nil when all have some, or nothing is near.
    func nearValue(
        _ arguments: Arguments, _ tracks: [Track], _ view: View
    ) throws(StorageError) -> (name: String, value: [UInt8])? {
        let own = Verb.named("SEARCH")?.keys ?? []
        for key in arguments.keys where !own.contains(key.name) {
            let asked = tracks.filter { $0.field(key.name)?.type == .keyword }
            if let value = try nearValue(to: key.value, of: key.name, asked, view) {
                return (key.name, value)
            }
        }
        return nil
    }

    /// A query with values that some rows have in the place of those that none has; nil when
    /// nothing is near.
    func withNearValues(
        _ text: [UInt8], _ plan: SearchPlan
    ) throws(StorageError) -> [UInt8]? {
        var meant = text
        var looked = 0
        for (name, value) in QuerySyntax(text).values where looked < Self.fieldsMax {
            let key = String(decoding: name, as: UTF8.self)
            let isTitle = key == "title"
            let asked = plan.tracks.filter { $0.field(key)?.type == .keyword }
            guard isTitle || !asked.isEmpty, let place = Self.place(of: name, value, in: meant)
            else {
                continue
            }
            looked += 1
            let found =
                try isTitle
                ? plan.catalog.nearTitle(to: value, ofAtMost: Self.valuesMax)
                : nearValue(to: value, of: key, asked, plan.view)
            guard let near = found, !near.contains(UInt8(ascii: "\"")) else { continue }
            let quote = [UInt8(ascii: "\"")]
            meant.replaceSubrange(place, with: name + Array(":".utf8) + quote + near + quote)
        }
        return meant == text ? nil : meant
    }

    /// Where a query has `name:value`, with quotes or without.
    private static func place(
        of name: [UInt8], _ value: [UInt8], in text: [UInt8]
    ) -> Range<Int>? {
        let start = name + [UInt8(ascii: ":")]
        for place in text.indices where text[place...].starts(with: start) {
            var end = place + start.count
            let opening = end < text.count ? QuotationMark.read(text, end) : nil
            end += opening?.length ?? 0
            guard end <= text.count, text[end...].starts(with: value) else { continue }
            end += value.count
            if opening != nil {
                guard end < text.count, let closing = QuotationMark.read(text, end) else {
                    continue
                }
                end += closing.length
            }
            return place..<end
        }
        return nil
    }

    private func nearValue(
        to value: [UInt8], of key: String, _ tracks: [Track], _ view: View
    ) throws(StorageError) -> [UInt8]? {
        guard let wanted = NearName(value, analyzer) else { return nil }
        let name = Array(key.utf8)
        let prefix = TermKey.attribute(name, [])
        var nearest: (track: Track, value: [UInt8], edits: Int, rows: UInt64)?
        for track in tracks where view.quarantined[track.id] == nil {
            let values = try view.values(track.id, of: name, beginning: [])
            if values.count > Self.valuesMax || values[prefix + wanted.term.dropFirst()] != nil {
                return nil
            }
            for (term, rows) in values {
                let value = Array(term[prefix.count...])
                guard let edits = wanted.edits(value) else { continue }
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
}

extension QuerySyntax {
    /// Each `name:value` that is to match, wherever it stands.
    fileprivate var values: [(name: [UInt8], value: [UInt8])] { Self.values(items) }

    private static func values(_ items: [Item]) -> [(name: [UInt8], value: [UInt8])] {
        items.flatMap { item -> [(name: [UInt8], value: [UInt8])] in
            guard item.sign != .mustNot else { return [] }
            switch item.node {
            case .field(let name, let value, _): return [(name, value)]
            case .list(let inner), .both(let inner), .either(let inner): return values(inner)
            case .word, .exact, .prefix, .fuzzy, .phrase: return []
            }
        }
    }
}
