// Groups that ask nothing of their own become part of what they stand in, and what is asked twice
// is asked once: however a query is put in parentheses, what is evaluated is about as short as what
// it says.

import TextIndex

extension QueryReader {
    /// Clauses that find the same and score it alike, in the same order.
    static func simplified(_ clauses: [TextQuery.Clause]) -> [TextQuery.Clause] {
        merged(clauses.flatMap(opened))
    }

    /// What stands in a group that is no more than its parts, whose own groups are opened.
    private static func opened(_ clause: TextQuery.Clause) -> [TextQuery.Clause] {
        guard case .group(let inner, nil) = clause.content else { return [clause] }
        let isAlternatives = inner.allSatisfy { $0.occurrence == .should }
        let isOpen: Bool
        switch clause.occurrence {
        case .should: isOpen = isAlternatives
        case .must: isOpen = inner.contains { $0.occurrence == .must }
        case .mustNot: isOpen = isAlternatives
        case .filter: isOpen = false
        }
        guard isOpen else { return [clause] }
        return inner.map { part in
            var part = part
            part.boost *= clause.boost
            part.isSynonym = part.isSynonym || clause.isSynonym
            if clause.occurrence == .mustNot { part.occurrence = .mustNot }
            return part
        }
    }

    /// A clause, as far as it is compared with others.
    private struct Wanted: Hashable {
        let occurrence: TextQuery.Occurrence
        let content: TextQuery.Content
        let isSynonym: Bool
    }

    /// Each clause once, weighing as much as it did altogether.
    private static func merged(_ clauses: [TextQuery.Clause]) -> [TextQuery.Clause] {
        var merged: [TextQuery.Clause] = []
        var places: [Wanted: Int] = [:]
        for clause in clauses {
            let wanted = Wanted(
                occurrence: clause.occurrence, content: clause.content,
                isSynonym: clause.isSynonym)
            if let place = places[wanted] {
                merged[place].boost += clause.boost
            } else {
                places[wanted] = merged.count
                merged.append(clause)
            }
        }
        return merged
    }
}
