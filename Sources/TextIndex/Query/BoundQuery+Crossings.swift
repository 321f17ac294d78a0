// Phrases that begin in one line and end in a later one. Which lines those are is found out before
// the evaluation, by who knows which line follows which; here they are counted and scored.

extension BoundQuery {
    /// Whether a document holds a leaf.
    ///
    /// Moves cursors: not while an evaluation is under way.
    package func holds(leaf: Int, _ document: UInt32) -> Bool {
        switch leaves[leaf].content {
        case .terms(let terms, slop: 1...) where terms.count > 1:
            return holdsNearby(terms, leaf, document)
        case .terms(let terms, _) where terms.count > 1:
            return holdsPhrase(leaf: leaf, document)
        case .expanded(let expansion):
            return documents(of: expansion, leaf).contains { $0.holds(document) }
        default: return cursors[leaf].contains { $0?.holds(document) ?? false }
        }
    }

    private func holdsNearby(_ terms: [[UInt8]], _ leaf: Int, _ document: UInt32) -> Bool {
        guard case .terms(_, let slop) = leaves[leaf].content else { return false }
        let present = cursors[leaf].compactMap { $0 }
        guard present.count == terms.count, present.allSatisfy({ $0.holds(document) }) else {
            return false
        }
        return SloppyPlaces(terms, slop: slop).count(present, document) > 0
    }

    /// The documents of a prefix or a fuzzy word, which stands for many words.
    private func documents(of expansion: Expansion, _ leaf: Int) -> [PostingsCursor] {
        if let known = expandedDocuments[leaf] { return known }
        let words = ExpandedWords(
            expansion, cursors[leaf].map { $0.map { PostingsCursor(over: $0) } })
        let merged = words.merged(documentCount).map { PostingsCursor($0.documents) }
        expandedDocuments[leaf] = merged
        return merged
    }

    /// Whether a document holds the whole phrase of a leaf.
    ///
    /// Moves cursors: not while an evaluation is under way.
    package func holdsPhrase(leaf: Int, _ document: UInt32) -> Bool {
        var starts: [UInt32] = []
        var positions: [UInt32] = []
        for (offset, cursor) in cursors[leaf].enumerated() {
            guard let cursor, cursor.holds(document) else { return false }
            cursor.positions(of: document, into: &positions)
            if offset == 0 {
                swap(&starts, &positions)
            } else {
                starts.removeAll { !positions.contains($0 &+ UInt32(offset)) }
            }
            if starts.isEmpty { return false }
        }
        return true
    }

    /// Offers the documents in which the phrase that is the whole query begins, beside those that
    /// hold it, which were offered and counted as `hits` says.
    func offerCrossings(
        _ weights: QueryWeights, _ walk: DocumentWalk, after hits: HitCount, into best: inout TopK
    ) -> HitCount {
        var hits = hits
        let idf = weight(0, weights)
        // They do not come in the order of ties with what was offered before.
        best.beginRun(0..<0)
        var ranges = walk.ranges[...]
        for document in crossings[0] ?? [] {
            while let range = ranges.first, range.upperBound <= document { ranges.removeFirst() }
            guard let range = ranges.first else { break }
            guard range.contains(document) else { continue }
            let norm = unsafe walk.norms[Int(walk.lengthCodes[Int(document)])]
            let score = BM25.impact(idf: idf, frequency: 1, norm: norm)
            guard hits.isExact || best.wouldEnterAnywhere(score),
                !holdsPhrase(leaf: 0, document), walk.accepts?(document) ?? true
            else { continue }
            hits.count += 1
            best.offer(score, document)
        }
        return hits
    }
}
