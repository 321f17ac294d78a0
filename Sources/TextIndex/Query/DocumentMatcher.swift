// Finds the documents that satisfy required, optional and excluded clauses together, one document
// at a time: by leapfrog over what is required, or through the union of what is optional.

/// The clauses of a query, taken together.
struct DocumentMatcher {
    /// Clauses by what they ask.
    struct Scorers {
        var required: [ClauseScorer] = []
        var optional: [ClauseScorer] = []
        var excluded: [ClauseScorer] = []
        /// Required and optional ones in the order in which scores add up.
        var scoring: [ClauseScorer] = []
        /// Whether at least one optional clause must match.
        var needsOptional = false
        /// Whether something required occurs nowhere here.
        var isImpossible = false
    }

    private let required: [ClauseScorer]
    private let scorers: Scorers
    private let matchesAll: Bool

    /// Nil when nothing can match.
    init?(_ scorers: Scorers, matchesAll: Bool) {
        guard !scorers.isImpossible else { return nil }
        guard !scorers.needsOptional || !scorers.optional.isEmpty else { return nil }
        required = scorers.required.sorted { $0.cost < $1.cost }
        self.scorers = scorers
        // Words to leave out and nothing else: everything but those.
        self.matchesAll =
            matchesAll || (required.isEmpty && !scorers.needsOptional)
    }

    /// Calls `body` with each matching document in the range, in ascending order.
    func forEach(in range: Range<UInt32>, _ body: (UInt32) -> Void) {
        var document = range.lowerBound
        while document < range.upperBound {
            document = candidate(from: document)
            guard document < range.upperBound else { return }
            if satisfiesRest(document) { body(document) }
            document += 1
        }
    }

    /// The score of the document that `body` was called with.
    func score(norm: Float) -> Float {
        var sum: Float = 0
        let document = current
        for scorer in scorers.scoring {
            scorer.advance(to: document)
            if scorer.document == document { sum += scorer.score(norm: norm) }
        }
        return sum
    }

    private var current: UInt32 {
        if let lead = required.first { return lead.document }
        return scorers.optional.reduce(PostingsCursor.end) { min($0, $1.document) }
    }

    private func candidate(from start: UInt32) -> UInt32 {
        if matchesAll { return start }
        guard let lead = required.first else {
            for scorer in scorers.optional { scorer.advance(to: start) }
            return current
        }
        var document = start
        search: while document != PostingsCursor.end {
            lead.advance(to: document)
            document = lead.document
            for scorer in required.dropFirst() {
                scorer.advance(to: document)
                if scorer.document != document {
                    document = scorer.document
                    continue search
                }
            }
            break
        }
        return document
    }

    private func satisfiesRest(_ document: UInt32) -> Bool {
        for scorer in scorers.excluded {
            scorer.advance(to: document)
            if scorer.document == document { return false }
        }
        guard scorers.needsOptional, !required.isEmpty else { return true }
        for scorer in scorers.optional {
            scorer.advance(to: document)
            if scorer.document == document { return true }
        }
        return false
    }
}
