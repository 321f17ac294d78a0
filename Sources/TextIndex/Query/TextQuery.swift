// A query as the index understands it: words and phrases that may, must or must not occur, and
// filters. Reading what a person typed into this form is the gateway's work.

/// What to look for in the text of a track.
package struct TextQuery: Sendable, Equatable {
    /// What a clause asks of a document.
    package enum Occurrence: Sendable, Equatable { case should, must, mustNot }

    /// A word, or a phrase of several.
    package struct Clause: Sendable, Equatable {
        /// Whether it may, must or must not match.
        package var occurrence: Occurrence
        /// Terms as `TermKey` builds them; more than one must follow each other directly.
        package var terms: [[UInt8]]

        /// A clause for a word or, with several terms, a phrase.
        package init(_ occurrence: Occurrence, _ terms: [[UInt8]]) {
            self.occurrence = occurrence
            self.terms = terms
        }
    }

    /// Scores add up in this order.
    package var clauses: [Clause]
    /// A document must hold one term of each of these lists; they do not score.
    package var filters: [[[UInt8]]]

    /// A query of clauses and filters; with neither, every document matches.
    package init(clauses: [Clause] = [], filters: [[[UInt8]]] = []) {
        self.clauses = clauses
        self.filters = filters
    }
}

/// How much each clause of a query weighs in the whole track.
package struct QueryWeights: Sendable {
    /// The idf of each clause: of its word, or the sum over the words of its phrase.
    package let clauses: [Float]
    /// For each length code, the part of BM25's denominator that the length decides.
    package let norms: [Float]

    /// Weights from the document frequency of every term of every clause in the whole track.
    package init(documentFrequencies: [[UInt64]], _ ranking: BM25) {
        clauses = documentFrequencies.map { terms in
            terms.reduce(0) { $0 + ranking.idf(documentFrequency: $1) }
        }
        norms = ranking.norms
    }

    private init(clauses: [Float], norms: [Float]) {
        self.clauses = clauses
        self.norms = norms
    }

    /// Weights under which every match scores 0, so that only the order of ties counts.
    package var withoutScores: QueryWeights {
        QueryWeights(clauses: clauses.map { _ in 0 }, norms: norms)
    }
}

/// Which documents of one part of a track may be found.
package struct DocumentFilter {
    /// Ascending, disjoint ranges of documents.
    package var ranges: [Range<UInt32>]
    /// Asked last, of documents that match otherwise; nil takes all.
    package var accepts: ((UInt32) -> Bool)?

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

    /// A count of matching documents.
    package init(count: Int = 0, isExact: Bool = true) {
        self.count = count
        self.isExact = isExact
    }

    /// Adds the count of another part.
    package static func += (sum: inout HitCount, part: HitCount) {
        sum.count += part.count
        sum.isExact = sum.isExact && part.isExact
    }
}
