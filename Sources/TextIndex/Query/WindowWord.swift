// One word of a query during an evaluation in windows: its documents in the window at hand as bits,
// and how much it can add to a score there.

import CKernels

/// A word's postings with its weight.
@safe struct WeightedCursor {
    /// Documents that hold the word, in this part of the track.
    let cursor: PostingsCursor
    /// What the word weighs.
    let idf: Float
    /// Whether a document must hold it.
    var isRequired = false
}

/// A word in the window at hand; owned by an evaluator, which frees it.
@safe struct WindowWord {
    /// Valid as long as the cursor that the evaluator keeps.
    let state: UnsafeMutablePointer<PostingsState>
    /// What the word weighs.
    let idf: Float
    /// Whether a document must hold it.
    let isRequired: Bool
    /// 1 where it is not required.
    private let counts: UInt64
    private let documentFrequency: Int
    /// Whether its documents are bits already.
    let isDense: Bool

    /// Whether the word may occur in the part of the window that is visited.
    private(set) var isPresent = false
    /// Not dense: its first document, from the part that was last turned to on.
    private var upcoming: UInt32
    /// Its largest frequency there.
    private(set) var largestFrequency: UInt32 = 0
    /// At most this is added by it there.
    private(set) var most: Float = 0
    /// Exactly this is added by it to a document of the part's norm that holds it once.
    private(set) var once: Float = 0
    /// How often a document must hold it, to be found or to be among the best.
    var need: UInt32 = 0
    /// What the words before this one add at most.
    var before: Float = 0
    /// Its documents in the window, when they are loaded.
    private(set) var bits: UnsafePointer<UInt64>
    /// Those that hold it more than once: of a word that is not dense with `bits`, else after
    /// `loadRepeats`.
    private(set) var repeats: UnsafeMutablePointer<UInt64>
    /// Whether documents of the window, whose bits are loaded, may hold it more than once.
    private(set) var hasRepeats = false
    private let scratch: UnsafeMutablePointer<UInt64>
    private var norm: Float = -1
    private var loaded = -1
    private var repeatsLoaded = -1

    init(_ word: WeightedCursor) {
        unsafe state = word.cursor.state
        idf = word.idf
        isRequired = word.isRequired
        counts = word.isRequired ? 0 : 1
        documentFrequency = word.cursor.documentFrequency
        isDense = unsafe word.cursor.state.pointee.isDense
        upcoming = unsafe isDense ? 0 : word.cursor.state.pointee.next(from: 0)
        let words = PostingsFormat.windowCount / 64
        unsafe scratch = .allocate(capacity: 2 * words)
        unsafe scratch.initialize(repeating: 0, count: 2 * words)
        unsafe repeats = scratch + words
        unsafe bits = UnsafePointer(scratch)
    }

    /// The last call.
    func deallocate() { unsafe scratch.deallocate() }

    /// The first document from `start` on, which never goes back; of a dense word, `start` itself.
    @inline(__always)
    mutating func next(from start: UInt32) -> UInt32 {
        guard !isDense else { return start }
        // Where it does not occur nobody has moved its postings.
        if upcoming < start { unsafe upcoming = state.pointee.next(from: start) }
        return upcoming
    }

    /// Turns to the documents of a part of a window, all at least as long as `norm` says.
    @inline(__always)
    mutating func turn(to window: Int, _ part: Range<UInt32>, norm: Float) {
        isPresent = next(from: part.lowerBound) < part.upperBound
        guard isPresent else { return }
        if norm != self.norm {
            self.norm = norm
            once = BM25.impact(idf: idf, frequency: 1, norm: norm)
            largestFrequency = 0
        }
        let largest = unsafe state.pointee.largestFrequency(window)
        if largest == 0 { isPresent = false }
        guard largest != largestFrequency else { return }
        largestFrequency = largest
        most = largest == 1 ? once : BM25.bound(idf: idf, frequency: largest, norm: norm)
    }

    /// Makes `bits` those of a window.
    @inline(__always)
    mutating func loadBits(_ window: Int) {
        guard loaded != window else { return }
        loaded = window
        unsafe (bits, hasRepeats) = state.pointee.bits(window, scratch, repeats)
        if !isDense { repeatsLoaded = window }
    }

    /// Makes `repeats` those of a window.
    mutating func loadRepeats(_ window: Int) {
        guard isDense else { return loadBits(window) }
        guard repeatsLoaded != window else { return }
        repeatsLoaded = window
        unsafe state.pointee.repeats(window, repeats)
    }

    /// Whether a document of the window, whose bits are loaded, holds the word, which is present;
    /// its place in the window is given.
    @inline(__always)
    func holds(_ place: Int) -> Bool {
        unsafe bits[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    /// Whether a document of the window that holds the word may hold it more than once.
    @inline(__always)
    func mayRepeat(_ place: Int) -> Bool {
        guard largestFrequency > 1, repeatsLoaded == loaded else { return largestFrequency > 1 }
        return unsafe repeats[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    /// What a word that is present adds to a document of the window, whose bits are loaded, by its
    /// place: when it occurs once, and at most beside that; and 1 where it counts as one that is
    /// not required.
    ///
    /// Without a branch: whether a document holds a word cannot be foretold.
    @inline(__always)
    func look(_ place: Int) -> (counts: UInt64, once: Float, extra: Float) {
        let bit = unsafe bits[place / 64] >> UInt64(place % 64) & 1
        let mask = 0 &- UInt32(truncatingIfNeeded: bit)
        let one = Float(bitPattern: once.bitPattern & mask)
        guard largestFrequency > 1 else { return (bit & counts, one, 0) }
        let known = unsafe repeatsLoaded == loaded ? UnsafePointer(repeats) : bits
        let again = unsafe known[place / 64] >> UInt64(place % 64) & bit
        let more = (most - once).bitPattern & (0 &- UInt32(truncatingIfNeeded: again))
        return (bit & counts, one, Float(bitPattern: more))
    }

    /// Keeps of `count` documents of the window, whose bits are loaded, those that hold the word;
    /// `first` is the window's first.
    func keep(
        _ documents: UnsafeMutablePointer<UInt32>, _ count: Int, from first: UInt32
    ) -> Int {
        unsafe mspd_window_set(
            bits, first, UInt32(PostingsFormat.windowCount), documents, count)
    }

    /// What it takes to look at the documents of a window that hold the word as often as is needed,
    /// in documents; many when that is not worth asking.
    @inline(__always)
    func candidates(_ window: Int, documents: UInt32) -> Int {
        guard isDense else {
            return documentFrequency * PostingsFormat.windowCount / Int(documents)
        }
        return need > 1 ? unsafe state.pointee.repeatCount(window) / 4 : .max
    }

    /// How often a document must hold the word, where all others add `rest` at most, to reach
    /// `bar`.
    @inline(__always)
    func need(_ bar: Float, rest: Float) -> UInt32 {
        if rest * WindowSums.padding >= bar { return 0 }
        if (rest + once) * WindowSums.padding >= bar { return 1 }
        var frequency: UInt32 = 2
        while frequency < min(largestFrequency, PostingsFormat.frequencyCap),
            (rest + BM25.impact(idf: idf, frequency: frequency, norm: norm)) * WindowSums.padding
                < bar
        {
            frequency += 1
        }
        return frequency
    }
}
