// Every term is found with what was said of it, and no other term is.

import Storage
import TestSupport
import Testing
import TextIndex

struct TermDictionaryTests {
    private func dictionary(_ terms: [([UInt8], TermInfo)]) throws -> TermDictionary {
        var writer = TermDictionaryWriter()
        for (term, info) in terms { writer.add(term, info) }
        return try #require(try dictionary(writer.sections()))
    }

    /// Sections whose checksums hold; nil when they do not fit together.
    private func dictionary(_ sections: (terms: [UInt8], index: [UInt8])) throws -> TermDictionary?
    {
        let fs = FaultyFileSystem()
        let kind = FileKind(magic: "MSPDTEST", version: 1)
        let file = try SectionFileWriter(creating: "/t", kind: kind, fileID: 1, in: fs)
        for (id, bytes) in [(UInt32(1), sections.terms), (2, sections.index)] {
            file.begin(id)
            try file.append(bytes)
        }
        _ = try file.finish()
        let opened = try SectionFile(opening: "/t", kind: kind, fileID: 1, in: fs)
        let (terms, index) = (try #require(opened.section(1)), try #require(opened.section(2)))
        return try TermDictionary(terms: terms, index: index)
    }

    /// Places of real postings, which follow each other.
    private func described(
        _ terms: [[UInt8]], _ random: inout SeededRandom
    ) throws -> [([UInt8], TermInfo)] {
        var writer = PostingsWriter.inMemory()
        return try terms.map { term in
            for document in 0..<UInt32.random(in: 1...200, using: &random) {
                writer.add(document: document * 3, positions: [document, 500])
            }
            let info = try writer.finishTerm()
            return (term, try #require(info))
        }
    }

    private func check(_ terms: Set<[UInt8]>, _ random: inout SeededRandom) throws {
        let sorted = terms.sorted { $0.lexicographicallyPrecedes($1) }
        let all = try described(sorted, &random)
        let dictionary = try dictionary(all)
        #expect(dictionary.count == all.count)
        var walked: [[UInt8]] = []
        try dictionary.forEach { term, _ in
            walked.append(term)
            return true
        }
        #expect(walked == sorted)
        for (term, info) in all {
            #expect(try dictionary.find(term) == info)
            // The next terms before and after it in the order of bytes, and shorter ones.
            for near in [term + [0], Array(term.dropLast()), term + [255], term.dropLast() + [0]] {
                if !terms.contains(near) { #expect(try dictionary.find(near) == nil) }
            }
        }
        for absent in [[], [0], [255, 255], [1]] as [[UInt8]] where !terms.contains(absent) {
            #expect(try dictionary.find(absent) == nil)
        }
    }

    @Test(arguments: 1...100) func `dictionaries of every small size`(count: Int) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var terms: Set<[UInt8]> = []
        while terms.count < count {
            // Few letters, so that terms share beginnings and are beginnings of each other.
            let length = Int.random(in: 1...8, using: &random)
            terms.insert([1] + (0..<length).map { _ in UInt8.random(in: 97...99, using: &random) })
        }
        try check(terms, &random)
    }

    @Test func `the empty dictionary has nothing`() throws {
        let empty = try dictionary([])
        #expect(empty.count == 0)
        #expect(try empty.find([]) == nil)
        #expect(try empty.find([1, 97]) == nil)
    }

    @Test func `long terms over several pages and many blocks`() throws {
        var random = SeededRandom(seed: 7)
        var terms: Set<[UInt8]> = []
        let stem = random.bytes(40_000)
        for number in 0..<70 { terms.insert(stem.prefix(600 * number) + [UInt8(number)]) }
        terms.insert(stem)
        terms.insert(stem + [1])
        for _ in 0..<2_000 { terms.insert(random.bytes(1 + Int(random.next() % 30))) }
        try check(terms, &random)
    }

    @Test func `many blocks whose first terms begin with the same bytes`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var terms: Set<[UInt8]> = []
        for number in 0..<3_000 {
            terms.insert(TermKey.attribute(Array("speaker".utf8), Array("\(number)".utf8)))
        }
        terms.insert(TermKey.attribute(Array("speake".utf8), [255]))
        terms.insert(TermKey.attribute(Array("speakes".utf8), []))
        terms.insert(TermKey.word([255, 255, 255, 255, 255, 255, 255, 255]))
        try check(terms, &random)
    }

    @Test func `a block whose key is not that of its first term is named`() throws {
        var random = SeededRandom(seed: 1)
        let terms = (0..<200).map { TermKey.word(Array("\(1_000 + $0)".utf8)) }
        var writer = TermDictionaryWriter()
        for (term, info) in try described(terms, &random) { writer.add(term, info) }
        var (encoded, index) = writer.sections()
        // The last byte of the second block's key that is not zero.
        index[8 + 3] += 1
        let changed = try #require(try dictionary((encoded, index)))
        #expect(throws: StorageError.self) { try changed.forEach { _, _ in true } }
        #expect(throws: StorageError.self) { _ = try changed.find(terms[40]) }
        index[8 + 3] -= 1
        #expect(try dictionary((encoded, index))?.find(terms[40]) != nil)
        index[8 + 7] = 0
        #expect(try dictionary((encoded, index)) == nil, "keys that descend")
        index[8 + 7] = 1
        // The terms of the first block are said to be longer than it is.
        encoded[0] = 127
        encoded[1] = 127
        let damaged = try #require(try dictionary((encoded, index)))
        #expect(throws: StorageError.self) { try damaged.forEach { _, _ in true } }
    }

    @Test func `wrong content behind sound checksums is refused or read, without a crash`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var terms: Set<[UInt8]> = []
        for _ in 0..<300 {
            let length = Int.random(in: 1...9, using: &random)
            terms.insert([1] + (0..<length).map { _ in UInt8.random(in: 97...100, using: &random) })
        }
        let sorted = terms.sorted { $0.lexicographicallyPrecedes($1) }
        var writer = TermDictionaryWriter()
        for (term, info) in try described(sorted, &random) { writer.add(term, info) }
        let (encoded, index) = writer.sections()
        var refused = 0
        for _ in 0..<2_000 {
            var changed = (terms: encoded, index: index)
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let byte = UInt8(truncatingIfNeeded: random.next())
                if random.oneIn(4) {
                    changed.index[Int.random(in: 0..<index.count, using: &random)] = byte
                } else {
                    changed.terms[Int.random(in: 0..<encoded.count, using: &random)] = byte
                }
            }
            guard let dictionary = try dictionary(changed) else {
                refused += 1
                continue
            }
            let wanted = sorted[Int.random(in: 0..<sorted.count, using: &random)]
            let near = EditDistance(to: wanted, atMost: Int.random(in: 0...2, using: &random))
            _ = try? dictionary.find(wanted)
            try? dictionary.forEach(withPrefix: Array(wanted.prefix(3))) { _, _ in }
            try? dictionary.forEach(near: near) { term, distance, _ in
                #expect(near.measure(term) == distance, "seed \(seed)")
            }
            do { try dictionary.forEach { _, _ in true } } catch { refused += 1 }
        }
        #expect(refused > 200, "seed \(seed)")
    }
}
