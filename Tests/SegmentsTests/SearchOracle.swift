// Search without an index: every row of the model is looked at for every query. Scores are summed
// in query order with the arithmetic of the ranking function, so that they must be equal to the
// bit.

import Glibc
import Segments
import TextIndex

/// What a search should find.
struct OracleAnswer {
    var hits: [(score: Float, row: ModelRow)]
    var count: Int
}

/// A clause by its words' numbers; -1 for a word that no row ever had.
struct OracleClause {
    var occurrence: TextQuery.Occurrence
    var words: [Int]
}

/// Looks at everything.
struct SearchOracle {
    let track: ModelTrack
    private let all: [ModelRow]
    private let statistics: CollectionStatistics
    private let analyzer = Analyzer()
    /// For each row, by its sequence, the next of its lane that has words.
    let next: [UInt64: ModelRow]

    init(_ track: ModelTrack) {
        self.track = track
        next = Self.neighbours(track)
        all = Array(track.live.values) + track.dead
        let texts = all.filter { !($0.annotation.text ?? []).isEmpty }
        statistics = CollectionStatistics(
            documents: UInt64(texts.count),
            tokens: UInt64(
                texts.reduce(0) { $0 + $1.words.count + $1.others.values.joined().count }))
    }

    /// `filters` are pairs of name and folded value, of which one of each list must be there.
    func search(
        _ clauses: [OracleClause], filters: [[([UInt8], [UInt8])]] = [], _ request: SearchRequest
    ) -> OracleAnswer {
        let weights = clauses.map { clause in clause.words.reduce(Float(0)) { $0 + idf($1) } }
        var hits: [(score: Float, row: ModelRow)] = []
        for row in track.live.values where matches(row, clauses, filters, request) {
            var score: Float = 0
            for (clause, weight) in zip(clauses, weights) where clause.occurrence != .mustNot {
                let frequency = occurrences(clause, row, clauses, request.gap)
                guard frequency > 0, request.order == .score else { continue }
                let tf = Float(frequency)
                score += weight * (tf / (tf + norm(row)))
            }
            hits.append((score, row))
        }
        let count = hits.count
        hits.sort {
            $0.score != $1.score ? $0.score > $1.score : ModelTrack.precedes($0.row, $1.row)
        }
        return OracleAnswer(hits: Array(hits.prefix(request.limit)), count: count)
    }

    private func norm(_ row: ModelRow) -> Float {
        let average = max(1, Float(Double(statistics.tokens) / Double(statistics.documents)))
        let length = LengthCode.lengths[Int(LengthCode.encode(row.words.count))]
        return Float(1.2) * (1 - Float(0.75) + Float(0.75) * length / average)
    }

    private func idf(_ word: Int) -> Float {
        let df = Float(all.count { occurrences([word], $0) > 0 })
        return logf(1 + max(0, Float(statistics.documents) - df + 0.5) / (df + 0.5))
    }

    private func matches(
        _ row: ModelRow, _ clauses: [OracleClause], _ filters: [[([UInt8], [UInt8])]],
        _ request: SearchRequest
    ) -> Bool {
        if let titles = request.titles, !titles.contains(row.annotation.title) { return false }
        let (start, end) = (row.annotation.start, row.annotation.end)
        if let to = request.end, start >= to { return false }
        if let from = request.start, end <= from, !(start == end && start == from) { return false }
        for condition in request.numbers.values.joined() {
            let first = row.annotation.attributes.first {
                $0.type == .number && $0.name == condition.name
            }
            guard let first else { return false }
            let bits = first.value.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let number = Double(bitPattern: bits)
            guard condition.ranges.contains(where: { $0.contains(number) }) else { return false }
        }
        for condition in request.boxes.values.joined() {
            let first = row.annotation.attributes.first {
                $0.type == .box && $0.name == condition.name
            }
            guard let first, condition.oracle(first.value) else { return false }
        }
        for filter in filters {
            let holds = filter.contains { row.annotation.has($0.0, $0.1, analyzer) }
            guard holds else { return false }
        }
        func holds(_ clause: OracleClause) -> Bool {
            occurrences(clause, row, clauses, request.gap) > 0
        }
        for clause in clauses {
            if clause.occurrence == .must, !holds(clause) { return false }
            if clause.occurrence == .mustNot, holds(clause) { return false }
        }
        let optional = clauses.filter { $0.occurrence == .should }
        if clauses.contains(where: { $0.occurrence == .must }) || optional.isEmpty { return true }
        return optional.contains(where: holds)
    }

    /// How often the words follow each other in a text, or once when they begin in it and end in
    /// rows behind it, or when the hit that spans rows is to hold them, or is not, and does.
    private func occurrences(
        _ clause: OracleClause, _ row: ModelRow, _ all: [OracleClause], _ gap: Int64?
    ) -> Int {
        let inside = occurrences(clause.words, row)
        guard inside == 0, let gap else { return inside }
        if !crossing(clause.words, row, gap).isEmpty { return 1 }
        guard clause.occurrence != .should else { return 0 }
        return spans(clause.words, following(row, all, gap), gap) ? 1 : 0
    }

    /// How often the words follow each other in a text.
    func occurrences(_ words: [Int], _ row: ModelRow) -> Int {
        let text = row.words
        guard text.count >= words.count else { return 0 }
        return (0...text.count - words.count).count { start in
            words.indices.allSatisfy { row.has(words[$0], at: start + $0) }
        }
    }
}
