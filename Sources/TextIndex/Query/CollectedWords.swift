// The words that the parts of a track have of an expansion, brought together: each word once, with
// the documents of all parts, and where each part has its postings.

import Storage

/// Words found in several parts of a track.
struct CollectedWords {
    /// Where a part has a word.
    ///
    /// Apart from the word, so that copies of it count no references.
    private struct Place {
        let part: Int
        let place: TermPlace
    }

    /// The words in the order of their bytes.
    private(set) var words: [Expansion.Word] = []
    /// By word, then by part.
    private var found: [Place] = []
    /// Where each word's places begin in `found`, and where the last one's end; empty when each has
    /// one.
    private var starts: [Int] = []
    private let parts: Int

    /// Adds up what `collect` finds in each part.
    init(
        _ sources: [any TermSource],
        _ collect: (any TermSource, TermBody) throws(StorageError) -> Void
    ) throws(StorageError) {
        parts = sources.count
        var words: [Expansion.Word] = []
        var found: [Place] = []
        for (part, source) in sources.enumerated() {
            try collect(source) { term, documentFrequency, distance, place in
                words.append(
                    Expansion.Word(
                        term: term, distance: distance, documentFrequency: documentFrequency))
                found.append(Place(part: part, place: place))
            }
        }
        guard parts > 1 || sources.contains(where: { !$0.hasSortedTerms }) else {
            (self.words, self.found) = (words, found)
            return
        }
        join(words, found)
    }

    /// Puts words of several parts in order, each of them once.
    private mutating func join(_ unsorted: [Expansion.Word], _ places: [Place]) {
        // Equal words stay in the order of their parts.
        let order = unsorted.indices.sorted { a, b in
            let (first, second) = (unsorted[a].term, unsorted[b].term)
            return first == second ? a < b : first.lexicographicallyPrecedes(second)
        }
        words.reserveCapacity(order.count)
        found.reserveCapacity(order.count)
        for index in order {
            let word = unsorted[index]
            if let last = words.last, last.term == word.term {
                words[words.count - 1] = Expansion.Word(
                    term: last.term, distance: last.distance,
                    documentFrequency: last.documentFrequency + word.documentFrequency)
            } else {
                words.append(word)
                starts.append(found.count)
            }
            found.append(places[index])
        }
        starts.append(found.count)
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
            let own = starts.isEmpty ? number..<number + 1 : starts[number]..<starts[number + 1]
            for each in own { places[found[each].part][index] = found[each].place }
        }
        return places
    }
}
