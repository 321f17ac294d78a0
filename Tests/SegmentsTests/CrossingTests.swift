// Phrases that begin in one row and end in a later one, over every kind of part, whatever happened
// to the rows between, against the search that puts all texts of a lane together.

import Glibc
import Segments
import Storage
import TestSupport
import Testing
import TextIndex

@Suite struct CrossingTests {
    /// Texts of few words, so that phrases are broken in every way.
    private struct Rows {
        var source: RandomOperations
        /// The next in-time of rows that come in order.
        private var time: Int64 = 0
        /// The last words of each title.
        private var last: [[UInt8]: [String]] = [:]

        init(seed: UInt64) {
            source = RandomOperations(seed: seed)
            source.titles = 1 + source.below(4)
            source.keys = 30
        }

        mutating func word() -> String {
            ["a", "b", "c", "a-b", "b-c", "d", "e-mail", "mail"][source.below(source.below(8) + 1)]
        }

        private mutating func text(of title: [UInt8]) -> [UInt8]? {
            switch source.below(20) {
            case 0: return nil
            case 1: return [UInt8](text: "...")
            default:
                let count = 1 + source.below(source.below(5) + 1)
                var words = (0..<count).map { _ in word() }
                // Some roll up: they say again what the one before ended with.
                if source.below(3) == 0, let before = last[title] {
                    words = before.suffix(1 + source.below(4)) + words.dropFirst(source.below(3))
                }
                last[title] = words
                return [UInt8](text: words.joined(separator: " "))
            }
        }

        mutating func row() -> Annotation {
            var row = source.annotation(withText: .some(nil))
            row.text = text(of: row.title)
            // Most come in the order of a timeline.
            if source.below(3) > 0 {
                time += Int64(source.below(3)) * 500_000_000
                row.start = time
                row.end = time + Int64(source.below(3)) * 500_000_000
            }
            return row
        }

        mutating func rows(_ count: Int) -> RowBatch { batch((0..<count).map { _ in row() }) }
    }

    private func open(_ fs: any FileSystem) throws -> ModelledStore {
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.logBytes = 1 << 40
        // Which deleted rows still count in the statistics is known only without merges.
        settings.policy.fanout = 0
        return try ModelledStore(fs, settings)
    }

    @Test func `phrases across rows are found as in the texts put together`() throws {
        let seed = SeededRandom.fresh()
        for round in 0..<12 { try compare(seed: seed &+ UInt64(round)) }
    }

    private func compare(seed: UInt64) throws {
        let fs = RefusingFileSystem(FaultyFileSystem())
        var modelled = try open(fs)
        defer { modelled.store.close() }
        var rows = Rows(seed: seed)
        try modelled.write([rows.source.create()])
        for _ in 0..<rows.source.below(4) {
            try fill(&modelled, &rows, 1 + rows.source.below(400))
            try modelled.flush()
        }
        try fill(&modelled, &rows, rows.source.below(200))
        // A sealed memtable that waits for room on the disk.
        fs.refuse { $0.hasSuffix(".seg.new") ? ENOSPC : nil }
        modelled.model.seal()
        #expect(throws: StoreError.self) { try modelled.store.flush() }
        for _ in 0..<3 {
            try fill(&modelled, &rows, 1 + rows.source.below(60))
            try ask(&modelled, rows, seed, "with a sealed memtable")
        }
        fs.refuse(nil)
        for _ in 0..<2 {
            try modelled.store.flush()
            modelled.model.finishFlush()
            modelled.model.seal()
        }
        modelled.model.finishFlush()
        try ask(&modelled, rows, seed, "flushed")
        try modelled.store.merge(rows.source.tracks[0])
        modelled.model.forgetDead()
        try ask(&modelled, rows, seed, "merged")
        try fill(&modelled, &rows, rows.source.below(100))
        try ask(&modelled, rows, seed, "a memtable beside a merged segment")
    }

    private func fill(
        _ modelled: inout ModelledStore, _ rows: inout Rows, _ count: Int
    ) throws {
        let track = rows.source.tracks[0]
        for _ in 0..<count / 10 + 1 {
            try modelled.write([.put(track: track, rows: rows.rows(10))])
            let title = rows.source.title()
            switch rows.source.below(12) {
            case 0...2:
                try modelled.write([
                    .delete(track: track, title: title, key: rows.source.key())
                ])
            case 3:
                try modelled.write([
                    .clear(
                        track: track, title: title, name: [UInt8](text: "by"),
                        value: rows.source.source())
                ])
            case 4:
                var lane = (0..<8).map { _ in rows.row() }
                for place in lane.indices { lane[place].title = title }
                try modelled.write([
                    .clear(track: track, title: title, name: [], value: []),
                    .put(track: track, rows: batch(lane)),
                ])
            default: break
            }
        }
    }

    private func clause(
        _ rows: inout Rows, _ model: StoreModel, only: TextQuery.Occurrence?
    ) -> (TextQuery.Clause, OracleClause) {
        let count = rows.source.below(4) == 0 ? 1 : 2 + rows.source.below(rows.source.below(6) + 1)
        let parts = ["a", "b", "c", "a", "b", "d", "ab", "email", "mail", "nowhere"]
        let words = (0..<count).map { _ in
            [UInt8](text: parts[rows.source.below(rows.source.below(parts.count) + 1)])
        }
        let chosen: TextQuery.Occurrence = [.should, .should, .must, .mustNot][
            rows.source.below(4)]
        let occurrence = only ?? chosen
        return (
            TextQuery.Clause(occurrence, words.map { TermKey.word($0) }),
            OracleClause(occurrence: occurrence, words: words.map { model.vocabulary[$0] ?? -1 })
        )
    }

    private func ask(
        _ modelled: inout ModelledStore, _ asked: Rows, _ seed: UInt64, _ note: String,
        scores: Bool = true
    ) throws {
        var rows = asked
        let track = rows.source.tracks[0]
        let view = modelled.store.view
        let oracle = SearchOracle(modelled.model.tracks[track] ?? ModelTrack())
        var queries = RandomQueries(source: rows.source)
        var places: Set<DocumentPlace> = []
        for number in 0..<60 {
            let count = 1 + rows.source.below(rows.source.below(3) + 1)
            let only: TextQuery.Occurrence? = [nil, .should, .must][rows.source.below(3)]
            let clauses = (0..<count).map { _ in clause(&rows, modelled.model, only: only) }
            var request = queries.request(TextQuery(clauses: clauses.map(\.0)))
            request.gap = [nil, 0, 500_000_000, 2_000_000_000, .max][rows.source.below(5)]
            if !scores { request.order = .timeline }
            let found = try view.search([track], request)
            let expected = oracle.search(clauses.map(\.1), request)
            let isSame =
                agree(found, expected, request)
                && zip(found.hits, expected.hits).allSatisfy { hit, wanted in
                    hit.following.map(\.annotation)
                        == oracle.following(wanted.row, clauses.map(\.1), request.gap)
                        .map(\.annotation)
                }
            #expect(isSame, "seed \(seed), query \(number) \(note)")
            guard isSame else { return }
            try explain(view, track, request, found)
            places.formUnion(found.hits.map(\.place))
            try askSome(places.filter { _ in rows.source.below(2) == 0 }, view, track, request)
        }
    }

    /// Asked of some rows alone, a search finds those of them that it finds among all.
    private func askSome(
        _ places: Set<DocumentPlace>, _ view: View, _ track: UInt32, _ request: SearchRequest
    ) throws {
        var request = request
        request.limit = 10_000
        // The rows say it.
        request.titles = nil
        let all = try view.search([track], request).hits.filter { places.contains($0.place) }
        request.only = places
        let some = try view.search([track], request).hits
        #expect(some.map(\.place) == all.map(\.place))
        #expect(some.map(\.score) == all.map(\.score))
        #expect(some.map(\.following) == all.map(\.following))
    }

    /// What leaves add is the score.
    private func explain(
        _ view: View, _ track: UInt32, _ request: SearchRequest, _ found: SearchResult
    ) throws {
        guard found.hits.count < 4, let told = try view.explain(track, request) else { return }
        for (told, hit) in zip(told.hits, found.hits) {
            let sum = told.parts.filter { $0.leaf >= 0 }.reduce(Float(0)) { $0 + $1.impact }
            #expect(sum == hit.score && told.hit.following == hit.following)
            #expect(told.parts.contains(where: \.crosses) || hit.following.isEmpty)
        }
    }

    @Test func `phrases cross into what an operation brought, and not what it replaced`() throws {
        let seed = SeededRandom.fresh()
        var modelled = try open(FaultyFileSystem())
        defer { modelled.store.close() }
        var rows = Rows(seed: seed)
        try modelled.write([rows.source.create()])
        let track = rows.source.tracks[0]
        for round in 0..<12 {
            try fill(&modelled, &rows, 100)
            if round % 3 == 0 { try modelled.flush() }
            let title = rows.source.title()
            let scope = Scope(title: title, name: [], value: [])
            let id = try modelled.store.write([.begin(track: track, scope: scope)]).operation
            modelled.model.apply([.begin(track: track, scope: scope)])
            var lane = (0..<20).map { _ in rows.row() }
            for place in lane.indices { lane[place].title = title }
            try modelled.store.write([.stage(operation: id, rows: batch(lane))])
            modelled.model.apply([.stage(operation: id, rows: batch(lane))])
            try ask(&modelled, rows, seed, "while an operation is open", scores: false)
            _ = try modelled.store.commit(id)
            modelled.model.commit(id, smallBytes: .max)
            try ask(&modelled, rows, seed, "after its commit", scores: false)
        }
    }

    @Test func `a view goes on with the neighbours that it had`() throws {
        var modelled = try open(FaultyFileSystem())
        defer { modelled.store.close() }
        func row(_ second: Int64, _ key: String, _ text: String) -> Annotation {
            Annotation(
                title: [UInt8](text: "film"), start: second * 1_000_000_000,
                end: (second + 1) * 1_000_000_000, key: [UInt8](text: key),
                text: [UInt8](text: text))
        }
        func found(_ view: View) throws -> [String] {
            let words = ["go", "back"].map { TermKey.word([UInt8](text: $0)) }
            var request = SearchRequest(TextQuery(clauses: [.init(.should, words)]), limit: 10)
            request.gap = 1_000_000_000
            return try view.search([1], request).hits.map { hit in
                ([hit.annotation] + hit.following.map(\.annotation)).map {
                    String(decoding: $0.key, as: UTF8.self)
                }
                .joined(separator: " ")
            }
        }
        try modelled.write([
            .create(track: 1),
            .put(track: 1, rows: batch([row(1, "1", "we go"), row(3, "3", "back home")])),
        ])
        let first = modelled.store.view
        #expect(try found(first) == ["1 3"])
        try modelled.write([.put(track: 1, rows: batch([row(2, "2", "no!")]))])
        let second = modelled.store.view
        #expect(try found(second) == [])
        try modelled.flush()
        try modelled.write([
            .delete(track: 1, title: [UInt8](text: "film"), key: [UInt8](text: "2"))
        ])
        #expect(try found(modelled.store.view) == ["1 3"])
        try modelled.write([.put(track: 1, rows: batch([row(2, "2", "back")]))])
        #expect(try found(modelled.store.view) == ["1 2"])
        #expect(try found(first) == ["1 3"])
        #expect(try found(second) == [])
    }
}
