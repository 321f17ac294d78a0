// Which vectors a search may answer with: a bit for each, as titles, attributes and deletions leave
// them.

/// A set of vectors of an index.
package struct VectorFilter: Sendable {
    private var words: [UInt64]
    /// Vectors in the set.
    package private(set) var count = 0
    /// Vectors of the index.
    package let capacity: Int

    /// None of `documents` vectors.
    package init(documents: Int) {
        capacity = documents
        words = .init(repeating: 0, count: (documents + 63) / 64)
    }

    /// Those of `documents` vectors whose bits are set, the lowest bit of the first word first;
    /// bits beyond them do not count.
    package init(documents: Int, words: [UInt64]) {
        self.init(documents: documents)
        for index in self.words.indices where index < words.count {
            self.words[index] = words[index]
        }
        if documents % 64 > 0, let last = self.words.indices.last {
            self.words[last] &= (1 << UInt64(documents % 64)) - 1
        }
        count = self.words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Adds a range of vectors.
    package mutating func insert(_ range: Range<Int>) {
        Self.forEachWord(of: range, below: capacity) { word, mask in
            count += (mask & ~words[word]).nonzeroBitCount
            words[word] |= mask
        }
    }

    /// Takes a range of vectors out.
    package mutating func remove(_ range: Range<Int>) {
        Self.forEachWord(of: range, below: capacity) { word, mask in
            count -= (mask & words[word]).nonzeroBitCount
            words[word] &= ~mask
        }
    }

    /// Calls `body` with each word that a range has bits in, and with those bits.
    private static func forEachWord(
        of range: Range<Int>, below documents: Int, _ body: (Int, UInt64) -> Void
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= documents)
        guard !range.isEmpty else { return }
        for word in range.lowerBound / 64...(range.upperBound - 1) / 64 {
            var mask = UInt64.max
            if word * 64 < range.lowerBound { mask <<= UInt64(range.lowerBound - word * 64) }
            if (word + 1) * 64 > range.upperBound {
                mask &= .max >> UInt64((word + 1) * 64 - range.upperBound)
            }
            body(word, mask)
        }
    }

    /// Leaves those that are in another set of as many as well.
    package mutating func formIntersection(_ other: VectorFilter) {
        precondition(other.capacity == capacity)
        count = 0
        for index in words.indices {
            words[index] &= other.words[index]
            count += words[index].nonzeroBitCount
        }
    }

    /// Adds a vector.
    package mutating func insert(_ document: Int) {
        precondition(document >= 0 && document < capacity)
        let bit = UInt64(1) << UInt64(document % 64)
        if words[document / 64] & bit == 0 { count += 1 }
        words[document / 64] |= bit
    }

    /// Takes a vector out.
    package mutating func remove(_ document: Int) {
        precondition(document >= 0 && document < capacity)
        let bit = UInt64(1) << UInt64(document % 64)
        if words[document / 64] & bit != 0 { count -= 1 }
        words[document / 64] &= ~bit
    }

    /// Whether a vector is in the set.
    @inline(__always)
    package func contains(_ document: Int) -> Bool {
        words[document / 64] >> UInt64(document % 64) & 1 == 1
    }

    /// Calls `body` with the words of bits, to be read without a check for each.
    func withWords<Result>(_ body: (UnsafePointer<UInt64>) -> Result) -> Result? {
        unsafe words.withUnsafeBufferPointer { words in
            unsafe words.baseAddress.map { unsafe body($0) }
        }
    }

    /// The vectors of a range in ascending order.
    package func forEach(in range: Range<Int>, _ body: (Int) -> Void) {
        guard !range.isEmpty else { return }
        for index in range.lowerBound / 64...(range.upperBound - 1) / 64 {
            var left = words[index]
            if index * 64 < range.lowerBound { left &= .max << UInt64(range.lowerBound % 64) }
            if (index + 1) * 64 > range.upperBound {
                left &= (1 << UInt64(range.upperBound % 64)) - 1
            }
            while left != 0 {
                body(index * 64 + left.trailingZeroBitCount)
                left &= left - 1
            }
        }
    }

    /// Writes the vectors of the set in ascending order; there must be room for one more than
    /// `count`.
    ///
    /// Most words of a small set have one bit or none, so the first is written without a branch,
    /// which could not be foretold.
    @unsafe func write(into vectors: UnsafeMutablePointer<UInt32>) {
        var written = 0
        for (index, word) in words.enumerated() {
            let first = UInt32(truncatingIfNeeded: index &* 64)
            unsafe vectors[written] = first &+ UInt32(word.trailingZeroBitCount)
            written &+= word == 0 ? 0 : 1
            var left = word & (word &- 1)
            while left != 0 {
                unsafe vectors[written] = first &+ UInt32(left.trailingZeroBitCount)
                left &= left &- 1
                written &+= 1
            }
        }
    }
}
