// A leaf of a tree of clauses during an evaluation in windows: its documents in the window at hand
// as bits, what it can add to a score there, and how often it occurs in a document. Of a phrase the
// bits are the documents that hold all its words; whether these stand where they should is asked of
// those few that are looked at.

import CKernels

/// A word, a phrase, or any of several words, in the window at hand.
@safe final class TreeLeaf {
    /// What the words of a leaf are to each other.
    enum Kind {
        /// A single word.
        case word
        /// Words that follow each other, or a single one; it may begin in a line and end in a later
        /// one, or be held by a later line alone.
        case phrase
        /// Words that follow each other, out of place by so much at most.
        case sloppy(SloppyPlaces)
        /// Of several words each document holds any, and counts the first.
        case anyOf
    }

    /// Its place among all leaves of the query; -1 for a filter.
    let number: Int
    /// Whether it adds to the scores of the window's part at hand.
    var isScored = false
    /// Whether it may occur in the part of the window at hand.
    private(set) var isPresent = false
    /// At most this is added by it there.
    private(set) var most: Float = 0
    /// At most this is added by it to a document that is not among `repeats`.
    private(set) var once: Float = 0
    /// The documents of the window that may hold it, when they are loaded.
    private(set) var bits: UnsafePointer<UInt64>

    private let kind: Kind
    private let words: FixedList<WindowWord>
    /// How often each word stands in a phrase.
    private let needed: [UInt32]
    /// Owns what the words point into.
    private let cursors: [PostingsCursor]
    /// What it weighs; each of several words has its own weight.
    private let idf: Float
    /// Documents that hold it with the lines behind them, and perhaps some that hold it alone;
    /// ascending.
    private let crossings: [UInt32]
    private let own = FixedList<UInt64>(repeating: 0, count: PostingsFormat.windowCount / 64)
    private let again = FixedList<UInt64>(repeating: 0, count: PostingsFormat.windowCount / 64)
    private var window = 0
    /// Whether all words of the phrase may occur in the part of the window.
    private var isInside = false
    /// The document that was asked about last, and how often it holds the leaf.
    private var known: (document: UInt32, frequency: UInt32) = (
        PostingsCursor.end, 0
    )
    private var places: PhrasePlaces

    /// A leaf of words with their weights.
    ///
    /// `needed` tells how often each word stands in a phrase, which may be held by `crossings`.
    init(
        _ number: Int, _ kind: Kind, _ words: [WeightedCursor], needed: [UInt32] = [],
        crossings: [UInt32] = [], idf: Float
    ) {
        self.number = number
        self.kind = kind
        self.words = FixedList(words.map { WindowWord($0) })
        self.needed = needed
        cursors = words.map(\.cursor)
        places = PhrasePlaces(cursors)
        self.crossings = crossings
        self.idf = idf
        unsafe bits = UnsafePointer(own.base)
    }

    deinit {
        for index in words.indices { words[index].deallocate() }
    }

    /// Whether the documents of `bits` are those that hold it, and not some more.
    var isExact: Bool {
        switch kind {
        case .word, .anyOf: return true
        case .phrase, .sloppy: return false
        }
    }

    // MARK: A window

    /// Turns to the documents of a part of a window, all at least as long as `norm` says.
    func turn(to window: Int, _ part: Range<UInt32>, norm: Float) {
        self.window = window
        isScored = false
        for index in words.indices { words[index].turn(to: window, part, norm: norm) }
        switch kind {
        case .word: (isPresent, once, most) = (words[0].isPresent, words[0].once, words[0].most)
        case .anyOf:
            (isPresent, most) = (false, 0)
            for index in words.indices where words[index].isPresent {
                isPresent = true
                most = max(most, words[index].once)
            }
            once = most
        case .phrase, .sloppy: turnPhrase(part, norm)
        }
    }

    private func turnPhrase(_ part: Range<UInt32>, _ norm: Float) {
        once = BM25.impact(idf: idf, frequency: 1, norm: norm)
        most = once
        isInside = words.count > 0
        for index in words.indices
        where !words[index].isPresent || words[index].largestFrequency < needed[index] {
            isInside = false
        }
        isPresent = isInside || !crossings.isEmpty && crossings(in: part).count > 0
        guard isInside else { return }
        if case .sloppy = kind {
            // One place of another word may serve several of the first.
            most = words[0].most
        } else {
            most = words.indices.reduce(.infinity) { min($0, words[$1].most) }
        }
    }

    private func crossings(in part: Range<UInt32>) -> ArraySlice<UInt32> {
        let first = crossings.partition { $0 >= part.lowerBound }
        return crossings[first...].prefix { $0 < part.upperBound }
    }

    /// Makes `bits` those of the window; asked only where it is present.
    func loadBits() {
        switch kind {
        case .word:
            words[0].loadBits(window)
            unsafe bits = words[0].bits
        case .anyOf:
            unsafe own.base.update(repeating: 0, count: own.count)
            for index in words.indices where words[index].isPresent {
                words[index].loadBits(window)
                let (all, more) = unsafe (own.base, words[index].bits)
                for word in own.indices { unsafe all[word] |= more[word] }
            }
        case .phrase, .sloppy: loadPhrase()
        }
    }

    private func loadPhrase() {
        unsafe own.base.update(repeating: isInside ? .max : 0, count: own.count)
        for index in words.indices where isInside {
            if needed[index] > 1 {
                words[index].loadRepeats(window)
                unsafe mspd_window_keep(own.base, words[index].repeats)
            } else {
                words[index].loadBits(window)
                unsafe mspd_window_keep(own.base, words[index].bits)
            }
        }
        guard !crossings.isEmpty else { return }
        let first = UInt32(window * PostingsFormat.windowCount)
        let end = UInt32(clamping: (window + 1) * PostingsFormat.windowCount)
        for document in crossings(in: first..<end) {
            let place = Int(document - first)
            own[place / 64] |= 1 << UInt64(place % 64)
        }
    }

    /// The documents of the window that may add more than `once`.
    func repeats() -> UnsafePointer<UInt64> {
        switch kind {
        case .word, .sloppy:
            words[0].loadRepeats(window)
            return unsafe UnsafePointer(words[0].repeats)
        case .phrase:
            unsafe again.base.update(repeating: .max, count: again.count)
            for index in words.indices {
                words[index].loadRepeats(window)
                unsafe mspd_window_keep(again.base, words[index].repeats)
            }
        case .anyOf: break
        }
        return unsafe UnsafePointer(again.base)
    }

    // MARK: A document

    /// At most this is added to the score of a document that is among `bits`.
    func bound(_ document: UInt32, _ norm: Float) -> Float {
        switch kind {
        case .word, .anyOf: return score(document, norm)
        case .sloppy:
            guard words.count > 0, unsafe words[0].state.pointee.holds(document) else {
                return BM25.bound(idf: idf, frequency: 1, norm: norm)
            }
            let frequency = unsafe words[0].state.pointee.frequency(of: document)
            return BM25.bound(idf: idf, frequency: frequency, norm: norm)
        case .phrase:
            var least = UInt32.max
            for index in words.indices {
                let frequency = unsafe words[index].state.pointee.frequency(of: document)
                // Each occurrence begins at a place of its own.
                least = min(least, max(frequency, needed[index]) - needed[index] + 1)
            }
            return BM25.bound(idf: idf, frequency: words.count > 0 ? least : 1, norm: norm)
        }
    }

    /// What is added to the score of a document that holds it.
    func score(_ document: UInt32, _ norm: Float) -> Float {
        guard case .anyOf = kind else {
            guard idf > 0 else { return 0 }
            return BM25.impact(idf: idf, frequency: frequency(document), norm: norm)
        }
        let place = Int(document) % PostingsFormat.windowCount
        for index in words.indices where words[index].idf > 0 && words[index].holds(place) {
            return BM25.impact(idf: words[index].idf, frequency: 1, norm: norm)
        }
        return 0
    }

    /// What is added to the score of a document that is among `bits`, which may not hold it.
    func scoreIfHeld(_ document: UInt32, _ norm: Float) -> Float {
        frequency(document) > 0 ? score(document, norm) : 0
    }

    /// How often a document that is among `bits` holds it; once where any of several words will do.
    func frequency(_ document: UInt32) -> UInt32 {
        if case .anyOf = kind { return 1 }
        if known.document == document { return known.frequency }
        var frequency: UInt32
        switch kind {
        case .word: frequency = unsafe words[0].state.pointee.frequency(of: document)
        case .phrase, .sloppy:
            frequency = inside(document)
            if frequency == 0, crosses(document) { frequency = 1 }
        case .anyOf: frequency = 1
        }
        known = (document, frequency)
        return frequency
    }

    /// Whether a document holds it only with the lines behind it.
    ///
    /// What the document holds as well is scored by what it holds.
    func crosses(_ document: UInt32) -> Bool {
        guard !crossings.isEmpty else { return false }
        let place = crossings.partition { $0 >= document }
        guard place < crossings.count, crossings[place] == document else { return false }
        return inside(document) == 0
    }

    private func inside(_ document: UInt32) -> UInt32 {
        guard isInside else { return 0 }
        for index in words.indices where unsafe !words[index].state.pointee.holds(document) {
            return 0
        }
        if case .sloppy(let places) = kind { return places.count(cursors, document) }
        if words.count == 1 { return unsafe words[0].state.pointee.frequency(of: document) }
        return places.count(in: document)
    }
}

extension [UInt32] {
    /// The place of the first element, of ascending ones, that `isBehind` and all after it are.
    fileprivate func partition(_ isBehind: (UInt32) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
