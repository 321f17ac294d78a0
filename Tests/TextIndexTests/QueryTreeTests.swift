// Trees of clauses over random corpora that lie in two parts, a file and memory, against looking at
// every document; and the words that prefixes and fuzzy words stand for, against looking at every
// word.

import Storage
import TestSupport
import Testing
import TextIndex

/// Looks at every document of a corpus for every question.
private struct TreeOracle {
    let corpus: Corpus
    let words: [[[UInt8]]]
    /// In how many documents each word is.
    private let frequencies: [[UInt8]: Int]

    init(_ corpus: Corpus) {
        self.corpus = corpus
        words = corpus.texts.map { $0.map { Corpus.word($0) } }
        var frequencies: [[UInt8]: Int] = [:]
        for word in words.lazy.flatMap({ Set($0) }) { frequencies[word, default: 0] += 1 }
        self.frequencies = frequencies
    }

    /// What the clauses add to a document's score; nil when it does not match.
    func score(
        _ clauses: [TextQuery.Clause], _ atLeast: Int?, _ document: Int, _ boost: Float,
        _ sum: Float
    ) -> Float? {
        var (sum, met) = (sum, 0)
        for clause in clauses {
            let scores = clause.occurrence == .must || clause.occurrence == .should
            let added = leaf(clause, document, boost * clause.boost, sum)
            switch clause.occurrence {
            case .must, .filter: if added == nil { return nil }
            case .mustNot: if added != nil { return nil }
            case .should: if added != nil { met += 1 }
            }
            if scores, let added { sum = added }
        }
        let optional = clauses.contains { $0.occurrence == .should }
        let isFree = clauses.contains { $0.occurrence == .must } || !optional
        return met >= atLeast ?? (isFree ? 0 : 1) ? sum : nil
    }

    private func leaf(
        _ clause: TextQuery.Clause, _ document: Int, _ boost: Float, _ sum: Float
    ) -> Float? {
        let text = words[document]
        switch clause.content {
        case .group(let inner, let atLeast): return score(inner, atLeast, document, boost, sum)
        case .terms(let terms, let slop):
            let weight = terms.reduce(Float(0)) { $0 + idf([$1]) } * boost
            return add(weight, occurrences(terms, slop, text), document, sum)
        case .prefix(let term):
            let all = known { $0.starts(with: term) ? 0 : nil }
            return add(idf(all.map(\.0)) * boost, all, document, sum)
        case .fuzzy(let term, let edits):
            let all = known {
                let edited = editDistance($0, term)
                return edited <= edits ? edited : nil
            }
            return add(idf(all.map(\.0)) * boost, all, document, sum)
        case .anyOf(let terms):
            let label = corpus.labels[document].map { Corpus.label($0) }
            return label.map(terms.contains) == true ? sum : nil
        case .ending(let terms, .prefix(let term)):
            let ends = frequencies.keys.filter { $0.starts(with: term) }
            let phrases = ends.sorted { $0.lexicographicallyPrecedes($1) }.map {
                TextQuery.Clause(.should, terms + [$0])
            }
            return phrases.isEmpty ? nil : score(phrases, nil, document, boost, sum)
        case .ending, .expanded: return nil
        }
    }

    private func add(
        _ weight: Float, _ all: [([UInt8], Int)], _ document: Int, _ sum: Float
    ) -> Float? {
        let present = all.filter { words[document].contains($0.0) }
        guard let nearest = present.map(\.1).min() else { return nil }
        return add(weight * (1 / Float(1 + nearest)), 1, document, sum)
    }

    private func add(_ weight: Float, _ count: Int, _ document: Int, _ sum: Float) -> Float? {
        guard count > 0 else { return nil }
        let norm = corpus.ranking.norms[Int(LengthCode.encode(words[document].count))]
        let impact = BM25.impact(idf: weight, frequency: UInt32(count), norm: norm)
        return weight > 0 ? sum + impact : sum
    }

    private func known(_ distance: ([UInt8]) -> Int?) -> [([UInt8], Int)] {
        frequencies.keys.compactMap { word in distance(word).map { (word, $0) } }
    }

    private func idf(_ terms: [[UInt8]]) -> Float {
        let sum = terms.reduce(0) { $0 + (frequencies[$1] ?? 0) }
        return corpus.ranking.idf(documentFrequency: UInt64(sum))
    }

    /// From how many places of the first word the others can be reached, trying everything.
    private func occurrences(_ terms: [[UInt8]], _ slop: Int, _ text: [[UInt8]]) -> Int {
        func reaches(_ places: [Int]) -> Bool {
            let lessened = places.enumerated().map { $1 - $0 }
            let spread = (lessened.max() ?? 0) - (lessened.min() ?? 0)
            guard spread <= slop else { return false }
            guard places.count < terms.count else { return true }
            return text.indices.contains { place in
                text[place] == terms[places.count] && !places.contains(place)
                    && reaches(places + [place])
            }
        }
        return text.indices.count { text[$0] == terms[0] && reaches([$0]) }
    }
}

@Suite struct QueryTreeTests {
    private func clauses(
        _ random: inout SeededRandom, words: Int, depth: Int, onlyWords: Bool = false
    ) -> [TextQuery.Clause] {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            let occurrences: [TextQuery.Occurrence] = [
                .should, .should, .should, .must, .mustNot, .filter,
            ]
            let word = Corpus.word(Int.random(in: 0...words, using: &random))
            let content =
                onlyWords
                ? .terms([word], slop: 0) : content(&random, words: words, depth: depth)
            return TextQuery.Clause(
                occurrences[Int(random.next() % (onlyWords ? 4 : 6))], content,
                boost: random.oneIn(4) ? Float(Int.random(in: 0...9, using: &random)) / 2 : 1)
        }
    }

    private func content(
        _ random: inout SeededRandom, words: Int, depth: Int
    ) -> TextQuery.Content {
        var word: [UInt8] { Corpus.word(Int.random(in: 0...words, using: &random)) }
        switch random.next() % 9 {
        case 8:
            let beginning = word.prefix(Int.random(in: 2...4, using: &random))
            return .ending([word], .prefix(Array(beginning)))
        case 0: return .prefix(Array(word.prefix(Int.random(in: 2...4, using: &random))))
        case 1: return .fuzzy(word, edits: Int.random(in: 1...2, using: &random))
        case 2:
            let count = Int.random(in: 2...3, using: &random)
            let terms = (0..<count).map { _ in word }
            return .terms(terms, slop: Int.random(in: 0...3, using: &random))
        case 3: return .anyOf([Corpus.label(Int.random(in: 0...5, using: &random))])
        case 4, 5:
            guard depth > 0 else { fallthrough }
            let atLeast = random.oneIn(3) ? Int.random(in: 1...3, using: &random) : nil
            return .group(
                clauses(&random, words: words, depth: depth - 1), atLeast: atLeast)
        default: return .terms([word], slop: 0)
        }
    }

    @Test(arguments: [30, 300, 5_000])
    func `trees find what looking at every document finds`(documents: Int) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for round in 0..<(documents > 1_000 ? 1 : 4) {
            let words = Int.random(in: 2...20, using: &random)
            var corpus = Corpus(&random, documents: documents, words: words)
            // Trying all places of phrases takes too long in the longest.
            corpus.texts = corpus.texts.map { Array($0.prefix(40)) }
            let cut = Int.random(in: 0...documents, using: &random)
            let halves = [corpus[0..<cut].byLength, corpus[cut..<documents]]
            let parts: [any TermSource] = [
                try halves[0].sample.sections(), halves[1].sample.memory(),
            ]
            let ordered = Corpus(halves[0], halves[1])
            let oracle = TreeOracle(ordered)
            for _ in 0..<(documents > 1_000 ? 6 : 30) {
                let onlyWords = random.oneIn(4)
                let query = TextQuery(
                    clauses: clauses(
                        &random, words: words, depth: 3, onlyWords: onlyWords),
                    atLeast: random.oneIn(3) ? Int.random(in: 1...3, using: &random) : nil)
                var expanded = query
                try expanded.expand(over: parts)
                let weights = try weights(expanded, parts, corpus.ranking)
                let limit = Int.random(in: 1...documents, using: &random)
                for (number, first) in [0, cut].enumerated() {
                    let part = parts[number]
                    let range = first..<first + Int(part.documentCount)
                    let expected = range.compactMap { document in
                        oracle.score(query.clauses, query.atLeast, document, 1, 0).map {
                            ScoredDocument(score: $0, document: UInt32(document - first))
                        }
                    }.sorted { ($1.score, $0.document) < ($0.score, $1.document) }
                    let note: Comment = "seed \(seed), round \(round), \(query)"
                    func find(countLimit: Int) throws -> ([ScoredDocument], HitCount) {
                        var best = TopK(capacity: limit, precedes: <, inRuns: first == 0)
                        let hits = try BoundQuery(expanded, part, part: number).evaluate(
                            weights, DocumentFilter(ranges: [0..<part.documentCount]),
                            into: &best, countLimit: countLimit)
                        return (best.sorted(), hits)
                    }
                    let (found, hits) = try find(countLimit: .max)
                    #expect(hits == HitCount(count: expected.count), note)
                    #expect(found == Array(expected.prefix(limit)), note)
                    let (pruned, counted) = try find(countLimit: 0)
                    #expect(pruned == found, note)
                    #expect(counted.count <= hits.count, note)
                    #expect(!counted.isExact || counted == hits, note)
                    guard let one = found.randomElement(using: &random) else { continue }
                    let explained = try BoundQuery(expanded, part, part: number)
                        .explain(weights, one.document)
                    #expect(explained.reduce(0) { $0 + $1.impact } == one.score, note)
                }
            }
        }
    }

    private func weights(
        _ query: TextQuery, _ parts: [any TermSource], _ ranking: BM25
    ) throws -> QueryWeights {
        var sums: [[UInt64]] = []
        for (number, part) in parts.enumerated() {
            let here = try BoundQuery(query, part, part: number).documentFrequencies
            sums = sums.isEmpty ? here : zip(sums, here).map { zip($0, $1).map { $0 + $1 } }
        }
        return QueryWeights(documentFrequencies: sums, ranking)
    }

    @Test func `expansions find what looking at every word finds`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let letters = ["a", "b", "c", "d", "e", "é", "字"]
        func word() -> String {
            (0..<Int.random(in: 1...6, using: &random)).reduce("") { word, _ in
                word + letters[Int(random.next() % UInt64(letters.count))]
            }
        }
        let words = Set((0..<4_000).map { _ in word() })
        var sample = TextSample()
        sample.lengthCodes = [1]
        for word in words {
            sample.terms[TermKey.word(Array(word.utf8))] = [Posting(document: 0, positions: [0])]
        }
        sample.terms[TermKey.attribute([97], [97])] = [Posting(document: 0)]
        let sources: [any TermSource] = [try sample.sections(), sample.memory()]
        for _ in 0..<60 {
            let wanted = word()
            let edits = Int.random(in: 0...2, using: &random)
            let term = TermKey.word(Array(wanted.utf8))
            let near = words.filter { editDistance(scalars($0), scalars(wanted)) <= edits }
            let long = words.filter { $0.unicodeScalars.starts(with: wanted.unicodeScalars) }
            for source in sources {
                var found: [String] = []
                let measure = EditDistance(to: term, atMost: edits)
                try source.forEachTerm(near: measure) { term, _, edits, _ in
                    found.append(text(term))
                    #expect(edits == editDistance(scalars(text(term)), scalars(wanted)))
                }
                #expect(found.sorted() == near.sorted(), "seed \(seed), \(wanted)~\(edits)")
                found = []
                try source.forEachTerm(withPrefix: term) { term, _, _, _ in
                    found.append(text(term))
                }
                #expect(found.sorted() == long.sorted(), "seed \(seed), \(wanted)*")
            }
        }
    }

    private func text(_ term: [UInt8]) -> String {
        String(decoding: term.dropFirst(), as: UTF8.self)
    }

    private func scalars(_ word: String) -> [Unicode.Scalar] { Array(word.unicodeScalars) }
}

extension Corpus {
    /// The documents of one corpus, then those of another.
    fileprivate init(_ first: Corpus, _ second: Corpus) {
        self = first
        texts += second.texts
        labels += second.labels
        live += second.live
    }

    /// Some of the documents, numbered from 0.
    fileprivate subscript(_ range: Range<Int>) -> Corpus {
        var part = self
        part.texts = Array(texts[range])
        part.labels = Array(labels[range])
        part.live = Array(live[range])
        return part
    }
}
