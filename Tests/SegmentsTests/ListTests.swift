// Lists of hits taken in other ways than from the top: page by page, title by title, and with the
// rows around each; against the search that looks at everything.

import Segments
import TestSupport
import Testing
import TextIndex

@Suite struct ListTests {
    @Test func `pages, titles and neighbours are those of the whole list`() throws {
        let seed = SeededRandom.fresh()
        for round in 0..<6 {
            let seed = seed &+ UInt64(round)
            var lists = try RandomLists(seed: seed)
            defer { lists.modelled.store.close() }
            for number in 0..<40 {
                let difference = try lists.difference()
                #expect(difference == nil, "seed \(seed), query \(number): \(difference ?? "")")
                guard difference == nil else { return }
            }
        }
    }

    @Test func `titles are found where one has nearly all the hits`() throws {
        let store = try Store(opening: "/data", in: FaultyFileSystem(), .small())
        defer { store.close() }
        try store.write([.create(track: 1)])
        func row(_ title: String, _ place: Int, _ text: String) -> Annotation {
            Annotation(
                title: [UInt8](text: title), start: Int64(place), end: Int64(place),
                text: [UInt8](text: text))
        }
        // The best 2,000 hits are of one title, the next 300 of another.
        var rows = (0..<2_000).map { row("crowd", $0, "go") }
        rows += (0..<300).map { row("few", $0, "go back") }
        rows += [row("one", 0, "go back to it"), row("two", 0, "go back to it all")]
        try store.write([.put(track: 1, rows: batch(rows))])
        let query = TextQuery(clauses: [.init(.should, [TermKey.word([UInt8](text: "go"))])])
        for (limit, more) in [(3, true), (4, false), (10, false), (0, true)] {
            let found = try store.view.titles([1], SearchRequest(query, limit: 0), limit: limit)
            let names = found.titles.map { String(decoding: $0, as: UTF8.self) }
            #expect(names == Array(["crowd", "few", "one", "two"].prefix(limit)))
            #expect(found.hasMore == more)
            // One hit more than is counted exactly says that there may be more.
            #expect(found.count.count > 1_000)
        }
    }
}

/// Random rows in several parts of a track, and random searches of them.
private struct RandomLists: ~Copyable {
    var modelled: ModelledStore
    private var queries: RandomQueries
    private let oracle: SearchOracle
    private let view: View
    private let track: UInt32

    init(seed: UInt64) throws {
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.policy.fanout = 0
        var modelled = try ModelledStore(FaultyFileSystem(), settings)
        var source = RandomOperations(seed: seed)
        source.words = [8, 60][Int(seed % 2)]
        source.titles = [3, 40][Int(seed / 2 % 2)]
        source.longestText = [3, 25][Int(seed / 4 % 2)]
        try modelled.write([source.create()])
        let track = source.tracks[0]
        for part in 0...source.below(4) {
            if part > 0 { try modelled.flush() }
            for _ in 0..<1 + source.below(30) {
                let rows = (0..<20).map { _ in source.annotation() }
                try modelled.write([
                    .put(track: track, rows: batch(rows)),
                    .delete(track: track, title: source.title(), key: source.key()),
                ])
            }
        }
        self.track = track
        view = modelled.store.view
        oracle = SearchOracle(modelled.model.tracks[track] ?? ModelTrack())
        queries = RandomQueries(source: source)
        self.modelled = modelled
    }

    /// What is wrong with the answers to one more query.
    mutating func difference() throws -> String? {
        let count = queries.source.below(4)
        let clauses = (0..<count).map { _ in queries.clause(&modelled.model) }
        var request = queries.request(TextQuery(clauses: clauses.map(\.0)))
        request.limit = 1_000_000
        let all = oracle.search(clauses.map(\.1), request).hits
        return try pages(request, all) ?? titles(request, all)
    }

    private mutating func pages(
        _ request: SearchRequest, _ all: [(score: Float, row: ModelRow)]
    ) throws -> String? {
        var request = request
        var taken = 0
        let lanes = LaneReader(view)
        while true {
            request.limit = 1 + queries.source.below(taken > 200 ? 2_000 : 40)
            let page = try view.search([track], request).hits
            let wanted = all.dropFirst(taken).prefix(request.limit)
            guard page.map(\.sequence) == wanted.map(\.row.sequence),
                zip(page, wanted).allSatisfy({ $0.score.bitPattern == $1.score.bitPattern })
            else { return "a page of \(request.limit) behind \(taken) of \(all.count)" }
            if taken < 40, let hit = page.last, let wrong = try neighbours(hit, lanes) {
                return wrong
            }
            taken += page.count
            guard let last = page.last else { return taken == all.count ? nil : "the end" }
            request.after = last.listPlace
        }
    }

    private mutating func titles(
        _ request: SearchRequest, _ all: [(score: Float, row: ModelRow)]
    ) throws -> String? {
        var wanted: [[UInt8]] = []
        for hit in all where !wanted.contains(hit.row.annotation.title) {
            wanted.append(hit.row.annotation.title)
        }
        var request = request
        var taken = 0
        while true {
            let limit = queries.source.below(6)
            let found = try view.titles([track], request, limit: limit)
            guard found.titles == Array(wanted.dropFirst(taken).prefix(limit)),
                found.hasMore == (wanted.count > taken + limit)
            else { return "\(limit) titles behind \(taken) of \(wanted.count)" }
            taken += limit
            request.exceptTitles.formUnion(found.titles)
            guard found.hasMore else { return nil }
        }
    }

    private mutating func neighbours(_ hit: Hit, _ lanes: LaneReader) throws -> String? {
        let rows = oracle.track.rows(of: hit.annotation.title)
        let place = rows.firstIndex { $0.sequence == hit.sequence } ?? 0
        let (before, after) = (queries.source.below(5), queries.source.below(5))
        let found = try lanes.neighbours(of: hit.place, before: before, after: after)
        let first = try found.before.map { try lanes.annotation($0.place) }
        let second = try found.after.map { try lanes.annotation($0.place) }
        guard first == rows[..<place].suffix(before).map(\.annotation),
            second == rows[(place + 1)...].prefix(after).map(\.annotation)
        else { return "\(before) rows before and \(after) after a row" }
        let time = hit.annotation.start + Int64(queries.source.below(3) - 1) * 500_000_000
        let around = try view.context(
            track, title: hit.annotation.title, at: time, before: before, after: after)
        let split = rows.firstIndex { $0.annotation.start > time } ?? rows.count
        let wanted = rows[..<split].suffix(before + 1) + rows[split...].prefix(after)
        return around == wanted.map(\.annotation) ? nil : "rows around \(time)"
    }
}
