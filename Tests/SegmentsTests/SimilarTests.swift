// Searches by vectors over every kind of part (segments, memtables), with deletions, filters and
// several vectors an annotation, against looking at every annotation of a dictionary.

import Segments
import TestSupport
import Testing
import TextIndex
import VectorIndex

/// A store with one track of vectors, and a dictionary that says what is in it.
private final class VectorFixture {
    private struct Name: Hashable {
        let title: [UInt8]
        let key: [UInt8]
    }

    var store: Store
    let shape: VectorShape
    var random: SeededRandom
    private let fs: FaultyFileSystem
    private let settings: StoreSettings
    private var rows: [Name: Annotation] = [:]
    private var vectors: [Name: [[Float]]] = [:]

    init(_ shape: VectorShape, seed: UInt64, memtableBytes: Int = 1 << 30) throws {
        self.shape = shape
        fs = FaultyFileSystem()
        var settings = StoreSettings.small(memtableBytes: memtableBytes)
        settings.logBytes = 1 << 40
        self.settings = settings
        store = try Store(opening: "/data", in: fs, settings)
        random = SeededRandom(seed: seed)
        try store.write([.create(track: 1, content: TrackContent(vectors: shape))])
    }

    deinit { store.close() }

    func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    func title(_ number: Int) -> [UInt8] { [UInt8](text: "title \(number)") }

    func vector() -> [Float] {
        // Few directions, so that there are duplicates.
        if below(10) == 0 {
            var axis = [Float](repeating: 0, count: shape.dimension)
            axis[below(3)] = 1
            return axis
        }
        return (0..<shape.dimension).map { _ in Float.random(in: -1...1, using: &random) }
    }

    func put(_ count: Int) throws {
        var made: [Annotation] = []
        for _ in 0..<count {
            let start = Int64(below(100)) * 1_000_000_000
            var row = Annotation(
                title: title(below(5)), start: start, end: start + Int64(below(3)) * 1_000_000_000,
                key: [UInt8](text: "\(below(10 * count))"))
            row.attributes = [
                Attribute(
                    name: [UInt8](text: "mood"), type: .keyword,
                    value: [UInt8](text: "mood \(below(4))"))
            ]
            if below(5) > 0 { row.attributes.append(.level(Double(below(10)))) }
            let own = (0..<[0, 1, 1, 1, 3][below(5)]).map { _ in vector() }
            row.vector = own.flatMap { $0 }
            let name = Name(title: row.title, key: row.key)
            rows[name] = row
            vectors[name] = own
            made.append(row)
        }
        try store.write([.put(track: 1, rows: batch(made))])
    }

    func deleteSome() throws {
        let title = title(below(5))
        if below(4) == 0 {
            try store.write([.clear(track: 1, title: title, name: [], value: [])])
            for name in rows.keys where name.title == title { rows[name] = nil }
            return
        }
        for name in Array(rows.keys) where below(8) == 0 {
            try store.write([.delete(track: 1, title: name.title, key: name.key)])
            rows[name] = nil
        }
    }

    func reopen() throws {
        store.close()
        store = try Store(opening: "/data", in: fs, settings)
    }

    /// What looking at every annotation finds, whatever is the least score: best first.
    func expected(_ request: SimilarRequest) throws -> [(score: Float, row: Annotation)] {
        let query = try #require(request.vectors[1])
        var found: [(score: Float, row: Annotation)] = []
        for (name, row) in rows where allows(request.scope, row) {
            let scores = vectors[name, default: []].map { shape.score(query, $0) }
            guard let best = scores.max() else { continue }
            found.append((best, row))
        }
        found.sort { $0.score > $1.score }
        return found
    }

    private func allows(_ scope: SearchRequest, _ row: Annotation) -> Bool {
        if let titles = scope.titles, !titles.contains(row.title) { return false }
        if scope.exceptTitles.contains(row.title) { return false }
        if let start = scope.start, row.end <= start, !(row.start == row.end && row.start == start)
        {
            return false
        }
        if let end = scope.end, row.start >= end { return false }
        for filter in scope.queries[1]?.filters ?? [] {
            let own = row.attributes.map { TermKey.attribute($0.name, $0.value) }
            if !filter.contains(where: own.contains) { return false }
        }
        return (scope.numbers[1] ?? []).allSatisfy { condition in
            row.attributes.contains { attribute in
                condition.ranges.contains { range in
                    (0..<10).contains {
                        range.contains(Double($0)) && attribute == .level(Double($0))
                    }
                }
            }
        }
    }

    func request() -> SimilarRequest {
        var scope = SearchRequest(TextQuery(), limit: 0)
        if below(3) == 0 { scope.titles = (0...below(2)).map { _ in title(below(6)) } }
        if below(3) == 0 { scope.exceptTitles = [title(below(5))] }
        if below(3) == 0 { scope.start = Int64(below(80)) * 1_000_000_000 }
        if below(3) == 0 { scope.end = Int64(below(100)) * 1_000_000_000 }
        if below(3) == 0 {
            let mood = TermKey.attribute([UInt8](text: "mood"), [UInt8](text: "mood \(below(5))"))
            scope.queries[1] = TextQuery(filters: [[mood]])
        }
        if below(3) == 0 {
            let least = Double(below(10))
            let ranges = below(2) == 0 ? [least...least + 1] : [least...least, 8...9]
            scope.numbers[1] = [NumberCondition(name: Attribute.levelName, ranges: ranges)]
        }
        var request = SimilarRequest(scope, [1: vector()], limit: below(3) == 0 ? 500 : below(20))
        request.isExact = true
        if below(4) == 0 { request.minimum = Float.random(in: -1...1, using: &random) }
        return request
    }

    func compare(_ note: String) throws {
        for round in 0..<40 {
            var request = request()
            let wanted = try expected(request)
            let found = try store.view.similar([1], request).hits
            let count = min(request.limit, wanted.count)
            // A score close to the minimum may fall on either side of it in 16 bits.
            let isNear = request.minimum != nil
            let least = (request.minimum ?? -.infinity) - 2e-2
            #expect(found.allSatisfy { $0.score >= least }, "\(note), query \(round)")
            #expect(
                isNear || found.count == count,
                "\(note), query \(round): \(found.count) found, \(count) wanted")
            for (hit, want) in zip(found, wanted) {
                #expect(abs(hit.score - want.score) < 2e-2, "\(note), query \(round)")
            }
            for hit in found {
                let own = wanted.first {
                    $0.row.title == hit.annotation.title && $0.row.key == hit.annotation.key
                }
                let score = try #require(own, "\(note), query \(round): an annotation not wanted")
                    .score
                #expect(abs(hit.score - score) < 2e-2, "\(note), query \(round)")
            }
            request.distinct = .title
            let titles = try store.view.similar([1], request).hits
            let differ = Set(wanted.map(\.row.title)).count
            #expect(Set(titles.map(\.annotation.title)).count == titles.count)
            #expect(isNear || titles.count == min(request.limit, differ), "\(note), \(round)")
        }
    }
}

extension Attribute {
    fileprivate static let levelName = [UInt8](text: "level")

    /// The number of an attribute that some rows have.
    fileprivate static func level(_ number: Double) -> Attribute {
        let bits = number.bitPattern.littleEndian
        return Attribute(
            name: levelName, type: .number,
            value: (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) })
    }
}

@Suite struct SimilarTests {
    @Test(arguments: Metric.allCases)
    func `what is alike is found as by looking at every annotation`(metric: Metric) throws {
        let seed = SeededRandom.fresh()
        for (round, dimension) in [8, 33].enumerated() {
            let shape = try #require(VectorShape(dimension: dimension, metric: metric))
            let fixture = try VectorFixture(shape, seed: seed &+ UInt64(round))
            let note = "seed \(seed), \(dimension) numbers"
            try fixture.compare("\(note), nothing")
            for part in 0..<3 {
                try fixture.put(200)
                try fixture.deleteSome()
                try fixture.compare("\(note), memtable \(part)")
                try fixture.store.flush()
                try fixture.put(50)
                try fixture.compare("\(note), segment \(part)")
            }
            try fixture.reopen()
            try fixture.compare("\(note), opened again")
            try fixture.store.flush()
            try fixture.store.merge(1)
            try fixture.compare("\(note), merged")
            try fixture.reopen()
            try fixture.compare("\(note), merged and opened again")
        }
    }

    /// A store with rows of one track whose vectors are these, in an order that is not theirs in
    /// time.
    private func store(_ vectors: [[Float]]) throws -> Store {
        let (store, _) = try Store.withVectors(
            VectorShape(dimension: 8, metric: .cosine), in: FaultyFileSystem())
        let rows = vectors.indices.reversed().map { place in
            Annotation(
                title: [UInt8](text: "t"), start: Int64(place), end: Int64(place) + 1,
                vector: vectors[place])
        }
        try store.write([.put(track: 1, rows: batch(rows))])
        return store
    }

    private func request(_ query: [Float], limit: Int) -> SimilarRequest {
        SimilarRequest(SearchRequest(TextQuery(), limit: 0), [1: query], limit: limit)
    }

    @Test func `equals come in the order of time, however many are asked for`() throws {
        let one = [Float](repeating: 1, count: 8)
        let far: [Float] = [1, -1, 1, -1, 1, -1, 1, 2]
        let store = try store(
            .init(repeating: far, count: 20) + .init(repeating: one, count: 30)
                + .init(repeating: far, count: 20))
        defer { store.close() }
        let wanted = (20..<50).map { Int64($0) } + (0..<20).map { Int64($0) }
        for _ in 0..<2 {
            for limit in [1, 2, 7, 29, 30, 31, 45] {
                let hits = try store.view.similar([1], request(one, limit: limit)).hits
                #expect(hits.map(\.annotation.start) == Array(wanted.prefix(limit)))
            }
            try store.flush()
        }
    }

    @Test func `one of those nearly the same is shown, and how many it stands for`() throws {
        func vector(_ angle: Float) -> [Float] { [1, angle, 0, 0, 0, 0, 0, 0] }
        let near = (0..<40).map { vector(Float($0) * 0.001) }
        let store = try store(near + [vector(1), vector(1.001), vector(-2)])
        defer { store.close() }
        var request = request(vector(0), limit: 10)
        request.distinct = .shot
        let clock = Deadline(1) { 0 }
        request.scope.deadline = clock
        let result = try store.view.similar([1], request)
        #expect(result.hits.map(\.annotation.start) == [0, 40, 42])
        #expect(result.hits.map { result.alike[$0.place] } == [39, 1, nil])
        #expect(!result.isCut)
        request.limit = 2
        #expect(try store.view.similar([1], request).hits.map(\.annotation.start) == [0, 40])
    }

    @Test func `comparing ends at the deadline, with what was found by then`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let store = try store(
            (0..<400).map { _ in (0..<8).map { _ in Float.random(in: -1...1, using: &random) } })
        defer { store.close() }
        var request = request([Float](repeating: 1, count: 8), limit: 400)
        request.distinct = .shot
        let whole = try store.view.similar([1], request)
        request.scope.deadline = Deadline(1) { 2 }
        let cut = try store.view.similar([1], request)
        #expect(cut.isCut && !whole.isCut)
        #expect(!cut.hits.isEmpty && cut.hits.count < whole.hits.count, "seed \(seed)")
        #expect(whole.hits.map(\.place).starts(with: cut.hits.map(\.place)), "seed \(seed)")
    }
}
