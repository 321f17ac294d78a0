// Every kind of query over every kind of part (segments, a sealed memtable, an active one), with
// deletions and ties in plenty, against the search that looks at everything.

import Glibc
import Segments
import Storage
import TestSupport
import Testing
import TextIndex

/// A store and its model, kept in step.
struct ModelledStore: ~Copyable {
    let store: Store
    var model = StoreModel()

    init(_ fs: any FileSystem, _ settings: StoreSettings) throws {
        store = try Store(opening: "/data", in: fs, settings)
        model.splitsText = true
    }

    mutating func write(_ operations: [Segments.Operation]) throws {
        let expected = model.apply(operations)
        let applied = try store.write(operations)
        #expect(applied == expected)
    }

    mutating func flush() throws {
        model.seal()
        try store.flush()
        model.finishFlush()
    }
}

/// Queries made of the words that the texts are made of.
struct RandomQueries {
    var source: RandomOperations

    mutating func clause(_ model: inout StoreModel, only occurrence: TextQuery.Occurrence? = nil)
        -> (TextQuery.Clause, OracleClause)
    {
        let count = source.below(4) == 0 ? 2 + source.below(2) : 1
        var words: [[UInt8]] = []
        for _ in 0..<count {
            words.append(source.below(25) == 0 ? [UInt8](text: "nowhere") : source.word())
        }
        let chosen: TextQuery.Occurrence = [.should, .should, .should, .must, .mustNot][
            source.below(5)]
        let occurrence = occurrence ?? chosen
        let numbers = words.map { word in model.vocabulary[word] ?? -1 }
        return (
            TextQuery.Clause(occurrence, words.map { TermKey.word($0) }),
            OracleClause(occurrence: occurrence, words: numbers)
        )
    }

    mutating func request(_ query: TextQuery) -> SearchRequest {
        var request = SearchRequest(query, limit: 1 + source.below(50))
        request.countLimit = [0, 3, 1_000_000][source.below(3)]
        if source.below(6) == 0 { request.order = .timeline }
        if source.below(4) == 0 {
            request.titles = (0...source.below(3)).map { _ in source.title() }
        }
        if source.below(4) == 0 { request.start = Int64(source.below(40)) * 1_000_000_000 }
        if source.below(4) == 0 { request.end = Int64(source.below(45)) * 1_000_000_000 }
        return request
    }
}

@Suite struct SearchOracleTests {
    @Test func `searches find what looking at every row finds, to the last tie`() throws {
        let seed = SeededRandom.fresh()
        for round in 0..<8 {
            try compare(seed: seed &+ UInt64(round))
        }
    }

    private func compare(seed: UInt64) throws {
        let fs = RefusingFileSystem(FaultyFileSystem())
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.logBytes = 1 << 40
        // Which deleted rows still count in the statistics is known only without merges.
        settings.policy.fanout = 0
        var modelled = try ModelledStore(fs, settings)
        defer { modelled.store.close() }
        var source = RandomOperations(seed: seed)
        source.words = [12, 60, 400][Int(seed % 3)]
        try modelled.write([source.create()])
        let parts = source.below(4)
        for _ in 0..<parts {
            // Skipping begins after a window of 4,096 documents.
            try fill(&modelled, &source, 1 + source.below(source.below(6) == 0 ? 9_000 : 900))
            try modelled.flush()
        }
        try fill(&modelled, &source, source.below(600))
        // A sealed memtable that waits for room on the disk.
        fs.refuse { $0.hasSuffix(".seg.new") ? ENOSPC : nil }
        modelled.model.seal()
        #expect(throws: StoreError.self) { try modelled.store.flush() }
        try fill(&modelled, &source, 1 + source.below(300))
        try ask(&modelled, source, seed, "with a sealed memtable")
        fs.refuse(nil)
        try modelled.store.flush()
        modelled.model.finishFlush()
        modelled.model.seal()
        try modelled.store.flush()
        modelled.model.finishFlush()
        try ask(&modelled, source, seed, "flushed")
        try modelled.store.merge(source.tracks[0])
        modelled.model.forgetDead()
        try ask(&modelled, source, seed, "merged")
        try fill(&modelled, &source, source.below(300))
        try modelled.flush()
        try ask(&modelled, source, seed, "flushed beside a merged segment")
    }

    private func fill(
        _ modelled: inout ModelledStore, _ source: inout RandomOperations, _ count: Int
    ) throws {
        let track = source.tracks[0]
        for _ in 0..<count / 20 + 1 {
            let rows = (0..<20).map { _ in source.annotation() }
            try modelled.write([.put(track: track, rows: batch(rows))])
            switch source.below(12) {
            case 0:
                try modelled.write([.delete(track: track, title: source.title(), key: source.key())]
                )
            case 1:
                try modelled.write([
                    .clear(
                        track: track, title: source.title(), name: [UInt8](text: "by"),
                        value: source.source())
                ])
            default: break
            }
        }
    }

    private func ask(
        _ modelled: inout ModelledStore, _ source: RandomOperations, _ seed: UInt64, _ note: String
    ) throws {
        let track = source.tracks[0]
        let view = modelled.store.view
        let oracle = SearchOracle(modelled.model.tracks[track] ?? ModelTrack())
        var queries = RandomQueries(source: source)
        for number in 0..<60 {
            let count = queries.source.below(5)
            let only: TextQuery.Occurrence? = [nil, .should, .must][queries.source.below(3)]
            let clauses = (0..<count).map { _ in queries.clause(&modelled.model, only: only) }
            var filters: [[([UInt8], [UInt8])]] = []
            if queries.source.below(4) == 0 {
                filters.append(
                    (0...queries.source.below(2)).map { _ in
                        ([UInt8](text: "by"), queries.source.source())
                    })
            }
            let query = TextQuery(
                clauses: clauses.map(\.0),
                filters: filters.map { filter in
                    filter.map { TermKey.attribute($0.0, Analyzer().fold($0.1)) }
                })
            let request = queries.request(query)
            let found = try view.search([track], request)
            let expected = oracle.search(clauses.map(\.1), filters: filters, request)
            let isSame = agree(found, expected, request)
            #expect(isSame, "seed \(seed), query \(number) \(note)")
            guard isSame else { return }
        }
    }
}

/// Whether a search found what it should have.
func agree(_ found: SearchResult, _ expected: OracleAnswer, _ request: SearchRequest) -> Bool {
    let isCounted =
        found.count.isExact
        ? found.count.count == expected.count
        : found.count.count <= expected.count && found.count.count > request.countLimit
    return isCounted && found.hits.count == expected.hits.count
        && zip(found.hits, expected.hits).allSatisfy { hit, wanted in
            hit.score.bitPattern == wanted.score.bitPattern
                && hit.sequence == wanted.row.sequence && hit.annotation == wanted.row.annotation
        }
}
