// In how many ways the words of a phrase stand near their places. With every position lessened by
// the word's place in the phrase, the words of an exact phrase have one number in common; here the
// numbers may differ by the slop. So a word between two costs one, two words in each other's place
// cost two. No position serves two words of a phrase.

/// The places of a phrase with slop in one document after the other.
final class SloppyPlaces {
    /// For each word, the place of the first that is the same.
    private let same: [Int]
    private let slop: UInt32
    private var positions: [[UInt32]]
    /// For each word, how many of the first one's positions are taken while places are given.
    private var taken: [Int]

    /// A phrase of some terms.
    init(_ terms: [[UInt8]], slop: Int) {
        same = terms.indices.map { terms.firstIndex(of: terms[$0]) ?? $0 }
        self.slop = UInt32(slop)
        positions = terms.map { _ in [] }
        taken = terms.map { _ in 0 }
    }

    /// From how many places of the first word the others can be reached, in a document that holds
    /// all words of the cursors.
    func count(_ cursors: [PostingsCursor], _ document: UInt32) -> UInt32 {
        for (index, cursor) in cursors.enumerated() {
            unsafe cursor.state.pointee.positions(of: document, into: &positions[index])
        }
        var count: UInt32 = 0
        for start in positions[0] where (0...slop).contains(where: { fits(start, below: $0) }) {
            count += 1
        }
        return count
    }

    /// Whether all words have places of their own when the first stands at `start`, and the
    /// lowest of the lessened positions may be `below` it.
    private func fits(_ start: UInt32, below: UInt32) -> Bool {
        // Words can stand before the beginning of the text only in theory.
        let lowest = Int(start) - Int(below)
        for index in taken.indices { taken[index] = 0 }
        for index in positions.indices {
            // The windows of words that are the same only move on: the first free place is best.
            let first = same[index]
            let window =
                index == 0
                ? Int(start)...Int(start) : lowest + index...lowest + index + Int(slop)
            var next = taken[first]
            while next < positions[index].count {
                let position = Int(positions[index][next])
                let isFirst = index > 0 && first == 0 && position == Int(start)
                if window.contains(position), !isFirst { break }
                if position > window.upperBound { return false }
                next += 1
            }
            guard next < positions[index].count else { return false }
            // The first word's own place is kept from the others above.
            taken[first] = index == 0 ? 0 : next + 1
        }
        return true
    }
}
