// Phrases across rows without an index: lanes sorted by time, texts put one after the other word by
// word, what a row repeats of the one before taken once, and every place in them looked at.

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
            let here = row.words.count - start
            guard (0..<here).allSatisfy({ row.has(words[$0], at: start + $0) }) else { continue }
            if let rows = rows(words, behind: here, of: row, gap) { return rows }
        }
        return []
    }

    /// The fewest rows behind a row, up to which the first `count` words have been met, that hold
    /// the rest.
    ///
    /// What the next row repeats is met already, unless that is a single word, which may
    /// have been said twice; and words that the next row has from their first on begin there.
    private func rows(
        _ words: [Int], behind count: Int, of row: ModelRow, _ gap: Int64
    ) -> [ModelRow]? {
        guard let next = next[row.sequence], next.annotation.start - row.annotation.end <= gap
        else { return nil }
        var fewest: [ModelRow]?
        let repeated = Self.repeated(row, next)
        for again in repeated == 1 ? [0, 1] : [repeated] where again < count {
            let rest = words[(count - again)...]
            let here = rest.prefix(next.words.count)
            guard zip(here, 0...).allSatisfy({ next.has($0, at: $1) }) else { continue }
            let isWhole = here.count == rest.count
            let more = isWhole ? [] : rows(words, behind: here.endIndex, of: next, gap)
            guard let more, more.count < fewest?.count ?? .max else { continue }
            fewest = [next] + more
        }
        return fewest
    }

    /// How many words a row ends with that another begins with, where no keyword differs.
    private static func repeated(_ row: ModelRow, _ next: ModelRow) -> Int {
        func forms(_ row: ModelRow, _ place: Int) -> Set<Int> {
            Set([row.words[place]] + (row.others[place] ?? []))
        }
        // Whoever else speaks says it anew.
        for own in row.annotation.attributes where own.type == .keyword {
            let value = next.annotation.value(of: own.name)
            if value != nil, value != own.value { return 0 }
        }
        return (0...min(row.words.count, next.words.count)).last { count in
            (0..<count).allSatisfy {
                forms(row, row.words.count - count + $0) == forms(next, $0)
            }
        } ?? 0
    }

    /// Whether one of the rows that a hit's phrases go on in holds the words, or several do.
    func spans(_ words: [Int], _ rows: [ModelRow], _ gap: Int64) -> Bool {
        rows.indices.contains { place in
            if occurrences(words, rows[place]) > 0 { return true }
            let further = crossing(words, rows[place], gap).count
            return further > 0 && place + further < rows.count
        }
    }

    /// The rows that a hit's phrases go on in.
    func following(_ row: ModelRow, _ clauses: [OracleClause], _ gap: Int64?) -> [ModelRow] {
        guard let gap else { return [] }
        let spans = clauses.filter { $0.occurrence != .mustNot && occurrences($0.words, row) == 0 }
            .map { crossing($0.words, row, gap) }
        return spans.max { $0.count < $1.count } ?? []
    }
}
