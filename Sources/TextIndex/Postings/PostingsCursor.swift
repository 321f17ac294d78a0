// Walks the documents of one term in ascending order, a block at a time: of a segment's packed
// postings, or of a memtable's, which come decoded as one block.
//
// Holds for every call: `document` never goes backwards, and is `PostingsCursor.end` once past the
// last. A block that cannot be decoded ends the walk.
//
// The state is a struct behind a pointer, so that the loops over millions of postings pay neither
// reference counts nor the checks of exclusive access that properties of a class have.

package import Storage

/// Where a walk through a term's postings stands.
@safe struct PostingsState {
    /// The current document.
    private(set) var document: UInt32 = 0

    private let packed: PackedPostings?
    private let decoded: DecodedPostings?
    // The current block; allocated here for packed postings, else owned by `decoded`.
    private let documents: UnsafeMutablePointer<UInt32>
    private let frequencies: UnsafeMutablePointer<UInt32>
    private var index = 0
    private var count = 0
    /// The block that is loaded; `packed.blockCount` is the tail.
    private var block = 0
    private var frequenciesAreLoaded = true
    /// Where the last call of `bound` began.
    private var shallowBlock = 0

    init(_ postings: PackedPostings) {
        packed = postings
        decoded = nil
        unsafe documents = .allocate(capacity: PostingsFormat.blockCount)
        unsafe frequencies = .allocate(capacity: PostingsFormat.blockCount)
        load(block: 0)
    }

    init(_ decoded: DecodedPostings) {
        packed = nil
        self.decoded = decoded
        unsafe documents = decoded.documents
        unsafe frequencies = decoded.frequencies
        count = decoded.count
        document = unsafe count > 0 ? documents[0] : PostingsCursor.end
    }

    /// Frees the buffers; the last call.
    func deallocate() {
        guard decoded == nil else { return }
        unsafe documents.deallocate()
        unsafe frequencies.deallocate()
    }

    /// How often the term occurs in the current document.
    @inline(__always)
    var frequency: UInt32 {
        mutating get {
            if !frequenciesAreLoaded { loadFrequencies() }
            return unsafe frequencies[index]
        }
    }

    /// Goes to the next document.
    @inline(__always)
    mutating func advance() {
        index += 1
        if index < count {
            document = unsafe documents[index]
        } else {
            load(block: block + 1)
        }
    }

    /// Goes to the first document that is `target` or later.
    mutating func advance(to target: UInt32) {
        guard target > document else { return }
        if unsafe documents[count - 1] < target {
            guard let packed, target != PostingsCursor.end else { return finish() }
            load(block: packed.block(holding: target, from: block + 1))
            guard document < target else { return }
            guard unsafe documents[count - 1] >= target else { return finish() }
        }
        var low = index
        var step = 1
        while low + step < count, unsafe documents[low + step] < target {
            low += step
            step *= 2
        }
        // The answer is in low...high: the last document of the block is not before the target.
        var high = min(low + step, count - 1)
        while low < high {
            let middle = (low + high) / 2
            if unsafe documents[middle] < target { low = middle + 1 } else { high = middle }
        }
        index = low
        document = unsafe documents[low]
    }

    // MARK: Block by block

    /// The largest frequency (`.max` for many) and the smallest length code in the current block.
    var blockLimits: (frequency: UInt32, length: UInt8) { packed?.limits(block) ?? (.max, 0) }

    /// The last document of the current block.
    var lastOfBlock: UInt32 { unsafe count > 0 ? documents[count - 1] : PostingsCursor.end }

    /// Calls `body` with the documents of the current block from the current one on that come
    /// before `end`, and their frequencies; stays where it is.
    @inline(__always)
    mutating func forEachInBlock(before end: UInt32, _ body: (UInt32, UInt32) -> Void) {
        if let packed, !frequenciesAreLoaded, packed.everyFrequencyIsOne(block) {
            for place in index..<count {
                let document = unsafe documents[place]
                guard document < end else { return }
                body(document, 1)
            }
            return
        }
        if !frequenciesAreLoaded { loadFrequencies() }
        for place in index..<count {
            let document = unsafe documents[place]
            guard document < end else { return }
            unsafe body(document, frequencies[place])
        }
    }

    /// Goes to the first document of the next block whose limits `isWanted`, without a look into
    /// those between.
    mutating func advanceToBlock(where isWanted: (UInt32, UInt8) -> Bool) {
        guard let packed else { return finish() }
        var next = block + 1
        while next <= packed.blockCount {
            let limits = packed.limits(next)
            if isWanted(limits.frequency, limits.length) { break }
            next += 1
        }
        load(block: next)
    }

    /// An upper bound of the impacts of the documents in `first..<last`, which begins no earlier
    /// than in the call before; `impact` takes a frequency and a length code.
    mutating func bound(
        _ first: UInt32, _ last: UInt32, _ impact: (UInt32, UInt8) -> Float
    ) -> Float {
        guard let packed else { return impact(.max, 0) }
        return packed.bound(first, last, from: &shallowBlock, impact)
    }

    /// Replaces `list` with the positions of the current document.
    mutating func positions(into list: inout [UInt32]) {
        list.removeAll(keepingCapacity: true)
        let frequency = Int(self.frequency)
        if let decoded {
            return decoded.positions(of: index, into: &list)
        }
        guard let packed else { return }
        var before = index
        if !packed.everyFrequencyIsOne(block) {
            before = 0
            for earlier in 0..<index { before += unsafe Int(frequencies[earlier]) }
        }
        packed.positions(block, skipping: before, count: frequency, into: &list)
    }

    private mutating func finish() {
        document = PostingsCursor.end
        index = 0
        count = 0
    }

    private mutating func load(block next: Int) {
        guard let packed, next <= packed.blockCount else { return finish() }
        block = next
        count = unsafe packed.load(block: next, documents, frequencies)
        index = 0
        frequenciesAreLoaded = next == packed.blockCount
        document = unsafe count > 0 ? documents[0] : PostingsCursor.end
    }

    private mutating func loadFrequencies() {
        if let packed { unsafe packed.loadFrequencies(block: block, frequencies) }
        frequenciesAreLoaded = true
    }
}

/// A term's documents, frequencies and positions, read in order; owns the state and its buffers.
@safe package final class PostingsCursor {
    /// The document number after the last.
    package static let end = UInt32.max

    /// Documents that hold the term, in this part of the track.
    package let documentFrequency: Int
    /// Valid as long as the cursor lives.
    let state: UnsafeMutablePointer<PostingsState>

    /// A cursor over a segment's postings; the ranges of `info` have been verified.
    package init(_ info: TermInfo, postings: Section, positions: Section) {
        documentFrequency = Int(info.documentFrequency)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(
            to: PostingsState(PackedPostings(info, postings: postings, positions: positions)))
    }

    /// A cursor over decoded postings.
    package init(_ decoded: DecodedPostings) {
        documentFrequency = decoded.count
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: PostingsState(decoded))
    }

    deinit {
        unsafe state.pointee.deallocate()
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    /// The current document.
    package var document: UInt32 { unsafe state.pointee.document }

    /// How often the term occurs in the current document.
    package var frequency: UInt32 { unsafe state.pointee.frequency }

    /// Goes to the next document.
    package func advance() { unsafe state.pointee.advance() }

    /// Goes to the first document that is `target` or later.
    package func advance(to target: UInt32) { unsafe state.pointee.advance(to: target) }

    /// Replaces `list` with the positions of the current document.
    package func positions(into list: inout [UInt32]) {
        unsafe state.pointee.positions(into: &list)
    }
}
