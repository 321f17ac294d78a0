// The words that the parts of a track have of an expansion, brought together: each word once, with
// the documents of all parts, and where each part has its postings.

import Storage

/// Words found in several parts of a track.
struct CollectedWords {
    /// A word in one part.
    private struct Found {
        let word: Expansion.Word
        let part: Int
        let place: TermPlace
    }

    /// The words in the order of their bytes.
    private(set) var words: [Expansion.Word] = []
    /// By word, then by part.
    private var found: [Found] = []
    /// Where each word's places begin in `found`, and where the last one's end.
    private var starts: [Int] = []
    private let parts: Int

    /// Adds up what `collect` finds in each part.
    init(
        _ sources: [any TermSource],
        _ collect: (any TermSource, TermBody) throws(StorageError) -> Void
    ) throws(StorageError) {
        parts = sources.count
        var found: [Found] = []
        for (part, source) in sources.enumerated() {
            try collect(source) { term, documentFrequency, distance, place in
                let word = Expansion.Word(
                    term: term, distance: distance, documentFrequency: documentFrequency)
                found.append(Found(word: word, part: part, place: place))
            }
        }
        // Equal words of several parts stay in the order of these.
        if parts > 1 || sources.contains(where: { !$0.hasSortedTerms }) {
            found.sort { $0.word.term.lexicographicallyPrecedes($1.word.term) }
        }
        words.reserveCapacity(found.count)
        for (index, each) in found.enumerated() {
            if parts > 1, let last = words.last, last.term == each.word.term {
                words[words.count - 1] = Expansion.Word(
                    term: last.term, distance: last.distance,
                    documentFrequency: last.documentFrequency + each.word.documentFrequency)
            } else {
                words.append(each.word)
                starts.append(index)
            }
        }
        starts.append(found.count)
        self.found = found
    }

    /// The numbers of the best words, at most `limit`, in the order of their bytes.
    func best(_ limit: Int) -> [Int] {
        guard words.count > limit else { return Array(words.indices) }
        let best = words.indices.sorted { a, b in
            let (first, second) = (words[a], words[b])
            if first.distance != second.distance { return first.distance < second.distance }
            if first.documentFrequency != second.documentFrequency {
                return first.documentFrequency > second.documentFrequency
            }
            return a < b
        }
        return best.prefix(limit).sorted()
    }

    /// For each part, where it has the postings of some words.
    func places(of numbers: [Int]) -> [[TermPlace?]] {
        let none = [TermPlace?](repeating: nil, count: numbers.count)
        var places = Array(repeating: none, count: parts)
        for (index, number) in numbers.enumerated() {
            for each in found[starts[number]..<starts[number + 1]] {
                places[each.part][index] = each.place
            }
        }
        return places
    }
}
