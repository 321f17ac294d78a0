// What a search answers, and answers in which something occurs once.

/// A vector found.
package struct VectorHit: Sendable, Equatable {
    /// Its number.
    package var document: UInt32
    /// The product with the query (of unit vectors under cosine), or minus the squared distance.
    package var score: Float

    /// A vector's number with its score.
    package init(document: UInt32, score: Float) {
        self.document = document
        self.score = score
    }
}

/// Answers with the best vector of each group.
enum GroupedHits {
    /// Vectors after which all are looked at once: few groups have many.
    private static let askedMax = 16_384

    /// Runs a search for more and more until it finds `limit` groups, or all of `count` vectors.
    ///
    /// `search` answers with the best vectors; `all` with the best of each group, of all there are.
    static func find(
        _ limit: Int, of count: Int, group: (UInt32) -> UInt32,
        search: (Int) -> [VectorHit], all: () -> [VectorHit]
    ) -> [VectorHit] {
        var asked = min(count, 2 * limit)
        while asked < min(count, askedMax) {
            var seen = Set<UInt32>(minimumCapacity: min(asked, 4_096))
            let firsts = search(asked).filter { seen.insert(group($0.document)).inserted }
            if firsts.count >= limit { return Array(firsts.prefix(limit)) }
            asked *= 4
        }
        return Array(all().prefix(limit))
    }
}
