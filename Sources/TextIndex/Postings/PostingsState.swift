// Walks the documents of one term in ascending order, a block at a time: of a segment's packed or
// dense postings, or of a memtable's, which come decoded as one block.
//
// Holds for every call: `document` never goes backwards but by `seek`, and is `PostingsCursor.end`
// once past the last. A block that cannot be decoded ends the walk.
//
// The state is a struct behind a pointer, so that the loops over millions of postings pay neither
// reference counts nor the checks of exclusive access that properties of a class have.

import CKernels

/// Where a walk through a term's postings stands.
@safe struct PostingsState {
    /// The current document.
    private(set) var document: UInt32 = 0

    let packed: PackedPostings?
    let dense: DensePostings?
    unowned(unsafe) let decoded: DecodedPostings?
    // The current block, in memory of the cursor's or, of decoded postings, their own.
    let documents: UnsafeMutablePointer<UInt32>
    let frequencies: UnsafeMutablePointer<UInt32>
    private(set) var index = 0
    private(set) var count = 0
    /// The block that is loaded: a packed block, or 512 documents of a dense term.
    private(set) var block = 0
    private(set) var frequenciesAreLoaded = true
    private(set) var everyFrequencyIsOne = false
    /// Behind the last place of the block that is looked at.
    private var looked = 0

    /// Buffers have room for a block, or for all of fewer documents.
    init(
        _ packed: PackedPostings, _ documents: UnsafeMutablePointer<UInt32>,
        _ frequencies: UnsafeMutablePointer<UInt32>
    ) {
        self.packed = packed
        dense = nil
        unsafe decoded = nil
        unsafe self.documents = documents
        unsafe self.frequencies = frequencies
        load(block: 0)
    }

    /// Buffers have room for a part of a window.
    init(
        _ dense: DensePostings, _ documents: UnsafeMutablePointer<UInt32>,
        _ frequencies: UnsafeMutablePointer<UInt32>
    ) {
        packed = nil
        self.dense = dense
        unsafe decoded = nil
        unsafe self.documents = documents
        unsafe self.frequencies = frequencies
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
    /// before `end`, and their frequencies, until it returns false; stays where it is.
    @inline(__always)
    mutating func forEachInBlock(before end: UInt32, _ body: (UInt32, UInt32) -> Bool) {
        if everyFrequencyIsOne {
            for place in index..<count {
                let document = unsafe documents[place]
                guard document < end, body(document, 1) else { return }
            }
            return
        }
        if !frequenciesAreLoaded { loadFrequencies() }
        for place in index..<count {
            let document = unsafe documents[place]
            guard document < end, unsafe body(document, frequencies[place]) else { return }
        }
    }

    /// Begins a look at what is left of the current block, or as much as there is room for.
    mutating func enterBlock() { looked = min(count, index + PostingsFormat.windowPart) }

    /// Puts the documents of the current block from the current one on that come before `end` and
    /// hold the term so often into `list`, which has room for a block, and tells how many they are;
    /// stays where it is.
    mutating func documentsOfBlock(
        before end: UInt32, atLeast least: UInt32, into list: UnsafeMutablePointer<UInt32>
    ) -> Int {
        if least > 1, everyFrequencyIsOne { return 0 }
        guard looked > index else { return 0 }
        let isWhole = unsafe documents[looked - 1] < end
        let last = isWhole ? looked : placeInBlock(of: end)
        guard least > 1 else {
            unsafe list.update(from: documents + index, count: last - index)
            return last - index
        }
        var found = 0
        if let packed, block < packed.fullBlocks {
            // Few hold it more than once.
            packed.forEachException(block) { place, frequency in
                guard place >= index, place < last, frequency >= least else { return true }
                unsafe list[found] = documents[place]
                found += 1
                return true
            }
            return found
        }
        if !frequenciesAreLoaded { loadFrequencies() }
        for place in index..<last {
            unsafe list[found] = documents[place]
            found += unsafe frequencies[place] >= least ? 1 : 0
        }
        return found
    }

    /// The last document before `end` that is looked at since `enterBlock`, and not before the
    /// current one.
    func lastLooked(before end: UInt32) -> UInt32 {
        guard looked > index else { return document }
        return unsafe max(min(documents[looked - 1], end - 1), document)
    }

    /// Goes behind what was looked at since `enterBlock`, and past further blocks before `end`
    /// whose documents all hold the term less often than `least` times.
    mutating func leaveBlock(before end: UInt32, atLeast least: UInt32) {
        guard looked > 0, unsafe documents[looked - 1] < end else { return advance(to: end) }
        guard looked == count else { return go(toPlace: looked) }
        var next = block + 1
        if let packed {
            while next < packed.fullBlocks, packed.largestFrequency(next) < least,
                packed.lastDocument(before: next + 1) < end
            {
                next += 1
            }
        }
        load(block: next)
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
    func isFirstBlock(holding target: UInt32) -> Bool {
        guard count > 0, let packed else { return unsafe decoded != nil }
        return block == 0 || packed.lastDocument(before: block) < target
    }

    /// Goes to the first document of the block, from the current one on, that is `target` or later;
    /// the last is.
    private mutating func goWithinBlock(to target: UInt32) {
        go(toPlace: placeInBlock(of: target))
    }

    /// Goes to a document of the block by its place.
    mutating func go(toPlace place: Int) {
        index = place
        document = unsafe documents[place]
    }

    /// The place of the first document of the block, from the current one on, that is `target` or
    /// later; the last is.
    func placeInBlock(of target: UInt32) -> Int {
        guard count - index > PostingsFormat.windowPart else {
            return unsafe mspd_window_place(documents, index, count, target)
        }
        // A memtable's block may be long.
        var low = index
        var step = PostingsFormat.blockCount
        while low + step < count, unsafe documents[low + step] < target {
            low += step
            step *= 2
        }
        // The answer is in low...high: the last document of the block is not before the target.
        var high = min(low + step, count - 1)
        while high - low > PostingsFormat.blockCount {
            let middle = (low + high) / 2
            if unsafe documents[middle] < target { low = middle + 1 } else { high = middle }
        }
        return unsafe mspd_window_place(documents, low, high + 1, target)
    }

    /// Replaces `list` with the positions of the current document.
    mutating func positions(into list: inout [UInt32]) {
        list.removeAll(keepingCapacity: true)
        if let dense { return dense.positions(document, into: &list) }
        if let decoded = unsafe decoded { return decoded.positions(of: index, into: &list) }
        if !frequenciesAreLoaded { loadFrequencies() }
        unsafe packed?.positions(block, index, frequencies, into: &list)
    }

    // MARK: Blocks

    /// Makes the first block the one at hand that may hold `target`, of decoded postings from there
    /// on; false when all come before it.
    mutating func turn(toBlockHolding target: UInt32) -> Bool {
        guard let packed else {
            seek(to: target)
            return document != PostingsCursor.end
        }
        let isAhead = block == 0 || packed.lastDocument(before: block) < target
        let isBehind = unsafe isAhead && count > 0 && documents[count - 1] < target
        let next = packed.block(holding: target, from: isAhead ? block + (isBehind ? 1 : 0) : 0)
        guard next < packed.blocks else { return false }
        if next != block || count == 0 { load(block: next) }
        return unsafe count > 0 && documents[count - 1] >= target
    }

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
    mutating func load(block next: Int) {
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

    mutating func loadFrequencies() {
        unsafe packed?.loadFrequencies(block: block, frequencies)
        unsafe dense?.loadFrequencies(part: block, count, documents, frequencies)
        frequenciesAreLoaded = true
    }
}
