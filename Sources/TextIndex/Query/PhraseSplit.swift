// Where the edge between two lines may break a phrase, and what the one then ends with and the
// other begins with. Between words that is the words on either side. A script that is written
// without spaces is indexed by overlapping pairs, of which no line has the one that is broken: the
// first line ends with its first character alone, the other begins with its second.

/// A phrase in two pieces.
package struct PhraseSplit: Sendable, Equatable {
    /// The words that a line ends with.
    package let before: [[UInt8]]
    /// The words that the next line begins with.
    package let after: [[UInt8]]

    /// All splits of a phrase, those with most before the edge first.
    package static func all(of terms: [[UInt8]]) -> [PhraseSplit] {
        guard !terms.isEmpty, terms.allSatisfy({ $0.first == TermKind.word.rawValue }) else {
            return []
        }
        return (1...terms.count).reversed().compactMap { edge in
            let pair = CharacterPair(terms[edge - 1])
            guard edge < terms.count || pair != nil else { return nil }
            return PhraseSplit(
                before: terms[..<(edge - 1)] + [pair?.first ?? terms[edge - 1]],
                after: edge < terms.count ? Array(terms[edge...]) : pair.map { [$0.second] } ?? [])
        }
    }

    /// The two characters of a pair, each as a term of its own; nil for any other term.
    package static func characters(of term: [UInt8]) -> (first: [UInt8], second: [UInt8])? {
        CharacterPair(term).map { ($0.first, $0.second) }
    }

    /// Whether a term may be of characters that are indexed by pairs, one or two: those scripts
    /// take three bytes a letter, as some others do.
    package static func mayBeCharacters(_ term: [UInt8]) -> Bool {
        term.count > 1 && term[1] >= 0xE0
    }
}

/// The term of two characters of a script without spaces, taken apart into a term for each.
private struct CharacterPair {
    let first: [UInt8]
    let second: [UInt8]

    /// Nil when the term is anything else.
    init?(_ term: [UInt8]) {
        guard term.count > 4, PhraseSplit.mayBeCharacters(term) else { return nil }
        let folded = Array(term.dropFirst())
        let starts = unsafe folded.withUnsafeBufferPointer { text in
            var starts: [Int] = []
            var position = 0
            while position < text.count {
                let scalar = unsafe UTF8Scalar(text, at: position)
                if starts.isEmpty || !Self.goesOn(scalar.value), scalar.value != 0x20 {
                    starts.append(position)
                }
                position += scalar.length
            }
            return unsafe starts.count == 2 && Analyzer.isPaired(UTF8Scalar(text, at: 0).value)
                ? starts : []
        }
        guard starts.count == 2 else { return nil }
        // Over a space, it belongs to neither.
        let end = folded[starts[1] - 1] == UInt8(ascii: " ") ? starts[1] - 1 : starts[1]
        first = [term[0]] + folded[..<end]
        second = [term[0]] + folded[starts[1]...]
    }

    /// Whether a folded scalar belongs to the character before it: a mark, or a letter of a Hangul
    /// syllable, which folding takes apart.
    private static func goesOn(_ scalar: UInt32) -> Bool {
        (0x1160...0x11FF).contains(scalar)
            || ScalarTable.shared.properties(of: scalar).wordBreak.isIgnored
    }
}
