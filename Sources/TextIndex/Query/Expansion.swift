// Prefixes and fuzzy words become the words that they stand for, once for all parts of a track, so
// that which words are taken, and every score, is the same however the rows are spread over files.

package import Storage

/// The words of a track that a prefix or a fuzzy word stands for.
package struct Expansion: Sendable, Hashable {
    /// A word with how far it is from the one asked for.
    package struct Word: Sendable, Hashable {
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
    /// Where each word's postings are in each part of the track, nil where it has none.
    let places: [[TermPlace?]]
    /// How many there are in the track.
    package let found: Int
    /// Whether it was too late to look for words.
    let isLate: Bool

    /// What a word at a distance counts, compared with the one asked for.
    package static func damping(distance: Int) -> Float { 1 / Float(1 + distance) }

    /// In how many documents the words are, those with several counted several times.
    var documentFrequency: UInt64 { words.reduce(0) { $0 + $1.documentFrequency } }

    /// The words that a prefix or a fuzzy word stands for; none when it is too late to look.
    fileprivate init(
        _ content: TextQuery.Content, _ parts: [any TermSource], isLate: Bool
    ) throws(StorageError) {
        var distance: EditDistance?
        switch content {
        case .prefix(let term): (self.term, edits) = (term, nil)
        case .fuzzy(let term, let edits):
            (self.term, self.edits) = (term, edits)
            distance = EditDistance(to: term, atMost: edits)
        case .terms, .ending, .expanded, .anyOf, .group: (term, edits) = ([], nil)
        }
        self.isLate = isLate
        let wanted = term
        let endsInKana = TermKey.endsInKana(term)
        let collected = try CollectedWords(parts) { part, add throws(StorageError) in
            guard !isLate, !wanted.isEmpty else { return }
            if let distance {
                try part.forEachTerm(near: distance, add)
            } else if endsInKana {
                try part.forEachTerm(withPrefix: wanted) { term, documents, distance, place in
                    guard TermKey.begins(term, with: wanted) else { return }
                    add(term, documents, distance, place)
                }
            } else {
                try part.forEachTerm(withPrefix: wanted, add)
            }
        }
        found = collected.words.count
        let taken = collected.best(edits == nil ? Self.prefixWordsMax : Self.fuzzyWordsMax)
        let isEvery = taken.count == collected.words.count
        words = isEvery ? collected.words : taken.map { collected.words[$0] }
        places = collected.places(of: taken)
    }
}

/// Where a part of a track has a term's postings.
package enum TermPlace: Sendable, Hashable {
    /// In a segment.
    case segment(TermInfo)
    /// In a memtable, under this number.
    case memtable(Int)
}

/// Takes a word as `TermKey` builds it, how many documents hold it, its distance from the word
/// asked for and where its postings are.
package typealias TermBody = ([UInt8], UInt64, Int, TermPlace) -> Void

/// A part of a track whose words can be looked through.
package protocol TermSource: PostingsSource {
    /// Whether the words come in the order of their bytes.
    var hasSortedTerms: Bool { get }
    /// Calls `body` with each word that has a prefix (both as `TermKey` builds them), in any order;
    /// its distance is 0.
    func forEachTerm(withPrefix prefix: [UInt8], _ body: TermBody) throws(StorageError)
    /// Calls `body` with each word that is near enough, in any order.
    func forEachTerm(near distance: EditDistance, _ body: TermBody) throws(StorageError)
    /// About how many documents hold a term, without a look at its postings.
    func documentFrequency(_ term: [UInt8]) throws(StorageError) -> UInt64
    /// A cursor over documents and frequencies where the part said that a term is.
    func cursor(at place: TermPlace) throws(StorageError) -> PostingsCursor
}

extension TextQuery {
    /// Expands prefixes and fuzzy words over all parts of a track.
    ///
    /// Where the deadline comes before one of them, an evaluation of the query looks at nothing.
    package mutating func expand(
        over parts: [any TermSource], until deadline: Deadline? = nil
    ) throws(StorageError) {
        guard clauses.contains(where: { $0.content.needsExpansion }) else { return }
        var known: [(content: Content, expansion: Expansion)] = []
        clauses = try Self.expand(clauses, parts, deadline, &known)
    }

    /// `known` are the words expanded before, which may come again.
    private static func expand(
        _ clauses: [Clause], _ parts: [any TermSource], _ deadline: Deadline?,
        _ known: inout [(content: Content, expansion: Expansion)]
    ) throws(StorageError) -> [Clause] {
        var expanded: [Clause] = []
        for clause in clauses {
            var clause = clause
            switch clause.content {
            case .group(let inner, let atLeast):
                let left = try expand(inner, parts, deadline, &known)
                let isAlone = left.count == 1 && left.count < inner.count && atLeast == nil
                if isAlone, left[0].occurrence == .must, left[0].boost == 1 {
                    clause.content = left[0].content
                } else {
                    clause.content = .group(left, atLeast: atLeast)
                }
            case .prefix, .fuzzy:
                let content = clause.content
                if let before = known.first(where: { $0.content == content }) {
                    clause.content = .expanded(before.expansion)
                } else {
                    let isLate = deadline?.hasPassed ?? false
                    let expansion = try Expansion(content, parts, isLate: isLate)
                    known.append((content, expansion))
                    clause.content = .expanded(expansion)
                }
            case .ending(let words, let end):
                clause.content = try phrases(words, end, parts)
            case .terms, .expanded, .anyOf: break
            }
            expanded.append(clause)
        }
        // A word asked for without accents is a word alone where no row has it with some.
        expanded.removeAll { $0.occurrence == .mustNot && $0.content.isUnwritten }
        return expanded
    }
}

extension TextQuery.Content {
    /// Whether it asks for words with accents of which there are none.
    fileprivate var isUnwritten: Bool {
        switch self {
        case .expanded(let expansion):
            return expansion.words.isEmpty && !expansion.isLate
                && expansion.term.first == TermKind.written.rawValue
        case .group(let inner, _):
            return inner.contains { $0.occurrence == .must && $0.content.isUnwritten }
        case .terms, .ending, .prefix, .fuzzy, .anyOf: return false
        }
    }

    /// Whether it is a prefix or a fuzzy word, or may hold one.
    fileprivate var needsExpansion: Bool {
        switch self {
        case .ending, .prefix, .fuzzy, .group: return true
        case .terms, .expanded, .anyOf: return false
        }
    }
}

extension TextSections: TermSource {
    /// They lie in order.
    package var hasSortedTerms: Bool { true }

    /// Looks through a range of the sorted terms.
    package func forEachTerm(
        withPrefix prefix: [UInt8], _ body: TermBody
    ) throws(StorageError) {
        try dictionary.forEach(withPrefix: prefix) { term, info in
            body(term, UInt64(info.documentFrequency), 0, .segment(info))
        }
    }

    /// Looks through the sorted terms, past all that begin like one that is too far off already.
    package func forEachTerm(
        near distance: EditDistance, _ body: TermBody
    ) throws(StorageError) {
        try dictionary.forEach(near: distance) { term, edits, info in
            body(term, UInt64(info.documentFrequency), edits, .segment(info))
        }
    }

    /// A cursor without positions.
    package func cursor(at place: TermPlace) throws(StorageError) -> PostingsCursor {
        guard case .segment(let info) = place else { preconditionFailure("of another part") }
        return try cursor(info, withPositions: false)
    }
}

extension MutableIndexView: TermSource {
    /// They lie as they came.
    package var hasSortedTerms: Bool { false }

    /// Looks at every word of the memtable, or other term of the prefix's kind.
    package func forEachTerm(
        withPrefix prefix: [UInt8], _ body: TermBody
    ) throws(StorageError) {
        let wanted = prefix.dropFirst()
        let kind = prefix.first.flatMap { TermKind(rawValue: $0) } ?? .word
        unsafe index.forEachTerm(of: kind) { word, _, number in
            if unsafe word.starts(with: wanted) { add(number, 0, body) }
        }
    }

    /// Looks at every word of the memtable, and measures those with nearly the same characters.
    package func forEachTerm(
        near distance: EditDistance, _ body: TermBody
    ) throws(StorageError) {
        unsafe index.forEachTerm(of: .word) { word, signature, number in
            guard distance.canBeNear(signature), let edits = unsafe distance.measure(word) else {
                return
            }
            add(number, edits, body)
        }
    }

    /// A cursor over what may be seen.
    package func cursor(at place: TermPlace) throws(StorageError) -> PostingsCursor {
        guard case .memtable(let number) = place else { preconditionFailure("of another part") }
        return PostingsCursor(
            index.decode(number, below: documentCount, withPositions: false))
    }

    /// Calls `body` with a word unless nothing of it may be seen.
    private func add(_ number: Int, _ edits: Int, _ body: TermBody) {
        let documents = index.documentCount(ofTerm: number, below: documentCount)
        guard documents > 0 else { return }
        body(index.bytes(ofTerm: number), UInt64(documents), edits, .memtable(number))
    }
}
