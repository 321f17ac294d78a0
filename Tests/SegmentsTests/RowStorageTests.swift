// Rows survive being taken apart into blocks and columns: whatever was put is read back, equal to
// the last byte, from a segment that a flush wrote, from one that a merge wrote, and after that.

import Segments
import Storage
import TestSupport
import Testing

@Suite struct RowStorageTests {
    private func attribute(_ name: String, _ type: AttributeType, _ value: [UInt8]) -> Attribute {
        Attribute(name: [UInt8](text: name), type: type, value: value)
    }

    private func number(_ value: Double) -> [UInt8] {
        unsafe withUnsafeBytes(of: value.bitPattern.littleEndian) { unsafe [UInt8]($0) }
    }

    /// Puts annotations, flushes and merges, and reads them back each time from the segment.
    private func roundTrip(_ rows: [Annotation], _ note: String = "") throws {
        let fs = FaultyFileSystem()
        var settings = StoreSettings.small(memtableBytes: 1 << 30)
        settings.policy.fanout = 0
        let store = try Store(opening: "/data", in: fs, settings)
        defer { store.close() }
        try store.write([.create(track: 1)])
        // Two segments with every other row, so that a merge interleaves them.
        for parity in 0..<2 {
            let half = rows.enumerated().filter { $0.offset % 2 == parity }.map(\.element)
            try store.write([.put(track: 1, rows: batch(half))])
            try store.flush()
        }
        #expect(try stored(store) == inOrder(rows), "flushed \(note)")
        try store.merge(1)
        #expect(store.view.tracks[1]?.segments.count == 1)
        #expect(try stored(store) == inOrder(rows), "merged \(note)")
    }

    private func stored(_ store: Store) throws -> [Annotation] {
        var rows: [Annotation] = []
        for segment in store.view.tracks[1]?.segments ?? [] {
            for document in 0..<segment.documentCount {
                rows.append(try segment.annotation(document))
            }
        }
        return inOrder(rows)
    }

    private func inOrder(_ rows: [Annotation]) -> [Annotation] {
        rows.map { row in
            var row = row
            row.attributes.sort {
                $0.name == $1.name
                    ? $0.type.rawValue < $1.type.rawValue
                    : $0.name.lexicographicallyPrecedes($1.name)
            }
            return row
        }
        .sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    /// Rows a second apart with these keys.
    private func rows(keys: [String]) -> [Annotation] {
        keys.enumerated().map { place, key in
            Annotation(
                title: [UInt8](text: "t"), start: Int64(place) * 1_000_000_000,
                end: Int64(place + 1) * 1_000_000_000, key: [UInt8](text: key),
                text: [UInt8](text: "line \(place)"))
        }
    }

    @Test func `keys that count, and keys that only seem to`() throws {
        let nines = String(repeating: "9", count: 18)
        let lists = [
            ["8", "9", "10", "11", "09", "009", "010", "0", "00", "1", "01"],
            ["", "1", " ", "a", "a1", "a2", "a10", "a9", "b9", "b08", "b7", "7"],
            ["99", "100", "101", "999", "1000", "998", "0998", "1001"],
            [
                nines, "1" + nines, "2" + nines, nines + "0", "0" + nines, "999",
                nines.dropLast() + "8",
            ],
            ["x" + nines, "x1" + nines, "y" + nines, "1000000000000000000", "999999999999999999"],
            ["tt1-0001", "tt1-0002", "tt1-0010", "tt2-0011", "tt2-9999", "tt2-10000", "tt2-9999x"],
            ["\u{0}", "é1", "é2", "٣", "٤", "-1", "-2", "+3"],
        ]
        for keys in lists {
            // Each row once with every other one before it.
            let all = keys + keys.reversed() + keys.indices.map { keys[$0 * 5 % keys.count] }
            for (number, first) in all.enumerated() {
                let second = all[(number + 1) % all.count]
                guard first != second else { continue }
                try roundTrip(rows(keys: [first, "other", second]), "\(first) \(second)")
            }
            try roundTrip(rows(keys: Array(Set(keys)).sorted()), "\(keys)")
            try roundTrip(rows(keys: keys), "\(keys)")
        }
    }

    @Test func `attributes of every type and shape`() throws {
        var all = rows(keys: (0..<300).map { "\($0)" })
        for index in all.indices {
            var own: [Attribute] = []
            if index % 3 > 0 { own.append(attribute("who", .keyword, Array("\(index / 7)".utf8))) }
            if index % 11 == 0 { own.append(attribute("who", .keyword, Array("second".utf8))) }
            if index % 5 == 0 { own.append(attribute("score", .number, number(Double(index) / 3))) }
            if index % 7 == 0 { own.append(attribute("score", .number, number(-Double(index)))) }
            if index == 30 { own.append(attribute("score", .number, number(.nan))) }
            if index == 31 { own.append(attribute("score", .number, number(-0.0))) }
            if index == 32 { own.append(attribute("score", .number, [1, 2, 3])) }
            if index % 4 == 0 {
                own.append(attribute("face", .box, (0..<16).map { UInt8($0 * 16 + index % 16) }))
            }
            if index % 13 == 0 { own.append(attribute("face", .box, [])) }
            if index % 2 == 0 { own.append(attribute("note", .text, Array("a note".utf8))) }
            if index % 17 == 0 { own.append(attribute("who", .blob, [0, 255, 1])) }
            if index % 19 == 0 { own.append(attribute("empty", .keyword, [])) }
            if index % 23 == 0 { all[index].vector = [1.5, -.infinity, Float(index)] }
            if index % 29 == 0 { all[index].text = nil }
            if index % 31 == 0 { all[index].text = [] }
            all[index].attributes = index % 2 == 0 ? own : own.reversed()
        }
        try roundTrip(all)
    }

    @Test func `more attributes than have columns`() throws {
        var all = rows(keys: ["a", "b", "c"])
        for index in all.indices {
            all[index].attributes = (0..<100).map {
                attribute("a\($0 * 7 % 100)", .keyword, Array("\($0 + index)".utf8))
            }
        }
        try roundTrip(all)
    }

    @Test func `more values than a dictionary holds`() throws {
        var all = rows(keys: ["a", "b", "c", "d", "e", "f"])
        for index in all.indices {
            let value = [UInt8](repeating: UInt8(97 + index % 3), count: 500_000 + index / 3)
            all[index].attributes = [attribute("long", .keyword, value)]
        }
        try roundTrip(all)
    }

    @Test func `random rows`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<8 {
            var keys: Set<String> = [""]
            var all: [Annotation] = []
            for place in 0..<Int.random(in: 1...800, using: &random) {
                let stem = ["", "a", "scene 1 line ", "0"][Int.random(in: 0..<4, using: &random)]
                var key = stem + "\(Int.random(in: 0...2000, using: &random))"
                if !keys.insert(key).inserted { key = "" }
                var row = Annotation(
                    title: [UInt8](text: "t\(place / 97)"), start: Int64(place) * 40_000_000,
                    end: Int64(place) * 40_000_000 + Int64(random.next() >> 40),
                    key: [UInt8](text: key),
                    text: random.oneIn(5)
                        ? nil : random.bytes(Int.random(in: 0...90, using: &random)))
                for _ in 0..<Int.random(in: 0...4, using: &random) {
                    let type = AttributeType.allCases[Int.random(in: 0..<5, using: &random)]
                    let sizes = [8, 8, 16, 16, Int.random(in: 0...20, using: &random)]
                    let size = sizes[Int.random(in: 0..<5, using: &random)]
                    row.attributes.append(
                        attribute(
                            ["x", "y", "name"][Int.random(in: 0..<3, using: &random)], type,
                            random.oneIn(2)
                                ? random.bytes(size) : [UInt8](repeating: 65, count: size)))
                }
                all.append(row)
            }
            try roundTrip(all, "seed \(seed)")
        }
    }
}
