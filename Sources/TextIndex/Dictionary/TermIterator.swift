// Walks the terms of a segment in order, one at a time: what merging several dictionaries needs.

import Storage

/// Where a walk through a dictionary stands.
struct TermIterator {
    /// The current term.
    var term: [UInt8] { terms[at] }
    /// Where its postings lie.
    var info: TermInfo { infos[at] }
    /// Whether there is no term left.
    private(set) var isAtEnd = false

    private let dictionary: TermDictionary
    private var block = 0
    private var at = 0
    private var terms: [[UInt8]] = []
    private var infos: [TermInfo] = []

    /// A walk that stands at the first term.
    init(_ dictionary: TermDictionary) throws(StorageError) {
        self.dictionary = dictionary
        try load()
    }

    /// Goes to the next term.
    mutating func advance() throws(StorageError) {
        at += 1
        guard at == terms.count else { return }
        block += 1
        try load()
    }

    private mutating func load() throws(StorageError) {
        terms.removeAll(keepingCapacity: true)
        infos.removeAll(keepingCapacity: true)
        at = 0
        guard block < dictionary.blockCount else {
            isAtEnd = true
            return
        }
        var (terms, infos) = (terms, infos)
        try dictionary.forEach(inBlock: block) { term, info in
            terms.append(term)
            infos.append(info)
            return true
        }
        self.terms = terms
        self.infos = infos
    }
}
