// Every term is found with what was said of it, and no other term is.

import Storage
import TestSupport
import Testing
import TextIndex

struct TermDictionaryTests {
    private func dictionary(_ terms: [([UInt8], TermInfo)]) throws -> TermDictionary {
        var writer = TermDictionaryWriter()
        for (term, info) in terms { writer.add(term, info) }
        let fs = FaultyFileSystem()
        let kind = FileKind(magic: "MSPDTEST", version: 1)
        let file = try SectionFileWriter(creating: "/t", kind: kind, fileID: 1, in: fs)
        for (id, bytes) in [(UInt32(1), writer.terms.bytes), (2, writer.index())] {
            file.begin(id)
            try file.append(bytes)
        }
        _ = try file.finish()
        let opened = try SectionFile(opening: "/t", kind: kind, fileID: 1, in: fs)
        let (terms, index) = (try #require(opened.section(1)), try #require(opened.section(2)))
        return try #require(try TermDictionary(terms: terms, index: index))
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
}
