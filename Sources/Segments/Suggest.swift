// Words that complete what is being typed.

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
        guard let track = try soundTrack(number) else { return [] }
        let parts = Source.all(of: track).map(\.terms)
        let query = try TextQuery(clauses: [.init(.should, .prefix(term))]).expanded(over: parts)
        guard case .expanded(let expansion)? = query.clauses.first?.content else { return [] }
        return expansion.words
    }
}
