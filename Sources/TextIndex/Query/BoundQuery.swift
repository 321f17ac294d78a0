// A query joined with the postings of one part of a track. Two passes: first every part opens its
// cursors and tells its document frequencies, then each is evaluated with weights of the whole.

package import Storage

/// One query over one segment or memtable, ready to run once.
package struct BoundQuery {
    private let query: TextQuery
    private let source: any PostingsSource
    /// For each clause, a cursor for each term.
    private let cursors: [[PostingsCursor?]]
    private let filters: [[PostingsCursor]]

    /// Opens the cursors; throws when the postings are damaged.
    package init(_ query: TextQuery, _ source: any PostingsSource) throws(StorageError) {
        self.query = query
        self.source = source
        var cursors: [[PostingsCursor?]] = []
        for clause in query.clauses {
            var ofClause: [PostingsCursor?] = []
            for term in clause.terms { ofClause.append(try source.cursor(term)) }
            cursors.append(ofClause)
        }
        self.cursors = cursors
        var filters: [[PostingsCursor]] = []
        for filter in query.filters {
            var ofFilter: [PostingsCursor] = []
            for term in filter {
                if let cursor = try source.cursor(term) { ofFilter.append(cursor) }
            }
            filters.append(ofFilter)
        }
        self.filters = filters
    }

    /// For each clause and each of its terms, how many documents of this part hold it.
    package var documentFrequencies: [[UInt64]] {
        cursors.map { $0.map { UInt64($0?.documentFrequency ?? 0) } }
    }

    /// Offers the matching documents to `best` and counts them.
    ///
    /// Counting stops to be exact after `countLimit` hits, so that documents that cannot enter may
    /// be skipped.
    package func evaluate(
        _ weights: QueryWeights, _ filter: DocumentFilter, into best: inout TopK, countLimit: Int
    ) -> HitCount {
        var hits = HitCount()
        let walk = unsafe DocumentWalk(
            strata: source.strata, ranges: filter.ranges, lengthCodes: source.lengthCodes,
            norms: weights.norms, countLimit: countLimit, accepts: filter.accepts)
        if let words = words(weights) { return evaluate(words, walk, &best) }
        if var phrase = onlyPhrase(weights) { return phrase.run(walk, &best) }
        guard let matcher = DocumentMatcher(scorers(weights), matchesAll: matchesAll) else {
            return hits
        }
        for range in filter.ranges {
            matcher.forEach(in: range) { document in
                guard filter.accepts?(document) ?? true else { return }
                hits.count += 1
                let norm = unsafe weights.norms[Int(source.lengthCodes[Int(document)])]
                best.offer(matcher.score(norm: norm), document)
            }
        }
        return hits
    }

    private func evaluate(
        _ words: [WeightedCursor], _ walk: DocumentWalk, _ best: inout TopK
    ) -> HitCount {
        if words.count == 1, let word = WordEvaluator(words[0]) { return word.run(walk, &best) }
        let atLeast = words.contains { $0.isRequired } ? 0 : 1
        if let sparse = SparseEvaluator(words, atLeast: atLeast, documents: source.documentCount) {
            return sparse.run(walk, &best)
        }
        var windows = WindowEvaluator(words, atLeast: atLeast)
        return windows.run(walk, &best)
    }

    private var matchesAll: Bool { query.clauses.isEmpty && query.filters.isEmpty }

    /// The words, when the query is nothing but words that may occur, or must and do.
    private func words(_ weights: QueryWeights) -> [WeightedCursor]? {
        guard query.filters.isEmpty, !query.clauses.isEmpty else { return nil }
        var words: [WeightedCursor] = []
        for (index, clause) in query.clauses.enumerated() {
            guard clause.occurrence != .mustNot, clause.terms.count == 1 else { return nil }
            guard let cursor = cursors[index][0] else {
                if clause.occurrence == .must { return nil }
                continue
            }
            words.append(
                WeightedCursor(
                    cursor: cursor, idf: weights.clauses[index],
                    isRequired: clause.occurrence == .must))
        }
        return words
    }

    /// The phrase, when the query is nothing else and all its words occur.
    private func onlyPhrase(_ weights: QueryWeights) -> PhraseEvaluator? {
        guard query.filters.isEmpty, query.clauses.count == 1, query.clauses[0].terms.count > 1,
            query.clauses[0].occurrence != .mustNot
        else { return nil }
        let present = cursors[0].compactMap { $0 }
        guard present.count == query.clauses[0].terms.count else { return nil }
        return PhraseEvaluator(
            present, idf: weights.clauses[0], documents: source.documentCount)
    }

    private func scorers(_ weights: QueryWeights) -> DocumentMatcher.Scorers {
        var scorers = DocumentMatcher.Scorers()
        for (index, clause) in query.clauses.enumerated() {
            let present = cursors[index].compactMap { $0 }
            let isPossible = present.count == clause.terms.count && !present.isEmpty
            guard isPossible else {
                if clause.occurrence == .must { scorers.isImpossible = true }
                continue
            }
            let scorer = ClauseScorer(terms: present, idf: weights.clauses[index])
            switch clause.occurrence {
            case .must: scorers.required.append(scorer)
            case .mustNot: scorers.excluded.append(scorer)
            case .should: scorers.optional.append(scorer)
            }
            if clause.occurrence != .mustNot { scorers.scoring.append(scorer) }
        }
        for filter in filters {
            if filter.isEmpty {
                scorers.isImpossible = true
            } else {
                scorers.required.append(ClauseScorer(anyOf: filter))
            }
        }
        let isPositive = query.clauses.contains { $0.occurrence != .mustNot }
        let needsOptional = !query.clauses.contains { $0.occurrence == .must } && isPositive
        scorers.needsOptional = needsOptional
        return scorers
    }
}
