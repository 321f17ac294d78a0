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

    /// Whether the word may occur in the part of the window that is visited.
    private(set) var isPresent = false
    /// Its largest frequency there.
    private(set) var largestFrequency: UInt32 = 0
    /// At most this is added by it there, and this when it occurs once.
    private(set) var most: Float = 0
    private(set) var once: Float = 0
    /// Its documents in the window, when it is present.
    private(set) var bits: UnsafePointer<UInt64>
    /// Those that hold it more than once, after `loadRepeats`.
    private(set) var repeats: UnsafeMutablePointer<UInt64>
    private let scratch: UnsafeMutablePointer<UInt64>
    private var loaded = -1
    private var repeatsLoaded = -1

    init(_ word: WeightedCursor) {
        unsafe state = word.cursor.state
        idf = word.idf
        isRequired = word.isRequired
        let words = PostingsFormat.windowCount / 64
        unsafe scratch = .allocate(capacity: 2 * words)
        unsafe scratch.initialize(repeating: 0, count: 2 * words)
        unsafe repeats = scratch + words
        unsafe bits = UnsafePointer(scratch)
    }

    /// The last call.
    func deallocate() { unsafe scratch.deallocate() }

    /// Turns to the documents of a part of a window, all at least as long as `norm` says.
    mutating func visit(_ window: Int, _ part: Range<UInt32>, norm: Float) {
        isPresent = unsafe state.pointee.next(from: part.lowerBound) < part.upperBound
        guard isPresent else { return }
        largestFrequency = unsafe state.pointee.largestFrequency(window)
        once = BM25.impact(idf: idf, frequency: 1, norm: norm)
        most =
            largestFrequency == 1
            ? once : BM25.bound(idf: idf, frequency: largestFrequency, norm: norm)
    }

    /// Makes `bits` those of a window.
    mutating func loadBits(_ window: Int) {
        guard loaded != window else { return }
        loaded = window
        unsafe bits = state.pointee.bits(window, scratch)
    }

    /// Makes `repeats` those of a window.
    mutating func loadRepeats(_ window: Int) {
        guard repeatsLoaded != window else { return }
        repeatsLoaded = window
        unsafe state.pointee.repeats(window, repeats)
    }

    /// Whether a document of the window holds the word; its place in the window is given.
    @inline(__always)
    func holds(_ place: Int) -> Bool {
        guard isPresent else { return false }
        return unsafe bits[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    /// Whether a document of the window that holds the word may hold it more than once.
    @inline(__always)
    func mayRepeat(_ place: Int) -> Bool {
        guard largestFrequency > 1, repeatsLoaded == loaded else { return largestFrequency > 1 }
        return unsafe repeats[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    /// How often a document of the window that holds the word has it.
    @inline(__always)
    func frequency(_ document: UInt32, _ place: Int) -> UInt32 {
        mayRepeat(place) ? unsafe state.pointee.frequency(of: document) : 1
    }
}
