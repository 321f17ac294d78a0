// The tree of a query's clauses over one part of a track, for the evaluation that knows clauses of
// every kind.

extension BoundQuery {
    /// The whole tree over this part's cursors.
    func tree(
        _ weights: QueryWeights, _ expanded: [Int: [WeightedCursor]]
    ) -> TreeEvaluator {
        var builder = TreeBuilder(query: self, weights: weights, expanded: expanded)
        return builder.tree()
    }
}

/// Builds the nodes of a tree, leaf after leaf.
private struct TreeBuilder {
    let query: BoundQuery
    let weights: QueryWeights
    /// What each leaf that is a prefix or a fuzzy word stands for.
    let expanded: [Int: [WeightedCursor]]
    /// Those whose scores count.
    private var leaves: [TreeLeaf] = []
    private var next = 0

    init(
        query: BoundQuery, weights: QueryWeights, expanded: [Int: [WeightedCursor]]
    ) {
        self.query = query
        self.weights = weights
        self.expanded = expanded
    }

    mutating func tree() -> TreeEvaluator {
        var parts = parts(query.query.clauses, query.query.atLeast, areScored: true)
        for filter in query.filters {
            let words = filter.map { WeightedCursor(cursor: $0, idf: 0) }
            parts.required.append(.leaf(TreeLeaf(-1, .anyOf, words, idf: 0)))
        }
        return TreeEvaluator(TreeGroup(parts), leaves)
    }

    private mutating func parts(
        _ clauses: [TextQuery.Clause], _ atLeast: Int?, areScored: Bool
    ) -> TreeGroup.Parts {
        var parts = TreeGroup.Parts()
        for clause in clauses {
            let isScored = [.must, .should].contains(clause.occurrence)
            let node = node(clause.content, isScored: areScored && isScored)
            switch clause.occurrence {
            case .must, .filter: parts.required.append(node)
            case .mustNot: parts.excluded.append(node)
            case .should: parts.optional.append(node)
            }
            if isScored { parts.scoring.append(node) }
        }
        let hasRequired = clauses.contains { $0.occurrence == .must }
        parts.atLeast = atLeast ?? (hasRequired || parts.optional.isEmpty ? 0 : 1)
        return parts
    }

    private mutating func node(_ content: TextQuery.Content, isScored: Bool) -> TreeNode {
        if case .group(let inner, let atLeast) = content {
            return .group(TreeGroup(parts(inner, atLeast, areScored: isScored)))
        }
        let leaf = leaf(content, next)
        next += 1
        if isScored { leaves.append(leaf) }
        return .leaf(leaf)
    }

    private func leaf(_ content: TextQuery.Content, _ number: Int) -> TreeLeaf {
        let cursors = query.cursors[number]
        let present = cursors.compactMap { $0 }
        switch content {
        case .terms(let terms, let slop):
            let isWhole = present.count == cursors.count
            return phrase(terms, slop, isWhole ? present : [], number)
        case .expanded:
            return TreeLeaf(number, .anyOf, (expanded[number] ?? []) + further(number), idf: 0)
        case .anyOf:
            let words = present.map { WeightedCursor(cursor: $0, idf: 0) }
            return TreeLeaf(number, .anyOf, words, idf: 0)
        case .ending, .prefix, .fuzzy, .group: return TreeLeaf(number, .anyOf, [], idf: 0)
        }
    }

    /// The documents that stand for further lines which hold a leaf, as one more of its words.
    private func further(_ number: Int) -> [WeightedCursor] {
        guard let documents = query.crossings[number], !documents.isEmpty else { return [] }
        let cursor = PostingsCursor(DecodedPostings(documents: documents))
        return [WeightedCursor(cursor: cursor, idf: query.weight(number, weights))]
    }

    /// A word or phrase; `present` are the cursors of its words when all occur.
    private func phrase(
        _ terms: [[UInt8]], _ slop: Int, _ present: [PostingsCursor], _ number: Int
    ) -> TreeLeaf {
        let idf = query.weight(number, weights)
        let words = present.map { WeightedCursor(cursor: $0, idf: idf) }
        let crossings = query.crossings[number] ?? []
        guard terms.count > 1 || !crossings.isEmpty else {
            return TreeLeaf(number, words.isEmpty ? .anyOf : .word, words, idf: idf)
        }
        let isSloppy = slop > 0 && terms.count > 1
        return TreeLeaf(
            number, isSloppy ? .sloppy(SloppyPlaces(terms, slop: slop)) : .phrase, words,
            needed: present.isEmpty ? [] : terms.map { term in UInt32(terms.count { $0 == term }) },
            crossings: crossings, idf: idf)
    }
}
