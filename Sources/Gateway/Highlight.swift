// Marks in a text the words that a query asked for.

package import TextIndex

/// Puts `[[` and `]]` around matched words.
package struct Highlight {
    private let words: Set<[UInt8]>
    private let analyzer: Analyzer

    /// Marks the words of a query's clauses, but those that must not occur.
    package init(_ query: TextQuery, _ analyzer: Analyzer) {
        let wanted = query.clauses.filter { $0.occurrence != .mustNot }.flatMap(\.terms)
        words = Set(wanted)
        self.analyzer = analyzer
    }

    /// The text with its matched words marked.
    package func mark(_ text: [UInt8]) -> [UInt8] {
        var marked: [UInt8] = []
        var copied = 0
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe analyzer.forEachToken(bytes) { term, range in
                guard unsafe words.contains(TermKey.word(Array(term))) else { return }
                marked += text[copied..<range.lowerBound]
                marked += Array("[[".utf8) + text[range] + Array("]]".utf8)
                copied = range.upperBound
            }
        }
        return marked + text[copied...]
    }
}
