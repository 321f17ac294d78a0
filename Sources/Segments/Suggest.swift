// What can complete or correct what is being typed: the words of a track, the values of its
// keywords, and the word that is nearest to one that occurs nowhere.

package import Storage
package import TextIndex

extension View {
    /// The most frequent words of a track that begin like a term (as `TermKey` builds it), in the
    /// order of their bytes.
    ///
    /// Deleted rows count until a merge drops them.
    package func words(
        _ number: UInt32, beginning term: [UInt8]
    ) throws(StorageError) -> [Expansion.Word] {
        try words(number, .prefix(term))
    }

    /// The words of a track that are within so many edits of a term: the nearest first, of those at
    /// one distance the most frequent.
    package func words(
        _ number: UInt32, nearest term: [UInt8], edits: Int
    ) throws(StorageError) -> [Expansion.Word] {
        try words(number, .fuzzy(term, edits: edits)).sorted { a, b in
            if a.distance != b.distance { return a.distance < b.distance }
            return a.documentFrequency > b.documentFrequency
        }
    }

    private func words(
        _ number: UInt32, _ content: TextQuery.Content
    ) throws(StorageError) -> [Expansion.Word] {
        guard let track = try soundTrack(number) else { return [] }
        let parts = track.parts
        var query = TextQuery(clauses: [.init(.should, content)])
        try query.expand(over: parts)
        guard case .expanded(let expansion)? = query.clauses.first?.content else { return [] }
        return expansion.words
    }

    /// Whether a document of a track holds a term, be it deleted.
    package func holds(_ number: UInt32, _ term: [UInt8]) throws(StorageError) -> Bool {
        guard let track = try soundTrack(number) else { return false }
        for source in track.sources {
            if try source.terms.documentFrequency(term) > 0 { return true }
        }
        return false
    }

    /// The terms of a track's keyword whose values begin so, folded, and how many rows hold each.
    ///
    /// Deleted rows count until a merge drops them.
    package func values(
        _ number: UInt32, of name: [UInt8], beginning folded: [UInt8]
    ) throws(StorageError) -> [[UInt8]: UInt64] {
        guard let track = try soundTrack(number) else { return [:] }
        let prefix = TermKey.attribute(name, folded)
        var values: [[UInt8]: UInt64] = [:]
        for source in track.sources {
            switch source {
            case .segment(let segment):
                try segment.text.forEachTerm(withPrefix: prefix) { term, rows, _, _ in
                    values[term, default: 0] += rows
                }
            case .memtable(let view):
                view.text.forEachTermOfAnyKind(withPrefix: prefix) { term, rows in
                    values[term, default: 0] += rows
                }
            }
        }
        return values
    }
}
