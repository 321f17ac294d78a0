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

    /// What the exact form of a word adds to the score of its stem, compared with a word alone.
    package static let exactBoost: Float = 0.25

    private let analyzer: Analyzer
    private let attributes: Set<[UInt8]>
    /// Whether a word counts as one among so many that must match, and so is one clause.
    private let countsWords: Bool
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
        var countsWords = false
        if case .atLeast(2...) = match { countsWords = true }
        var reader = QueryReader(
            analyzer: analyzer, attributes: attributes, countsWords: countsWords)
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

    private init(analyzer: Analyzer, attributes: Set<[UInt8]>, countsWords: Bool) {
        self.analyzer = analyzer
        self.attributes = attributes
        self.countsWords = countsWords
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
        case .word(let text): return word(text, occurrence, item.boost)
        case .exact(let text): content = together(take(text), slop: 0)
        case .phrase(let text, let slop): content = together(take(text), slop: slop)
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

    /// What was typed between spaces: of a stemmed language any form of the word, and its own
    /// before others.
    private mutating func word(
        _ text: [UInt8], _ occurrence: TextQuery.Occurrence, _ boost: Float
    ) -> [Clause] {
        let tokens = take(text)
        if tokens.count == 1, let stem = tokens[0].stem {
            let stem = Content.terms([TermKey.stem(stem)], slop: 0)
            guard occurrence != .mustNot else { return [Clause(.mustNot, stem, boost: boost)] }
            let exact = Content.terms([TermKey.word(tokens[0].term)], slop: 0)
            let forms = [
                Clause(occurrence, stem, boost: boost),
                Clause(.should, exact, boost: boost * Self.exactBoost),
            ]
            guard countsWords else { return forms }
            return [Clause(occurrence, .group(forms, atLeast: nil))]
        }
        guard occurrence == .should, !countsWords, tokens.allSatisfy({ $0.place.kind == .pair })
        else {
            return alternatives(tokens).map { [Clause(occurrence, $0, boost: boost)] } ?? []
        }
        // Of a script without spaces, the parts of what was typed are words of their own.
        return tokens.map {
            Clause(.should, .terms([TermKey.word($0.term)], slop: 0), boost: boost)
        }
    }

    /// A word of several parts, such as well-known: the parts together, or written as one.
    private mutating func alternatives(_ tokens: [Token]) -> Content? {
        let joined = tokens.filter { $0.place.kind == .joined }
        let together = together(tokens, slop: 0)
        guard let parts = together, !joined.isEmpty else { return together }
        let all = [parts] + joined.map { .terms([TermKey.word($0.term)], slop: 0) }
        return .group(all.map { Clause(.should, $0) }, atLeast: nil)
    }

    /// Words that follow each other, in the forms that were typed; a character alone, of a script
    /// without spaces, is any word that begins with it.
    private mutating func together(_ tokens: [Token], slop: Int) -> Content? {
        let parts = tokens.filter { $0.place.kind != .joined }
        let terms = parts.map { TermKey.word($0.term) }
        guard terms.count != 1 || parts[0].place.kind != .lone else { return prefix(terms[0]) }
        return terms.isEmpty ? nil : .terms(terms, slop: terms.count > 1 ? slop : 0)
    }

    private mutating func prefix(_ term: [UInt8]) -> Content {
        guard expansionsLeft > 0 else { return .terms([term], slop: 0) }
        expansionsLeft -= 1
        return .prefix(term)
    }

    /// The last word of a text as `content` has it; the words before it must come too.
    private mutating func last(_ text: [UInt8], _ content: ([UInt8]) -> Content) -> Content? {
        let terms = take(text).filter { $0.place.kind != .joined }.map { TermKey.word($0.term) }
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

    /// The words of a text, as long as there is room for leaves.
    private mutating func take(_ text: [UInt8]) -> [Token] {
        let tokens = analyzer.tokens(text)
        let kept = tokens.prefix(leavesLeft)
        leavesLeft -= kept.count
        dropped += tokens.count - kept.count
        return Array(kept)
    }

    /// The edits of a fuzzy word that does not say how many: short words allow fewer.
    static func edits(_ term: [UInt8]) -> Int {
        // What continues a character of UTF-8 is not counted, nor the byte before the word.
        let characters = term.count { $0 & 0xC0 != 0x80 } - 1
        return characters < 3 ? 0 : characters < 6 ? 1 : 2
    }
}
