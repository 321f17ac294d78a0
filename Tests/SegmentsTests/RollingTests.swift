// Phrases over captions that roll up, each of which says again what the one before ended with:
// found where they stand in the lines said one after the other, and nowhere else.

import Segments
import Storage
import TestSupport
import Testing
import TextIndex

@Suite struct RollingTests {
    /// Captions of two lines of which the second moves up, of one line at a time after each of two,
    /// of three lines, and of lines that grow.
    private static func captions(_ lines: [[String]], _ kind: Int) -> [[String]] {
        lines.indices.flatMap { index -> [[String]] in
            let line = lines[index]
            func from(_ first: Int) -> [String] { Array(lines[max(0, first)...index].joined()) }
            switch kind {
            case 0: return [from(index - 1)]
            case 1: return [from(index - 1), line]
            case 2: return [from(index - 2)]
            default: return (1...line.count).map { Array(line.prefix($0)) }
            }
        }
    }

    private static func row(_ number: Int, _ words: [String]) -> Annotation {
        Annotation(
            title: [UInt8](text: "talk"), start: Int64(number), end: Int64(number + 1),
            key: [UInt8](text: "\(number)"), text: [UInt8](text: words.joined(separator: " ")))
    }

    private func found(_ store: Store, _ words: some Collection<String>) throws -> [Hit] {
        let terms = words.map { TermKey.word([UInt8](text: $0)) }
        var request = SearchRequest(TextQuery(clauses: [.init(.should, terms)]), limit: 1_000)
        request.gap = 0
        return try store.view.search([1], request).hits
    }

    @Test func `a phrase over captions that roll up is found as in the lines that were said`()
        throws
    {
        let seed = SeededRandom.fresh()
        for round in 0..<24 {
            var random = SeededRandom(seed: seed &+ UInt64(round))
            var options = StoreSettings.small(memtableBytes: 1 << 30)
            options.logBytes = 1 << 40
            let store = try Store(opening: "/data", in: FaultyFileSystem(), options)
            defer { store.close() }
            try store.write([.create(track: 1)])
            // No word is said twice.
            var said = 0
            let lines = (0..<40).map { _ in
                (0...random.below(6)).map { _ in
                    said += 1
                    return "w\(said)"
                }
            }
            let captions = Self.captions(lines, round % 4)
            for (number, words) in captions.enumerated() {
                try store.write([.put(track: 1, rows: batch([Self.row(number, words)]))])
                if random.oneIn(captions.count / 2) { try store.flush() }
            }
            let all = (1...said).map { "w\($0)" }
            for _ in 0..<100 {
                let start = random.below(said - 1)
                let phrase = all[start...].prefix(2 + random.below(20))
                let hits = try found(store, phrase)
                let note = Comment("seed \(seed), round \(round): \(phrase)")
                #expect(!hits.isEmpty, note)
                // Beside the captions that hold all of it there is one in which it begins.
                let whole = captions.count { Self.holds($0, phrase) }
                #expect(hits.count == max(whole, 1), note)
                #expect(hits.allSatisfy { $0.following.isEmpty == (whole > 0) }, note)
                // What was read is what was said.
                for hit in hits where !hit.following.isEmpty {
                    var words = captions[hit.number]
                    for next in hit.following {
                        words += captions[next.annotation.number].dropFirst(next.repeated)
                    }
                    #expect(Self.holds(words, phrase) && Self.holds(all, words[...]), note)
                }
            }
            for number in captions.indices.dropLast() {
                // What two captions share was not said twice.
                let both = captions[number] + captions[number + 1]
                let start = captions[number].count - 1
                let phrase = both[start...].prefix(2 + random.below(3))
                guard !Self.holds(all, phrase), phrase.first != phrase.dropFirst().first else {
                    continue
                }
                #expect(
                    try found(store, phrase).isEmpty, "seed \(seed), round \(round): \(phrase)")
            }
        }
    }

    private static func holds(_ words: [String], _ phrase: ArraySlice<String>) -> Bool {
        words.indices.contains { words[$0...].starts(with: phrase) }
    }
}

extension Hit {
    fileprivate var number: Int { annotation.number }
}

extension Annotation {
    fileprivate var number: Int { Int(String(decoding: key, as: UTF8.self)) ?? 0 }
}

extension SeededRandom {
    fileprivate mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &self) }
}
