// How often the words of a phrase follow each other in a document: told by the first position of
// each word where that is enough, else by all of them.

/// Counts a phrase in one document after the other.
struct PhrasePlaces: ~Copyable {
    /// Where the phrase would begin by the first occurrence of each word.
    private let begins: FixedList<Int>
    private var starts: [UInt32] = []
    private var positions: [UInt32] = []

    /// For a phrase of so many words.
    init(words: Int) { begins = FixedList(repeating: 0, count: words) }

    /// How often the words, one at least, follow each other in a document that holds all of them.
    mutating func count(_ words: borrowing FixedList<WindowWord>, in document: UInt32) -> UInt32 {
        if let known = countByFirsts(words, document) { return known }
        unsafe words[0].state.pointee.positions(of: document, into: &starts)
        for offset in 1..<words.count {
            unsafe words[offset].state.pointee.positions(of: document, into: &positions)
            keepStarts(UInt32(offset))
            if starts.isEmpty { return 0 }
        }
        return UInt32(starts.count)
    }

    /// How often they do where the first occurrence of each word tells; nil where a word is
    /// repeated that matters.
    ///
    /// No occurrence begins before the place that any word's first occurrence allows, and one word
    /// that is not repeated leaves a single place.
    private func countByFirsts(
        _ words: borrowing FixedList<WindowWord>, _ document: UInt32
    ) -> UInt32? {
        var latest = Int.min
        var doFollow = true
        for offset in words.indices {
            guard let place = unsafe words[offset].state.pointee.firstPosition(of: document) else {
                return nil
            }
            begins[offset] = Int(place) - offset
            doFollow = doFollow && begins[offset] == begins[0]
            latest = max(latest, begins[offset])
        }
        for offset in words.indices where doFollow || begins[offset] < latest {
            let isOnce = unsafe words[offset].state.pointee.frequency(of: document) == 1
            if isOnce { return doFollow ? 1 : 0 }
        }
        return nil
    }

    /// Keeps the starts that have a position so much further on.
    private mutating func keepStarts(_ offset: UInt32) {
        var kept = 0
        var other = 0
        for start in starts {
            let wanted = start &+ offset
            while other < positions.count, positions[other] < wanted { other += 1 }
            guard other < positions.count else { break }
            guard positions[other] == wanted else { continue }
            starts[kept] = start
            kept += 1
        }
        starts.removeLast(starts.count - kept)
    }
}
