// How often the words of a phrase follow each other in a document: told by the first position of
// each word where that is enough, else by all of them.

/// Where a phrase would begin by the first occurrences of some of its words in a document, each
/// less the word's place in the phrase.
///
/// No occurrence of the phrase begins before any of these places, and a word that is not repeated
/// leaves its own alone.
struct PhraseBegin {
    private(set) var latest = Int.min
    private var earliest = Int.max
    private var earliestOfOnce = Int.max

    /// Whether the phrase cannot occur.
    @inline(__always)
    var isRefuted: Bool { earliestOfOnce < latest }

    /// Whether the words follow each other.
    @inline(__always)
    var doFollow: Bool { earliest == latest }

    /// Whether they do, and cannot do so again.
    @inline(__always)
    var isOnce: Bool { doFollow && earliestOfOnce == latest }

    /// Takes in a word, which may be repeated.
    @inline(__always)
    mutating func add(_ begin: Int) {
        latest = max(latest, begin)
        earliest = min(earliest, begin)
    }

    /// Takes in that a word is not repeated.
    @inline(__always)
    mutating func addOnce(_ begin: Int) { earliestOfOnce = min(earliestOfOnce, begin) }
}

/// Counts a phrase in one document after the other.
@safe struct PhrasePlaces: ~Copyable {
    /// Valid as long as the cursors.
    private let words: FixedList<UnsafeMutablePointer<PostingsState>>
    /// The places of the words whose first positions are asked for.
    private let asked: FixedList<Int>
    /// Where the phrase would begin by these.
    private let begins: FixedList<Int>
    private var starts: [UInt32] = []
    private var positions: [UInt32] = []

    /// For a phrase of these words, which its user keeps; of those that are not `asked`, none being
    /// left out here, it is known from elsewhere where they occur first.
    init(_ cursors: [PostingsCursor], asking asked: [Int]? = nil) {
        unsafe words = FixedList(cursors.map { unsafe $0.state })
        self.asked = FixedList(asked ?? Array(cursors.indices))
        begins = FixedList(repeating: 0, count: cursors.count)
    }

    /// How often the words, one at least, follow each other in a document that holds all of them;
    /// `known` is what is known of those that are not asked.
    mutating func count(in document: UInt32, _ known: PhraseBegin = PhraseBegin()) -> UInt32 {
        if let count = countByFirsts(document, known) { return count }
        unsafe words[0].pointee.positions(of: document, into: &starts)
        for offset in begins.indices.dropFirst() {
            unsafe words[offset].pointee.positions(of: document, into: &positions)
            keepStarts(UInt32(offset))
            if starts.isEmpty { return 0 }
        }
        return UInt32(starts.count)
    }

    /// How often they do where the first occurrence of each word tells; nil where a word is
    /// repeated that matters.
    private func countByFirsts(_ document: UInt32, _ known: PhraseBegin) -> UInt32? {
        var known = known
        for index in asked.indices {
            let offset = asked[index]
            guard let place = unsafe words[offset].pointee.firstPosition(of: document) else {
                return nil
            }
            begins[offset] = Int(place) - offset
            known.add(begins[offset])
            if known.isRefuted { return 0 }
        }
        if known.isOnce { return 1 }
        for index in asked.indices where known.doFollow || begins[asked[index]] < known.latest {
            let isOnce = unsafe words[asked[index]].pointee.frequency(of: document) == 1
            if isOnce { return known.doFollow ? 1 : 0 }
        }
        return nil
    }

    /// Keeps the starts that have a position so much further on.
    private mutating func keepStarts(_ offset: UInt32) {
        var kept = 0
        var other = 0
        // By index: a walk through the list itself would hold it, and each change copy it.
        for index in starts.indices {
            let start = starts[index]
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
