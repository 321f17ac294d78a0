// Finds the rows in which a phrase begins, to go on in the next row of the lane. For each place at
// which it may be broken, there are lists of the rows that end with the last word before the edge
// and of those that begin with the first word behind it, or an earlier one where the next row
// repeats words. Where a row of the one is followed by one of the others, the other words are
// looked for by their positions (CrossingReader). A phrase with a rare word is looked for around
// the rows that hold that.

import Storage
import TextIndex

/// Looks for phrases over rows in all parts of a track; not thread safe.
struct CrossingFinder {
    /// For each part, by the first row's document, the rows in which a phrase goes on.
    typealias Found = [[UInt32: [Continuation]]]

    /// What it takes to look around a row, for each word of the phrase, to go from one row of a
    /// list to the next, and to look at one with the right row behind it: about so many
    /// nanoseconds.
    private static let costs = (around: 40.0, listed: 2.0, followed: 500.0)

    private let parts: [LanePart]
    private let seams: Seams
    private let titles: [[UInt8]]?
    private var reader: CrossingReader

    /// `gap` nanoseconds at most lie between the out of a row and the in of the next.
    init(_ parts: [LanePart], _ seams: Seams, _ analyzer: Analyzer, gap: Int64, titles: [[UInt8]]?)
    {
        self.parts = parts
        self.seams = seams
        self.titles = titles
        reader = CrossingReader(parts, seams, analyzer, gap: gap)
    }

    /// The rows in which a phrase begins that are not known to hold it; `frequencies` are those of
    /// its terms, `only` the rows asked for, nil for all.
    mutating func find(
        _ phrase: CrossingPhrase, _ frequencies: [UInt64], only: [RowPlace]?
    ) throws(StorageError) -> Found {
        var found = Found(repeating: [:], count: parts.count)
        let edges = try edges(phrase)
        let all = Array(phrase.splits.indices)
        if let only {
            for row in only { try begin(phrase, edges, all, in: row, into: &found) }
            return found
        }
        if let rare = rareTerm(phrase, edges, frequencies) {
            try find(phrase, edges, around: rare, into: &found)
            return found
        }
        for part in parts.indices {
            for (split, rows) in zip(all, followed(phrase, edges, in: part)) {
                for row in rows {
                    let row = RowPlace(part: part, document: row)
                    try begin(phrase, edges, [split], in: row, into: &found)
                }
            }
        }
        return found
    }

    /// Some rows, and those that phrases which begin in them may go on in.
    func withFollowing(_ rows: [RowPlace]) -> [RowPlace] {
        var all = Set(rows)
        for first in rows {
            var row = first
            for _ in 0..<Crossings.rowsMax {
                guard let next = reader.next(row), reader.isNear(row, next) else { break }
                all.insert(next)
                row = next
            }
        }
        return Array(all)
    }

    // MARK: Edges

    /// The rows at whose edge a word stands.
    private struct Rows {
        /// For each part.
        var cursors: [PostingsCursor?] = []
        /// In all parts.
        var count = 0

        func holds(_ row: RowPlace) -> Bool { cursors[row.part]?.holds(row.document) ?? false }
    }

    /// The rows by what stands at their edges.
    private struct Edges {
        /// For each split, those that end with its last word before the edge.
        var endings: [Rows] = []
        /// For each word of the phrase, and behind the last for what is left of a broken pair,
        /// those that begin with it.
        var beginnings: [Rows] = []
    }

    private func edges(_ phrase: CrossingPhrase) throws(StorageError) -> Edges {
        var edges = Edges()
        for split in phrase.splits {
            edges.endings.append(try rows(split.before.last.map { TermKey.ending($0) }))
        }
        for index in 0...phrase.terms.count {
            // No row goes on with the first word.
            let word = index == 0 ? nil : phrase.rest(from: index).first
            edges.beginnings.append(try rows(word.map { TermKey.beginning($0) }))
        }
        return edges
    }

    private func rows(_ key: [UInt8]?) throws(StorageError) -> Rows {
        var rows = Rows()
        for part in parts {
            let cursor = try key.flatMap { key throws(StorageError) in
                try part.source.documents(key)
            }
            rows.cursors.append(cursor)
            rows.count += cursor?.documentFrequency ?? 0
        }
        return rows
    }

    // MARK: Rows that follow each other

    /// For each split the rows of a part with the right word at their end that are followed by one
    /// with one of the words so far at its beginning, or by one in another part.
    private func followed(
        _ phrase: CrossingPhrase, _ edges: Edges, in number: Int
    ) -> [[UInt32]] {
        let part = parts[number]
        var preceding = PrecedingDocuments(
            count: part.source.documentCount, in: part.documents(of: titles), part.orderOfRows)
        preceding.add(seams.rows[number])
        var rows: [[UInt32]] = phrase.splits.map { _ in [] }
        var words = 0
        for (split, ending) in zip(phrase.splits.indices, edges.endings).reversed() {
            while words < phrase.splits[split].before.count {
                words += 1
                edges.beginnings[words].cursors[number].map { preceding.add(before: $0) }
            }
            rows[split] = ending.cursors[number].map { preceding.holding($0) } ?? []
        }
        return rows
    }

    // MARK: Around rare words

    /// The number of a term whose rows are looked at faster than all pairs of rows.
    private func rareTerm(
        _ phrase: CrossingPhrase, _ edges: Edges, _ frequencies: [UInt64]
    ) -> Int? {
        // The rows of a pair that an edge breaks do not hold it.
        let whole = phrase.terms.indices.filter {
            PhraseSplit.characters(of: phrase.terms[$0]) == nil
        }
        guard titles == nil, let rare = whole.min(by: { frequencies[$0] < frequencies[$1] }) else {
            return nil
        }
        let around = Double(frequencies[rare]) * Double(phrase.terms.count)
        let rows = Double(parts.reduce(1) { $0 + Int($1.source.documentCount) })
        var listed = edges.beginnings.reduce(0.0) { $0 + Double($1.count) }
        var followed = 0.0
        for (split, ending) in zip(phrase.splits, edges.endings) {
            let next = edges.beginnings[...split.before.count].reduce(0) { $0 + $1.count }
            followed += Double(ending.count) * Double(next) / rows
            listed += Double(ending.count)
        }
        let all = listed * Self.costs.listed + followed * Self.costs.followed
        return around * Self.costs.around < all ? rare : nil
    }

    private mutating func find(
        _ phrase: CrossingPhrase, _ edges: Edges, around rare: Int, into found: inout Found
    ) throws(StorageError) {
        // Up to where the rare word comes, and behind it.
        let behind = phrase.splits.indices.filter { phrase.splits[$0].before.count > rare }
        let before = phrase.splits.indices.filter { phrase.splits[$0].before.count <= rare }
        for (number, part) in parts.enumerated() {
            for document in try reader.documents(of: phrase.terms[rare], in: number) {
                guard part.isSeen(document) else { continue }
                var row = RowPlace(part: number, document: document)
                try begin(phrase, edges, behind, in: row, into: &found)
                // Further back as long as the phrase may have come from there.
                for _ in 0..<Crossings.rowsMax where rare > 0 {
                    guard edges.beginnings[1...rare].contains(where: { $0.holds(row) }),
                        let previous = reader.previous(row), reader.isNear(previous, row)
                    else { break }
                    try begin(phrase, edges, before, in: previous, into: &found)
                    row = previous
                }
            }
        }
    }

    /// Adds a row if the phrase begins in it, broken in one of some ways, and goes on in the next.
    private mutating func begin(
        _ phrase: CrossingPhrase, _ edges: Edges, _ splits: [Int], in row: RowPlace,
        into found: inout Found
    ) throws(StorageError) {
        guard found[row.part][row.document] == nil else { return }
        for number in splits where edges.endings[number].holds(row) {
            let split = phrase.splits[number]
            guard let next = reader.next(row), reader.isNear(row, next),
                try reader.stands(split.before, atEndOf: row)
            else { continue }
            for repeated in split.before.indices {
                guard edges.beginnings[split.before.count - repeated].holds(next),
                    let rows = try reader.follow(
                        phrase, split.before.count, after: row, into: next, repeating: repeated)
                else { continue }
                found[row.part][row.document] = rows
                return
            }
        }
    }
}

extension Source {
    /// A cursor over the documents of a term that is stored by documents; nil when none holds it.
    fileprivate func documents(_ term: [UInt8]) throws(StorageError) -> PostingsCursor? {
        switch self {
        case .segment(let segment): return try segment.text.documents(term)
        case .memtable: return try terms.cursor(term, withPositions: false)
        }
    }
}
