// Very many words side by side, as when a page is pasted: those that nearly every document holds
// say least and cost most, so they are left out as soon as rarer ones are enough to look at. Which
// words go follows from the whole track, however its rows are spread over files.

package import Storage

extension TextQuery {
    /// Words side by side up to which all count; a word and its stem are two.
    package static let wordsUntouched = 24
    /// So many of the rarest count, however frequent.
    package static let rarestKept = 8
    /// Further ones count as long as all together have one posting for so many documents.
    package static let documentsShare: UInt64 = 2
    /// And no more than these, however many documents there are: a million postings take 10 ms.
    package static let postingsMax: UInt64 = 250_000

    /// Leaves out words that are too frequent beside many rarer ones, which have so many postings
    /// at most, and tells which.
    package mutating func becomeFrugal(
        over parts: [any TermSource], postings: UInt64 = postingsMax
    ) throws(StorageError) -> [[UInt8]] {
        guard atLeast == nil, clauses.count > Self.wordsUntouched else { return [] }
        let words = clauses.indices.filter { clauses[$0].oneWord != nil }
        guard words.count > Self.wordsUntouched else { return [] }
        var documents: UInt64 = 0
        for part in parts { documents += UInt64(part.documentCount) }
        var frequencies: [(place: Int, documents: UInt64)] = []
        for place in words {
            var sum: UInt64 = 0
            for part in parts {
                sum += try part.documentFrequency(clauses[place].oneWord ?? [])
            }
            frequencies.append((place, sum))
        }
        frequencies.sort { ($0.documents, $0.place) < ($1.documents, $1.place) }
        let most = min(documents / Self.documentsShare, postings)
        var sum: UInt64 = 0
        var ignored: Set<Int> = []
        for (rank, word) in frequencies.enumerated() {
            sum += word.documents
            if rank >= Self.rarestKept, sum > most {
                ignored.insert(word.place)
            }
        }
        let left = clauses.indices.filter { !ignored.contains($0) }.map { clauses[$0] }
        let dropped = ignored.sorted().compactMap { clauses[$0].oneWord }
        clauses = left
        return dropped
    }
}

extension TextQuery.Clause {
    /// The word that may occur, when it asks for nothing else.
    fileprivate var oneWord: [UInt8]? {
        guard occurrence == .should, case .terms(let terms, _) = content, terms.count == 1 else {
            return nil
        }
        return terms[0]
    }
}

extension TextSections {
    /// How many documents hold a term.
    package func documentFrequency(_ term: [UInt8]) throws(StorageError) -> UInt64 {
        try dictionary.find(term).map { UInt64($0.documentFrequency) } ?? 0
    }
}

extension MutableIndexView {
    /// About how many documents hold a term: those that came after the view count too.
    package func documentFrequency(_ term: [UInt8]) throws(StorageError) -> UInt64 {
        index.documentFrequency(term)
    }
}
