// A query as the index understands it: a tree of clauses that may, must or must not match, whose
// leaves are words, phrases, words that are like a given one, and filters. Reading what a person
// typed into this form is the gateway's work.

/// What to look for in the text of a track.
package struct TextQuery: Sendable, Equatable {
    /// What a clause asks of a document.
    ///
    /// A filter must match, and neither scores nor makes other clauses optional.
    package enum Occurrence: Sendable, Equatable { case should, must, mustNot, filter }

    /// What a clause looks for; terms are as `TermKey` builds them.
    package indirect enum Content: Sendable, Hashable {
        /// A word, or several that follow each other, out of place by `slop` at most.
        case terms([[UInt8]], slop: Int)
        /// Every word that begins like this one.
        case prefix([UInt8])
        /// Every word that so many edits make of this one.
        case fuzzy([UInt8], edits: Int)
        /// Words that follow each other, of which the last is any of several.
        case ending([[UInt8]], WordEnd)
        /// The words that a prefix or a fuzzy word stands for in a track, taken as one word.
        case expanded(Expansion)
        /// One of several terms, without a score.
        case anyOf([[UInt8]])
        /// Clauses that match together.
        case group([Clause], atLeast: Int?)
    }

    /// What the last word of several may be; terms are as `TermKey` builds them.
    package enum WordEnd: Sendable, Hashable {
        /// Any that begins like this one.
        case prefix([UInt8])
        /// Any form of a word, which has this stem, folded, in a language.
        case form([UInt8], stem: [UInt8], Language)
    }

    /// Something to look for, and what it asks of a document.
    package struct Clause: Sendable, Hashable {
        /// Whether it may, must or must not match.
        package var occurrence: Occurrence
        /// What it looks for.
        package var content: Content
        /// What its scores are multiplied by.
        package var boost: Float
        /// Whether it stands for the word before it, and so weighs no more than that.
        package var isSynonym = false

        /// A clause of any content.
        package init(_ occurrence: Occurrence, _ content: Content, boost: Float = 1) {
            self.occurrence = occurrence
            self.content = content
            self.boost = boost
        }

        /// A clause for a word or, with several terms, a phrase.
        package init(_ occurrence: Occurrence, _ terms: [[UInt8]]) {
            self.init(occurrence, .terms(terms, slop: 0))
        }
    }

    /// A clause that holds no others, with the product of all boosts on the way to it.
    package struct Leaf: Sendable, Equatable {
        /// What it looks for.
        package let content: Content
        /// What its scores are multiplied by.
        package let boost: Float
        /// Whether it weighs no more than the last leaf before it that is no synonym.
        package let isSynonym: Bool
        /// Whether it, or a clause around it, must not match.
        package let isExcluded: Bool
        /// Whether it decides what matches, beside others that do; else it only adds to scores.
        package let decides: Bool
    }

    /// Scores add up in this order.
    package var clauses: [Clause]
    /// How many of the clauses that may match must; nil for one, or none beside those that must.
    package var atLeast: Int?
    /// A document must hold one term of each of these lists; they do not score.
    package var filters: [[[UInt8]]]

    /// A query of clauses and filters; with neither, every document matches.
    package init(clauses: [Clause] = [], atLeast: Int? = nil, filters: [[[UInt8]]] = []) {
        self.clauses = clauses
        self.atLeast = atLeast
        self.filters = filters
    }

    /// The leaves of the tree, in the order in which their scores add up.
    package var leaves: [Leaf] {
        var leaves: [Leaf] = []
        leaves.reserveCapacity(clauses.count)
        let all = Around(decides: atLeast != nil)
        Self.collect(clauses, all, into: &leaves)
        return leaves
    }

    /// What the clauses around some others say of them.
    private struct Around {
        var boost: Float = 1
        var isSynonym = false
        var isExcluded = false
        var decides: Bool
    }

    private static func collect(
        _ clauses: [Clause], _ outer: Around, into leaves: inout [Leaf]
    ) {
        for clause in clauses {
            var around = outer
            around.boost *= clause.boost
            around.isSynonym = outer.isSynonym || clause.isSynonym
            around.isExcluded = outer.isExcluded || clause.occurrence == .mustNot
            around.decides = outer.decides || clause.occurrence != .should
            if case .group(let inner, _) = clause.content {
                around.decides = true
                collect(inner, around, into: &leaves)
            } else {
                leaves.append(
                    Leaf(
                        content: clause.content, boost: around.boost,
                        isSynonym: around.isSynonym, isExcluded: around.isExcluded,
                        decides: around.decides))
            }
        }
    }
}

/// How much each leaf of a query weighs in the whole track.
package struct QueryWeights: Sendable {
    /// The idf of each leaf: of its word, or the sum over the words of its phrase.
    package private(set) var clauses: [Float]
    /// For each length code, the part of BM25's denominator that the length decides.
    package let norms: [Float]

    /// Weights from the document frequency of every term of every leaf in the whole track.
    package init(documentFrequencies: [[UInt64]], _ ranking: BM25) {
        clauses = documentFrequencies.map { terms in
            terms.reduce(0) { $0 + ranking.idf(documentFrequency: $1) }
        }
        norms = ranking.norms
    }

    /// Lets synonyms weigh no more than what they stand for: a rare one does not come before the
    /// word that was asked for.
    package mutating func bound(by leaves: [TextQuery.Leaf]) {
        var most = Float.infinity
        for place in leaves.indices {
            if !leaves[place].isSynonym {
                most = clauses[place]
            } else if most < clauses[place] {
                clauses[place] = most
            }
        }
    }

    init(clauses: [Float], norms: [Float]) {
        self.clauses = clauses
        self.norms = norms
    }

    /// Lets every match score 0, so that only the order of ties counts.
    package mutating func forgetScores() {
        for place in clauses.indices { clauses[place] = 0 }
    }
}

/// Which documents of one part of a track may be found.
package struct DocumentFilter {
    /// Ascending, disjoint ranges of documents.
    package var ranges: [Range<UInt32>]
    /// Asked last, of documents that match otherwise; nil takes all.
    package var accepts: ((UInt32) -> Bool)?
    /// When to stop; nil for never.
    package var deadline: Deadline?

    /// The documents in `ranges` that `accepts` takes.
    package init(ranges: [Range<UInt32>], accepts: ((UInt32) -> Bool)? = nil) {
        self.ranges = ranges
        self.accepts = accepts
    }
}

/// How many documents matched.
package struct HitCount: Sendable, Equatable {
    /// Documents counted.
    package var count: Int
    /// False when evaluation went on to skip documents that could not be among the best.
    package var isExact: Bool
    /// Documents that were to be looked at.
    package var documents = 0
    /// Those of them that were not, since the deadline came before.
    package var missed = 0

    /// The share of documents that were looked at.
    package var coverage: Double {
        documents == 0 ? (missed == 0 ? 1 : 0) : 1 - Double(missed) / Double(documents)
    }

    /// A count of matching documents.
    package init(count: Int = 0, isExact: Bool = true) {
        self.count = count
        self.isExact = isExact
    }

    /// Whether as many were counted and as many missed, of however many documents.
    package static func == (a: HitCount, b: HitCount) -> Bool {
        a.count == b.count && a.isExact == b.isExact && a.missed == b.missed
    }

    /// Adds the count of another part.
    package static func += (sum: inout HitCount, part: HitCount) {
        sum.count += part.count
        sum.isExact = sum.isExact && part.isExact
        sum.documents += part.documents
        sum.missed += part.missed
    }

    /// Notes that documents were not looked at.
    mutating func miss(_ documents: Int) {
        missed += documents
        isExact = isExact && documents == 0
    }
}
