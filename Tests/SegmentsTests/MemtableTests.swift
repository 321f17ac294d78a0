// A memtable's answers about keys, titles and the order of rows against plain lists, seen from
// every moment.

import Segments
import Storage
import TestSupport
import Testing
import TextIndex

struct MemtableTests {
    private func add(_ annotation: Annotation, to memtable: Memtable, _ sequence: UInt64) throws
        -> Bool
    {
        var batch = RowBatch()
        batch.append(annotation)
        var reader = ByteReader(batch.bytes.bytes.rawSpan)
        let row = try reader.lengthPrefixed()
        return unsafe row.withUnsafeBufferPointer { unsafe memtable.add($0, sequence: sequence) }
    }

    private func random(_ random: inout SeededRandom) -> Annotation {
        // Titles and keys that run together to the same bytes, short and long ones.
        let title = ["a", "ab", "the longest title of them all", "b"].randomElement(using: &random)
        let key = [
            "", "b1", "1", "2", "key 17", "a key of more than 16 bytes", "a key of more than",
        ]
        .randomElement(using: &random)
        let start = Int64.random(in: 0...3, using: &random)
        return Annotation(
            title: Array((title ?? "").utf8), start: start,
            end: start + Int64.random(in: 0...1, using: &random), key: Array((key ?? "").utf8),
            text: Array("go".utf8))
    }

    @Test func `keys name their newest annotation at every moment`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let memtable = Memtable(TrackContent(language: .plain))
        var rows: [Annotation] = []
        for number in 0..<400 {
            let row = self.random(&random)
            let older = rows.lastIndex { $0.title == row.title && $0.key == row.key }
            let isReplaced = older.map { memtable.tombstones.sequence(of: UInt32($0)) == 0 }
            let replaces = try add(row, to: memtable, UInt64(number + 1))
            rows.append(row)
            guard !row.key.isEmpty else {
                #expect(!replaces)
                continue
            }
            #expect(replaces == isReplaced ?? false, "seed \(seed), \(number)")
            if random.oneIn(5) {
                #expect(memtable.delete(title: row.title, key: row.key, sequence: 1_000))
                #expect(!memtable.delete(title: row.title, key: row.key, sequence: 1_001))
            }
        }
        for limit in stride(from: 0, through: rows.count, by: 7) {
            for row in rows where !row.key.isEmpty {
                let found = memtable.document(
                    title: row.title, key: row.key, below: UInt32(limit))
                let expected = rows[..<limit].lastIndex {
                    $0.title == row.title && $0.key == row.key
                }
                #expect(found.map { Int($0) } == expected, "seed \(seed), below \(limit)")
            }
        }
        #expect(memtable.document(title: Array("none".utf8), key: [49], below: 400) == nil)
        #expect(memtable.document(title: Array("a".utf8), key: [50, 50], below: 400) == nil)
    }

    @Test func `rows are in the order of their timelines`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let memtable = Memtable(TrackContent(language: .plain))
        for number in 0..<120 {
            _ = try add(self.random(&random), to: memtable, UInt64(number + 1))
        }
        func place(_ document: UInt32) -> (Annotation, UInt64) {
            (memtable.annotation(document), memtable.sequence(document))
        }
        for a in 0..<UInt32(120) {
            for b in 0..<UInt32(120) {
                let (one, other) = (place(a), place(b))
                let isTitled = one.0.title != other.0.title
                let expected =
                    isTitled
                    ? one.0.title.lexicographicallyPrecedes(other.0.title)
                    : (one.0.start, one.0.end, Order(one.0.key), one.1)
                        < (other.0.start, other.0.end, Order(other.0.key), other.1)
                #expect(memtable.precedes(a, b) == expected, "seed \(seed), \(a), \(b)")
            }
        }
    }

    private struct Order: Comparable {
        let bytes: [UInt8]
        init(_ bytes: [UInt8]) { self.bytes = bytes }
        static func < (a: Order, b: Order) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
    }
}
