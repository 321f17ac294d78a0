// Sorts words by some of their bits, lowest digit first: in time that grows with their number
// alone, which is what tens of thousands of lists of postings need.

/// Sorts words with memory that is kept from one list to the next.
@safe struct RadixSort: ~Copyable {
    /// Lists up to this many words are sorted by insertion.
    private static let fewest = 24
    /// Lists from this many words on are sorted by larger digits.
    private static let many = 2_048

    private let other: UnsafeMutablePointer<UInt64>
    private let counts: UnsafeMutablePointer<Int>
    private let capacity: Int

    /// For lists of at most `capacity` words.
    init(capacity: Int) {
        self.capacity = capacity
        unsafe other = .allocate(capacity: max(capacity, 1))
        unsafe counts = .allocate(capacity: 1 << 11)
    }

    deinit {
        unsafe other.deallocate()
        unsafe counts.deallocate()
    }

    /// Sorts `count` words by the bits of a range; words that are equal there stay as they are.
    func sort(_ words: UnsafeMutablePointer<UInt64>, _ count: Int, by bits: Range<UInt64>) {
        precondition(count <= capacity, "a list too long to be sorted")
        guard count > Self.fewest else { return unsafe insert(words, count, bits) }
        let width: UInt64 = count < Self.many ? 8 : 11
        var (from, to) = unsafe (words, other)
        for low in stride(from: bits.lowerBound, to: bits.upperBound, by: Int(width)) {
            let digit = min(width, bits.upperBound - low)
            unsafe scatter(from, count, to: to, by: low, mask: (1 << digit) - 1)
            unsafe swap(&from, &to)
        }
        if unsafe from != words { unsafe words.update(from: from, count: count) }
    }

    private func scatter(
        _ from: UnsafeMutablePointer<UInt64>, _ count: Int, to: UnsafeMutablePointer<UInt64>,
        by low: UInt64, mask: UInt64
    ) {
        unsafe counts.update(repeating: 0, count: Int(mask) + 1)
        for index in 0..<count { unsafe counts[Int(from[index] &>> low & mask)] += 1 }
        var place = 0
        for digit in 0...Int(mask) {
            let words = unsafe counts[digit]
            unsafe counts[digit] = place
            place += words
        }
        for index in 0..<count {
            let word = unsafe from[index]
            let digit = Int(word &>> low & mask)
            unsafe to[counts[digit]] = word
            unsafe counts[digit] += 1
        }
    }

    private func insert(
        _ words: UnsafeMutablePointer<UInt64>, _ count: Int, _ bits: Range<UInt64>
    ) {
        let mask: UInt64 = (1 << (bits.upperBound - bits.lowerBound)) - 1
        func key(_ word: UInt64) -> UInt64 { word &>> bits.lowerBound & mask }
        for index in 0..<count {
            let word = unsafe words[index]
            var place = index
            while place > 0, unsafe key(words[place - 1]) > key(word) {
                unsafe words[place] = words[place - 1]
                place -= 1
            }
            unsafe words[place] = word
        }
    }
}
