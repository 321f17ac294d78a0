// What goes on from the last characters of what is being typed, in scripts without spaces: read in
// some rows that hold them, and in some for each of the most frequent terms that may come behind
// them, so that what is frequent is seen however many rows there are.

import Segments
import Storage
import TextIndex

extension Gateway {
    /// Rows that are read for how something goes on, and for each of the terms behind it.
    private static let rowsRead = (altogether: 60, ofTerm: 3)
    /// Terms behind it that are looked for, the most frequent ones.
    private static let termsLookedFor = 24
    /// Rows counted for each of these.
    private static let rowsCounted = 200

    /// What goes on from the last characters typed, as some of a track's rows have it, with the
    /// number of rows that hold it.
    func spans(
        _ span: TypedSpan, _ track: Track, _ view: View, _ limit: Int
    ) throws(StorageError) -> [(folded: [UInt8], written: [UInt8], rows: Int)] {
        func search(
            _ content: TextQuery.Content, _ limit: Int, counting: Int
        ) throws(StorageError) -> SearchResult {
            let query = TextQuery(clauses: [.init(.must, content)])
            var request = SearchRequest(query, limit: limit)
            request.countLimit = counting
            return try view.search([track.id], request)
        }
        var spans = FoundSpans()
        let some = try search(span.content, Self.rowsRead.altogether, counting: 0)
        spans.add(some, span, track.analyzer, weight: 0)
        guard !some.hits.isEmpty else { return [] }
        let next = try view.words(track.id, beginning: span.next).sorted {
            $0.documentFrequency > $1.documentFrequency
        }
        for word in next.prefix(Self.termsLookedFor) {
            let content = span.content(with: word.term)
            let rows = try search(content, Self.rowsRead.ofTerm, counting: Self.rowsCounted)
            spans.add(rows, span, track.analyzer, weight: rows.count.count)
        }
        var best: [(folded: [UInt8], written: [UInt8], rows: Int)] = []
        for (folded, written) in spans.best(limit) {
            let terms = TypedSpan.terms(written, track.analyzer)
            let rows = try search(.terms(terms, slop: 0), 0, counting: .max)
            best.append((folded, written, max(rows.count.count, 1)))
        }
        return best
    }
}

/// Spans that some rows have, with a measure of how many do.
private struct FoundSpans {
    private var found: [[UInt8]: (weight: Int, written: [UInt8])] = [:]

    /// Adds the spans of rows found; those of a character alone complete nothing.
    mutating func add(
        _ result: SearchResult, _ span: TypedSpan, _ analyzer: Analyzer, weight: Int
    ) {
        for hit in result.hits {
            let text = QueryReader.beginning(hit.annotation.text ?? [])
            var ofRow: Set<[UInt8]> = []
            for range in span.ranges(in: text) {
                let written = Array(text[range])
                let folded = analyzer.fold(written)
                guard ofRow.insert(folded).inserted,
                    !TypedSpan.terms(written, analyzer).isEmpty
                else { continue }
                let known = found[folded, default: (0, written)]
                found[folded] = (max(known.weight, weight) + 1, known.written)
            }
        }
    }

    /// Those that most rows may have.
    func best(_ limit: Int) -> [(folded: [UInt8], written: [UInt8])] {
        let sorted = found.sorted { a, b in
            if a.value.weight != b.value.weight { return a.value.weight > b.value.weight }
            return a.key.lexicographicallyPrecedes(b.key)
        }
        return sorted.prefix(limit).map { ($0.key, $0.value.written) }
    }
}
