// Distances against their definition, of words alone and of the words of a dictionary, where a walk
// passes most of them.

import Storage
import TestSupport
import Testing
import TextIndex

/// Edits between two words as the definition has them: a table of all their beginnings.
func editDistance<Character: Equatable>(_ a: [Character], _ b: [Character]) -> Int {
    var table = (0...a.count).map { row in (0...b.count).map { row == 0 ? $0 : row } }
    for row in 0..<a.count {
        for column in 0..<b.count {
            var least = table[row][column] + (a[row] == b[column] ? 0 : 1)
            least = min(least, table[row][column + 1] + 1, table[row + 1][column] + 1)
            if row > 0, column > 0, a[row - 1] == b[column], a[row] == b[column - 1] {
                least = min(least, table[row - 1][column - 1] + 1)
            }
            table[row + 1][column + 1] = least
        }
    }
    return table[a.count][b.count]
}

@Suite struct EditDistanceTests {
    private func term(_ word: some Sequence<Unicode.Scalar>) -> [UInt8] {
        TermKey.word(word.reduce(into: []) { $0 += Array(String($1).utf8) })
    }

    @Test func `all short words of two letters, to all others`() {
        var words: [[Unicode.Scalar]] = [[]]
        for length in 1...5 {
            for word in words where word.count == length - 1 {
                words += ["a", "é"].map { word + [$0] }
            }
        }
        for wanted in words {
            for edits in 0...2 {
                let measure = EditDistance(to: term(wanted), atMost: edits)
                for word in words {
                    let distance = editDistance(word, wanted)
                    #expect(measure.measure(term(word)) == (distance <= edits ? distance : nil))
                }
            }
        }
    }

    @Test func `words as long as they come`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for round in 0..<400 {
            let letters: [Unicode.Scalar] = round % 2 == 0 ? ["a", "b"] : ["字", "ж", "q", "😀"]
            let wanted = (0..<Int.random(in: 0...255, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            }
            let word = edited(wanted, times: Int.random(in: 0...4, using: &random), &random)
            let distance = editDistance(word, wanted)
            for edits in 0...2 {
                let measured = EditDistance(to: term(wanted), atMost: edits).measure(term(word))
                #expect(measured == (distance <= edits ? distance : nil), "seed \(seed)")
            }
        }
    }

    private static let alphabets: [[Unicode.Scalar]] = [
        Array("ab".unicodeScalars), Array("abcdefghijklmnopqrstuvwxyz".unicodeScalars),
        Array("aéжз字宇😀😁".unicodeScalars),
    ]

    @Test(arguments: 0..<3, [1, 5, 14])
    func `a walk finds what looking at every word finds`(alphabet: Int, length: Int) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let letters = Self.alphabets[alphabet]
        // Of the same beginnings, so that keys of blocks are the same.
        var words: Set<[Unicode.Scalar]> = []
        for _ in 0..<3_000 {
            let known = random.oneIn(3) ? [] : words.randomElement(using: &random) ?? []
            let beginning = known.prefix(Int.random(in: 0...known.count, using: &random))
            let rest = (0..<Int.random(in: 0...length, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            }
            let word = beginning + rest
            if word.count < 40 { words.insert(Array(word)) }
        }
        var sample = TextSample()
        sample.lengthCodes = [1]
        for word in words { sample.terms[term(word)] = [Posting(document: 0, positions: [0])] }
        for other in [[0, 7], [2, 97], [5, 97, 98], [5, 98]] as [[UInt8]] {
            sample.terms[other] = [Posting(document: 0)]
        }
        let dictionary = try sample.sections().dictionary
        for _ in 0..<40 {
            let known = try #require(words.randomElement(using: &random))
            let wanted = edited(known, times: Int.random(in: 0...3, using: &random), &random)
            let edits = Int.random(in: 0...2, using: &random)
            var near: [[UInt8]: Int] = [:]
            for word in words where abs(word.count - wanted.count) <= edits {
                let distance = editDistance(word, wanted)
                if distance <= edits { near[term(word)] = distance }
            }
            var found: [[UInt8]] = []
            let measure = EditDistance(to: term(wanted), atMost: edits)
            try dictionary.forEach(near: measure) { word, distance, info in
                found.append(word)
                #expect(distance == near[word], "seed \(seed)")
                #expect(info == (try? dictionary.find(word)), "seed \(seed)")
            }
            let sorted = near.keys.sorted { $0.lexicographicallyPrecedes($1) }
            #expect(found == sorted, "seed \(seed), \(wanted) with \(edits)")
        }
    }

    private func edited(
        _ word: [Unicode.Scalar], times: Int, _ random: inout SeededRandom
    ) -> [Unicode.Scalar] {
        var word = word
        for _ in 0..<times where !word.isEmpty {
            let place = Int.random(in: 0..<word.count, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: word.remove(at: place)
            case 1: word.insert(word[Int.random(in: 0..<word.count, using: &random)], at: place)
            case 2: word[place] = "b"
            default: word.swapAt(place, max(place - 1, 0))
            }
        }
        return word
    }
}
