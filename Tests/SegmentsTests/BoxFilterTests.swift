// Searches kept to boxes that overlap an area, over segments, memtables and deletions, against the
// search that looks at everything and counts the cells of a grid: boxes in columns, and in rows
// where there are too many columns.

import Segments
import TestSupport
import Testing
import TextIndex

@Suite struct BoxFilterTests {
    @Test func `boxes over an area are found as by counting cells`() throws {
        let seed = SeededRandom.fresh()
        for round in 0..<6 { try compare(seed: seed &+ UInt64(round), crowded: round == 5) }
    }

    /// `crowded` gives rows more attributes than a segment has columns for.
    private func compare(seed: UInt64, crowded: Bool) throws {
        var source = RandomOperations(seed: seed)
        var modelled = try ModelledStore.resting(&source)
        defer { modelled.store.close() }
        if crowded { try modelled.write([.put(track: source.tracks[0], rows: batch([crowd()]))]) }
        for _ in 0..<source.below(3) + 1 {
            let more = 200 + source.below(crowded ? 100 : 2_000)
            try modelled.fill(&source, more, attribute)
            try modelled.flush()
        }
        let last = 1 + source.below(300)
        try modelled.fill(&source, last, attribute)
        try modelled.beforeAndAfterMerging(source, "seed \(seed)") { modelled, note in
            try ask(&modelled, source, note)
        }
    }

    /// A row with a box of each of many names.
    private func crowd() -> Annotation {
        var row = Annotation(title: [UInt8](text: "t0"), start: 0, end: 0)
        row.attributes = (100..<170).map { Box.whole.attribute("a\($0)") }
        return row
    }

    private func attribute(_ source: inout RandomOperations) -> Attribute {
        let flat = source.below(4) == 0
        return source.box(from: flat ? 0 : 1).attribute("b")
    }

    private func ask(
        _ modelled: inout ModelledStore, _ source: RandomOperations, _ note: String
    ) throws {
        let track = source.tracks[0]
        let oracle = SearchOracle(modelled.model.tracks[track] ?? ModelTrack())
        var queries = RandomQueries(source: source)
        var found = 0
        for round in 0..<60 {
            let clauses = (0..<queries.source.below(3)).map { _ in queries.clause(&modelled.model) }
            var request = queries.request(TextQuery(clauses: clauses.map(\.0)))
            request.boxes[track] = (0...queries.source.below(8) / 7).map { _ in
                let name = queries.source.below(30) == 0 ? "none" : "b"
                return BoxCondition(
                    name: [UInt8](text: name), area: queries.source.box(from: 1),
                    likeness: [0, 0, 0.1, 0.25, 0.5][queries.source.below(5)],
                    share: [0, 0, 0, 0.5, 1][queries.source.below(5)])
            }
            let hits = try modelled.store.view.search([track], request)
            let expected = oracle.search(clauses.map(\.1), filters: [], request)
            found += expected.hits.count
            let isSame = agree(hits, expected, request)
            #expect(isSame, "\(note), query \(round)")
            guard isSame else { return }
        }
        #expect(found > 0, "\(note): nothing was found at all")
    }

    @Test func `edges that touch do not overlap, whatever rounding makes of them`() throws {
        var modelled = try ModelledStore(FaultyFileSystem(), .small(memtableBytes: 1 << 30))
        defer { modelled.store.close() }
        var source = RandomOperations(seed: 1)
        try modelled.write([source.create()])
        var row = Annotation(title: [UInt8](text: "t0"), start: 0, end: 0)
        row.attributes = [Box(x: 0.1, y: 0.1, width: 0.3, height: 0.6).attribute("b")]
        try modelled.write([.put(track: source.tracks[0], rows: batch([row]))])
        func count(_ area: Box, _ likeness: Double = 0, _ share: Double = 0) throws -> Int {
            var request = SearchRequest(TextQuery(), limit: 10)
            request.boxes[source.tracks[0]] = [
                BoxCondition(
                    name: [UInt8](text: "b"), area: area, likeness: likeness, share: share)
            ]
            return try modelled.store.view.search([source.tracks[0]], request).hits.count
        }
        #expect(try count(Box(x: 0.4, y: 0, width: 0.6, height: 1)) == 0)
        #expect(try count(Box(x: 0.39, y: 0, width: 0.61, height: 1)) == 1)
        #expect(try count(Box(x: 0, y: 0.7, width: 1, height: 0.3)) == 0)
        #expect(try count(Box(x: 0, y: 0, width: 0.1, height: 1)) == 0)
        // A box is like itself, and lies in itself.
        #expect(try count(Box(x: 0.1, y: 0.1, width: 0.3, height: 0.6), 1, 1) == 1)
    }
}

extension RandomOperations {
    /// A box on a grid of sixteenths, so many wide and high at least.
    fileprivate mutating func box(from least: Int) -> Box {
        let (x, y) = (below(17), below(17))
        let (width, height) = (least + below(17 - least), least + below(17 - least))
        let cell = Float(1) / 16
        return Box(
            x: Float(x) * cell, y: Float(y) * cell, width: Float(width) * cell,
            height: Float(height) * cell)
    }
}

extension Box {
    fileprivate static let whole = Box(x: 0, y: 0, width: 1, height: 1)

    /// The box as a row has it.
    fileprivate func attribute(_ name: String) -> Attribute {
        let bytes = [x, y, width, height].flatMap { number in
            (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
        }
        return Attribute(name: [UInt8](text: name), type: .box, value: bytes)
    }
}

extension BoxCondition {
    /// Whether a row's bytes are a box that the condition wants, by counting cells.
    func oracle(_ bytes: [UInt8]) -> Bool {
        let numbers = stride(from: 0, to: 16, by: 4).map { at in
            Float(
                bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << (8 * $1) })
        }
        func cells(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> Set<Int> {
            var cells: Set<Int> = []
            for row in 0..<64 {
                for column in 0..<64 {
                    let (left, top) = (Float(column) / 16, Float(row) / 16)
                    let isAcross = left == x || left > x && left < x + width
                    let isDown = top == y || top > y && top < y + height
                    if isAcross && isDown { cells.insert(64 * row + column) }
                }
            }
            return cells
        }
        let own = cells(numbers[0], numbers[1], numbers[2], numbers[3])
        let wanted = cells(area.x, area.y, area.width, area.height)
        let shared = own.intersection(wanted)
        guard !shared.isEmpty else { return false }
        // What has no width or no height covers nothing, and lies in the area as a whole.
        guard numbers[2] > 0, numbers[3] > 0 else { return likeness == 0 }
        let (both, all) = (Double(shared.count), Double(own.union(wanted).count))
        return both >= likeness * all && both >= share * Double(own.count)
    }
}
