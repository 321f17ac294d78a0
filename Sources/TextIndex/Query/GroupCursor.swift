// Walks the documents that match a tree of clauses, one document at a time: by leapfrog over what
// is required, the rarest first, or through the union of what is optional.

/// The documents of one node of a query in ascending order.
enum NodeCursor {
    case clause(ClauseScorer, leaf: Int)
    case sloppy(SloppyPhrase, leaf: Int)
    case crossing(CrossingPhrase, leaf: Int)
    case expanded(ExpansionCursor, leaf: Int)
    case group(GroupCursor)

    /// The current document; `PostingsCursor.end` past the last.
    var document: UInt32 {
        switch self {
        case .clause(let clause, _): return clause.document
        case .sloppy(let phrase, _): return phrase.document
        case .crossing(let phrase, _): return phrase.document
        case .expanded(let words, _): return words.document
        case .group(let group): return group.document
        }
    }

    /// About how many documents match, at most.
    var cost: Int {
        switch self {
        case .clause(let clause, _): return clause.cost
        case .sloppy(let phrase, _): return phrase.cost
        case .crossing(let phrase, _): return phrase.cost
        case .expanded(let words, _): return words.cost
        case .group(let group): return group.cost
        }
    }

    /// Goes to the first match that is `target` or later.
    func advance(to target: UInt32) {
        switch self {
        case .clause(let clause, _): clause.advance(to: target)
        case .sloppy(let phrase, _): phrase.advance(to: target)
        case .crossing(let phrase, _): phrase.advance(to: target)
        case .expanded(let words, _): words.advance(to: target)
        case .group(let group): group.advance(to: target)
        }
    }

    /// Adds the node's score of the current document.
    func addScore(norm: Float, to sum: inout Float) {
        switch self {
        case .clause(let clause, _): sum += clause.score(norm: norm)
        case .sloppy(let phrase, _): sum += phrase.score(norm: norm)
        case .crossing(let phrase, _): sum += phrase.score(norm: norm)
        case .expanded(let words, _): sum += words.score(norm: norm)
        case .group(let group): group.addScore(norm: norm, to: &sum)
        }
    }

    /// Tells what the leaves add that `addScore` adds together.
    func explain(norm: Float, into scores: inout [LeafScore]) {
        func add(_ leaf: Int, _ frequency: UInt32, _ impact: Float) {
            scores.append(LeafScore(leaf: leaf, frequency: frequency, impact: impact))
        }
        switch self {
        case .clause(let clause, let leaf):
            add(leaf, clause.frequency, clause.score(norm: norm))
        case .sloppy(let phrase, let leaf):
            add(leaf, phrase.frequency, phrase.score(norm: norm))
        case .crossing(let phrase, let leaf):
            add(leaf, phrase.frequency, phrase.score(norm: norm))
            scores[scores.count - 1].crosses = phrase.crosses
        case .expanded(let words, let leaf): add(leaf, 1, words.score(norm: norm))
        case .group(let group): group.explain(norm: norm, into: &scores)
        }
    }
}

/// The documents that match several clauses together.
final class GroupCursor {
    /// Clauses by what they ask.
    struct Parts {
        var required: [NodeCursor] = []
        var optional: [NodeCursor] = []
        var excluded: [NodeCursor] = []
        /// Required and optional ones in the order in which scores add up.
        var scoring: [NodeCursor] = []
        /// How many optional ones must match.
        var atLeast = 0
        var watch = Watch()
    }

    /// At most about this many documents match.
    let cost: Int
    /// The current document; `PostingsCursor.end` past the last.
    private(set) var document: UInt32 = 0

    private let parts: Parts
    /// The rarest first.
    private let required: [NodeCursor]
    /// Documents of the part of the track: where nothing is required, each may match.
    private let documentCount: UInt32

    init(_ parts: Parts, documentCount: UInt32) {
        self.parts = parts
        self.documentCount = documentCount
        required = parts.required.sorted { $0.cost < $1.cost }
        let union = parts.optional.reduce(0) { $0 + $1.cost }
        cost = required.first?.cost ?? (parts.atLeast > 0 ? union : Int.max / 1_024)
        settle(from: 0)
    }

    /// Goes to the first match that is `target` or later.
    func advance(to target: UInt32) {
        if target > document { settle(from: target) }
    }

    /// Calls `body` with each matching document in the range, in ascending order, until it is time;
    /// then the document is the first that was not looked at.
    func forEach(in range: Range<UInt32>, _ body: (UInt32) -> Void) {
        advance(to: range.lowerBound)
        while document < range.upperBound, !parts.watch.isTimeAtLast() {
            body(document)
            advance(to: document + 1)
        }
    }

    /// Adds the score of the current document.
    func addScore(norm: Float, to sum: inout Float) {
        for part in parts.scoring {
            part.advance(to: document)
            if part.document == document { part.addScore(norm: norm, to: &sum) }
        }
    }

    /// Tells what the leaves add that `addScore` adds together.
    func explain(norm: Float, into scores: inout [LeafScore]) {
        for part in parts.scoring {
            part.advance(to: document)
            if part.document == document { part.explain(norm: norm, into: &scores) }
        }
    }

    private func settle(from start: UInt32) {
        var candidate = start
        while true {
            candidate = next(from: candidate)
            if candidate >= documentCount || satisfiesRest(candidate) { break }
            if parts.watch.isTimeAtLast() { break }
            candidate += 1
        }
        document = candidate < documentCount ? candidate : PostingsCursor.end
    }

    /// The first document from `start` on that holds all that is required or, where nothing is,
    /// enough of what is optional.
    private func next(from start: UInt32) -> UInt32 {
        if !required.isEmpty { return nextOfAll(from: start) }
        return parts.atLeast > 0 ? nextOfSome(from: start) : start
    }

    private func nextOfAll(from start: UInt32) -> UInt32 {
        var document = start
        search: while document != PostingsCursor.end {
            for part in required {
                part.advance(to: document)
                if part.document != document {
                    document = part.document
                    continue search
                }
            }
            break
        }
        return document
    }

    /// No match comes before the place that as many clauses as needed have come to.
    private func nextOfSome(from start: UInt32) -> UInt32 {
        let optional = parts.optional
        guard parts.atLeast <= optional.count else { return PostingsCursor.end }
        for part in optional { part.advance(to: start) }
        guard parts.atLeast > 1 else {
            return optional.reduce(PostingsCursor.end) { min($0, $1.document) }
        }
        return optional.map(\.document).sorted()[parts.atLeast - 1]
    }

    private func satisfiesRest(_ candidate: UInt32) -> Bool {
        for part in parts.excluded {
            part.advance(to: candidate)
            if part.document == candidate { return false }
        }
        var missing = parts.atLeast
        guard missing > 0 else { return true }
        for part in parts.optional {
            part.advance(to: candidate)
            if part.document == candidate { missing -= 1 }
            if missing == 0 { return true }
        }
        return false
    }
}
