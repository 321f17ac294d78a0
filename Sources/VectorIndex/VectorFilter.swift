// Which documents a search may answer with: a bit for each, as titles, attributes and deletions
// leave them.

/// A set of documents of an index.
package struct VectorFilter: Sendable {
    private var words: [UInt64]
    /// Documents in the set.
    package private(set) var count = 0

    /// None of `documents` documents.
    package init(documents: Int) { words = .init(repeating: 0, count: (documents + 63) / 64) }

    /// Adds a range of documents.
    package mutating func insert(_ range: Range<Int>) { for document in range { insert(document) } }

    /// Adds a document.
    package mutating func insert(_ document: Int) {
        let bit = UInt64(1) << UInt64(document % 64)
        if words[document / 64] & bit == 0 { count += 1 }
        words[document / 64] |= bit
    }

    /// Takes a document out.
    package mutating func remove(_ document: Int) {
        let bit = UInt64(1) << UInt64(document % 64)
        if words[document / 64] & bit != 0 { count -= 1 }
        words[document / 64] &= ~bit
    }

    /// Whether a document is in the set.
    @inline(__always)
    package func contains(_ document: Int) -> Bool {
        words[document / 64] >> UInt64(document % 64) & 1 == 1
    }

    /// The documents in ascending order.
    func forEach(_ body: (Int) -> Void) {
        for (index, word) in words.enumerated() {
            var left = word
            while left != 0 {
                body(index * 64 + left.trailingZeroBitCount)
                left &= left - 1
            }
        }
    }
}
