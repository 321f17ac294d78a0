// BM25 with statistics of the whole track (Robertson & Zaragoza, "The Probabilistic Relevance
// Framework: BM25 and Beyond", 2009), in the form without the constant factor k1 + 1:
//     score = sum over terms of  idf * tf / (tf + k1 * (1 - b + b * length / average))
//     idf   = ln(1 + (N - df + 0.5) / (df + 0.5))
// Deleted documents count in N, df and the average until a merge drops them.

import Glibc

/// What scoring needs to know of a whole track.
package struct CollectionStatistics: Sendable, Equatable {
    /// Documents with text.
    package var documents: UInt64
    /// Their words altogether.
    package var tokens: UInt64

    /// Counts of documents and of their words.
    package init(documents: UInt64 = 0, tokens: UInt64 = 0) {
        self.documents = documents
        self.tokens = tokens
    }

    /// The average length in words, at least 1.
    package var averageLength: Float {
        documents == 0 ? 1 : max(1, Float(Double(tokens) / Double(documents)))
    }

    /// Adds the counts of a part of the track.
    package static func += (sum: inout CollectionStatistics, part: CollectionStatistics) {
        sum.documents += part.documents
        sum.tokens += part.tokens
    }
}

/// The ranking function with its two parameters, for one state of a track.
package struct BM25: Sendable {
    /// How quickly further occurrences stop counting.
    package static let k1: Float = 1.2
    /// How much a long document is held against its words, 0 to 1.
    package static let b: Float = 0.75

    private let documents: Float
    /// For each length code: k1 * (1 - b + b * length / average).
    package let norms: [Float]

    /// The function for a track with these statistics.
    package init(_ statistics: CollectionStatistics, k1: Float = BM25.k1, b: Float = BM25.b) {
        documents = Float(statistics.documents)
        let average = statistics.averageLength
        norms = unsafe Array(unsafeUninitializedCapacity: 256) { norms, count in
            unsafe LengthCode.lengths.withUnsafeBufferPointer { lengths in
                // A loop of known length, several lengths an instruction.
                for code in 0..<256 {
                    unsafe norms[code] = k1 * (1 - b + b * lengths[code] / average)
                }
            }
            count = 256
        }
    }

    /// The inverse document frequency of a term that this many documents hold.
    package func idf(documentFrequency: UInt64) -> Float {
        // Several words taken as one can be counted more often than there are documents.
        let df = min(Float(documentFrequency), documents)
        return logf(1 + (documents - df + 0.5) / (df + 0.5))
    }

    /// The most that a term adds to a document in which it occurs at most so often.
    ///
    /// The document is at least as long as `norm` says, `.max` stands for any frequency, and the
    /// bound is padded for the rounding of sums.
    @inline(__always)
    static func bound(idf: Float, frequency: UInt32, norm: Float) -> Float {
        let most = frequency == .max ? idf : impact(idf: idf, frequency: frequency, norm: norm)
        return most * 1.00001
    }

    /// What one term adds to a document's score.
    @inline(__always)
    package static func impact(idf: Float, frequency: UInt32, norm: Float) -> Float {
        let tf = Float(frequency)
        return idf * (tf / (tf + norm))
    }
}
