// Stems against Snowball's own vocabularies, and how well lines are ranked by stems against sets
// with judged answers. All of it is shared material, and skipped where that is missing.

import Storage
import TestSupport
import Testing
import TextIndex

@Suite struct StemmerTests {
    @Test(arguments: [
        ("english", Language.en), ("french", .fr), ("german", .de), ("spanish", .es),
    ])
    func `stems are Snowball's, folded`(folder: String, language: Language) throws {
        guard let path = SharedData.folder("suites/stemming/\(folder)") else { return }
        let words = try #require(contents(ofFile: "\(path)/voc.txt"))
            .split(separator: "\n", omittingEmptySubsequences: false)
        let stems = try #require(contents(ofFile: "\(path)/output.txt"))
            .split(separator: "\n", omittingEmptySubsequences: false)
        #expect(words.count == stems.count)
        let analyzer = Analyzer(language)
        var count = 0
        var others: [String] = []
        for (word, stem) in zip(words, stems) where !word.contains("'") && !stem.isEmpty {
            let found = analyzer.tokens(Array(word.utf8)).first?.stem
            count += 1
            if found != analyzer.fold(Array(stem.utf8)) { others.append(String(word)) }
        }
        #expect(count > 15_000)
        // The lists and the system's library can be of different versions of Snowball.
        #expect(others.count * 20 < count, "\(others)")
    }

    @Test func `a language without a stemmer has none, and codes may have regions`() {
        #expect(Analyzer(.ja).tokens(Array("走る".utf8)).allSatisfy { $0.stem == nil })
        #expect(Analyzer(.auto).tokens(Array("running".utf8)).first?.stem == nil)
        #expect(Language(code: "pt-BR") == .pt)
        #expect(Language(code: "ZH_cn") == .zh)
        #expect(Language(code: "xx") == nil)
        #expect(Language(code: "") == nil)
    }
}

/// A set of documents and questions with the answers that people judged right.
private struct JudgedSet {
    var documents: [(name: String, text: String)] = []
    var questions: [(name: String, text: String)] = []
    var answers: [String: Set<String>] = [:]

    /// The texts between a mark that ends the number and one that ends the text.
    private static func records(
        _ text: String, _ open: String, _ close: String, _ end: String
    ) -> [(String, String)] {
        text.split(separator: open).dropFirst().compactMap { record in
            guard let close = record.firstRange(of: close),
                let end = record.firstRange(of: end)
            else { return nil }
            let name = record[..<close.lowerBound].filter { $0 != " " && $0 != "\n" }
            return (String(name), String(record[close.upperBound..<end.lowerBound]))
        }
    }

    static func cacm(_ path: String) throws -> JudgedSet {
        var set = JudgedSet()
        for line in try #require(contents(ofFile: "\(path)/docs.tsv")).split(separator: "\n") {
            let fields = line.split(separator: "\t", maxSplits: 1)
            set.documents.append((String(fields[0]), fields.count > 1 ? String(fields[1]) : ""))
        }
        let topics = try #require(contents(ofFile: "\(path)/topics.txt"))
        set.questions = records(topics, "<DOCNO>", "</DOCNO>", "</DOC>")
        try set.judge("\(path)/qrels.txt")
        return set
    }

    static func vaswani(_ path: String) throws -> JudgedSet {
        var set = JudgedSet()
        let documents = try #require(contents(ofFile: "\(path)/doc-text.trec"))
        set.documents = records(documents, "<DOCNO>", "</DOCNO>", "</DOC>")
        let queries = try #require(contents(ofFile: "\(path)/query-text.trec"))
        set.questions = records(queries, "<num>", "</num>", "</top>").map {
            ($0.0, $0.1.replacing("<title>", with: " ").replacing("</title>", with: " "))
        }
        try set.judge("\(path)/qrels")
        return set
    }

    private mutating func judge(_ path: String) throws {
        for line in try #require(contents(ofFile: path)).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 4, fields[3] != "0" else { continue }
            answers[String(fields[0]), default: []].insert(String(fields[2]))
        }
    }
}

/// What is asked of the ranking.
private struct RankingSetting: CustomStringConvertible {
    var k1 = BM25.k1
    var b = BM25.b
    /// What the exact form counts beside the stem.
    var exact: Float = 0
    var keepsStopWords = true

    var description: String {
        "k1=\(k1) b=\(b) exact=\(exact) stop words \(keepsStopWords ? "kept" : "dropped")"
    }
}

@Suite struct RankingQualityTests {
    /// The English words that Lucene drops unless told otherwise.
    private static let stopWords = Set(
        """
        a an and are as at be but by for if in into is it no not of on or such that the their then \
        there these they this to was will with
        """.split(separator: " ").map { Array($0.utf8) })

    /// The mean over all questions of the average precision of the first 1,000 answers.
    private func quality(_ set: JudgedSet, _ setting: RankingSetting) throws -> Double {
        let analyzer = Analyzer(.en)
        let index = MutableIndex(Arena())
        var statistics = CollectionStatistics()
        for (number, document) in set.documents.enumerated() {
            let tokens = analyzer.tokens(Array(document.text.utf8))
            for (place, token) in tokens.enumerated() {
                let forms = [(TermKind.word, token.term)] + (token.stem.map { [(.stem, $0)] } ?? [])
                for (kind, bytes) in forms {
                    unsafe bytes.withUnsafeBufferPointer {
                        unsafe index.add(
                            kind, $0, document: UInt32(number), position: UInt32(place))
                    }
                }
            }
            unsafe index.lengthCodes[number] = LengthCode.encode(tokens.count)
            statistics.documents += 1
            statistics.tokens += UInt64(tokens.count)
        }
        let view = MutableIndexView(index, documentCount: UInt32(set.documents.count))
        let ranking = BM25(statistics, k1: setting.k1, b: setting.b)
        var sum = 0.0
        for question in set.questions {
            let right = set.answers[question.name] ?? []
            guard !right.isEmpty else { continue }
            var clauses: [TextQuery.Clause] = []
            for token in analyzer.tokens(Array(question.text.utf8)) {
                guard let stem = token.stem,
                    setting.keepsStopWords || !Self.stopWords.contains(token.term)
                else { continue }
                clauses.append(TextQuery.Clause(.should, [TermKey.stem(stem)]))
                guard setting.exact > 0 else { continue }
                clauses.append(
                    TextQuery.Clause(
                        .should, .terms([TermKey.word(token.term)], slop: 0), boost: setting.exact))
            }
            let query = try BoundQuery(TextQuery(clauses: clauses), view)
            let weights = QueryWeights(
                documentFrequencies: query.documentFrequencies, ranking)
            var best = TopK(capacity: 1_000)
            _ = query.evaluate(
                weights, DocumentFilter(ranges: [0..<view.documentCount]), into: &best,
                countLimit: .max)
            var (found, precision) = (0, 0.0)
            for (rank, hit) in best.sorted().enumerated()
            where right.contains(set.documents[Int(hit.document)].name) {
                found += 1
                precision += Double(found) / Double(rank + 1)
            }
            sum += precision / Double(right.count)
        }
        return sum / Double(set.questions.count { set.answers[$0.name] != nil })
    }

    private static let settings = [
        RankingSetting(k1: 0.9, b: 0.4, keepsStopWords: false),
        RankingSetting(k1: 0.9, b: 0.4),
        RankingSetting(keepsStopWords: false),
        RankingSetting(),
        RankingSetting(exact: 0.25),
        RankingSetting(exact: 0.5),
    ]

    @Test func `abstracts are ranked as well as Lucene ranks them`() throws {
        guard let path = SharedData.folder("data/ranking/cacm") else { return }
        let set = try JudgedSet.cacm(path)
        #expect(set.documents.count == 3_204)
        let all = try Self.settings.map { try quality(set, $0) }
        for (setting, figure) in zip(Self.settings, all) { print("cacm \(setting): \(figure)") }
        #expect(all[0] >= 0.312)
        #expect(all[4] >= all[3] - 0.01, "exact forms do not harm")
    }

    @Test func `short abstracts are ranked by stems`() throws {
        guard let path = SharedData.folder("data/ranking/vaswani") else { return }
        let set = try JudgedSet.vaswani(path)
        #expect(set.documents.count == 11_429)
        let all = try Self.settings.map { try quality(set, $0) }
        for (setting, figure) in zip(Self.settings, all) { print("vaswani \(setting): \(figure)") }
        #expect(all[0] >= 0.28)
        #expect(all[4] >= all[3] - 0.01, "exact forms do not harm")
    }
}
