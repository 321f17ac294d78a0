// The phrases of a query that begin in one row of a lane and end in a later one: subtitles break
// sentences every few words. The row in which a phrase begins is found, as if it held the phrase
// once; nothing else of it changes, neither its length nor how often its words count. Which row
// follows, and what it repeats of the one before, is asked of the view that is searched, so it is
// right after every deletion, edit, operation, flush and merge.

import Storage
import TextIndex

/// What the phrases of one query find across rows in one view of a track.
struct Crossings {
    /// Places at which the phrases of a query may be broken; further ones do not count.
    static let splitsMax = 64
    /// A longer phrase is looked for within rows alone: up to here lengths are exact.
    static let wordsMax = 127
    /// A phrase ends in one of so many rows behind the one in which it begins.
    static let rowsMax = 127

    /// By the number of the leaf.
    private var found: [Int: CrossingFinder.Found] = [:]
    /// By the number of the leaf, for each part the rows in which phrases begin, ascending, where
    /// not these but a row in which one goes on holds it.
    private var further: [Int: [[UInt32]]] = [:]

    /// Nothing.
    init() {}

    /// Whether nothing was found.
    var isEmpty: Bool { found.isEmpty }

    /// What the leaves of a query find; `documentFrequencies` are those of each leaf's terms,
    /// `only` the rows asked for, nil for all.
    init(
        _ leaves: [TextQuery.Leaf], _ documentFrequencies: [[UInt64]], _ track: TrackView,
        _ request: borrowing SearchRequest, only: [RowPlace]?, _ sources: [Source],
        at sequence: UInt64
    ) throws(StorageError) {
        guard let gap = request.gap else { return }
        var only = only
        var splitsLeft = Self.splitsMax
        var finder: CrossingFinder?
        for (number, leaf) in leaves.enumerated() {
            guard case .terms(let terms, slop: 0) = leaf.content,
                Self.mayCross(terms, isAlone: leaves.count == 1)
            else { continue }
            let missing = terms.indices.filter { documentFrequencies[number][$0] == 0 }
            // A pair that an edge breaks is in neither row, and perhaps in none.
            guard missing.allSatisfy({ PhraseSplit.characters(of: terms[$0]) != nil }) else {
                continue
            }
            let all = PhraseSplit.all(of: terms).prefix(splitsLeft)
            splitsLeft -= all.count
            let splits = all.filter { $0.before.count <= (missing.first ?? terms.count) + 1 }
            if finder == nil {
                let parts = sources.map { LanePart($0, at: sequence) }
                finder = CrossingFinder(
                    parts, try track.seams.seams(parts, at: sequence), Analyzer(track.language),
                    gap: gap, titles: request.titles)
                // What else is asked for may begin in a further row of a hit.
                if leaves.count > 1, let rows = only { only = finder?.withFollowing(rows) }
            }
            let phrase = CrossingPhrase(terms, splits)
            guard let rows = try finder?.find(phrase, documentFrequencies[number], only: only)
            else { continue }
            if rows.contains(where: { !$0.isEmpty }) { found[number] = rows }
        }
    }

    /// Whether an edge may break a phrase; two characters that belong together are one where
    /// nothing else is asked for.
    private static func mayCross(_ terms: [[UInt8]], isAlone: Bool) -> Bool {
        guard terms.count == 1 else { return (2...wordsMax).contains(terms.count) }
        return isAlone && PhraseSplit.characters(of: terms[0]) != nil
    }

    /// Asks of the rows in which phrases go on what else decides whether a hit matches, for it
    /// stands for all its rows.
    ///
    /// `queries` are not used for anything else.
    mutating func askAllRows(_ sources: [Source], _ queries: [BoundQuery]) {
        guard let leaves = queries.first?.leaves else { return }
        let asked = leaves.indices.filter { leaves[$0].decides && leaves[$0].asksForWords }
        guard !asked.isEmpty else { return }
        for leaf in asked {
            for part in sources.indices {
                let begins = rows(in: part, sources, queries, goingOnWith: leaf)
                    .filter { found[leaf]?[part][$0] == nil }
                for document in begins.sorted() {
                    let row = RowPlace(part: part, document: document)
                    let ordinal = sources[part].ordinal(document)
                    let rows = self.rows(after: row, queries[part], ordinal: ordinal)
                    guard holds(leaf, rows, sources, queries) else { continue }
                    further[leaf, default: sources.map { _ in [] }][part].append(document)
                }
            }
        }
    }

    /// The rows of a part in which some phrase begins that goes on in one which may hold a leaf:
    /// few of all in which phrases begin.
    private func rows(
        in part: Int, _ sources: [Source], _ queries: [BoundQuery], goingOnWith leaf: Int
    ) -> Set<UInt32> {
        var begins: Set<UInt32> = []
        for (number, rows) in found
        where number != leaf && !queries[part].leaves[number].isExcluded {
            for (document, next) in rows[part] where holds(leaf, next, sources, queries) {
                begins.insert(document)
            }
        }
        return begins
    }

    /// Whether some rows that follow each other hold a leaf.
    private func holds(
        _ leaf: Int, _ rows: [Continuation], _ sources: [Source], _ queries: [BoundQuery]
    ) -> Bool {
        rows.indices.contains { place in
            let row = rows[place].row
            let ordinal = sources[row.part].ordinal(row.document)
            if queries[row.part].holds(leaf: leaf, ordinal) { return true }
            // A phrase may begin in one of them, and end in a later one.
            guard let next = found[leaf]?[row.part][row.document] else { return false }
            return place + next.count < rows.count
        }
    }

    /// For each leaf, the ordinals of the rows of a part in which it begins, or that stand for
    /// further rows which hold it, ascending.
    func ordinals(in part: Int, _ source: Source) -> [Int: [UInt32]] {
        var ordinals = found.mapValues { rows in rows[part].keys.map { source.ordinal($0) } }
        for (leaf, rows) in further {
            ordinals[leaf, default: []] += rows[part].map { source.ordinal($0) }
        }
        return ordinals.mapValues { $0.sorted() }
    }

    /// The rows in which phrases go on that begin in a document and are not in it as a whole.
    func rows(after row: RowPlace, _ query: BoundQuery, ordinal: UInt32) -> [Continuation] {
        var longest: [Continuation] = []
        for leaf in found.keys.sorted() where !query.leaves[leaf].isExcluded {
            guard let rows = found[leaf]?[row.part][row.document], rows.count > longest.count,
                !query.holdsPhrase(leaf: leaf, ordinal)
            else { continue }
            longest = rows
        }
        return longest
    }
}

extension TextQuery.Leaf {
    /// Whether it looks for words of the text; attributes are those of the first row.
    fileprivate var asksForWords: Bool {
        switch content {
        case .terms(let terms, _), .anyOf(let terms):
            return terms.first.map { TermKind.isByOrdinal($0) } ?? false
        case .ending, .expanded, .prefix, .fuzzy: return true
        case .group: return false
        }
    }
}
