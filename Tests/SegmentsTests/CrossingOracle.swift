// Phrases across rows without an index: lanes sorted by time, texts put one after the other word by
// word, and every place in them looked at.

import Segments
import TextIndex

extension SearchOracle {
    static func neighbours(_ track: ModelTrack) -> [UInt64: ModelRow] {
        let rows = track.rows(of: nil).filter { !$0.words.isEmpty }
        var next: [UInt64: ModelRow] = [:]
        for (row, following) in zip(rows, rows.dropFirst())
        where row.annotation.title == following.annotation.title {
            next[row.sequence] = following
        }
        return next
    }

    /// The rows behind a row in which words end that begin in it; empty when they do not.
    func crossing(_ words: [Int], _ row: ModelRow, _ gap: Int64) -> [ModelRow] {
        guard words.count > 1, !row.words.isEmpty else { return [] }
        for start in row.words.indices where start + words.count > row.words.count {
            if let rows = rows(words[...], from: start, of: row, gap) { return rows }
        }
        return []
    }

    private func rows(
        _ words: ArraySlice<Int>, from start: Int, of row: ModelRow, _ gap: Int64
    ) -> [ModelRow]? {
        let here = words.prefix(row.words.count - start)
        for (offset, word) in here.enumerated() {
            let place = start + offset
            guard row.has(word, at: place) else { return nil }
        }
        let rest = words.dropFirst(here.count)
        guard !rest.isEmpty else { return [] }
        guard let next = next[row.sequence],
            next.annotation.start - row.annotation.end <= gap,
            let rows = rows(rest, from: 0, of: next, gap)
        else { return nil }
        return [next] + rows
    }

    /// The rows that a hit's phrases go on in.
    func following(_ row: ModelRow, _ clauses: [OracleClause], gap: Int64?) -> [Annotation] {
        guard let gap else { return [] }
        let spans = clauses.filter { $0.occurrence != .mustNot && occurrences($0.words, row) == 0 }
            .map { crossing($0.words, row, gap) }
        let longest = spans.max { $0.count < $1.count } ?? []
        return longest.map(\.annotation)
    }
}
