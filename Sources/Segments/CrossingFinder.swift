// Finds the rows in which a phrase begins, to go on in the next row of the lane. For each place at
// which it may be broken, the rows that end with the last word before the edge and those that begin
// with the first word behind it are two sorted lists; where a row of the one is followed by one of
// the other, the other words are looked for by their positions (CrossingReader). Where the next row
// repeats words, it begins with an earlier one. A phrase with a rare word is looked for around the
// rows that hold that.

import Storage
import TextIndex

/// Looks for phrases over rows in all parts of a track; not thread safe.
struct CrossingFinder {
    /// For each part, by the first row's document, the rows in which a phrase goes on.
    typealias Found = [[UInt32: [Continuation]]]

    /// What it takes to look around a row, for each word of the phrase, and to go from one row of a
    /// list to the next: about so many nanoseconds.
    private static let costs = (around: 40, pair: 10)

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
    /// its terms.
    mutating func find(
        _ phrase: CrossingPhrase, _ frequencies: [UInt64]
    ) throws(StorageError) -> Found {
        var found = Found(repeating: [:], count: parts.count)
        let edges = try edges(phrase)
        if let rare = rareTerm(phrase, edges, frequencies) {
            try find(phrase, edges, around: rare, into: &found)
            return found
        }
        var pairs = KnownPairs(phrase)
        for (split, ending) in zip(phrase.splits, edges.endings) where ending.count > 0 {
            // The same row may be followed by several words of the phrase.
            var ends: [RowPlace: Bool] = [:]
            for repeated in split.before.indices {
                let index = split.before.count - repeated
                let beginning = edges.beginnings[index]
                guard beginning.count > 0 else { continue }
                let words = [split.before.last ?? [], phrase.rest(from: index).first ?? []]
                for (row, next) in pairs.of(words, { self.pairs(ending, beginning) })
                where found[row.part][row.document] == nil && reader.isNear(row, next) {
                    if split.before.count > 1, ends[row] == nil {
                        ends[row] = try reader.stands(split.before, atEndOf: row)
                    }
                    guard ends[row] ?? true else { continue }
                    found[row.part][row.document] = try reader.follow(
                        phrase, split.before.count, after: row, into: next, repeating: repeated)
                }
            }
        }
        return found
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

    // MARK: Pairs of rows

    /// Rows with the right word at their end that are followed by one with the right word at its
    /// beginning.
    private func pairs(_ endings: Rows, _ beginnings: Rows) -> [(RowPlace, RowPlace)] {
        var pairs: [(RowPlace, RowPlace)] = []
        for part in parts.indices {
            guard let ending = endings.cursors[part], let beginning = beginnings.cursors[part]
            else { continue }
            let (first, second) = (PostingsCursor(over: ending), PostingsCursor(over: beginning))
            for (row, next) in self.pairs(in: part, first, second) {
                let place = RowPlace(part: part, document: row)
                guard seams.next.isEmpty || seams.next[place] == nil,
                    parts[part].isSameLane(row, next)
                else { continue }
                pairs.append((place, RowPlace(part: part, document: next)))
            }
        }
        for part in parts.indices where !seams.rows[part].isEmpty {
            for row in endings.cursors[part]?.held(among: seams.rows[part]) ?? [] {
                let place = RowPlace(part: part, document: row)
                guard let next = seams.next[place], beginnings.holds(next) else { continue }
                pairs.append((place, next))
            }
        }
        return pairs
    }

    private func pairs(
        in number: Int, _ ending: PostingsCursor, _ beginning: PostingsCursor
    ) -> [(UInt32, UInt32)] {
        let part = parts[number]
        guard case .segment(let segment) = part.source else {
            return byPlaces(part, ending, beginning)
        }
        var pairs: [(UInt32, UInt32)] = []
        for range in segment.documents(of: titles) {
            ending.forEachPair(followedBy: beginning, in: range, counts: part.counts(segment)) {
                pairs.append(($0, $1))
            }
        }
        return pairs
    }

    /// The lists are in another order than the rows: the neighbours of the shorter are looked up.
    private func byPlaces(
        _ part: LanePart, _ ending: PostingsCursor, _ beginning: PostingsCursor
    ) -> [(UInt32, UInt32)] {
        var pairs: [(UInt32, UInt32)] = []
        if ending.documentFrequency <= beginning.documentFrequency {
            while ending.document != PostingsCursor.end {
                let row = ending.document
                if part.isSeen(row), let next = part.next(after: row), beginning.holds(next) {
                    pairs.append((row, next))
                }
                ending.advance()
            }
        } else {
            while beginning.document != PostingsCursor.end {
                let next = beginning.document
                if part.isSeen(next), let row = part.previous(before: next), ending.holds(row) {
                    pairs.append((row, next))
                }
                beginning.advance()
            }
        }
        return pairs
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
        var pairs = 0
        for (split, ending) in zip(phrase.splits, edges.endings) {
            for next in edges.beginnings[...split.before.count] {
                pairs += min(ending.count, next.count)
            }
        }
        let around = Int(clamping: frequencies[rare]) * phrase.terms.count
        return around * Self.costs.around < pairs * Self.costs.pair ? rare : nil
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

/// Pairs of rows by the words at their edges, of a phrase that has a word several times.
private struct KnownPairs {
    typealias Pairs = [(RowPlace, RowPlace)]

    private let isWorthIt: Bool
    private var known: [[[UInt8]]: Pairs] = [:]

    init(_ phrase: CrossingPhrase) {
        isWorthIt = Set(phrase.terms).count < phrase.terms.count
    }

    mutating func of(_ words: [[UInt8]], _ find: () -> Pairs) -> Pairs {
        guard isWorthIt else { return find() }
        if let pairs = known[words] { return pairs }
        let pairs = find()
        known[words] = pairs
        return pairs
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
