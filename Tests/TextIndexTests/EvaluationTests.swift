// Queries over random corpora, in memory and as sections, against looking at every document:
// unions of words with and without pruning, and every mixture of clauses and filters.

import Glibc
import TestSupport
import Testing
import TextIndex

/// Texts as lists of words' numbers, looked at one by one.
struct Corpus {
    var texts: [[Int]]
    /// They are made of so many words, the first the most frequent.
    let words: Int
    /// One attribute value for each document, or none.
    var labels: [Int?]
    var live: [Bool]

    /// With more `skew` the first words are more frequent.
    init(_ random: inout SeededRandom, documents: Int, words: Int, skew: Double = 2) {
        self.words = words
        texts = (0..<documents).map { _ in
            let count = Int.random(in: 0...(random.oneIn(40) ? 300 : 12), using: &random)
            return (0..<count).map { _ in
                let x = Double.random(in: 0..<1, using: &random)
                return Int(pow(x, skew) * Double(words))
            }
        }
        labels = texts.map { _ in random.oneIn(3) ? nil : Int(random.next() % 4) }
        live = texts.map { _ in !random.oneIn(5) }
    }

    /// Words of three letters, of which there are three: many begin alike or are near each other.
    static func word(_ number: Int) -> [UInt8] {
        TermKey.word([number % 3, number / 3 % 3, number / 9].map { UInt8(97 + $0) })
    }
    static func label(_ number: Int) -> [UInt8] { TermKey.attribute([108], [UInt8(48 + number)]) }

    /// The same with documents by length, as a segment numbers them.
    var byLength: Corpus {
        let order = TextOrder(lengths: texts.map { LengthCode.encode($0.count) })
        var sorted = self
        sorted.texts = order.documents.map { texts[Int($0)] }
        sorted.labels = order.documents.map { labels[Int($0)] }
        sorted.live = order.documents.map { live[Int($0)] }
        return sorted
    }

    var sample: TextSample {
        var sample = TextSample()
        sample.lengthCodes = texts.map { LengthCode.encode($0.count) }
        for (document, text) in texts.enumerated() {
            var positions: [Int: [UInt32]] = [:]
            for (place, word) in text.enumerated() {
                positions[word, default: []].append(UInt32(place))
            }
            for (word, positions) in positions {
                sample.terms[Self.word(word), default: []].append(
                    Posting(document: UInt32(document), positions: positions))
            }
            if let label = labels[document] {
                sample.terms[Self.label(label), default: []].append(
                    Posting(document: UInt32(document)))
            }
        }
        return sample
    }

    var ranking: BM25 {
        let withText = texts.filter { !$0.isEmpty }
        return BM25(
            CollectionStatistics(
                documents: UInt64(withText.count),
                tokens: UInt64(withText.reduce(0) { $0 + $1.count })))
    }

    func occurrences(_ words: [Int], _ text: [Int]) -> Int {
        guard text.count >= words.count else { return 0 }
        return (0...text.count - words.count).count { start in
            words.indices.allSatisfy { text[start + $0] == words[$0] }
        }
    }
}

/// A query by numbers, as the oracle reads it.
private struct Question {
    var clauses: [(occurrence: TextQuery.Occurrence, words: [Int])] = []
    var filters: [[Int]] = []
    var ranges: [Range<UInt32>] = []

    var query: TextQuery {
        TextQuery(
            clauses: clauses.map { .init($0.occurrence, $0.words.map { Corpus.word($0) }) },
            filters: filters.map { $0.map { Corpus.label($0) } })
    }

    func matches(_ corpus: Corpus, _ document: Int) -> Bool {
        guard corpus.live[document], ranges.contains(where: { $0.contains(UInt32(document)) })
        else { return false }
        for filter in filters {
            guard let label = corpus.labels[document], filter.contains(label) else { return false }
        }
        func holds(_ words: [Int]) -> Bool {
            corpus.occurrences(words, corpus.texts[document]) > 0
        }
        for clause in clauses {
            if clause.occurrence == .must, !holds(clause.words) { return false }
            if clause.occurrence == .mustNot, holds(clause.words) { return false }
        }
        let optional = clauses.filter { $0.occurrence == .should }
        if clauses.contains(where: { $0.occurrence == .must }) || optional.isEmpty { return true }
        return optional.contains { holds($0.words) }
    }
}

struct EvaluationTests {
    /// What queries are made of.
    enum Kind: Sendable { case words, phrase, mixture }

    private func clauses(
        _ random: inout SeededRandom, _ kind: Kind, _ corpus: Corpus
    ) -> [(TextQuery.Occurrence, [Int])] {
        func some(_ count: Int) -> [Int] {
            // As in some text, so that phrases occur, or any.
            let text = corpus.texts[Int.random(in: corpus.texts.indices, using: &random)]
            guard text.count < count || random.oneIn(3) else {
                let start = Int.random(in: 0...text.count - count, using: &random)
                return Array(text[start..<start + count])
            }
            return (0..<count).map { _ in Int.random(in: 0...corpus.words, using: &random) }
        }
        switch kind {
        case .words:
            let required = random.oneIn(3)
            return (0..<Int.random(in: 1...8, using: &random)).map { _ in
                (required && random.oneIn(2) ? .must : .should, some(1))
            }
        case .phrase: return [(.must, some(Int.random(in: 2...3, using: &random)))]
        case .mixture:
            let occurrences: [TextQuery.Occurrence] = [.should, .should, .must, .mustNot]
            return (0..<Int.random(in: 0...4, using: &random)).map { _ in
                let phrase = random.oneIn(2) ? 1 : Int.random(in: 2...3, using: &random)
                return (occurrences[Int(random.next() % 4)], some(phrase))
            }
        }
    }

    private func question(
        _ random: inout SeededRandom, _ kind: Kind, _ corpus: Corpus
    ) -> Question {
        let documents = corpus.texts.count
        var question = Question()
        question.clauses = clauses(&random, kind, corpus)
        if kind == .mixture, random.oneIn(2) {
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let count = Int.random(in: 1...3, using: &random)
                question.filters.append(
                    (0..<count).map { _ in Int.random(in: 0...5, using: &random) })
            }
        }
        if random.oneIn(2) {
            question.ranges = [0..<UInt32(documents)]
        } else {
            let cuts = (0..<4).map { _ in UInt32.random(in: 0...UInt32(documents), using: &random) }
                .sorted()
            question.ranges = [cuts[0]..<cuts[1], cuts[2]..<cuts[3]]
        }
        return question
    }

    /// The oracle's answer, best first.
    private func answer(
        _ question: Question, _ corpus: Corpus, _ weights: QueryWeights
    ) -> [ScoredDocument] {
        corpus.texts.indices.filter { question.matches(corpus, $0) }.map { document in
            let text = corpus.texts[document]
            let norm = weights.norms[Int(LengthCode.encode(text.count))]
            var score: Float = 0
            for (clause, idf) in zip(question.clauses, weights.clauses)
            where clause.occurrence != .mustNot {
                let frequency = corpus.occurrences(clause.words, text)
                guard frequency > 0, idf > 0 else { continue }
                score += BM25.impact(idf: idf, frequency: UInt32(frequency), norm: norm)
            }
            return ScoredDocument(score: score, document: UInt32(document))
        }.sorted { ($1.score, $0.document) < ($0.score, $1.document) }
    }

    @Test(arguments: [Kind.words, .phrase, .mixture], [40, 700, 9_000])
    func `queries find what looking at every document finds`(
        kind: Kind, documents: Int
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for round in 0..<(documents > 1_000 ? 2 : 10) {
            // Of few words most are frequent; of many most are rare, and a few frequent.
            let words = Int.random(in: random.oneIn(2) ? 2...20 : 60...230, using: &random)
            let corpus = Corpus(&random, documents: documents, words: words).byLength
            let sources: [any TermSource] = [
                try corpus.sample.sections(), corpus.sample.memory(),
            ]
            for _ in 0..<40 {
                let question = question(&random, kind, corpus)
                let limit = Int.random(in: 0...30, using: &random)
                let countLimit = random.oneIn(2) ? Int.max : Int.random(in: 0...50, using: &random)
                for (name, source) in zip(["sections", "memory"], sources) {
                    try check(
                        question, corpus, source, inRuns: name == "sections", limit, countLimit,
                        "seed \(seed), round \(round), \(name), \(question)")
                }
            }
        }
    }

    /// Many words and a short list: what has just enough enters after others have, and what has
    /// hardly less does not.
    @Test func `the best for many words are found among thousands`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let corpus = Corpus(&random, documents: 16_000, words: 30, skew: 1.2).byLength
        let source = try corpus.sample.sections()
        for _ in 0..<400 {
            var question = Question()
            question.ranges = [0..<UInt32(corpus.texts.count)]
            question.clauses = (0..<Int.random(in: 4...9, using: &random)).map { _ in
                (.should, [Int.random(in: 0..<30, using: &random)])
            }
            try check(
                question, corpus, source, inRuns: true, 10, 0, "seed \(seed), \(question)")
        }
    }

    /// In short lines the others occur once, so that blocks without repetitions of the rare word
    /// cannot enter; in one long line behind them the others are repeated.
    @Test func `a rare word is looked at in longer lines too`() throws {
        let (rare, others, filler) = (0, [1, 2, 3, 4, 5, 6], 7)
        var random = SeededRandom(seed: 1)
        var corpus = Corpus(&random, documents: 36_000, words: 8)
        corpus.texts = (0..<36_000).map { document in
            let isShort = document < 12_000
            if document == 12_500 { return [rare] + others + others + others }
            var text = document % 15 == 1 ? others : []
            if document % (isShort ? 80 : 180) == 0 { text = [rare] }
            if document < 1_200, document % 80 == 0 { text = [rare, rare] + others }
            return text + Array(repeating: filler, count: (isShort ? 8 : 19) - text.count)
        }
        corpus.live = corpus.texts.map { _ in true }
        var question = Question()
        question.ranges = [0..<36_000]
        question.clauses = [(.must, [rare])] + others.map { (.should, [$0]) }
        let source = try corpus.sample.sections()
        try check(question, corpus, source, inRuns: true, 10, 0, "")
    }

    /// Only lines enter the list, once it is full of shorter ones, that repeat the phrase more
    /// often.
    @Test func `a phrase is found where it is repeated more often than before`() throws {
        let (rare, next, filler) = (0, 1, 2)
        var random = SeededRandom(seed: 1)
        var corpus = Corpus(&random, documents: 5_000, words: 3)
        corpus.texts = (0..<5_000).map { document in
            let times = [0: 2, 19: 2, 19 * 200: 3][document] ?? 1
            let isRare = document % 19 == 0 && document < 19 * 256
            let phrase = Array(repeating: [rare, next], count: isRare ? times : 0).flatMap { $0 }
            let length = document < 19 * 128 ? 12 : 14
            return phrase + Array(repeating: filler, count: length - phrase.count)
        }
        corpus.live = corpus.texts.map { _ in true }
        var question = Question()
        question.ranges = [0..<5_000]
        question.clauses = [(.must, [rare, next])]
        try check(question, corpus, try corpus.sample.sections(), inRuns: true, 2, 0, "")
    }

    /// Compares an evaluation with the oracle's answer.
    private func check(
        _ question: Question, _ corpus: Corpus, _ source: any TermSource, inRuns: Bool,
        _ limit: Int, _ countLimit: Int, _ note: Comment
    ) throws {
        let bound = try BoundQuery(question.query, source)
        let weights = QueryWeights(
            documentFrequencies: bound.documentFrequencies, corpus.ranking)
        let expected = answer(question, corpus, weights)
        var best = TopK(capacity: limit, precedes: <, inRuns: inRuns)
        let filter = DocumentFilter(ranges: question.ranges) { corpus.live[Int($0)] }
        let hits = bound.evaluate(weights, filter, into: &best, countLimit: countLimit)
        #expect(best.sorted() == Array(expected.prefix(limit)), note)
        #expect(
            hits.isExact
                ? hits.count == expected.count
                : hits.count <= expected.count && hits.count > countLimit, note)
    }
}
