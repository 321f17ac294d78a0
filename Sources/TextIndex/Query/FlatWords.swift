// A query without phrases and groups, for the evaluations that know words alone.

/// A query of nothing but words and filters by one value.
struct FlatWords {
    var words: [WeightedCursor] = []
    var excluded: [PostingsCursor] = []
    /// How many of the words that are not required must occur.
    var atLeast = 0

    /// The word that must occur in the fewest documents.
    var rarestRequired: Int? {
        words.indices.filter { words[$0].isRequired }.min {
            words[$0].cursor.documentFrequency < words[$1].cursor.documentFrequency
        }
    }
}
