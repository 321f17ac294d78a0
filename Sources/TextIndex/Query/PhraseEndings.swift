// Words that follow each other, of which the last is any that begins so, or any form of a word: a
// phrase for each of these words that the track has, once for all of its parts.

import Storage

extension TextQuery {
    /// Phrases that words with one beginning make at most, those of the most frequent ones.
    package static let prefixEndingsMax = 32
    /// Phrases that forms of one word make at most.
    package static let formEndingsMax = 16
    /// Forms of a word have so many of its first letters at least.
    private static let lettersMin = 2

    /// The phrases that words and what may come behind them make in a track.
    static func phrases(
        _ words: [[UInt8]], _ end: WordEnd, _ parts: [any TermSource]
    ) throws(StorageError) -> Content {
        let (beginning, most) = beginning(of: end)
        let stemmer = stemmer(of: end)
        let found = try CollectedWords(parts) { part, add throws(StorageError) in
            guard !beginning.isEmpty else { return }
            try part.forEachTerm(withPrefix: beginning) { term, documents, distance, place in
                guard isEnd(term, end, stemmer) else { return }
                add(term, documents, distance, place)
            }
        }
        let phrases = found.best(most).map { Clause(.should, words + [found.words[$0].term]) }
        return phrases.isEmpty ? .anyOf([]) : .group(phrases, atLeast: nil)
    }

    /// What all words that may be an end begin with, nothing where that is too little; and how many
    /// of them are taken.
    private static func beginning(of end: WordEnd) -> ([UInt8], Int) {
        switch end {
        case .prefix(let term): return (term, prefixEndingsMax)
        case .form(let term, let stem, _):
            let shared = zip(term.dropFirst(), stem).prefix { $0 == $1 }.count
            // The last letter that both have may be another in other forms: tuned, tuning.
            let letters = max(shared - 1, lettersMin)
            return (letters > shared ? [] : Array(term.prefix(1 + letters)), formEndingsMax)
        }
    }

    private static func stemmer(of end: WordEnd) -> Stemmer? {
        guard case .form(_, _, let language) = end else { return nil }
        return Stemmer(language)
    }

    private static func isEnd(_ term: [UInt8], _ end: WordEnd, _ stemmer: Stemmer?) -> Bool {
        guard case .form(_, let wanted, _) = end else { return true }
        let word = Array(term.dropFirst())
        var isForm = false
        unsafe word.withUnsafeBufferPointer { word in
            unsafe stemmer?.forEachStem(of: word, word, word.indices) { stem in
                if unsafe stem.elementsEqual(wanted) { isForm = true }
            }
        }
        return isForm
    }
}
