// Walks the documents of one term in ascending order, a block at a time: of a segment's packed or
// dense postings, or of a memtable's, which come decoded as one block. An evaluation in windows
// asks the same state for windows of documents instead.
//
// Holds for every call: `document` never goes backwards but by `seek`, and is `PostingsCursor.end`
// once past the last. A block that cannot be decoded ends the walk.
//
// The state is a struct behind a pointer, so that the loops over millions of postings pay neither
// reference counts nor the checks of exclusive access that properties of a class have.

import CKernels
package import Storage

/// Where a walk through a term's postings stands.
@safe struct PostingsState {
    /// The current document.
    private(set) var document: UInt32 = 0

    private let packed: PackedPostings?
    private let dense: DensePostings?
    unowned(unsafe) private let decoded: DecodedPostings?
    // The current block; allocated here but for decoded postings, which own theirs.
    private let documents: UnsafeMutablePointer<UInt32>
    private let frequencies: UnsafeMutablePointer<UInt32>
    private var index = 0
    private var count = 0
    /// The block that is loaded: a packed block, or 512 documents of a dense term.
    private var block = 0
    private var frequenciesAreLoaded = true
    private var everyFrequencyIsOne = false

    init(_ packed: PackedPostings) {
        self.packed = packed
        dense = nil
        unsafe decoded = nil
        unsafe documents = .allocate(capacity: PostingsFormat.blockCount)
        unsafe frequencies = .allocate(capacity: PostingsFormat.blockCount)
        load(block: 0)
    }

    init(_ dense: DensePostings) {
        packed = nil
        self.dense = dense
        unsafe decoded = nil
        unsafe documents = .allocate(capacity: PostingsFormat.windowPart)
        unsafe frequencies = .allocate(capacity: PostingsFormat.windowPart)
        load(block: 0)
    }

    init(_ decoded: DecodedPostings) {
        packed = nil
        dense = nil
        unsafe self.decoded = decoded
        unsafe documents = decoded.documents
        unsafe frequencies = decoded.frequencies
        count = decoded.count
        document = unsafe count > 0 ? documents[0] : PostingsCursor.end
    }

    /// Frees the buffers; the last call.
    func deallocate() {
        guard unsafe decoded == nil else { return }
        unsafe documents.deallocate()
        unsafe frequencies.deallocate()
    }

    // MARK: Document by document

    /// How often the term occurs in the current document.
    @inline(__always)
    var frequency: UInt32 {
        mutating get {
            if everyFrequencyIsOne { return 1 }
            if !frequenciesAreLoaded { loadFrequencies() }
            return unsafe frequencies[index]
        }
    }

    /// Goes to the first document of the next block that `isWanted`, by its first document or one
    /// before it and its largest frequency, without a look into those between.
    mutating func advanceToBlock(where isWanted: (UInt32, UInt32) -> Bool) {
        guard let packed else { return load(block: block + 1) }
        var next = block + 1
        while next < packed.blocks,
            !isWanted(packed.lastDocument(before: next), packed.largestFrequency(next))
        {
            next += 1
        }
        load(block: next)
    }

    /// Whether the documents are bits.
    var isDense: Bool { dense != nil }

    /// Whether the postings come in blocks that tell their largest frequency.
    var hasBlocks: Bool { packed != nil }

    /// Calls `body` with the documents of the current block from the current one on that come
    /// before `end`, and their frequencies; stays where it is.
    @inline(__always)
    mutating func forEachInBlock(before end: UInt32, _ body: (UInt32, UInt32) -> Void) {
        if everyFrequencyIsOne {
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

    /// Puts the documents of the current block from the current one on that come before `end` and
    /// hold the term so often into `list`, which has room for a block, and tells how many they are;
    /// stays where it is.
    mutating func documentsOfBlock(
        before end: UInt32, atLeast least: UInt32, into list: UnsafeMutablePointer<UInt32>
    ) -> Int {
        if least > 1, everyFrequencyIsOne { return 0 }
        if least > 1, !frequenciesAreLoaded { loadFrequencies() }
        var found = 0
        for place in index..<min(count, index + PostingsFormat.windowPart) {
            let document = unsafe documents[place]
            guard document < end else { break }
            unsafe list[found] = document
            found += unsafe least == 1 || frequencies[place] >= least ? 1 : 0
        }
        return found
    }

    /// Goes behind what `documentsOfBlock` has looked at.
    mutating func leaveBlock(before end: UInt32) {
        let last = min(count, index + PostingsFormat.windowPart)
        guard last > index, unsafe documents[last - 1] < end else { return advance(to: end) }
        guard last == count else {
            index = last
            document = unsafe documents[last]
            return
        }
        load(block: block + 1)
    }

    /// The largest frequency of documents of the current block, `.max` for many or where that takes
    /// a search.
    var largestOfBlock: UInt32 {
        if let packed { return packed.largestFrequency(block) }
        return unsafe decoded?.largestFrequency ?? .max
    }

    /// The last document of the current block.
    var lastOfBlock: UInt32 { unsafe count > 0 ? documents[count - 1] : PostingsCursor.end }

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
            guard target != PostingsCursor.end else { return finish() }
            load(block: blockHolding(target, from: block + 1))
            guard document < target else { return }
            if unsafe documents[count - 1] < target { return loadNext(notBefore: target) }
        }
        goWithinBlock(to: target)
    }

    /// Goes to the first document that is `target` or later, backwards too.
    mutating func seek(to target: UInt32) {
        guard target != document else { return }
        if target > document { return advance(to: target) }
        if unsafe count == 0 || documents[0] > target, !isFirstBlock(holding: target) {
            load(block: blockHolding(target, from: 0))
            guard document < target else { return }
        }
        guard count > 0 else { return }
        index = 0
        document = unsafe documents[0]
        if unsafe documents[count - 1] < target { return loadNext(notBefore: target) }
        goWithinBlock(to: target)
    }

    /// Whether no block before the one at hand holds `target` or a later document.
    private func isFirstBlock(holding target: UInt32) -> Bool {
        guard count > 0, let packed else { return unsafe decoded != nil }
        return block == 0 || packed.lastDocument(before: block) < target
    }

    /// Goes to the first document of the block, from the current one on, that is `target` or later;
    /// the last is.
    private mutating func goWithinBlock(to target: UInt32) {
        index = placeInBlock(of: target)
        document = unsafe documents[index]
    }

    /// The place of the first document of the block, from the current one on, that is `target` or
    /// later; the last is.
    private func placeInBlock(of target: UInt32) -> Int {
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
        return low
    }

    /// Replaces `list` with the positions of the current document.
    mutating func positions(into list: inout [UInt32]) {
        list.removeAll(keepingCapacity: true)
        if let dense { return dense.positions(document, into: &list) }
        if let decoded = unsafe decoded { return decoded.positions(of: index, into: &list) }
        if !frequenciesAreLoaded { loadFrequencies() }
        unsafe packed?.positions(block, index, frequencies, into: &list)
    }

    // MARK: Window by window

    /// The first document that is `target` or later; for a dense term, `target` itself.
    @inline(__always)
    mutating func next(from target: UInt32) -> UInt32 {
        if dense != nil { return target }
        if document < target || !isFirst(notBefore: target) { seek(to: target) }
        return document
    }

    /// Whether the document before the current one, if any, comes before `target`.
    @inline(__always)
    private func isFirst(notBefore target: UInt32) -> Bool {
        guard index > 0 else { return document == target || isFirstBlock(holding: target) }
        return unsafe index <= count && documents[index - 1] < target
    }

    /// The largest frequency of documents of a window that are not before the current one.
    @inline(__always)
    func largestFrequency(_ window: Int) -> UInt32 {
        if let dense { return dense.largestFrequency(window) }
        if let packed {
            let end = UInt32(clamping: (window + 1) * PostingsFormat.windowCount)
            return packed.largestFrequency(from: block, before: end)
        }
        return unsafe decoded?.largestFrequency ?? 0
    }

    /// The documents of a window as bits: in place, or put into `scratch`.
    mutating func bits(
        _ window: Int, _ scratch: UnsafeMutablePointer<UInt64>
    ) -> UnsafePointer<UInt64> {
        if let place = unsafe dense?.bitmap(window) {
            return unsafe place.assumingMemoryBound(to: UInt64.self)
        }
        unsafe scratch.update(repeating: 0, count: PostingsFormat.windowCount / 64)
        unsafe forEachInWindow(window) { documents, _, places in
            unsafe mspd_window_scatter(
                documents + places.lowerBound, places.count,
                UInt32(window * PostingsFormat.windowCount), scratch)
        }
        return unsafe UnsafePointer(scratch)
    }

    /// Puts the documents of a window that hold the term more than once into `words` as bits.
    mutating func repeats(_ window: Int, _ words: UnsafeMutablePointer<UInt64>) {
        unsafe words.update(repeating: 0, count: PostingsFormat.windowCount / 64)
        if let dense { return unsafe dense.fillRepeats(window, words) }
        let first = UInt32(window * PostingsFormat.windowCount)
        unsafe forEachInWindow(window, withFrequencies: true) { documents, frequencies, places in
            for place in places where unsafe frequencies[place] > 1 {
                let bit = unsafe Int(documents[place] - first)
                unsafe words[bit / 64] |= 1 << UInt64(bit % 64)
            }
        }
    }

    /// How many documents of a window hold a dense term more than once.
    func repeatCount(_ window: Int) -> Int { dense?.repeatCount(window) ?? 0 }

    /// Puts the documents of a window that hold the term so often (of a dense term twice at least)
    /// into `list`, which has room for a window's, and tells how many they are.
    mutating func documents(
        _ window: Int, atLeast least: UInt32, into list: UnsafeMutablePointer<UInt32>
    ) -> Int {
        if let dense { return unsafe dense.repeats(window, atLeast: least, into: list) }
        var count = 0
        unsafe forEachInWindow(window, withFrequencies: least > 1) { documents, frequencies, all in
            let all = all.prefix(PostingsFormat.windowCount - count)
            for place in all {
                unsafe list[count] = documents[place]
                count += unsafe least == 1 || frequencies[place] >= least ? 1 : 0
            }
        }
        return count
    }

    /// The largest frequency of some consecutive documents, `.max` for many.
    mutating func largestFrequency(in documents: Range<UInt32>) -> UInt32 {
        guard let dense else { return largestFrequency }
        let windows = UInt32(PostingsFormat.windowCount)
        var largest: UInt32 = 0
        for window in documents.lowerBound / windows...(documents.upperBound - 1) / windows {
            largest = max(largest, dense.largestFrequency(Int(window)))
        }
        return largest
    }

    /// The largest frequency of any document, `.max` for many or where that takes a search.
    var largestFrequency: UInt32 {
        if dense != nil { return .max }
        return unsafe decoded?.largestFrequency ?? packed?.largestFrequency(from: 0, before: .max)
            ?? 0
    }

    /// Whether a document holds the term.
    @inline(__always)
    mutating func holds(_ document: UInt32) -> Bool {
        if let dense { return dense.holds(document) }
        seek(to: document)
        return self.document == document
    }

    /// Keeps of `count` ascending documents those that hold the term, and tells how many they are.
    mutating func keep(_ documents: UnsafeMutablePointer<UInt32>, _ count: Int) -> Int {
        if let dense { return unsafe dense.keep(documents, count) }
        var kept = 0
        for at in 0..<count {
            let document = unsafe documents[at]
            if document > self.document { advance(to: document) } else { seek(to: document) }
            unsafe documents[kept] = document
            kept += self.document == document ? 1 : 0
        }
        return kept
    }

    /// How often the term occurs in a document that holds it.
    @inline(__always)
    mutating func frequency(of document: UInt32) -> UInt32 {
        if let dense { return dense.frequency(of: document) }
        seek(to: document)
        return self.document == document ? frequency : 1
    }

    /// The first position in a document that holds the term; nil where that takes a search.
    @inline(__always)
    mutating func firstPosition(of document: UInt32) -> UInt32? {
        if let dense { return dense.firstPosition(document) }
        guard let packed else { return nil }
        seek(to: document)
        return self.document == document ? packed.firstPosition(block, index) : nil
    }

    /// Replaces `list` with the positions in a document that holds the term.
    mutating func positions(of document: UInt32, into list: inout [UInt32]) {
        if let dense {
            list.removeAll(keepingCapacity: true)
            return dense.positions(document, into: &list)
        }
        seek(to: document)
        positions(into: &list)
    }

    /// Calls `body` with each block's documents, frequencies and the places of those that lie in
    /// the window.
    private mutating func forEachInWindow(
        _ window: Int, withFrequencies: Bool = false,
        _ body: (UnsafePointer<UInt32>, UnsafePointer<UInt32>, Range<Int>) -> Void
    ) {
        let end = UInt32(clamping: (window + 1) * PostingsFormat.windowCount)
        _ = next(from: UInt32(window * PostingsFormat.windowCount))
        while document < end {
            let last = unsafe documents[count - 1] < end ? count : placeInBlock(of: end)
            if withFrequencies, !frequenciesAreLoaded { loadFrequencies() }
            unsafe body(UnsafePointer(documents), UnsafePointer(frequencies), index..<last)
            guard last == count else {
                // Where the next window begins.
                index = last
                document = unsafe documents[last]
                return
            }
            load(block: block + 1)
        }
    }

    // MARK: Blocks

    private func blockHolding(_ target: UInt32, from start: Int) -> Int {
        if let packed { return packed.block(holding: target, from: start) }
        return dense == nil ? start : Int(target) / PostingsFormat.windowPart
    }

    /// Goes behind the last document; its block stays loaded.
    private mutating func finish() {
        document = PostingsCursor.end
        index = count
    }

    /// Loads the first block from `next` on that has documents.
    private mutating func load(block next: Int) {
        guard next < packed?.blocks ?? dense?.parts ?? 0 else { return finish() }
        index = 0
        count = 0
        block = next
        if let packed {
            count = unsafe packed.load(block: next, documents, frequencies)
            frequenciesAreLoaded = next == packed.fullBlocks
            everyFrequencyIsOne = packed.everyFrequencyIsOne(next)
        } else if let dense {
            while count == 0, block < dense.parts {
                count = unsafe dense.load(part: block, documents)
                if count == 0 { block += 1 }
            }
            frequenciesAreLoaded = false
        }
        document = unsafe count > 0 ? documents[0] : PostingsCursor.end
    }

    /// Loads the next block, whose documents come after `target` where the bytes make sense.
    private mutating func loadNext(notBefore target: UInt32) {
        load(block: block + 1)
        if document < target { finish() }
    }

    private mutating func loadFrequencies() {
        unsafe packed?.loadFrequencies(block: block, frequencies)
        unsafe dense?.loadFrequencies(part: block, count, documents, frequencies)
        frequenciesAreLoaded = true
    }
}

/// A term's documents, frequencies and positions, read in order; owns the state and its buffers.
@safe package final class PostingsCursor {
    /// The document number after the last.
    package static let end = UInt32.max

    /// Documents that hold the term, in this part of the track.
    package let documentFrequency: Int
    private let owners: (AnyObject, AnyObject)
    /// Valid as long as the cursor lives, which keeps alive what it points into.
    let state: UnsafeMutablePointer<PostingsState>

    /// A cursor over the postings of a segment with so many documents; the ranges of `info` have
    /// been verified.
    package init(_ info: TermInfo, postings: Section, positions: Section, documents: UInt32) {
        documentFrequency = Int(info.documentFrequency)
        owners = (postings, positions)
        let bytes = TermBytes(info, postings: postings, positions: positions)
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(
            to: PostingsFormat.isDense(documentFrequency, of: documents)
                ? PostingsState(DensePostings(bytes, documents: documents))
                : PostingsState(PackedPostings(bytes)))
    }

    /// A cursor over decoded postings.
    package init(_ decoded: DecodedPostings) {
        documentFrequency = decoded.count
        owners = (decoded, decoded)
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
