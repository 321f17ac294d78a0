// Synonyms in a query: each word, and words side by side that are a phrase of the track's synonyms,
// are joined by what they stand for, with less weight. Words in quotes and `=word` stay alone.

import TextIndex

extension QueryReader {
    /// Words and phrases that synonyms add to one query at most.
    package static let synonymsMax = 64
    /// What a synonym counts, compared with the word that it stands for.
    package static let synonymBoost: Float = 0.5

    /// Words side by side that stand for others.
    struct SynonymRun {
        let count: Int
        let alternatives: [[Token]]
    }

    /// What the words of one item stand for.
    func alternatives(to words: [Token]) -> [[Token]] {
        guard let synonyms, !words.isEmpty else { return [] }
        return synonyms.alternatives(Synonyms.key(words))
    }

    /// By the place of their first item, the longest runs of several plain words that stand for
    /// something together; they do not overlap.
    func synonymRuns(_ items: [QuerySyntax.Item]) -> [Int: SynonymRun] {
        guard let synonyms, synonyms.longest > 1, items.count > 1 else { return [:] }
        let keys = items.map { item -> [UInt8]? in
            guard let text = Self.plainWord(item) else { return nil }
            let key = Synonyms.key(analyzer.tokens(Self.beginning(text)))
            return key.isEmpty ? nil : key
        }
        var runs: [Int: SynonymRun] = [:]
        var next = 0
        while next < keys.count {
            let words = keys[next...].prefix(synonyms.longest).prefix { $0 != nil }.compactMap {
                $0
            }
            let counts = (2...max(words.count, 2)).reversed().filter { $0 <= words.count }
            let run = counts.lazy.map { count in
                SynonymRun(
                    count: count,
                    alternatives: synonyms.alternatives(Synonyms.key(joining: words[..<count])))
            }.first { !$0.alternatives.isEmpty }
            if let run { runs[next] = run }
            next += run?.count ?? 1
        }
        return runs
    }

    /// What is looked for beside a word, as far as there is room.
    mutating func clauses(
        standingFor alternatives: [[Token]], boost: Float
    ) -> [TextQuery.Clause] {
        let kept = alternatives.prefix(synonymsLeft)
        synonymsLeft -= kept.count
        synonymsDropped += alternatives.count - kept.count
        return kept.compactMap { words in
            var content = together(words, slop: 0)
            if words.count == 1, let stem = words[0].stem {
                content = .terms([TermKey.stem(stem)], slop: 0)
            }
            guard let content else { return nil }
            var clause = TextQuery.Clause(.should, content, boost: boost * Self.synonymBoost)
            clause.isSynonym = true
            return clause
        }
    }
}
