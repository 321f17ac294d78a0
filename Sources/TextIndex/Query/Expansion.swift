// Prefixes and fuzzy words become the words that they stand for, once for all parts of a track, so
// that which words are taken, and every score, is the same however the rows are spread over files.

package import Storage

/// The words of a track that a prefix or a fuzzy word stands for.
package struct Expansion: Sendable, Equatable {
    /// A word with how far it is from the one asked for.
    package struct Word: Sendable, Equatable {
        /// As `TermKey` builds it.
        package let term: [UInt8]
        /// Edits between the two; 0 for words with a prefix.
        package let distance: Int
        /// How many documents hold it.
        package let documentFrequency: UInt64
    }

    /// A prefix takes at most so many words, the most frequent ones.
    package static let prefixWordsMax = 512
    /// A fuzzy word takes at most so many, the nearest ones, of these the most frequent.
    package static let fuzzyWordsMax = 64

    /// The word asked for.
    package let term: [UInt8]
    /// How many edits were allowed; nil for a prefix.
    package let edits: Int?
    /// The words taken, in the order of their bytes.
    package let words: [Word]
    /// How many there are in the track.
    package let found: Int

    /// What a word at a distance counts, compared with the one asked for.
    package static func damping(distance: Int) -> Float { 1 / Float(1 + distance) }

    fileprivate init(_ term: [UInt8], edits: Int?, _ all: [Word]) {
        self.term = term
        self.edits = edits
        found = all.count
        let limit = edits == nil ? Self.prefixWordsMax : Self.fuzzyWordsMax
        guard all.count > limit else {
            words = all
            return
        }
        let best = all.sorted { a, b in
            if a.distance != b.distance { return a.distance < b.distance }
            if a.documentFrequency != b.documentFrequency {
                return a.documentFrequency > b.documentFrequency
            }
            return a.term.lexicographicallyPrecedes(b.term)
        }
        words = best.prefix(limit).sorted { $0.term.lexicographicallyPrecedes($1.term) }
    }
}

/// A part of a track whose words can be looked through.
package protocol TermSource: PostingsSource {
    /// Calls `body` with each word that has a prefix (both as `TermKey` builds them) and in how
    /// many documents it is, in any order.
    func forEachTerm(
        withPrefix prefix: [UInt8], _ body: ([UInt8], UInt64) -> Void) throws(StorageError)
    /// Calls `body` with each word that is near enough, how many documents hold it, and its
    /// distance, in any order.
    func forEachTerm(
        near distance: inout EditDistance, _ body: ([UInt8], UInt64, Int) -> Void
    ) throws(StorageError)
}

extension TextQuery {
    /// The query with its prefixes and fuzzy words expanded over all parts of a track.
    package func expanded(over parts: [any TermSource]) throws(StorageError) -> TextQuery {
        var query = self
        query.clauses = try Self.expand(clauses, parts)
        return query
    }

    private static func expand(
        _ clauses: [Clause], _ parts: [any TermSource]
    ) throws(StorageError) -> [Clause] {
        var expanded: [Clause] = []
        for clause in clauses {
            var clause = clause
            switch clause.content {
            case .group(let inner, let atLeast):
                clause.content = .group(try expand(inner, parts), atLeast: atLeast)
            case .prefix(let term):
                let words = try words(parts) { part, add throws(StorageError) in
                    try part.forEachTerm(withPrefix: term) { add($0, $1, 0) }
                }
                clause.content = .expanded(Expansion(term, edits: nil, words))
            case .fuzzy(let term, let edits):
                var distance = EditDistance(to: term, atMost: edits)
                let words = try words(parts) { part, add throws(StorageError) in
                    try part.forEachTerm(near: &distance, add)
                }
                clause.content = .expanded(Expansion(term, edits: edits, words))
            case .terms, .expanded, .anyOf: break
            }
            expanded.append(clause)
        }
        return expanded
    }

    /// The words that `collect` finds in any part, with the sums of their document frequencies.
    private static func words(
        _ parts: [any TermSource],
        _ collect: (any TermSource, ([UInt8], UInt64, Int) -> Void) throws(StorageError) -> Void
    ) throws(StorageError) -> [Expansion.Word] {
        var found: [Expansion.Word] = []
        for part in parts {
            try collect(part) { term, documentFrequency, distance in
                found.append(
                    Expansion.Word(
                        term: term, distance: distance, documentFrequency: documentFrequency))
            }
        }
        found.sort { $0.term.lexicographicallyPrecedes($1.term) }
        var words: [Expansion.Word] = []
        for word in found {
            guard let last = words.last, last.term == word.term else {
                words.append(word)
                continue
            }
            words[words.count - 1] = Expansion.Word(
                term: last.term, distance: last.distance,
                documentFrequency: last.documentFrequency + word.documentFrequency)
        }
        return words
    }
}

extension TextSections: TermSource {
    /// Looks through a range of the sorted terms.
    package func forEachTerm(
        withPrefix prefix: [UInt8], _ body: ([UInt8], UInt64) -> Void
    ) throws(StorageError) {
        try dictionary.walk(from: prefix) { term, info in
            guard term.starts(with: prefix) else { return .stop }
            body(term, UInt64(info.documentFrequency))
            return .next
        }
    }

    /// Looks through the sorted terms, past all that begin like one that is too far off already.
    package func forEachTerm(
        near distance: inout EditDistance, _ body: ([UInt8], UInt64, Int) -> Void
    ) throws(StorageError) {
        var measured = distance
        try dictionary.walk(from: [TermKind.word.rawValue]) { term, info in
            guard term.first == TermKind.word.rawValue else { return .stop }
            switch measured.measure(term) {
            case .near(let edits): body(term, UInt64(info.documentFrequency), edits)
            case .far: break
            case .hopeless(let count):
                guard let next = Self.after(term.prefix(count)) else { return .stop }
                return .seek(next)
            }
            return .next
        }
        distance = measured
    }

    /// The first bytes that come after all that begin with these.
    private static func after(_ prefix: ArraySlice<UInt8>) -> [UInt8]? {
        guard let last = prefix.lastIndex(where: { $0 < .max }) else { return nil }
        var next = Array(prefix[...last])
        next[next.count - 1] += 1
        return next
    }
}

extension MutableIndexView: TermSource {
    /// Looks at every word of the memtable.
    package func forEachTerm(
        withPrefix prefix: [UInt8], _ body: ([UInt8], UInt64) -> Void
    ) throws(StorageError) {
        forEachWord({ $0.starts(with: prefix) ? 0 : nil }) { term, frequency, _ in
            body(term, frequency)
        }
    }

    /// Looks at every word of the memtable.
    package func forEachTerm(
        near distance: inout EditDistance, _ body: ([UInt8], UInt64, Int) -> Void
    ) throws(StorageError) {
        var measured = distance
        forEachWord(
            { term in
                if case .near(let edits) = measured.measure(term) { return edits }
                return nil
            }, body)
        distance = measured
    }

    /// Calls `body` with the words that may be seen and have a distance.
    private func forEachWord(
        _ distance: ([UInt8]) -> Int?, _ body: ([UInt8], UInt64, Int) -> Void
    ) {
        var term: [UInt8] = []
        unsafe index.forEachTerm(of: .word) { bytes, number in
            term.removeAll(keepingCapacity: true)
            term.append(TermKind.word.rawValue)
            unsafe term.append(contentsOf: bytes)
            guard let edits = distance(term) else { return }
            let documents = index.decode(number, below: documentCount).count
            if documents > 0 { body(term, UInt64(documents), edits) }
        }
    }
}
