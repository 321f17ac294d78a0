// Reads the postings of one term from front to back, positions as gaps: what merging and checking
// need, which touch everything once and in order. Searches use PostingsCursor.

import Storage

/// All of a term's postings, in order, while its text index is open; not thread safe.
struct PostingsReader {
    /// The current document in its segment's own numbers; `PostingsCursor.end` after the last.
    private(set) var document: UInt32 = 0
    /// Documents met so far, the current one included.
    private(set) var met = 0
    /// How often the term occurs in it.
    private(set) var frequency: UInt32 = 0
    /// The first position and the distances of the others; empty for a term without positions.
    private(set) var currentGaps: ArraySlice<UInt32> = []

    private enum Form {
        case packed(PackedPostings)
        case dense(DensePostings)
    }

    private let form: Form
    private let hasPositions: Bool
    private var documents = [UInt32](repeating: 0, count: PostingsFormat.windowCount)
    private var frequencies = [UInt32](repeating: 0, count: PostingsFormat.windowCount)
    /// Of the block or window at hand; how far its distances have been taken.
    private var positions: [UInt32] = []
    private var further = 0
    private var isTail = false
    private var assembled: [UInt32] = []
    private var block = 0
    private var index = 0
    private var count = 0

    /// Stands at the first document; the ranges of `info` have been verified.
    init(_ info: TermInfo, _ text: TextSections, hasPositions: Bool) {
        let bytes = TermBytes(info, postings: text.postings, positions: text.positions)
        let isDense = PostingsFormat.isDense(bytes.documentFrequency, of: text.documentCount)
        form =
            isDense
            ? .dense(DensePostings(bytes, documents: text.documentCount))
            : .packed(PackedPostings(bytes))
        self.hasPositions = hasPositions
        load()
    }

    /// Goes to the next document.
    @inline(__always)
    mutating func advance() {
        index += 1
        met += 1
        if index < count { settle() } else { load() }
    }

    @inline(__always)
    private mutating func settle() {
        document = documents[index]
        frequency = frequencies[index]
        guard hasPositions else { return }
        let more = Int(frequency) - 1
        if isTail {
            currentGaps = positions[further..<further + more + 1]
            further += more + 1
        } else if more == 0 {
            currentGaps = positions[index...index]
        } else {
            assembled.removeAll(keepingCapacity: true)
            assembled.append(positions[index])
            assembled.append(contentsOf: positions[further..<further + more])
            further += more
            currentGaps = assembled[...]
        }
    }

    /// Loads the next block or window that has documents; one that cannot be decoded ends the walk,
    /// and `met` stays too small.
    private mutating func load() {
        index = 0
        count = 0
        switch form {
        case .packed(let packed): loadPacked(packed)
        case .dense(let dense): loadDense(dense)
        }
        guard count > 0 else {
            document = PostingsCursor.end
            frequency = 0
            currentGaps = []
            return
        }
        settle()
    }

    private mutating func loadPacked(_ packed: PackedPostings) {
        guard block < packed.blocks else { return }
        let loaded = unsafe packed.load(block: block, &documents, &frequencies)
        isTail = block == packed.fullBlocks
        if !isTail { unsafe packed.loadFrequencies(block: block, &frequencies) }
        let occurrences = frequencies[..<loaded].reduce(0) { $0 &+ Int($1) }
        further = isTail ? 0 : loaded
        let isSound =
            !hasPositions
            || (isTail
                ? packed.tailGaps(occurrences, into: &positions)
                : packed.allPositions(
                    block, loaded, further: occurrences - loaded, into: &positions))
        guard isSound else { return }
        count = loaded
        block += 1
    }

    private mutating func loadDense(_ dense: DensePostings) {
        let parts = PostingsFormat.windowCount / PostingsFormat.windowPart
        while count == 0, block < dense.parts {
            var loaded = 0
            for part in block..<min(block + parts, dense.parts) {
                unsafe documents.withUnsafeMutableBufferPointer { documents in
                    unsafe frequencies.withUnsafeMutableBufferPointer { frequencies in
                        guard let to = documents.baseAddress, let times = frequencies.baseAddress
                        else { return }
                        let more = unsafe dense.load(part: part, to + loaded)
                        unsafe dense.loadFrequencies(
                            part: part, more, to + loaded, times + loaded)
                        loaded += more
                    }
                }
            }
            let occurrences = frequencies[..<loaded].reduce(0) { $0 &+ Int($1) }
            further = loaded
            if hasPositions {
                let isSound = dense.allPositions(
                    window: dense.window(block), further: occurrences - loaded, into: &positions)
                guard isSound, positions.count == occurrences else { return }
            }
            count = loaded
            block += parts
        }
    }
}
