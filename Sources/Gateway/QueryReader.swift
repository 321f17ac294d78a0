// Joins a typed query with one track: words become the terms of its analyzer, names of attributes
// become filters, and what is neither is read as text.

package import TextIndex

/// A typed query as a track understands it.
package struct ReadQuery: Sendable {
    /// What is looked for.
    package var query: TextQuery
    /// How many terms were dropped from it.
    package var dropped = 0
    /// How many synonyms were not taken up.
    package var synonymsDropped = 0
}

/// Turns a typed query into what a track is searched for.
package struct QueryReader {
    /// How many of the words side by side at the outermost level must match.
    package enum Match: Sendable, Equatable { case any, all, atLeast(Int) }

    private typealias Clause = TextQuery.Clause
    private typealias Content = TextQuery.Content

    /// Prefixes and fuzzy words of one query that are looked up; further ones are words.
    package static let expansionsMax = 8

    /// Phrases of one query; further ones are words.
    package static let phrasesMax = 8
    /// Phrases with slop of one query; further ones are without.
    package static let sloppyMax = 4
    /// Words of one phrase; further ones are dropped.
    package static let phraseWordsMax = 32
    /// Words and phrases side by side that must occur; further ones are dropped.
    package static let requiredMax = 32
    /// Words and phrases side by side that must not occur; further ones are dropped.
    package static let excludedMax = 16
    /// Values that one attribute is asked for; further ones are dropped.
    package static let valuesMax = 1_024
    /// Bytes between two spaces, or in one pair of quotes, that are looked at.
    package static let bytesMax = 4_096

    /// What the exact form of a word adds to the score of its stem, compared with a word alone.
    package static let exactBoost: Float = 0.25

    let analyzer: Analyzer
    private let attributes: Set<[UInt8]>
    /// Whether a word counts as one among so many that must match, and so is one clause.
    private let countsWords: Bool
    private var leavesLeft = QuerySyntax.leavesMax
    var expansionsLeft = expansionsMax
    private var dropped = 0
    private var phrasesLeft = phrasesMax
    private var sloppyLeft = sloppyMax
    var readingsLeft = readingsMax
    let synonyms: Synonyms?
    var synonymsLeft = synonymsMax
    var synonymsDropped = 0

    /// Reads a query for a track.
    ///
    /// `attributes` are the names that values can be asked of.
    package static func read(
        _ syntax: QuerySyntax, _ match: Match, _ analyzer: Analyzer,
        attributes: Set<[UInt8]> = [], synonyms: Synonyms? = nil
    ) -> ReadQuery {
        var countsWords = false
        if case .atLeast(2...) = match { countsWords = true }
        var reader = QueryReader(
            analyzer: analyzer, attributes: attributes, countsWords: countsWords,
            synonyms: synonyms)
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
        return ReadQuery(
            query: query, dropped: syntax.dropped + reader.dropped,
            synonymsDropped: reader.synonymsDropped)
    }

    private init(
        analyzer: Analyzer, attributes: Set<[UInt8]>, countsWords: Bool, synonyms: Synonyms?
    ) {
        self.analyzer = analyzer
        self.attributes = attributes
        self.countsWords = countsWords
        self.synonyms = synonyms
    }

    /// `unsigned` is what items without a sign ask.
    private mutating func clauses(
        _ items: [QuerySyntax.Item], unsigned: TextQuery.Occurrence
    ) -> [TextQuery.Clause] {
        var clauses: [Clause] = []
        var signed: [TextQuery.Occurrence: Int] = [:]
        let runs = countsWords ? [:] : synonymRuns(items)
        let numbers = countsWords ? [:] : numberRuns(items)
        var next = 0
        while next < items.count {
            let isRoom = signed[.must, default: 0] < Self.requiredMax || unsigned != .must
            if isRoom, let words = together(items, at: next, runs, numbers, unsigned) {
                signed[unsigned, default: 0] += unsigned == .must ? 1 : 0
                clauses += words.clauses
                next += words.count
                continue
            }
            let item = items[next]
            let occurrence: TextQuery.Occurrence =
                item.sign == .must ? .must : item.sign == .mustNot ? .mustNot : unsigned
            next += 1
            signed[occurrence, default: 0] += occurrence == .should ? 0 : 1
            let most = occurrence == .mustNot ? Self.excludedMax : Self.requiredMax
            if signed[occurrence, default: 0] <= most {
                clauses += self.clauses(item, occurrence)
            } else {
                dropped += 1
            }
        }
        return countsWords ? clauses : Self.simplified(clauses)
    }

    /// Words side by side, from a place on, that together stand for others or are one.
    private mutating func together(
        _ items: [QuerySyntax.Item], at place: Int, _ runs: [Int: SynonymRun],
        _ numbers: [Int: NumberRun], _ occurrence: TextQuery.Occurrence
    ) -> SideBySide? {
        guard !countsWords else { return nil }
        guard let run = runs[place] else {
            return asOne(items, at: place, numbers, runs, occurrence)
        }
        let words = items[place..<place + run.count].flatMap { clauses($0, occurrence) }
        let synonyms = clauses(standingFor: run.alternatives, boost: 1)
        return (Self.together(words, or: synonyms, occurrence), run.count)
    }

    /// Words side by side, or what stands for all of them.
    static func together(
        _ words: [TextQuery.Clause], or others: [TextQuery.Clause],
        _ occurrence: TextQuery.Occurrence
    ) -> [TextQuery.Clause] {
        guard occurrence == .must, !others.isEmpty else { return words + others }
        let all = Clause(.should, .group(words, atLeast: nil))
        return [Clause(.must, .group([all] + others, atLeast: nil))]
    }

    mutating func clauses(
        _ item: QuerySyntax.Item, _ occurrence: TextQuery.Occurrence
    ) -> [TextQuery.Clause] {
        if case .field(let name, let value, let isQuoted) = item.node, attributes.contains(name) {
            let isRequired = occurrence != .mustNot
            return [Clause(isRequired ? .filter : .mustNot, filter(name, value, isQuoted))]
        }
        let content: Content?
        switch item.node {
        case .word(let text): return word(text, occurrence, item.boost)
        case .exact(let text): content = asWritten(take(text))
        case .phrase(let text, let slop): content = phrase(text, slop)
        case .prefix(let text): content = last(text, Self.prefixCost) { .prefix($0) }
        case .fuzzy(let text, let edits):
            content = last(text, { (edits ?? Self.edits($0)) == 2 ? 2 : 1 }) { term in
                let edits = edits.map { min($0, Self.editsMax(term)) } ?? Self.edits(term)
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

    private func group(_ inner: [Clause]) -> Content? {
        let clauses = Self.simplified(inner)
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
        let others =
            (occurrence == .mustNot
                ? [] : clauses(standingFor: alternatives(to: tokens), boost: boost))
            + spelled(text, boost)
        guard !others.isEmpty else { return forms(tokens, occurrence, boost) }
        guard occurrence != .mustNot else {
            return forms(tokens, occurrence, boost) + others.map { Clause(.mustNot, $0.content) }
        }
        guard occurrence == .must || countsWords else {
            return forms(tokens, occurrence, boost) + others
        }
        let all = forms(tokens, .should, boost) + others
        return [Clause(occurrence, .group(all, atLeast: nil))]
    }

    private mutating func forms(
        _ tokens: [Token], _ occurrence: TextQuery.Occurrence, _ boost: Float
    ) -> [TextQuery.Clause] {
        if tokens.count == 1, tokens[0].stem != nil || tokens[0].written != nil {
            let forms = forms(tokens[0], occurrence, boost)
            guard countsWords, occurrence != .mustNot else { return forms }
            return [Clause(occurrence, .group(forms, atLeast: nil))]
        }
        guard occurrence == .should, !countsWords,
            tokens.allSatisfy({ [.pair, .bridge].contains($0.place.kind) })
        else {
            return alternatives(tokens).map { [Clause(occurrence, $0, boost: boost)] } ?? []
        }
        // Of a script without spaces, the parts of what was typed are words of their own.
        return tokens.map {
            Clause(.should, .terms([TermKey.word($0.term)], slop: 0), boost: boost)
        }
    }

    /// A word in any form of its language, and in its own before others; one that was typed with
    /// accents, with these before without.
    private func forms(
        _ token: Token, _ occurrence: TextQuery.Occurrence, _ boost: Float
    ) -> [TextQuery.Clause] {
        func clause(_ term: [UInt8], _ isOwn: Bool) -> TextQuery.Clause {
            isOwn
                ? Clause(.should, .terms([term], slop: 0), boost: boost * Self.exactBoost)
                : Clause(occurrence, .terms([term], slop: 0), boost: boost)
        }
        var forms = [clause(token.stem.map(TermKey.stem) ?? TermKey.word(token.term), false)]
        guard occurrence != .mustNot else { return forms }
        if let written = token.written { forms.append(clause(TermKey.written(written), true)) }
        if token.stem != nil { forms.append(clause(TermKey.word(token.term), true)) }
        return forms
    }

    /// A word of several parts, such as well-known: the parts together, or written as one, in any
    /// form then.
    private mutating func alternatives(_ tokens: [Token]) -> Content? {
        let joined = tokens.filter { $0.place.kind == .joined }
        let together = together(tokens, slop: 0)
        guard let parts = together, !joined.isEmpty else { return together }
        let endings = endings(tokens)
        let others = joined.flatMap { token in
            // An abbreviation has no other forms.
            token.span > 1
                ? forms(token, .should, 1)
                : [Clause(.should, .terms([TermKey.word(token.term)], slop: 0))]
        }
        guard let endings else { return .group([Clause(.should, parts)] + others, atLeast: nil) }
        let own = Clause(.should, parts, boost: Self.exactBoost)
        return .group([Clause(.should, endings), own] + others, atLeast: nil)
    }

    /// Words that follow each other, in the forms that were typed; a character alone, of a script
    /// without spaces, is any word that begins with it.
    mutating func together(_ tokens: [Token], slop: Int) -> TextQuery.Content? {
        let all = tokens.filter { !$0.place.isOtherForm }
        let parts = all.prefix(Self.phraseWordsMax)
        dropped += all.count - parts.count
        let terms = parts.map { TermKey.word($0.term) }
        if terms.count > 1 { return phrase(terms, slop: slop) }
        guard terms.count != 1 || parts[0].place.kind != .lone else { return prefix(terms[0]) }
        return terms.isEmpty ? nil : .terms(terms, slop: 0)
    }

    /// What was typed in quotes; of what may be out of place, nothing hangs together over a space.
    private mutating func phrase(_ text: [UInt8], _ slop: Int) -> Content? {
        let tokens = take(text)
        guard slop > 0 else { return together(inQuotes: tokens, text) }
        return together(tokens.filter { ![.bridge, .tail].contains($0.place.kind) }, slop: slop)
    }

    mutating func phrase(_ terms: [[UInt8]], slop: Int) -> TextQuery.Content {
        guard phrasesLeft > 0 else {
            return .group(terms.map { Clause(.must, .terms([$0], slop: 0)) }, atLeast: nil)
        }
        phrasesLeft -= 1
        guard slop > 0, sloppyLeft > 0 else { return .terms(terms, slop: 0) }
        sloppyLeft -= 1
        return .terms(terms, slop: slop)
    }

    private mutating func prefix(_ term: [UInt8]) -> Content {
        guard expansionsLeft > 0 else { return .terms([term], slop: 0) }
        expansionsLeft -= 1
        return .prefix(term)
    }

    /// The last word of a text as `content` has it.
    ///
    /// The words before it must come too; or, of a word of several parts, the parts written as one.
    /// `cost` is what a word takes of the expansions that are left.
    private mutating func last(
        _ text: [UInt8], _ cost: ([UInt8]) -> Int, _ content: ([UInt8]) -> Content
    ) -> Content? {
        let tokens = take(text)
        let terms = tokens.filter { !$0.place.isOtherForm }.map { TermKey.word($0.term) }
        guard let last = terms.last else { return nil }
        guard expansionsLeft >= cost(last) else { return .terms(terms, slop: 0) }
        expansionsLeft -= cost(last)
        guard terms.count > 1 else { return content(last) }
        let apart = apart(Array(terms.dropLast()), content(last))
        guard let whole = tokens.last, whole.place.kind == .joined, whole.position == 0 else {
            return apart
        }
        let joined = TermKey.word(whole.term)
        guard expansionsLeft >= cost(joined) else { return apart }
        expansionsLeft -= cost(joined)
        return .group([Clause(.should, apart), Clause(.should, content(joined))], atLeast: nil)
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
    private mutating func filter(
        _ name: [UInt8], _ value: [UInt8], _ isQuoted: Bool
    ) -> Content {
        let all = isQuoted ? [value[...]] : value.split(separator: UInt8(ascii: ","))
        let values = all.prefix(Self.valuesMax)
        dropped += all.count - values.count
        return .anyOf(values.map { TermKey.attribute(name, analyzer.fold(Array($0))) })
    }

    /// The words of a text, as long as there is room for leaves.
    private mutating func take(_ text: [UInt8]) -> [Token] {
        let read = Self.beginning(text)
        let tokens = analyzer.tokens(read)
        let kept = tokens.prefix(leavesLeft)
        leavesLeft -= kept.count
        // What was not read is one more, whatever it is.
        dropped += tokens.count - kept.count + (read.count < text.count ? 1 : 0)
        return Array(kept)
    }

    /// What is looked at of a text: all, or whole characters of it.
    static func beginning(_ text: [UInt8]) -> [UInt8] {
        guard text.count > bytesMax else { return text }
        var end = bytesMax
        while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(text[..<end])
    }

    /// Many words begin with one or two letters.
    private static func prefixCost(_ term: [UInt8]) -> Int { max(1, 4 >> (characters(term) - 1)) }

    /// What continues a character of UTF-8 is not counted, nor the byte before the word.
    private static func characters(_ term: [UInt8]) -> Int { term.count { $0 & 0xC0 != 0x80 } - 1 }

    /// The most edits of a word: with more, nearly all short words are near.
    private static func editsMax(_ term: [UInt8]) -> Int {
        let characters = characters(term)
        return characters < 2 ? 0 : characters < 4 ? 1 : 2
    }

    /// The edits of a fuzzy word that does not say how many: short words allow fewer.
    static func edits(_ term: [UInt8]) -> Int {
        let characters = characters(term)
        return characters < 3 ? 0 : characters < 6 ? 1 : 2
    }
}
