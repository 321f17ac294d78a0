// Finds the rows in which one split of a phrase begins, to go on in the next row of the lane. The
// rows that end with the last word before the edge and those that begin with the first word behind
// it are two sorted lists; where a row of the one is followed by a row of the other, the other
// words are looked for by their positions.

import Storage
import TextIndex

/// Looks for the splits of phrases in all parts of a track; not thread safe.
struct CrossingFinder {
    /// For each part, by the first row's document, the rows in which a phrase goes on.
    typealias Found = [[UInt32: [RowPlace]]]

    private let parts: [LanePart]
    private let seams: Seams
    private let gap: Int64
    private let titles: [[UInt8]]?
    /// For each part, cursors over the words that were asked for.
    private var words: [[[UInt8]: PostingsCursor?]]
    private var positions: [UInt32] = []

    /// `gap` nanoseconds at most lie between the out of a row and the in of the next.
    init(_ parts: [LanePart], _ seams: Seams, gap: Int64, titles: [[UInt8]]?) {
        self.parts = parts
        self.seams = seams
        self.gap = gap
        self.titles = titles
        words = parts.map { _ in [:] }
    }

    /// Rows of a part by the word at an edge.
    private struct Edges {
        let ending: PostingsCursor?
        let beginning: PostingsCursor?
    }

    /// Adds the rows in which the phrase begins that no other split has.
    mutating func find(_ split: PhraseSplit, into found: inout Found) throws(StorageError) {
        guard let last = split.before.last, let first = split.after.first else { return }
        var edges: [Edges] = []
        for part in parts {
            edges.append(
                Edges(
                    ending: try part.source.documents(TermKey.ending(last)),
                    beginning: try part.source.documents(TermKey.beginning(first))))
        }
        guard edges.contains(where: { $0.ending != nil }) else { return }
        guard edges.contains(where: { $0.beginning != nil }) else { return }
        for (row, next) in pairs(edges) {
            guard found[row.part][row.document] == nil, isNear(row, next),
                try stands(split.before, atEndOf: row),
                let rows = try follow(split.after, from: next)
            else { continue }
            found[row.part][row.document] = rows
        }
    }

    // MARK: Neighbours

    /// Rows with the right word at their end that are followed by one with the right word at its
    /// beginning.
    private func pairs(_ all: [Edges]) -> [(RowPlace, RowPlace)] {
        var pairs: [(RowPlace, RowPlace)] = []
        for (part, edges) in all.enumerated() {
            guard let ending = edges.ending, let beginning = edges.beginning else { continue }
            for (row, next) in self.pairs(in: part, ending, beginning) {
                let place = RowPlace(part: part, document: row)
                guard seams.next.isEmpty || seams.next[place] == nil,
                    parts[part].isSameLane(row, next)
                else { continue }
                pairs.append((place, RowPlace(part: part, document: next)))
            }
        }
        for (part, edges) in all.enumerated() where !seams.rows[part].isEmpty {
            for row in edges.ending?.held(among: seams.rows[part]) ?? [] {
                let place = RowPlace(part: part, document: row)
                guard let next = seams.next[place],
                    all[next.part].beginning?.holds(next.document) ?? false
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

    private func next(_ row: RowPlace) -> RowPlace? {
        if let next = seams.next[row] { return next }
        guard let next = parts[row.part].next(after: row.document),
            parts[row.part].isSameLane(row.document, next)
        else { return nil }
        return RowPlace(part: row.part, document: next)
    }

    private func isNear(_ row: RowPlace, _ next: RowPlace) -> Bool {
        let end = parts[row.part].source.end(row.document)
        return parts[next.part].source.start(next.document) - end <= gap
    }

    // MARK: Words

    /// Whether a row, known to end with the last of some words, ends with all of them.
    private mutating func stands(
        _ terms: [[UInt8]], atEndOf row: RowPlace
    ) throws(StorageError) -> Bool {
        guard terms.count > 1 else { return true }
        let ordinal = parts[row.part].source.ordinal(row.document)
        guard try load(terms[terms.count - 1], row.part, ordinal), let last = positions.last else {
            return false
        }
        for (back, term) in terms.reversed().enumerated().dropFirst() {
            guard last >= back, try load(term, row.part, ordinal),
                positions.contains(last - UInt32(back))
            else { return false }
        }
        return true
    }

    /// The rows that some words fill, from the beginning of a row on; nil when they do not follow
    /// each other there.
    private mutating func follow(
        _ terms: [[UInt8]], from first: RowPlace
    ) throws(StorageError) -> [RowPlace]? {
        var rows = [first]
        // That it begins with the first word is known.
        var known = 1
        var rest = terms[...]
        while true {
            let row = rows[rows.count - 1]
            let count = Self.words(parts[row.part].lengthCode(of: row.document))
            let words = rest.prefix(count)
            rest = rest.dropFirst(words.count)
            let ordinal = parts[row.part].source.ordinal(row.document)
            for (position, term) in words.enumerated().dropFirst(known) {
                // Where the row ends, it breaks a pair.
                let pair = position == count - 1 ? PhraseSplit.characters(of: term) : nil
                if let pair, rest.isEmpty { rest = [pair.second] }
                guard try load(pair?.first ?? term, row.part, ordinal),
                    positions.contains(UInt32(position))
                else { return nil }
            }
            known = 0
            if rest.isEmpty { return rows }
            guard let next = next(row), isNear(row, next) else { return nil }
            rows.append(next)
        }
    }

    /// The words of a row with a length code; more than any phrase has where they are not known.
    private static func words(_ code: UInt8) -> Int {
        code <= Crossings.wordsMax ? Int(code) : .max
    }

    /// Loads the positions of a word in a document; false when it does not hold it.
    private mutating func load(
        _ term: [UInt8], _ part: Int, _ ordinal: UInt32
    ) throws(StorageError) -> Bool {
        let cursor: PostingsCursor?
        if let known = words[part][term] {
            cursor = known
        } else {
            cursor = try parts[part].source.terms.cursor(term, withPositions: true)
            words[part][term] = cursor
        }
        guard let cursor, cursor.holds(ordinal) else { return false }
        cursor.positions(of: ordinal, into: &positions)
        return true
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
