// Where the edge between two lines may break a phrase, and what the one then ends with and the
// other begins with. Between words that is the words on either side. A run of a script that is
// written without spaces is indexed by overlapping pairs, of which no line has the one that is
// broken: the first line ends with the character before the break alone, as any run's end.

/// A phrase in two pieces.
package struct PhraseSplit: Sendable, Equatable {
    /// The words that a line ends with.
    package let before: [[UInt8]]
    /// The words that the next line begins with.
    package let after: [[UInt8]]

    /// All splits of a phrase, those with most before the edge first.
    ///
    /// A character alone is not looked for at the beginning of a line unless something follows it:
    /// nothing is known of what it would be paired with.
    package static func all(of terms: [[UInt8]]) -> [PhraseSplit] {
        guard terms.count > 1, terms.allSatisfy({ $0.first == TermKind.word.rawValue }) else {
            return []
        }
        var splits: [PhraseSplit] = []
        func add(_ before: [[UInt8]], _ after: [[UInt8]]) {
            splits.append(PhraseSplit(before: before, after: after))
        }
        let pairs = terms.map { CharacterPair($0) }
        for edge in (1..<terms.count).reversed() {
            let (before, after) = (Array(terms[..<edge]), Array(terms[edge...]))
            guard let last = pairs[edge - 1] else {
                add(before, after)
                continue
            }
            guard let next = pairs[edge], next.first == last.second else {
                add(before + [last.second], after)
                continue
            }
            // The character that both pairs have ends the one line or begins the other.
            if edge + 1 < terms.count {
                let goesOn = pairs[edge + 1]?.first == next.second
                add(before + [last.second], (goesOn ? [] : [next.second]) + after.dropFirst())
            }
            let beginsRun = edge == 1 || pairs[edge - 2]?.second != last.first
            if beginsRun { add(before.dropLast() + [last.first], after) }
        }
        return splits
    }
}

/// The term of two characters of a script without spaces, taken apart into a term for each.
private struct CharacterPair {
    let first: [UInt8]
    let second: [UInt8]

    /// Nil when the term is anything else.
    init?(_ term: [UInt8]) {
        let folded = Array(term.dropFirst())
        let starts = unsafe folded.withUnsafeBufferPointer { text in
            var starts: [Int] = []
            var position = 0
            while position < text.count {
                let scalar = unsafe UTF8Scalar(text, at: position)
                if starts.isEmpty || !Self.goesOn(scalar.value) { starts.append(position) }
                position += scalar.length
            }
            return unsafe starts.count == 2 && Analyzer.isPaired(UTF8Scalar(text, at: 0).value)
                ? starts : []
        }
        guard starts.count == 2 else { return nil }
        first = [term[0]] + folded[..<starts[1]]
        second = [term[0]] + folded[starts[1]...]
    }

    /// Whether a folded scalar belongs to the character before it: a mark, or a letter of a Hangul
    /// syllable, which folding takes apart.
    private static func goesOn(_ scalar: UInt32) -> Bool {
        (0x1160...0x11FF).contains(scalar)
            || ScalarTable.shared.properties(of: scalar).wordBreak.isIgnored
    }
}
