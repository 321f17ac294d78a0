// Searches that have to stop early: what they found is right, and they say how much they saw. Time
// is a number that the test moves: it passes whenever somebody looks.

import Segments
import Synchronization
import TestSupport
import Testing
import TextIndex

/// A clock that shows one second more each time it is looked at.
private final class CountingClock: Sendable {
    private let looks = Atomic<Int>(0)

    /// The deadline that the look of this number finds passed; none before does.
    func deadline(atLook number: Int) -> Deadline {
        Deadline(Double(number)) {
            Double(self.looks.wrappingAdd(1, ordering: .relaxed).newValue)
        }
    }
    var count: Int { looks.load(ordering: .relaxed) }
}

@Suite struct DeadlineTests {
    @Test func `what was found by the deadline is right, and so is how much was looked at`() throws
    {
        let seed = SeededRandom.fresh()
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.policy.fanout = 0
        var modelled = try ModelledStore(FaultyFileSystem(), settings)
        defer { modelled.store.close() }
        var source = RandomOperations(seed: seed)
        source.words = 40
        try modelled.write([source.create()])
        let track = source.tracks[0]
        for part in 0..<3 {
            if part > 0 { try modelled.flush() }
            for _ in 0..<(part == 1 ? 150 : 30) {
                let rows = (0..<40).map { _ in source.annotation() }
                try modelled.write([.put(track: track, rows: batch(rows))])
            }
        }
        let view = modelled.store.view
        var queries = RandomQueries(source: source)
        var partial = 0
        for number in 0..<120 {
            let query = Self.query(&queries, &modelled.model)
            var request = queries.request(query)
            let all = try Self.scores(view, track, request)
            let clock = CountingClock()
            request.deadline = clock.deadline(atLook: 1 + queries.source.below(12))
            let found = try view.search([track], request)
            let note = Comment("seed \(seed), query \(number): \(query)")
            #expect((0...1).contains(found.coverage), note)
            #expect(found.hits.allSatisfy { all[$0.sequence] == $0.score.bitPattern }, note)
            #expect(found.hits.count <= request.limit, note)
            let ordered = zip(found.hits, found.hits.dropFirst()).allSatisfy { $0.precedes($1) }
            #expect(ordered, note)
            if found.coverage < 1 {
                partial += 1
                #expect(!found.count.isExact, note)
            } else {
                request.deadline = nil
                let whole = try view.search([track], request)
                #expect(found.hits.map(\.sequence) == whole.hits.map(\.sequence), note)
                #expect(found.count.count == whole.count.count, note)
            }
        }
        #expect((10..<120).contains(partial), "\(partial), seed \(seed)")
    }

    @Test func `a deadline that has passed leaves everything unseen`() throws {
        let store = try Store(opening: "/data", in: FaultyFileSystem(), .small())
        defer { store.close() }
        try store.write([.create(track: 1)])
        let rows = (0..<3_000).map { number in
            Annotation(
                title: [UInt8](text: "t"), start: Int64(number), end: Int64(number),
                text: [UInt8](text: "go back w\(number % 7) x\(number)"))
        }
        try store.write([.put(track: 1, rows: batch(rows))])
        let (go, back, seven) = ("go", "back", "w3")
        func word(_ text: String) -> [UInt8] { TermKey.word([UInt8](text: text)) }
        let queries: [TextQuery] = [
            TextQuery(),
            TextQuery(clauses: [.init(.should, [word(go)])]),
            TextQuery(clauses: [.init(.should, [word(go)]), .init(.should, [word(seven)])]),
            TextQuery(clauses: [.init(.must, [word("x12")]), .init(.mustNot, [word(seven)])]),
            TextQuery(clauses: [.init(.should, [word(go), word(back)])]),
            TextQuery(clauses: [.init(.should, .terms([word(go), word(seven)], slop: 2))]),
            TextQuery(clauses: [.init(.should, .prefix(word("w")))]),
            TextQuery(clauses: [
                .init(.must, .group([.init(.should, [word(go)])], atLeast: nil)),
                .init(.should, .fuzzy(word(back), edits: 1)),
            ]),
        ]
        for flushes in [false, true] {
            if flushes { try store.flush() }
            for query in queries {
                var request = SearchRequest(query, limit: 10)
                request.deadline = CountingClock().deadline(atLook: 0)
                let found = try store.view.search([1], request)
                #expect(found.hits.isEmpty, "\(query)")
                // A rare word's documents are looked at where they are.
                #expect(found.coverage < 0.05, "\(query): \(found.coverage)")
                let titles = try store.view.titles([1], request, limit: 3)
                #expect(titles.titles.isEmpty)
                #expect(titles.coverage < 0.05)
            }
        }
    }

    @Test func `nobody looks at a clock without a deadline, and few do with one`() throws {
        let store = try Store(opening: "/data", in: FaultyFileSystem(), .small())
        defer { store.close() }
        try store.write([.create(track: 1)])
        let rows = (0..<20_000).map { number in
            Annotation(
                title: [UInt8](text: "t"), start: Int64(number), end: Int64(number),
                text: [UInt8](text: number % 3 == 0 ? "go" : "go back"))
        }
        try store.write([.put(track: 1, rows: batch(rows))])
        try store.flush()
        func word(_ text: String) -> [UInt8] { TermKey.word([UInt8](text: text)) }
        for clauses in [["go"], ["go", "back"]] {
            let clock = CountingClock()
            var request = SearchRequest(
                TextQuery(clauses: clauses.map { .init(.should, [word($0)]) }), limit: 10)
            request.countLimit = .max
            request.deadline = clock.deadline(atLook: .max)
            let found = try store.view.search([1], request)
            #expect(found.coverage == 1)
            #expect(found.count.count == 20_000)
            #expect(found.count.documents == 20_000)
            #expect((1...400).contains(clock.count), "\(clock.count) looks")
        }
    }

    /// A query of any kind.
    private static func query(
        _ queries: inout RandomQueries, _ model: inout StoreModel
    ) -> TextQuery {
        var clauses = (0..<1 + queries.source.below(4)).map { _ in queries.clause(&model).0 }
        switch queries.source.below(6) {
        case 0: clauses.append(.init(.must, .prefix(TermKey.word([UInt8](text: "w1")))))
        case 1: clauses = [.init(.should, .prefix(TermKey.word([UInt8](text: "w"))))]
        case 2: clauses = [.init(.must, .group(clauses, atLeast: nil)), clauses[0]]
        case 3: clauses = [.init(.should, .fuzzy(TermKey.word([UInt8](text: "w12")), edits: 1))]
        default: break
        }
        return TextQuery(clauses: clauses)
    }

    /// The scores of all hits by the operation that wrote them.
    private static func scores(
        _ view: View, _ track: UInt32, _ request: SearchRequest
    ) throws -> [UInt64: UInt32] {
        var request = request
        request.limit = 1_000_000
        let hits = try view.search([track], request).hits
        return Dictionary(uniqueKeysWithValues: hits.map { ($0.sequence, $0.score.bitPattern) })
    }
}
