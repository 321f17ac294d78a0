// Reads what a person typed into a search box. Nothing typed is an error: words may occur, +word
// must, -word must not, "words in quotes" stand together; a stray quote or operator is text.

package import TextIndex

/// Turns typed text into a query.
package struct QueryReader {
    private let analyzer: Analyzer
    /// Whether every word must occur.
    private let matchesAll: Bool
    private var clauses: [TextQuery.Clause] = []

    /// `matchesAll` makes words that may occur into words that must.
    package static func read(_ text: [UInt8], matchesAll: Bool, _ analyzer: Analyzer) -> TextQuery {
        var reader = QueryReader(analyzer: analyzer, matchesAll: matchesAll)
        reader.read(text)
        return TextQuery(clauses: reader.clauses)
    }

    private init(analyzer: Analyzer, matchesAll: Bool) {
        self.analyzer = analyzer
        self.matchesAll = matchesAll
    }

    private mutating func read(_ text: [UInt8]) {
        var next = 0
        while next < text.count {
            if Self.isSpace(text[next]) {
                next += 1
                continue
            }
            var occurrence: TextQuery.Occurrence = matchesAll ? .must : .should
            let isOperator = text[next] == UInt8(ascii: "+") || text[next] == UInt8(ascii: "-")
            if isOperator, next + 1 < text.count, !Self.isSpace(text[next + 1]) {
                occurrence = text[next] == UInt8(ascii: "+") ? .must : .mustNot
                next += 1
            }
            next = readClause(text, from: next, occurrence)
        }
    }

    private mutating func readClause(
        _ text: [UInt8], from start: Int, _ occurrence: TextQuery.Occurrence
    ) -> Int {
        let quote = UInt8(ascii: "\"")
        if text[start] == quote, let end = text[(start + 1)...].firstIndex(of: quote) {
            add(Array(text[(start + 1)..<end]), occurrence, isPhrase: true)
            return end + 1
        }
        let end = text[(start + 1)...].firstIndex { Self.isSpace($0) || $0 == quote } ?? text.count
        // A word such as well-known is several terms: what belongs together must stand together,
        // where it is asked for or ruled out.
        add(Array(text[start..<end]), occurrence, isPhrase: occurrence != .should)
        return end
    }

    private mutating func add(
        _ text: [UInt8], _ occurrence: TextQuery.Occurrence, isPhrase: Bool
    ) {
        let terms = analyzer.terms(text).map { TermKey.word($0) }
        if isPhrase {
            if !terms.isEmpty { clauses.append(TextQuery.Clause(occurrence, terms)) }
        } else {
            for term in terms { clauses.append(TextQuery.Clause(occurrence, [term])) }
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte <= 32 }
}
