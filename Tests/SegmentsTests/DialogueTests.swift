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
        let lines = Array(oracle.track.live.values.prefix(400))
        for number in 0..<150 {
            let clauses = clauses(&random, lines, words)
            var request = SearchRequest(
                TextQuery(clauses: clauses.map(\.0)), limit: [1, 10, 50][number % 3])
            request.countLimit = [0, 1_000, 1_000_000][number / 3 % 3]
            if random.oneIn(4) { request.titles = titles.shuffled(using: &random).suffix(4) }
            let isSame = agree(
                try view.search([1], request), oracle.search(clauses.map(\.1), request), request)
            #expect(isSame, "seed \(seed), query \(number)")
        }
    }

    /// Words or a phrase from a line: frequent words, as in speech.
    private func clauses(
        _ random: inout SeededRandom, _ lines: [ModelRow], _ words: [[UInt8]]
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
