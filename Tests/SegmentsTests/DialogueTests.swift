// The search against the oracle on real lines, whose words, lengths and titles are distributed as
// nobody makes them up.

import Segments
import TestSupport
import Testing
import TextIndex

@Suite struct DialogueTests {
    private static let lineCount = 50_000

    @Test func `searches of real lines find what looking at every line finds`() throws {
        guard let corpus = DialogueCorpus() else { return }
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var modelled = try ModelledStore(
            FaultyFileSystem(), .small(memtableBytes: 1 << 30))
        defer { modelled.store.close() }
        try modelled.write([.create(track: 1)])
        var titles: [[UInt8]] = []
        // Two segments, one with most of the lines, and a memtable.
        for (index, count) in [30_000, 12_000, 8_000].enumerated() {
            var rest = count
            while rest > 0 {
                let rows = corpus.next(min(rest, 2_000))
                rest -= rows.count
                titles.append(rows[0].title)
                try modelled.write([.put(track: 1, rows: batch(rows))])
            }
            if index < 2 { try modelled.flush() }
        }
        for title in titles.prefix(3) {
            try modelled.write([.clear(track: 1, title: title, name: [], value: [])])
        }
        let view = modelled.store.view
        let oracle = SearchOracle(modelled.model.tracks[1] ?? ModelTrack())
        let words = modelled.model.vocabulary.sorted { $0.value < $1.value }.map(\.key)
        let lines = oracle.track.live.values.sorted { $0.sequence < $1.sequence }
            .shuffled(using: &random).prefix(400)
        for number in 0..<150 {
            var clauses = clauses(&random, lines, words)
            if random.oneIn(3), let broken = brokenPhrase(&random, oracle, lines, words) {
                clauses.append(broken)
            }
            var request = SearchRequest(
                TextQuery(clauses: clauses.map(\.0)), limit: [1, 10, 50][number % 3])
            request.countLimit = [0, 1_000, 1_000_000][number / 3 % 3]
            request.gap = [nil, 2_000_000_000][number % 2]
            if random.oneIn(4) { request.titles = titles.shuffled(using: &random).suffix(4) }
            let isSame = agree(
                try view.search([1], request), oracle.search(clauses.map(\.1), request), request)
            #expect(isSame, "seed \(seed), query \(number)")
        }
    }

    /// The last words of a line and the first of the next.
    private func brokenPhrase(
        _ random: inout SeededRandom, _ oracle: SearchOracle, _ lines: ArraySlice<ModelRow>,
        _ words: [[UInt8]]
    ) -> (TextQuery.Clause, OracleClause)? {
        guard let line = lines.randomElement(using: &random), let next = oracle.next[line.sequence]
        else { return nil }
        let numbers =
            Array(line.words.suffix(Int.random(in: 1...3, using: &random)))
            + Array(next.words.prefix(Int.random(in: 1...3, using: &random)))
        return (
            TextQuery.Clause(.should, numbers.map { TermKey.word(words[$0]) }),
            OracleClause(occurrence: .should, words: numbers)
        )
    }

    /// Words or a phrase from a line: frequent words, as in speech.
    private func clauses(
        _ random: inout SeededRandom, _ lines: ArraySlice<ModelRow>, _ words: [[UInt8]]
    ) -> [(TextQuery.Clause, OracleClause)] {
        var clauses: [(TextQuery.Clause, OracleClause)] = []
        for _ in 0...Int.random(in: 0..<4, using: &random) {
            guard let line = lines.randomElement(using: &random), line.words.count > 3 else {
                continue
            }
            let start = Int.random(in: 0..<line.words.count - 2, using: &random)
            let numbers = Array(line.words[start..<start + (random.oneIn(5) ? 2 : 1)])
            let occurrence: TextQuery.Occurrence =
                random.oneIn(5) ? .must : random.oneIn(8) ? .mustNot : .should
            clauses.append(
                (
                    TextQuery.Clause(occurrence, numbers.map { TermKey.word(words[$0]) }),
                    OracleClause(occurrence: occurrence, words: numbers)
                ))
        }
        return clauses
    }
}
