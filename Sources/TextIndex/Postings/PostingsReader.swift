// Reads the postings of one term from front to back, a block at a time, positions as gaps: what
// merging needs, which touches everything once and in order. Searches use PostingsCursor.

import Storage

/// All of a term's postings, in order; not thread safe.
@safe struct PostingsReader {
    /// The current document in its segment's own numbers; `PostingsCursor.end` after the last.
    private(set) var document: UInt32 = 0
    /// Documents met so far, the current one included.
    private(set) var met = 0
    /// How often the term occurs in it.
    private(set) var frequency: UInt32 = 0
    /// The first position and the distances of the others; empty for a term without positions.
    var currentGaps: ArraySlice<UInt32> {
        hasPositions ? gaps[gapIndex..<gapIndex + Int(frequency)] : []
    }

    private let packed: PackedPostings
    private let hasPositions: Bool
    private var documents = [UInt32](repeating: 0, count: PostingsFormat.blockCount)
    private var frequencies = [UInt32](repeating: 0, count: PostingsFormat.blockCount)
    private var gaps: [UInt32] = []
    private var gapIndex = 0
    private var block = 0
    private var index = 0
    private var count = 0

    /// Stands at the first document; the ranges of `info` have been verified.
    init(_ info: TermInfo, _ text: TextSections, hasPositions: Bool) {
        packed = PackedPostings(info, postings: text.postings, positions: text.positions)
        self.hasPositions = hasPositions
        load()
    }

    /// Goes to the next document.
    @inline(__always)
    mutating func advance() {
        if hasPositions { gapIndex += Int(frequency) }
        index += 1
        met += 1
        if index < count {
            document = documents[index]
            frequency = frequencies[index]
        } else {
            block += 1
            load()
        }
    }

    /// Loads a block; one that cannot be decoded ends the walk, and `met` stays too small.
    private mutating func load() {
        index = 0
        document = PostingsCursor.end
        frequency = 0
        guard block <= packed.blockCount else { return }
        count = unsafe packed.load(block: block, &documents, &frequencies)
        if block < packed.blockCount {
            unsafe packed.loadFrequencies(block: block, &frequencies)
        }
        guard count > 0, !hasPositions || loadGaps() else { return }
        document = documents[0]
        frequency = frequencies[0]
    }

    private mutating func loadGaps() -> Bool {
        var occurrences = 0
        for index in 0..<count { occurrences &+= Int(frequencies[index]) }
        gapIndex = 0
        gaps.removeAll(keepingCapacity: true)
        packed.gaps(block, count: occurrences, into: &gaps)
        return gaps.count == occurrences
    }
}
