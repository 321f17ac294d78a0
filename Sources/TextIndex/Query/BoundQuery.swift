// A query joined with the postings of one part of a track. Two passes: first every part opens its
// cursors and tells its document frequencies, then each is evaluated with weights of the whole.

package import Storage

/// One query over one segment or memtable, ready to run once; an object, so that it is handed
/// around as one pointer.
package final class BoundQuery {
    let query: TextQuery
    private let source: any TermSource
    /// The leaves of the query.
    package let leaves: [TextQuery.Leaf]
    /// For each leaf, a cursor for each term.
    let cursors: [[PostingsCursor?]]
    /// For leaves, the documents in which a phrase begins at the end, to go on in the next line, or
    /// that stand for further lines, one of which holds the leaf; ascending.
    package var crossings: [Int: [UInt32]] = [:]
    /// What a prefix or a fuzzy word is found to stand for.
    var expandedDocuments: [Int: [PostingsCursor]] = [:]
    private(set) var filters: [[PostingsCursor]]

    /// Opens the cursors; throws when the postings are damaged.
    ///
    /// Prefixes and fuzzy words have been expanded before, over parts of which this one has the
    /// number `part`: unexpanded they match nothing.
    package init(
        _ query: TextQuery, _ source: any TermSource, part: Int = 0
    ) throws(StorageError) {
        self.query = query
        self.source = source
        leaves = query.leaves
        var cursors: [[PostingsCursor?]] = []
        cursors.reserveCapacity(leaves.count)
        var terms = TermCursors()
        for leaf in leaves {
            var ofLeaf: [PostingsCursor?] = []
            if case .expanded(let expansion) = leaf.content {
                // The same words again are walked once.
                if let first = leaves.firstIndex(where: { $0.content == leaf.content }),
                    first < cursors.count
                {
                    cursors.append(cursors[first])
                    continue
                }
                for place in expansion.places[part] {
                    ofLeaf.append(
                        try place.map { place throws(StorageError) in
                            try source.cursor(at: place)
                        })
                }
            }
            for term in leaf.content.terms {
                ofLeaf.append(
                    try terms.cursor(term, withPositions: leaf.content.needsPositions, source))
            }
            cursors.append(ofLeaf)
        }
        self.cursors = cursors
        var filters: [[PostingsCursor]] = []
        for filter in query.filters {
            var ofFilter: [PostingsCursor] = []
            for term in filter {
                let cursor = try source.cursor(term, withPositions: false)
                if let cursor { ofFilter.append(cursor) }
            }
            filters.append(ofFilter)
        }
        self.filters = filters
    }

    /// Keeps the query to some documents, in ascending order.
    package func restrict(to documents: [UInt32]) {
        let cursor = PostingsCursor(DecodedPostings(documents: documents))
        filters.append(documents.isEmpty ? [] : [cursor])
    }

    /// Evaluations are best led by no more of so many documents.
    package static func few(of documents: UInt32) -> Int {
        LeadEvaluator.most(of: Int(documents))
    }

    /// Documents of this part.
    var documentCount: UInt32 { source.documentCount }

    /// No more documents of this part match, whichever may be found.
    package var matchesAtMost: Int {
        var next = 0
        let ofClauses = matchesAtMost(query.clauses, query.atLeast, &next)
        return filters.reduce(ofClauses) { most, filter in
            min(most, filter.reduce(0) { $0 + $1.documentFrequency })
        }
    }

    private func matchesAtMost(
        _ clauses: [TextQuery.Clause], _ atLeast: Int?, _ next: inout Int
    ) -> Int {
        var (required, optional) = (Int(source.documentCount), 0)
        var needsOptional = atLeast.map { $0 > 0 } ?? false
        for clause in clauses {
            let most = matchesAtMost(clause.content, &next)
            switch clause.occurrence {
            case .must, .filter: required = min(required, most)
            case .should: optional += most
            case .mustNot: break
            }
        }
        let mayStandAlone = clauses.contains { $0.occurrence == .must }
        if !mayStandAlone, atLeast == nil {
            needsOptional = clauses.contains { $0.occurrence == .should }
        }
        return needsOptional ? min(required, optional) : required
    }

    private func matchesAtMost(_ content: TextQuery.Content, _ next: inout Int) -> Int {
        if case .group(let inner, let atLeast) = content {
            return matchesAtMost(inner, atLeast, &next)
        }
        defer { next += 1 }
        let frequencies = cursors[next].map { $0?.documentFrequency ?? 0 }
        if case .terms = content { return frequencies.min() ?? 0 }
        return frequencies.reduce(0, +)
    }

    /// Offers the matching documents to `best` and counts them.
    ///
    /// Counting stops to be exact after `countLimit` hits, so that documents that cannot enter may
    /// be skipped.
    package func evaluate(
        _ weights: QueryWeights, _ filter: DocumentFilter, into best: inout TopK, countLimit: Int
    ) -> HitCount {
        var hits = HitCount()
        guard !leaves.contains(where: \.content.isLate) else {
            hits.miss(filter.ranges.count(in: 0..<PostingsCursor.end))
            return hits
        }
        let walk = unsafe DocumentWalk(
            strata: source.strata, ranges: filter.ranges, lengthCodes: source.lengthCodes,
            isByLength: source.isByLength, isScored: weights.clauses.contains { $0 != 0 },
            norms: weights.norms, countLimit: countLimit, accepts: filter.accepts,
            watch: filter.deadline.map(Watch.init))
        if crossings.isEmpty, let word = onlyWord(weights) { return word.run(walk, &best) }
        if var expansion = onlyExpansion(weights) { return expansion.run(walk, &best) }
        let expanded = expandedWords(weights)
        if crossings.isEmpty, let flat = flatWords(weights, expanded) {
            return evaluate(flat, walk, &best)
        }
        if let phrase = onlyPhrase() {
            let hits = evaluate(phrase, weight(0, weights), walk, &best)
            return crossings.isEmpty
                ? hits : offerCrossings(weights, walk, after: hits, into: &best)
        }
        var tree = tree(weights, expanded)
        return tree.run(walk, &best)
    }

    /// What each leaf that scores adds to a document's score; empty when it does not match.
    package func explain(_ weights: QueryWeights, _ document: UInt32) -> [LeafScore] {
        let code = unsafe source.lengthCodes[Int(document)]
        return tree(weights, expandedWords(weights)).explain(
            document, norm: weights.norms[Int(code)])
    }

    private func evaluate(
        _ flat: FlatWords, _ walk: DocumentWalk, _ best: inout TopK
    ) -> HitCount {
        let (words, excluded) = (flat.words, flat.excluded)
        guard words.count(where: { !$0.isRequired }) >= flat.atLeast else { return HitCount() }
        if words.count == 1, excluded.isEmpty, let word = WordEvaluator(words[0]) {
            return word.run(walk, &best)
        }
        let documents = Int(source.documentCount)
        if let lead = flat.rarestRequired {
            if words[lead].cursor.documentFrequency <= LeadEvaluator.most(of: documents) {
                return LeadEvaluator(words, lead: lead, excluding: excluded, atLeast: flat.atLeast)
                    .run(walk, &best)
            }
        } else if words.reduce(0, { $0 + $1.cursor.documentFrequency })
            <= SparseEvaluator.most(of: documents)
        {
            return SparseEvaluator(words, excluding: excluded, atLeast: flat.atLeast)
                .run(walk, &best)
        }
        var windows = WindowEvaluator(
            words, excluding: excluded, atLeast: flat.atLeast, documents: source.documentCount)
        return windows.run(walk, &best)
    }

    func weight(_ leaf: Int, _ weights: QueryWeights) -> Float {
        weights.clauses[leaf] * leaves[leaf].boost
    }

    /// The words, when the query is nothing but words and filters by one value, and what is
    /// required occurs; something that is not excluded is among them.
    private func flatWords(
        _ weights: QueryWeights, _ expanded: [Int: [WeightedCursor]]
    ) -> FlatWords? {
        var flat = FlatWords()
        for (index, clause) in query.clauses.enumerated() {
            guard var words = words(clause.content, leaf: index, weights, expanded)
            else { return nil }
            switch clause.occurrence {
            case .filter: return nil
            case .mustNot: flat.excluded += words.map(\.cursor)
            // Of several, one would be required, and no word is.
            case .must where words.count != 1: return nil
            case .must: words[0].isRequired = true
            case .should: break
            }
            if clause.occurrence != .mustNot { flat.words += words }
        }
        guard query.clauses.contains(where: { $0.occurrence != .mustNot }) else { return nil }
        flat.atLeast = query.atLeast ?? (flat.words.contains { $0.isRequired } ? 0 : 1)
        for filter in filters {
            guard filter.count == 1 else { return nil }
            flat.words.append(WeightedCursor(cursor: filter[0], idf: 0, isRequired: true))
        }
        return flat
    }

    /// The words of a clause, of which a document holds one at most; nil when it is none of words.
    private func words(
        _ content: TextQuery.Content, leaf: Int, _ weights: QueryWeights,
        _ expanded: [Int: [WeightedCursor]]
    ) -> [WeightedCursor]? {
        switch content {
        case .terms(let terms, _) where terms.count == 1:
            guard let cursor = cursors[leaf][0] else { return [] }
            return [WeightedCursor(cursor: cursor, idf: weight(leaf, weights))]
        case .expanded: return expanded[leaf]
        default: return nil
        }
    }

    /// What each leaf that is a prefix or a fuzzy word stands for.
    private func expandedWords(_ weights: QueryWeights) -> [Int: [WeightedCursor]] {
        var expanded: [Int: [WeightedCursor]] = [:]
        var merged: [Int: [ExpandedWords.Class]] = [:]
        for (index, leaf) in leaves.enumerated() {
            guard case .expanded(let expansion) = leaf.content else { continue }
            let first = leaves.firstIndex { $0.content == leaf.content } ?? index
            let classes =
                merged[first]
                ?? ExpandedWords(expansion, cursors[index]).merged(source.documentCount)
            merged[first] = classes
            expanded[index] = classes.map { distance, documents in
                WeightedCursor(
                    cursor: PostingsCursor(documents),
                    idf: weight(index, weights) * Expansion.damping(distance: distance))
            }
        }
        return expanded
    }

    /// The word, when the query is nothing else and its postings come in blocks.
    private func onlyWord(_ weights: QueryWeights) -> WordEvaluator? {
        guard isOnlyOneClause, case .terms(let terms, _) = query.clauses[0].content,
            terms.count == 1, let cursor = cursors[0][0]
        else { return nil }
        return WordEvaluator(WeightedCursor(cursor: cursor, idf: weight(0, weights)))
    }

    /// The prefix or fuzzy word, when the query is nothing else.
    private func onlyExpansion(_ weights: QueryWeights) -> ExpansionEvaluator? {
        guard isOnlyOneClause, case .expanded(let expansion) = query.clauses[0].content else {
            return nil
        }
        return ExpansionEvaluator(
            ExpandedWords(expansion, cursors[0]), idf: weight(0, weights))
    }

    private var isOnlyOneClause: Bool {
        filters.isEmpty && query.atLeast == nil && query.clauses.count == 1
            && [.should, .must].contains(query.clauses[0].occurrence)
    }

    /// The words of a phrase, when the query is nothing else and all occur, each of them once.
    private func onlyPhrase() -> [PostingsCursor]? {
        guard isOnlyOneClause, case .terms(let terms, 0) = query.clauses[0].content,
            terms.count > 1
        else { return nil }
        let present = cursors[0].compactMap { $0 }
        guard present.count == terms.count,
            terms.indices.allSatisfy({ !terms[..<$0].contains(terms[$0]) })
        else { return nil }
        return present
    }

    private func evaluate(
        _ phrase: [PostingsCursor], _ idf: Float, _ walk: DocumentWalk, _ best: inout TopK
    ) -> HitCount {
        let lead = phrase.indices.min {
            phrase[$0].documentFrequency < phrase[$1].documentFrequency
        }
        if let lead,
            phrase[lead].documentFrequency <= PhraseLeadEvaluator.most(of: source.documentCount)
        {
            var evaluator = PhraseLeadEvaluator(phrase, lead: lead, idf: idf)
            return evaluator.run(walk, &best)
        }
        var evaluator = PhraseEvaluator(phrase, idf: idf)
        return evaluator.run(walk, &best)
    }
}

/// What one leaf of a query adds to a document's score.
package struct LeafScore: Sendable, Equatable {
    /// The leaf's place among all leaves.
    package let leaf: Int
    /// How often it occurs in the document.
    package let frequency: UInt32
    /// What it adds.
    package let impact: Float
    /// Whether it begins in the document and ends in a later one.
    package var crosses = false
}

extension TextQuery.Content {
    /// The terms that are looked up for a leaf.
    fileprivate var terms: [[UInt8]] {
        switch self {
        case .terms(let terms, _), .anyOf(let terms): return terms
        case .ending, .expanded, .prefix, .fuzzy, .group: return []
        }
    }

    /// Whether it was too late to find out what it stands for.
    fileprivate var isLate: Bool {
        if case .expanded(let expansion) = self { return expansion.isLate }
        return false
    }

    /// Whether it matters where in a text the terms stand.
    fileprivate var needsPositions: Bool {
        if case .terms(let terms, _) = self { return terms.count > 1 }
        return false
    }
}
