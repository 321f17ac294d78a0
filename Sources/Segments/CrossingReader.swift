// Reads a phrase from row to row by the positions of its words. Captions that roll up begin with
// what the row before ended with; such words are taken once, so a phrase goes on behind them, and
// it begins in the last row that has its beginning. A single word that two rows share may as well
// have been said twice: then both are tried.

import Storage
import TextIndex

/// A phrase of a query, and where it may be broken.
struct CrossingPhrase {
    let terms: [[UInt8]]
    /// Those with most before the edge first.
    let splits: [PhraseSplit]
    /// What is left when an edge breaks the pair of characters that the phrase ends with.
    private let second: [UInt8]?

    init(_ terms: [[UInt8]], _ splits: [PhraseSplit]) {
        self.terms = terms
        self.splits = splits
        second = terms.last.flatMap { PhraseSplit.characters(of: $0)?.second }
    }

    /// What a row begins with that goes on with the word of a number; behind the last with what is
    /// left of a broken pair.
    func rest(from index: Int) -> ArraySlice<[UInt8]> {
        if index < terms.count { return terms[index...] }
        return second.map { [$0] } ?? []
    }
}

/// A row in which a phrase goes on.
struct Continuation: Equatable {
    let row: RowPlace
    /// So many of its words only say again what the row before ended with.
    let repeated: Int
}

/// Looks for words at the edges of rows; not thread safe.
struct CrossingReader {
    /// Ways to read a phrase up to the end of a row that are followed: those that are furthest.
    private static let pathsMax = 8

    private let parts: [LanePart]
    private let seams: Seams
    private let gap: Int64
    private var overlaps: RowOverlaps
    /// For each part, cursors over the words that were asked for.
    private var words: [[[UInt8]: PostingsCursor?]]
    private var positions: [UInt32] = []

    /// `gap` nanoseconds at most lie between the out of a row and the in of the next.
    init(_ parts: [LanePart], _ seams: Seams, _ analyzer: Analyzer, gap: Int64) {
        self.parts = parts
        self.seams = seams
        self.gap = gap
        overlaps = RowOverlaps(parts.map(\.source), analyzer)
        words = parts.map { _ in [:] }
    }

    // MARK: Neighbours

    func next(_ row: RowPlace) -> RowPlace? {
        if !seams.next.isEmpty, let next = seams.next[row] { return next }
        guard let next = parts[row.part].next(after: row.document),
            parts[row.part].isSameLane(row.document, next)
        else { return nil }
        return RowPlace(part: row.part, document: next)
    }

    func previous(_ row: RowPlace) -> RowPlace? {
        if !seams.previous.isEmpty, let previous = seams.previous[row] { return previous }
        guard let previous = parts[row.part].previous(before: row.document),
            parts[row.part].isSameLane(previous, row.document)
        else { return nil }
        return RowPlace(part: row.part, document: previous)
    }

    func isNear(_ row: RowPlace, _ next: RowPlace) -> Bool {
        let end = parts[row.part].source.end(row.document)
        return parts[next.part].source.start(next.document) - end <= gap
    }

    // MARK: Words

    /// The documents of a part that hold a word, ascending.
    mutating func documents(
        of term: [UInt8], in part: Int
    ) throws(StorageError) -> [UInt32] {
        guard let cursor = try cursor(term, part).map({ PostingsCursor(over: $0) }) else {
            return []
        }
        var documents: [UInt32] = []
        documents.reserveCapacity(cursor.documentFrequency)
        while cursor.document != PostingsCursor.end {
            documents.append(parts[part].source.document(cursor.document))
            cursor.advance()
        }
        return documents.sorted()
    }

    /// Whether a row, known to end with the last of some words, ends with all of them.
    mutating func stands(
        _ terms: [[UInt8]], atEndOf row: RowPlace
    ) throws(StorageError) -> Bool {
        guard terms.count > 1 else { return true }
        guard length(row) >= terms.count else { return false }
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

    /// The rows that a phrase fills to its end, of which `count` words stand at the end of `row`;
    /// nil when it does not go on in `next`, which begins with `repeated` of these words.
    mutating func follow(
        _ phrase: CrossingPhrase, _ count: Int, after row: RowPlace, into next: RowPlace,
        repeating repeated: Int
    ) throws(StorageError) -> [Continuation]? {
        var step = Step(
            phrase: phrase, row: row, next: next, count: count, repeated: repeated,
            isFirst: true)
        guard let first = try take(step) else { return nil }
        if first == Step.end { return [Continuation(row: next, repeated: repeated)] }
        var rows = [next]
        // By how many words have been met, how many of each row are said again.
        var paths = [first: [repeated]]
        while rows.count < Crossings.rowsMax, let row = rows.last, let next = self.next(row),
            isNear(row, next)
        {
            rows.append(next)
            var further: [Int: [Int]] = [:]
            for (count, path) in paths.sorted(by: { $0.key > $1.key }).prefix(Self.pathsMax) {
                for repeated in 0...min(length(row), count - 1) {
                    step = Step(
                        phrase: phrase, row: row, next: next, count: count, repeated: repeated,
                        isFirst: false)
                    guard let met = try take(step), further[met] == nil else { continue }
                    further[met] = path + [repeated]
                }
            }
            if let path = further[Step.end] {
                return zip(rows, path).map { Continuation(row: $0, repeated: $1) }
            }
            guard !further.isEmpty else { return nil }
            paths = further
        }
        return nil
    }

    /// From one row to the next.
    private struct Step {
        /// Words met when a phrase is at its end: more than any has.
        static let end = Int.max

        let phrase: CrossingPhrase
        let row: RowPlace
        let next: RowPlace
        /// Words met up to the end of the row; all of them where the last is a broken pair.
        let count: Int
        /// Of these the next row has so many again.
        let repeated: Int
        /// Whether the phrase begins in the row, and the next is known to begin rightly.
        let isFirst: Bool
    }

    /// How many words are met behind a step; nil where it is none.
    private mutating func take(_ step: Step) throws(StorageError) -> Int? {
        let row = step.next
        let rest = step.phrase.rest(from: step.count - step.repeated)
        let length = length(row)
        let words = rest.prefix(length)
        var ordinal: UInt32?
        var isBroken = false
        for (position, term) in words.enumerated() {
            // Where the row ends, it breaks a pair.
            let pair = position == length - 1 ? PhraseSplit.characters(of: term) : nil
            isBroken = pair != nil
            if step.isFirst, position == 0 { continue }
            let place = ordinal ?? parts[row.part].source.ordinal(row.document)
            ordinal = place
            guard try load(pair?.first ?? term, row.part, place),
                positions.contains(UInt32(position))
            else { return nil }
        }
        guard try joins(step, rest) else { return nil }
        if words.count == rest.count, !isBroken { return Step.end }
        return step.count - step.repeated + words.count
    }

    /// Whether the next row repeats as many words as a step takes for repeated; it begins with
    /// those of `rest`.
    private mutating func joins(
        _ step: Step, _ rest: ArraySlice<[UInt8]>
    ) throws(StorageError) -> Bool {
        if step.repeated == 0, try !mayRepeat(step, rest) { return true }
        let repeated = try overlaps.words(step.row, step.next)
        return repeated == step.repeated || repeated == 1 && step.repeated == 0
    }

    /// Whether the next row may repeat two words and more: then the last that is repeated is in the
    /// next row too, and those that it begins with are in the row.
    private mutating func mayRepeat(
        _ step: Step, _ rest: ArraySlice<[UInt8]>
    ) throws(StorageError) -> Bool {
        let (count, nextCount) = (length(step.row), length(step.next))
        guard count > 1, nextCount > 1 else { return false }
        // What stands for half a pair is of no use: the other half is another.
        guard step.count < step.phrase.terms.count, count <= Crossings.wordsMax else {
            return true
        }
        // So many words may be repeated.
        var counts = Array(2...min(count, nextCount))
        let last = step.phrase.terms[step.count - 1]
        // Nor is a character, which the next row may have in a pair.
        if !PhraseSplit.mayBeCharacters(last) {
            let ordinal = parts[step.next.part].source.ordinal(step.next.document)
            guard try load(last, step.next.part, ordinal) else { return false }
            counts.removeAll { !positions.contains(UInt32($0 - 1)) }
            if counts.isEmpty { return false }
        }
        let ordinal = parts[step.row.part].source.ordinal(step.row.document)
        for (place, term) in rest.prefix(nextCount).enumerated() {
            let isPair = place > 0 && PhraseSplit.characters(of: term) != nil
            let isHeld = try load(term, step.row.part, ordinal)
            counts.removeAll { repeated in
                // Of a pair that the end of the row breaks, the first half is there.
                guard place < (isPair ? repeated - 1 : repeated) else { return false }
                return !isHeld || !positions.contains(UInt32(count - repeated + place))
            }
            if counts.isEmpty { return false }
        }
        return true
    }

    /// The words of a row; more than any phrase has where they are not known.
    private func length(_ row: RowPlace) -> Int {
        let code = parts[row.part].lengthCode(of: row.document)
        return code <= Crossings.wordsMax ? Int(code) : .max
    }

    private mutating func cursor(
        _ term: [UInt8], _ part: Int
    ) throws(StorageError) -> PostingsCursor? {
        if let known = words[part][term] { return known }
        let cursor = try parts[part].source.terms.cursor(term, withPositions: true)
        words[part][term] = .some(cursor)
        return cursor
    }

    /// Loads the positions of a word in a document; false when it does not hold it.
    private mutating func load(
        _ term: [UInt8], _ part: Int, _ ordinal: UInt32
    ) throws(StorageError) -> Bool {
        guard let cursor = try cursor(term, part), cursor.holds(ordinal) else { return false }
        cursor.positions(of: ordinal, into: &positions)
        return true
    }
}
