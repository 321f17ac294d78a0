// The parts of ranking against their definitions: the best k, length codes, BM25.

import Glibc
import TestSupport
import Testing
import TextIndex

struct RankingTests {
    @Test func `the best k are those that sorting finds`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let count = Int.random(in: 0...200, using: &random)
            let capacity = Int.random(in: 0...40, using: &random)
            // Few scores, so that many are equal.
            let offered = (0..<count).map { document in
                ScoredDocument(
                    score: Float(Int.random(in: 0..<12, using: &random)),
                    document: UInt32(document))
            }
            var byNumber = TopK(capacity: capacity)
            for document in offered { byNumber.offer(document.score, document.document) }
            let sorted = offered.sorted { ($1.score, $0.document) < ($0.score, $1.document) }
            #expect(byNumber.sorted() == Array(sorted.prefix(capacity)), "seed \(seed)")
            // Ties the other way round, which documents that come later may win.
            var backwards = TopK(capacity: capacity, precedes: >)
            for document in offered { backwards.offer(document.score, document.document) }
            let other = offered.sorted { ($1.score, $1.document) < ($0.score, $0.document) }
            #expect(backwards.sorted() == Array(other.prefix(capacity)), "seed \(seed)")
        }
    }

    @Test func `the threshold is the worst score of a full list`() {
        var best = TopK(capacity: 2)
        #expect(best.wouldEnter(0))
        best.offer(3, 1)
        best.offer(1, 2)
        #expect(best.bar == Float(1).nextUp && !best.wouldEnter(1) && best.wouldEnter(1.5))
        best.offer(2, 3)
        #expect(best.bar == Float(2).nextUp)
        #expect(TopK(capacity: 2, precedes: <).wouldEnter(0))
    }

    @Test func `length codes are exact where promised and grow with the length`() {
        for words in 0...127 {
            #expect(LengthCode.encode(words) == UInt8(words))
            #expect(LengthCode.lengths[words] == Float(words))
        }
        #expect(LengthCode.lengths.count == 256)
        for (code, length) in LengthCode.lengths.enumerated() {
            #expect(LengthCode.encode(Int(length)) == UInt8(code))
            if code > 0 { #expect(length > LengthCode.lengths[code - 1]) }
        }
        var previous: UInt8 = 0
        for words in 0...40_000 {
            let code = LengthCode.encode(words)
            #expect(code >= previous)
            previous = code
            let length = Int(LengthCode.lengths[Int(code)])
            // Sixteen steps to a doubling: never more than a sixteenth too short.
            #expect(length <= words && (code == 255 || (words - length) * 16 <= words))
        }
        #expect(LengthCode.encode(-1) == 0 && LengthCode.encode(.max) == 255)
    }

    @Test func `BM25 is the formula`() {
        let statistics = CollectionStatistics(documents: 1_000, tokens: 8_500)
        let ranking = BM25(statistics)
        for frequency in [UInt64(0), 1, 10, 500, 1_000] {
            let df = Double(frequency)
            let expected = log(1 + (1_000 - df + 0.5) / (df + 0.5))
            #expect(abs(Double(ranking.idf(documentFrequency: frequency)) - expected) < 1e-5)
        }
        for code in [0, 1, 8, 127, 200, 255] {
            let length = Double(LengthCode.lengths[code])
            let norm = 1.2 * (1 - 0.75 + 0.75 * length / 8.5)
            #expect(abs(Double(ranking.norms[code]) - norm) < norm * 1e-5)
            for tf in [UInt32(1), 2, 50] {
                let expected = 2.5 * Double(tf) / (Double(tf) + norm)
                let impact = BM25.impact(idf: 2.5, frequency: tf, norm: ranking.norms[code])
                #expect(abs(Double(impact) - expected) < 1e-5)
            }
        }
        // More documents than there are (they were counted before a merge) do no harm.
        #expect(ranking.idf(documentFrequency: 5_000) >= 0)
        #expect(BM25(CollectionStatistics()).norms.allSatisfy { $0.isFinite })
        #expect(CollectionStatistics().averageLength == 1)
    }
}
