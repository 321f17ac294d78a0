// Searches kept to ranges of numbers, over segments, memtables and deletions, against the search
// that looks at everything: numbers in columns, and in rows where there are too many columns.

import Segments
import TestSupport
import Testing
import TextIndex

@Suite struct NumberFilterTests {
    @Test func `numbers in ranges are found as by looking at every row`() throws {
        let seed = SeededRandom.fresh()
        for round in 0..<6 { try compare(seed: seed &+ UInt64(round), crowded: round == 5) }
    }

    /// `crowded` gives rows more attributes than a segment has columns for.
    private func compare(seed: UInt64, crowded: Bool) throws {
        var source = RandomOperations(seed: seed)
        var modelled = try ModelledStore.resting(&source)
        defer { modelled.store.close() }
        let kind = Int(seed % 4)
        if crowded { try modelled.write([.put(track: source.tracks[0], rows: batch([crowd()]))]) }
        for _ in 0..<source.below(3) + 1 {
            let more = crowded ? 300 : 200 + source.below(5_000)
            try modelled.fill(&source, more) { number("n", value(&$0, kind)) }
            try modelled.flush()
        }
        let last = 1 + source.below(300)
        try modelled.fill(&source, last) { number("n", value(&$0, kind)) }
        try modelled.beforeAndAfterMerging(source, "seed \(seed)") { modelled, note in
            try ask(&modelled, source, note)
        }
    }

    private func number(_ name: String, _ value: Double) -> Attribute {
        var bits = value.bitPattern
        let bytes = (0..<8).map { _ in
            defer { bits >>= 8 }
            return UInt8(truncatingIfNeeded: bits)
        }
        return Attribute(name: [UInt8](text: name), type: .number, value: bytes)
    }

    /// A row with a number of each of many names.
    private func crowd() -> Annotation {
        var row = Annotation(title: [UInt8](text: "t0"), start: 0, end: 0)
        row.attributes = (100..<170).map { number("a\($0)", Double($0)) }
        return row
    }

    private func value(_ source: inout RandomOperations, _ kind: Int) -> Double {
        if source.below(10) == 0 { return [0.0, -0.0, -1e300, 1e-300][source.below(4)] }
        switch kind {
        case 0: return Double(source.below(20))
        case 1: return Double.random(in: 0...1, using: &source.random)
        case 2: return Double(source.below(2_000)) / 100 - 10
        // Nearly all alike, so that whole blocks can be passed over.
        default: return source.below(300) == 0 ? Double(source.below(50)) : 7
        }
    }

    private func ask(
        _ modelled: inout ModelledStore, _ source: RandomOperations, _ note: String
    ) throws {
        let track = source.tracks[0]
        let oracle = SearchOracle(modelled.model.tracks[track] ?? ModelTrack())
        var queries = RandomQueries(source: source)
        for round in 0..<60 {
            let clauses = (0..<queries.source.below(4)).map { _ in queries.clause(&modelled.model) }
            var filters: [[([UInt8], [UInt8])]] = []
            if queries.source.below(5) == 0 {
                filters.append([([UInt8](text: "by"), queries.source.source())])
            }
            let query = TextQuery(
                clauses: clauses.map(\.0),
                filters: filters.map { filter in
                    filter.map { TermKey.attribute($0.0, Analyzer().fold($0.1)) }
                })
            var request = queries.request(query)
            request.numbers[track] = (0...queries.source.below(8) / 7).map { _ in
                let ranges = (0...queries.source.below(2)).map { _ in range(&queries.source) }
                let name = queries.source.below(30) == 0 ? "none" : "n"
                return NumberCondition(name: [UInt8](text: name), ranges: ranges)
            }
            let found = try modelled.store.view.search([track], request)
            let expected = oracle.search(clauses.map(\.1), filters: filters, request)
            let isSame = agree(found, expected, request)
            #expect(isSame, "\(note), query \(round)")
            guard isSame else { return }
        }
    }

    private func range(_ source: inout RandomOperations) -> ClosedRange<Double> {
        let start = value(&source, source.below(4))
        switch source.below(5) {
        case 0: return start...start
        case 1: return start...Double.infinity
        case 2: return -Double.infinity...start
        default: return start...start + Double(source.below(3)) * 0.4
        }
    }
}
