// Marks in a text what a query asked for: its words, the words of its phrases where they stand
// together, and the words that its prefixes and fuzzy words stand for.

package import TextIndex

/// Puts `[[` and `]]` around matched words.
package struct Highlight {
    private typealias Token = (term: [UInt8], range: Range<Int>)

    private let analyzer: Analyzer
    private var words: Set<[UInt8]> = []
    private var prefixes: [[UInt8]] = []
    private var fuzzy: [(term: [UInt8], edits: Int)] = []
    private var phrases: [[[UInt8]]] = []

    /// Marks what a query's clauses find, but those that must not occur.
    package init(_ query: TextQuery, _ analyzer: Analyzer) {
        self.analyzer = analyzer
        collect(query.clauses)
    }

    private mutating func collect(_ clauses: [TextQuery.Clause]) {
        for clause in clauses where clause.occurrence != .mustNot {
            switch clause.content {
            case .terms(let terms, let slop):
                // Words that need not stand together are marked wherever they stand.
                if terms.count > 1, slop == 0 {
                    phrases.append(terms)
                } else {
                    words.formUnion(terms)
                }
            case .prefix(let term): prefixes.append(term)
            case .fuzzy(let term, let edits): fuzzy.append((term, edits))
            case .expanded(let expansion): words.formUnion(expansion.words.map(\.term))
            case .anyOf: break
            case .group(let inner, _): collect(inner)
            }
        }
    }

    /// The text with what matched marked.
    package func mark(_ text: [UInt8]) -> [UInt8] {
        var tokens: [Token] = []
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe analyzer.forEachToken(bytes) { term, range in
                unsafe tokens.append((TermKey.word(Array(term)), range))
            }
        }
        var isMarked = tokens.map { isWord($0.term) }
        for phrase in phrases where phrase.count <= tokens.count {
            for start in 0...tokens.count - phrase.count
            where phrase.indices.allSatisfy({ tokens[start + $0].term == phrase[$0] }) {
                for place in phrase.indices { isMarked[start + place] = true }
            }
        }
        var marked: [UInt8] = []
        var copied = 0
        for place in tokens.indices where isMarked[place] {
            let range = tokens[place].range
            marked += text[copied..<range.lowerBound]
            marked += Array("[[".utf8) + text[range] + Array("]]".utf8)
            copied = range.upperBound
        }
        return marked + text[copied...]
    }

    private func isWord(_ term: [UInt8]) -> Bool {
        if words.contains(term) { return true }
        if prefixes.contains(where: { term.starts(with: $0) }) { return true }
        return fuzzy.contains { wanted, edits in
            var distance = EditDistance(to: wanted, atMost: edits)
            if case .near = distance.measure(term) { return true }
            return false
        }
    }
}
