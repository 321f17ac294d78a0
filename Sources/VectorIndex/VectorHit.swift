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
    /// Runs a search for more and more until it finds `limit` groups, or all of `count` vectors.
    ///
    /// `search` answers with the best vectors, fewer than it is asked for only when there are no
    /// more.
    static func find(
        _ limit: Int, of count: Int, group: (UInt32) -> UInt32,
        search: (Int) -> [VectorHit]
    ) -> [VectorHit] {
        var asked = min(count, 2 * limit)
        while true {
            let hits = search(asked)
            var seen = Set<UInt32>(minimumCapacity: min(hits.count, 4_096))
            let firsts = hits.filter { seen.insert(group($0.document)).inserted }
            if firsts.count >= limit || hits.count < asked || asked >= count {
                return Array(firsts.prefix(limit))
            }
            asked = min(count, asked * 4)
        }
    }
}
