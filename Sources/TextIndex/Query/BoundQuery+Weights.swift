// In how many documents of a part each word of a query is, and what the words weigh over all parts
// of a track.

extension BoundQuery {
    /// How many terms of a leaf score, and so how many document frequencies it has.
    @inline(__always)
    func scoringTerms(ofLeaf leaf: Int) -> Int {
        switch leaves[leaf].content {
        case .terms: return cursors[leaf].count
        // Words that are taken as one.
        case .expanded: return 1
        case .ending, .anyOf, .prefix, .fuzzy, .group: return 0
        }
    }

    /// How many documents of this part hold a term of a leaf; the sum for words taken as one.
    @inline(__always)
    func documentFrequency(ofLeaf leaf: Int, _ term: Int) -> UInt64 {
        guard case .expanded = leaves[leaf].content else {
            return UInt64(cursors[leaf][term]?.documentFrequency ?? 0)
        }
        return cursors[leaf].reduce(0) { $0 + UInt64($1?.documentFrequency ?? 0) }
    }

    /// For each leaf and each of its terms, how many documents of this part hold it; the sum for
    /// words taken as one.
    package var documentFrequencies: [[UInt64]] {
        leaves.indices.map { leaf in
            (0..<scoringTerms(ofLeaf: leaf)).map { documentFrequency(ofLeaf: leaf, $0) }
        }
    }
}

extension QueryWeights {
    /// Weights of a query that was bound to every part of a track.
    package init(_ parts: [BoundQuery], _ ranking: BM25) {
        let leaves = parts.first?.leaves.count ?? 0
        var clauses: [Float] = []
        clauses.reserveCapacity(leaves)
        for leaf in 0..<leaves {
            var weight: Float = 0
            for term in 0..<parts[0].scoringTerms(ofLeaf: leaf) {
                var documents: UInt64 = 0
                for part in parts { documents += part.documentFrequency(ofLeaf: leaf, term) }
                weight += ranking.idf(documentFrequency: documents)
            }
            clauses.append(weight)
        }
        self.init(clauses: clauses, norms: ranking.norms)
    }
}
