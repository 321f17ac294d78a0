// Joins a typed query with one track: words become the terms of its analyzer, names of attributes
// become filters, and what is neither is read as text.

package import TextIndex

/// Turns a typed query into what a track is searched for.
package struct QueryReader {
    /// How many of the words side by side at the outermost level must match.
    package enum Match: Sendable, Equatable { case any, all, atLeast(Int) }

    private typealias Clause = TextQuery.Clause
    private typealias Content = TextQuery.Content

    /// Prefixes and fuzzy words of one query that are looked up; further ones are words.
    package static let expansionsMax = 8

    private let analyzer: Analyzer
    private let attributes: Set<[UInt8]>
    private var leavesLeft = QuerySyntax.leavesMax
    private var expansionsLeft = expansionsMax
    private var dropped = 0

    /// The query, and how many terms were dropped from it.
    ///
    /// `attributes` are the names that values can be asked of.
    package static func read(
        _ syntax: QuerySyntax, _ match: Match, _ analyzer: Analyzer,
        attributes: Set<[UInt8]> = []
    ) -> (query: TextQuery, dropped: Int) {
        var reader = QueryReader(analyzer: analyzer, attributes: attributes)
        var query = TextQuery(
            clauses: reader.clauses(syntax.items, unsigned: match == .all ? .must : .should))
        if case .atLeast(let count) = match {
            let optional = query.clauses.count { $0.occurrence == .should }
            if count > 1 { query.atLeast = min(count, optional) }
        } else if query.clauses.count == 1, query.clauses[0].boost == 1,
            query.clauses[0].occurrence != .mustNot,
            case .group(let inner, nil) = query.clauses[0].content
        {
            // Alternatives alone are words side by side, which evaluate fastest.
            query.clauses = inner
        }
        return (query, syntax.dropped + reader.dropped)
    }

    private init(analyzer: Analyzer, attributes: Set<[UInt8]>) {
        self.analyzer = analyzer
        self.attributes = attributes
    }

    /// `unsigned` is what items without a sign ask.
    private mutating func clauses(
        _ items: [QuerySyntax.Item], unsigned: TextQuery.Occurrence
    ) -> [TextQuery.Clause] {
        var clauses: [Clause] = []
        for item in items {
            let occurrence: TextQuery.Occurrence =
                item.sign == .must ? .must : item.sign == .mustNot ? .mustNot : unsigned
            clauses += self.clauses(item, occurrence)
        }
        return clauses
    }

    private mutating func clauses(
        _ item: QuerySyntax.Item, _ occurrence: TextQuery.Occurrence
    ) -> [TextQuery.Clause] {
        if case .field(let name, let value, let isQuoted) = item.node, attributes.contains(name) {
            let isRequired = occurrence != .mustNot
            return [Clause(isRequired ? .filter : .mustNot, filter(name, value, isQuoted))]
        }
        let content: Content?
        switch item.node {
        case .word(let text) where occurrence == .should: return words(text, item.boost)
        case .word(let text), .exact(let text): content = together(text, slop: 0)
        case .phrase(let text, let slop): content = together(text, slop: slop)
        case .prefix(let text): content = last(text) { .prefix($0) }
        case .fuzzy(let text, let edits):
            content = last(text) { term in
                let edits = edits ?? Self.edits(term)
                return edits == 0 ? .terms([term], slop: 0) : .fuzzy(term, edits: edits)
            }
        case .field(let name, let value, let isQuoted):
            return text(name, value, isQuoted, item.boost, occurrence)
        case .list(let items): content = group(clauses(items, unsigned: .should))
        case .both(let items): content = group(clauses(items, unsigned: .must))
        case .either(let items): content = either(items)
        }
        return content.map { [Clause(occurrence, $0, boost: item.boost)] } ?? []
    }

    /// Alternatives: each of them stands for itself, whatever it is made of.
    private mutating func either(_ items: [QuerySyntax.Item]) -> Content? {
        var alternatives: [Clause] = []
        for item in items {
            let isExcluded = item.sign == .mustNot
            let inner = clauses(item, isExcluded ? .mustNot : .should)
            let isSimple = inner.count == 1 && inner[0].occurrence == .should
            if isSimple || inner.allSatisfy({ $0.occurrence == .should }) {
                alternatives += inner
            } else if !inner.isEmpty {
                alternatives.append(Clause(.should, .group(inner, atLeast: nil)))
            }
        }
        return group(alternatives)
    }

    private func group(_ clauses: [Clause]) -> Content? {
        if clauses.count == 1, clauses[0].boost == 1, clauses[0].occurrence == .should {
            return clauses[0].content
        }
        return clauses.isEmpty ? nil : .group(clauses, atLeast: nil)
    }

    /// What may occur: a word of several terms, such as well-known, stands together, but in scripts
    /// without spaces the parts of what was typed are words of their own.
    private mutating func words(_ text: [UInt8], _ boost: Float) -> [Clause] {
        let terms = take(text)
        guard terms.count > 1, terms.contains(where: { !Self.isUnspaced($0) }) else {
            return terms.map { Clause(.should, .terms([$0], slop: 0), boost: boost) }
        }
        return [Clause(.should, .terms(terms, slop: 0), boost: boost)]
    }

    private mutating func together(_ text: [UInt8], slop: Int) -> Content? {
        let terms = take(text)
        return terms.isEmpty ? nil : .terms(terms, slop: terms.count > 1 ? slop : 0)
    }

    /// The last word of a text as `content` has it; the words before it must come too.
    private mutating func last(_ text: [UInt8], _ content: ([UInt8]) -> Content) -> Content? {
        let terms = take(text)
        guard let last = terms.last else { return nil }
        guard expansionsLeft > 0 else { return .terms(terms, slop: 0) }
        expansionsLeft -= 1
        guard terms.count > 1 else { return content(last) }
        return .group(
            [
                Clause(.must, .terms(Array(terms.dropLast()), slop: 0)),
                Clause(.must, content(last)),
            ], atLeast: nil)
    }

    /// A name that is no attribute, and what stands behind its colon, as words.
    private mutating func text(
        _ name: [UInt8], _ value: [UInt8], _ isQuoted: Bool, _ boost: Float,
        _ occurrence: TextQuery.Occurrence
    ) -> [Clause] {
        let colon = [UInt8(ascii: ":")]
        guard isQuoted else {
            let item = QuerySyntax.Item(node: .word(name + colon + value), boost: boost)
            return clauses(item, occurrence)
        }
        return clauses(QuerySyntax.Item(node: .word(name), boost: boost), occurrence)
            + clauses(QuerySyntax.Item(node: .phrase(value, slop: 0), boost: boost), occurrence)
    }

    /// Values set off by commas are alternatives, unless they are in quotes.
    private func filter(_ name: [UInt8], _ value: [UInt8], _ isQuoted: Bool) -> Content {
        let values = isQuoted ? [value[...]] : value.split(separator: UInt8(ascii: ","))
        return .anyOf(values.map { TermKey.attribute(name, analyzer.fold(Array($0))) })
    }

    /// The terms of a text, as long as there is room for leaves.
    private mutating func take(_ text: [UInt8]) -> [[UInt8]] {
        let terms = analyzer.terms(text)
        let kept = terms.prefix(leavesLeft).map { TermKey.word($0) }
        leavesLeft -= kept.count
        dropped += terms.count - kept.count
        return kept
    }

    /// The edits of a fuzzy word that does not say how many: short words allow fewer.
    private static func edits(_ term: [UInt8]) -> Int {
        // What continues a character of UTF-8 is not counted, nor the byte before the word.
        let characters = term.count { $0 & 0xC0 != 0x80 } - 1
        return characters < 3 ? 0 : characters < 6 ? 1 : 2
    }

    /// Whether a term begins with a character of Thai, Lao, Burmese, Khmer, Chinese, Japanese or
    /// Korean, which are searched by parts of what is written in one run.
    private static func isUnspaced(_ term: [UInt8]) -> Bool {
        let word = String(decoding: term.dropFirst(), as: UTF8.self)
        switch word.unicodeScalars.first?.value ?? 0 {
        case 0x0E00...0x0EFF, 0x1000...0x11FF, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF,
            0xAC00...0xD7FF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            return true
        default: return false
        }
    }
}
