// Synonyms: how their rules are read, and what a query becomes by them.

import Gateway
import TestSupport
import Testing
import TextIndex

@Suite struct SynonymsTests {
    private let english = Analyzer(Language(code: "en") ?? .auto)

    private func synonyms(_ text: String, _ analyzer: Analyzer = Analyzer()) -> Synonyms {
        let read = Synonyms.read(Array(text.utf8), analyzer)
        #expect(read.problems.isEmpty, "\(read.problems)")
        return read.synonyms
    }

    private func read(
        _ query: String, _ rules: String, _ match: QueryReader.Match = .any,
        _ analyzer: Analyzer = Analyzer()
    ) -> [TextQuery.Clause] {
        QueryReader.read(
            QuerySyntax(Array(query.utf8)), match, analyzer, synonyms: synonyms(rules, analyzer)
        ).query.clauses
    }

    private func words(_ words: String...) -> TextQuery.Content {
        .terms(words.map { TermKey.word(Array($0.utf8)) }, slop: 0)
    }

    private func synonym(_ content: TextQuery.Content, boost: Float = 1) -> TextQuery.Clause {
        var clause = TextQuery.Clause(
            .should, content, boost: boost * QueryReader.synonymBoost)
        clause.isSynonym = true
        return clause
    }

    @Test func `rules are read line by line, and what is none is told by its line`() {
        let text = """
            # cars
            car, Automobile,  motor car

            tv, telly => television\r
            lonely
            a => b => c
            , x
            !!, x
            one two three four five six seven eight nine, x
            """
        let (synonyms, problems) = Synonyms.read(Array(text.utf8), Analyzer())
        #expect(
            synonyms.rules.map { String(decoding: $0, as: UTF8.self) } == [
                "car, Automobile,  motor car", "tv, telly => television",
            ])
        #expect(problems.map(\.line) == [5, 6, 7, 8, 9])
        #expect(problems[0].text.hasPrefix("one alone stands for nothing"))
        #expect(problems[3].text == "'!!' has no word in it")
        let many = (0..<40).map { "w\($0)" }.joined(separator: ",")
        #expect(Synonyms.read(Array(many.utf8), Analyzer()).problems.count == 1)
    }

    @Test func `a word is joined by what it stands for`() {
        let rules = "car, automobile, motor car\ntv => television"
        let car = TextQuery.Clause(.should, words("car"))
        let others = [synonym(words("automobile")), synonym(words("motor", "car"))]
        #expect(read("car", rules) == [car] + others)
        #expect(read("Car red", rules) == [car] + others + [.init(.should, words("red"))])
        #expect(
            read("car^2", rules) == [
                .init(.should, words("car"), boost: 2), synonym(words("automobile"), boost: 2),
                synonym(words("motor", "car"), boost: 2),
            ])
        // Alone, what must occur is one of several words.
        #expect(read("+car", rules) == [car] + others)
        let red = TextQuery.Clause(.must, words("red"))
        #expect(
            read("+car +red", rules) == [.init(.must, .group([car] + others, atLeast: nil)), red])
        #expect(read("-car", rules) == [.init(.mustNot, words("car"))])
        #expect(read("=car", rules) == read("=car", ""))
        #expect(read("\"car\"", rules) == [car])
        #expect(read("tv", rules) == [.init(.should, words("tv")), synonym(words("television"))])
        #expect(read("television", rules) == [.init(.should, words("television"))])
        let counted = read("car red", rules, .atLeast(2))
        #expect(
            counted == [
                .init(.should, .group([car] + others, atLeast: nil)), .init(.should, words("red")),
            ])
    }

    @Test func `words side by side are joined by what they stand for together`() {
        let rules = "auto, motor car\nnew york, big apple city"
        let (motor, car) = (
            TextQuery.Clause(.should, words("motor")), TextQuery.Clause(.should, words("car"))
        )
        #expect(read("motor car", rules) == [motor, car, synonym(words("auto"))])
        #expect(read("car motor", rules) == [car, motor])
        #expect(read("motor +car", rules).count == 2)
        #expect(read("\"motor car\"", rules) == [.init(.should, words("motor", "car"))])
        let both = TextQuery.Content.group(
            [.init(.must, words("motor")), .init(.must, words("car"))], atLeast: nil)
        #expect(
            read("motor car", rules, .all) == [.init(.should, both), synonym(words("auto"))])
        #expect(read("the big apple city", rules).last == synonym(words("new", "york")))
    }

    @Test func `any form of a word stands for any form of another`() {
        let clauses = read("cars", "car, automobile", .any, english)
        let stem = english.tokens(Array("automobiles".utf8)).first?.stem ?? []
        #expect(clauses.count == 3)
        #expect(clauses.last == synonym(.terms([TermKey.stem(stem)], slop: 0)))
    }

    @Test func `a query takes up so many synonyms and no more`() {
        let rules = (0..<20).map { rule in
            (0..<10).map { "w\(rule)x\($0)" }.joined(separator: ", ")
        }
        let query = (0..<20).map { "w\($0)x0" }.joined(separator: " ")
        let read = QueryReader.read(
            QuerySyntax(Array(query.utf8)), .any, Analyzer(),
            synonyms: synonyms(rules.joined(separator: "\n")))
        let added = read.query.leaves.count(where: \.isSynonym)
        #expect(added == QueryReader.synonymsMax)
        #expect(read.synonymsDropped == 180 - QueryReader.synonymsMax)
    }

    @Test func `a synonym weighs no more than the word that it stands for`() {
        let query = TextQuery(clauses: read("car red", "car, automobile"))
        let weights = QueryWeights(
            documentFrequencies: [[100], [1], [5]],
            BM25(CollectionStatistics(documents: 1_000, tokens: 5_000)))
        var bounded = weights
        bounded.bound(by: query.leaves)
        #expect(bounded.clauses[0] == weights.clauses[0])
        #expect(bounded.clauses[1] == weights.clauses[0])
        #expect(bounded.clauses[2] == weights.clauses[2])
    }
}
