// Finds the rows in which a phrase begins, to go on in the next row of the lane. For each place at
// which it may be broken, the rows that end with the last word before the edge and those that begin
// with the first word behind it are two sorted lists; where a row of the one is followed by a row of
// the other, the other words are looked for by their positions (CrossingReader). Where the next row
// repeats words, it begins with an earlier one. A phrase with a rare word is looked for around the
// rows that hold that.

import Storage
import TextIndex

/// Looks for phrases over rows in all parts of a track; not thread safe.
struct CrossingFinder {
    /// For each part, by the first row's document, the rows in which a phrase goes on.
    typealias Found = [[UInt32: [Continuation]]]

    /// What it takes to look at the neighbourhood of a row, for each word of the phrase, and to go
    /// from one row of a list to the next: about so many nanoseconds.
    private static let costs = (around: 150, pair: 6)

    private let parts: [LanePart]
    private let seams: Seams
    private let titles: [[UInt8]]?
    private var reader: CrossingReader
    /// For each part, the documents of the terms of edges that were asked for.
    private var edges: [[UInt8]: [PostingsCursor?]] = [:]

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
        if let rare = try rareTerm(phrase, frequencies) {
            try find(phrase, around: rare, into: &found)
            return found
        }
        for split in phrase.splits {
            for repeated in split.before.indices {
                try find(phrase, split, repeated, into: &found)
            }
        }
        return found
    }

    // MARK: Edges

    private mutating func edges(_ key: [UInt8]) throws(StorageError) -> [PostingsCursor?] {
        if let known = edges[key] { return known }
        var cursors: [PostingsCursor?] = []
        for part in parts { cursors.append(try part.source.documents(key)) }
        edges[key] = cursors
        return cursors
    }

    /// Rows that end with a word.
    private mutating func ending(_ word: [UInt8]?) throws(StorageError) -> [PostingsCursor?] {
        guard let word else { return parts.map { _ in nil } }
        return try edges(TermKey.ending(word))
    }

    /// Rows that begin with the word of a phrase with a number.
    private mutating func beginning(
        _ phrase: CrossingPhrase, _ index: Int
    ) throws(StorageError) -> [PostingsCursor?] {
        guard let word = phrase.rest(from: index).first else { return parts.map { _ in nil } }
        return try edges(TermKey.beginning(word))
    }

    // MARK: Pairs of rows

    /// Adds the rows that a split breaks, the next of which begins with so many of their words.
    private mutating func find(
        _ phrase: CrossingPhrase, _ split: PhraseSplit, _ repeated: Int, into found: inout Found
    ) throws(StorageError) {
        let endings = try ending(split.before.last)
        let beginnings = try beginning(phrase, split.before.count - repeated)
        guard endings.contains(where: { $0 != nil }), beginnings.contains(where: { $0 != nil })
        else { return }
        for (row, next) in pairs(endings, beginnings) where found[row.part][row.document] == nil {
            guard reader.isNear(row, next), try reader.stands(split.before, atEndOf: row) else {
                continue
            }
            found[row.part][row.document] = try reader.follow(
                phrase, split.before.count, after: row, into: next, repeating: repeated)
        }
    }

    /// Rows with the right word at their end that are followed by one with the right word at its
    /// beginning.
    private func pairs(
        _ endings: [PostingsCursor?], _ beginnings: [PostingsCursor?]
    ) -> [(RowPlace, RowPlace)] {
        var pairs: [(RowPlace, RowPlace)] = []
        for part in parts.indices {
            guard let ending = endings[part], let beginning = beginnings[part] else { continue }
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
            for row in endings[part]?.held(among: seams.rows[part]) ?? [] {
                let place = RowPlace(part: part, document: row)
                guard let next = seams.next[place],
                    beginnings[next.part]?.holds(next.document) ?? false
                else { continue }
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
    private mutating func rareTerm(
        _ phrase: CrossingPhrase, _ frequencies: [UInt64]
    ) throws(StorageError) -> Int? {
        // The rows of a pair that an edge breaks do not hold it.
        let whole = phrase.terms.indices.filter {
            PhraseSplit.characters(of: phrase.terms[$0]) == nil
        }
        guard titles == nil, let rare = whole.min(by: { frequencies[$0] < frequencies[$1] }) else {
            return nil
        }
        func count(_ cursors: [PostingsCursor?]) -> Int {
            cursors.reduce(0) { $0 + ($1?.documentFrequency ?? 0) }
        }
        var pairs = 0
        for split in phrase.splits {
            let ending = count(try ending(split.before.last))
            for repeated in split.before.indices where ending > 0 {
                let next = split.before.count - repeated
                pairs += min(ending, count(try beginning(phrase, next)))
            }
        }
        let around = Int(clamping: frequencies[rare]) * phrase.terms.count
        return around * Self.costs.around < pairs * Self.costs.pair ? rare : nil
    }

    private mutating func find(
        _ phrase: CrossingPhrase, around rare: Int, into found: inout Found
    ) throws(StorageError) {
        for (number, part) in parts.enumerated() {
            for document in try reader.documents(of: phrase.terms[rare], in: number) {
                guard part.isSeen(document) else { continue }
                var row = RowPlace(part: number, document: document)
                try begin(phrase, in: row, into: &found)
                // Further back as long as the phrase may have come from there.
                for _ in 0..<Crossings.rowsMax {
                    guard try mayGoOn(phrase, in: row), let previous = reader.previous(row),
                        reader.isNear(previous, row)
                    else { break }
                    try begin(phrase, in: previous, into: &found)
                    row = previous
                }
            }
        }
    }

    /// Whether a phrase that begins before a row may go on in it.
    private mutating func mayGoOn(
        _ phrase: CrossingPhrase, in row: RowPlace
    ) throws(StorageError) -> Bool {
        for index in 1...phrase.terms.count {
            if try beginning(phrase, index)[row.part]?.holds(row.document) ?? false { return true }
        }
        return false
    }

    /// Adds a row if the phrase begins in it and goes on in the next.
    private mutating func begin(
        _ phrase: CrossingPhrase, in row: RowPlace, into found: inout Found
    ) throws(StorageError) {
        guard found[row.part][row.document] == nil else { return }
        for split in phrase.splits {
            guard try ending(split.before.last)[row.part]?.holds(row.document) ?? false,
                let next = reader.next(row), reader.isNear(row, next),
                try reader.stands(split.before, atEndOf: row)
            else { continue }
            for repeated in split.before.indices {
                let index = split.before.count - repeated
                guard try beginning(phrase, index)[next.part]?.holds(next.document) ?? false,
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
