// The cursors of a long query's terms: words that come again and again, as in a page that was
// pasted, are looked up and decoded once.

import Storage

/// Opens cursors, and remembers them once there are many.
struct TermCursors {
    /// Up to here nothing is remembered: few words are hardly ever the same.
    private static let few = 12

    private struct Name: Hashable {
        let term: [UInt8]
        let withPositions: Bool
    }

    private var known: [Name: PostingsCursor?] = [:]
    private var opened = 0

    /// A cursor at the first document of a term; nil when no document holds it.
    mutating func cursor(
        _ term: [UInt8], withPositions: Bool, _ source: any TermSource
    ) throws(StorageError) -> PostingsCursor? {
        opened += 1
        guard opened > Self.few else {
            return try source.cursor(term, withPositions: withPositions)
        }
        let name = Name(term: term, withPositions: withPositions)
        if let before = known[name] { return before.map { PostingsCursor(over: $0) } }
        let cursor = try source.cursor(term, withPositions: withPositions)
        known.updateValue(cursor, forKey: name)
        return cursor
    }
}
