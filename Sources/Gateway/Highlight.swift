// Marks in a text what a query asked for: its words, the words of its phrases where they stand
// together, and the words that its prefixes and fuzzy words stand for.

package import TextIndex

/// Puts `[[` and `]]` around matched words.
package struct Highlight {
    let analyzer: Analyzer
    private(set) var words: Set<[UInt8]> = []
    /// Words that were asked for without accents.
    private var plain: Set<[UInt8]> = []
    private var prefixes: [[UInt8]] = []
    private var fuzzy: [EditDistance] = []
    private var endings: [(words: [[UInt8]], end: TextQuery.WordEnd)] = []
    private(set) var phrases: [[[UInt8]]] = []

    /// Marks what a query's clauses find, but those that must not occur.
    package init(_ query: TextQuery, _ analyzer: Analyzer) {
        self.analyzer = analyzer
        collect(query.clauses)
    }

    private mutating func collect(_ clauses: [TextQuery.Clause]) {
        let unaccented = Set(clauses.compactMap(\.unaccented))
        for clause in clauses where clause.occurrence != .mustNot {
            switch clause.content {
            case .terms(let terms, _) where terms.count == 1 && unaccented.contains(terms[0]):
                plain.insert(terms[0])
            case .terms(let terms, let slop):
                // Words that need not stand together are marked wherever they stand.
                if terms.count > 1, slop == 0 {
                    phrases.append(terms)
                } else {
                    words.formUnion(terms)
                }
            case .ending(let words, let end): endings.append((words, end))
            case .prefix(let term): prefixes.append(term)
            case .fuzzy(let term, let edits):
                fuzzy.append(EditDistance(to: term, atMost: edits))
            case .expanded(let expansion): words.formUnion(expansion.words.map(\.term))
            case .anyOf: break
            case .group(let inner, _): collect(inner)
            }
        }
    }

    /// The text with what matched marked, and what is in some ranges of its bytes.
    package func mark(_ text: [UInt8], and known: [Range<Int>] = []) -> [UInt8] {
        let ranges = (ranges(text) + known).sorted { $0.lowerBound < $1.lowerBound }
        var marked: [UInt8] = []
        var copied = 0
        var next = 0
        while next < ranges.count {
            // Pairs of characters overlap: one mark is for all that do.
            let start = ranges[next].lowerBound
            var end = ranges[next].upperBound
            while next < ranges.count, ranges[next].lowerBound < end {
                end = max(end, ranges[next].upperBound)
                next += 1
            }
            marked += text[copied..<start]
            marked += Array("[[".utf8) + text[start..<end] + Array("]]".utf8)
            copied = end
        }
        return marked + text[copied...]
    }

    /// Where matched words stand in a text, in order; some may overlap.
    func ranges(_ text: [UInt8]) -> [Range<Int>] {
        let tokens = analyzer.tokens(text, ofLine: true)
        var ranges = tokens.filter(isWord).map { range(of: $0, in: text) }
        let places = Self.places(tokens)
        for phrase in phrases where phrase.count <= places.count {
            for start in 0...places.count - phrase.count {
                ranges += Self.ranges(of: phrase, places[start...]) ?? []
            }
        }
        for (words, end) in endings where words.count < places.count {
            for start in 0..<places.count - words.count {
                guard let ofWords = Self.ranges(of: words, places[start...]),
                    let last = places[start + words.count].first(where: { $0.isEnd(end) })
                else { continue }
                ranges += ofWords + [last.range]
            }
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        return ranges
    }

    /// For each place of a line, what stands there in any form.
    static func places(_ tokens: [Token]) -> [[Token]] {
        var places: [[Token]] = []
        for token in tokens {
            while places.count <= token.position { places.append([]) }
            places[token.position].append(token)
        }
        return places
    }

    /// Where the words of a phrase stand, if they fill the first of some places.
    static func ranges(of phrase: [[UInt8]], _ places: ArraySlice<[Token]>) -> [Range<Int>]? {
        guard phrase.count <= places.count else { return nil }
        var ranges: [Range<Int>] = []
        for (term, place) in zip(phrase, places) {
            guard let token = place.first(where: { term.dropFirst().elementsEqual($0.term) }) else {
                return nil
            }
            ranges.append(token.range)
        }
        return ranges
    }

    /// What is marked of a word: of two characters the first, when only that was asked for.
    private func range(of token: Token, in text: [UInt8]) -> Range<Int> {
        let term = TermKey.word(token.term)
        guard token.place.kind == .pair, !words.contains(term), !prefixes.contains(term),
            prefixes.contains(where: { TermKey.begins(term, with: $0) })
        else { return token.range }
        let start = token.range.lowerBound
        let end = unsafe text.withUnsafeBufferPointer { unsafe analyzer.characterEnd($0, start) }
        return start..<end
    }

    private func isWord(_ token: Token) -> Bool {
        if let stem = token.stem, words.contains(TermKey.stem(stem)) { return true }
        if token.otherStems.contains(where: { words.contains(TermKey.stem($0)) }) { return true }
        if token.written == nil, plain.contains(TermKey.word(token.term)) { return true }
        if let form = token.written, words.contains(TermKey.written(form)) { return true }
        return isWord(TermKey.word(token.term))
    }

    private func isWord(_ term: [UInt8]) -> Bool {
        if words.contains(term) { return true }
        if prefixes.contains(where: { TermKey.begins(term, with: $0) }) { return true }
        return fuzzy.contains { $0.measure(term) != nil }
    }
}

extension TextQuery.Clause {
    /// The word that it keeps from being found with accents alone; nil where it asks other things.
    fileprivate var unaccented: [UInt8]? {
        guard occurrence == .mustNot, case .group(let inner, _) = content,
            case .prefix(let term)? = inner.first?.content,
            term.first == TermKind.written.rawValue
        else { return nil }
        return TermKey.word(Array(term.dropFirst().dropLast()))
    }
}

extension Token {
    /// Whether it may be the last of several words that follow each other.
    fileprivate func isEnd(_ end: TextQuery.WordEnd) -> Bool {
        switch end {
        case .prefix(let beginning): return TermKey.word(term).starts(with: beginning)
        case .form(_, let wanted, _): return stem == wanted || otherStems.contains(wanted)
        }
    }
}
