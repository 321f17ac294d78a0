// One packed term's postings as they lie in a segment: decodes blocks, positions and bounds on
// demand. PostingsFormat has the layout.

import CKernels
import Storage

/// The undecoded postings of a packed term in one segment.
struct PackedPostings {
    /// Full blocks; the tail, where there is one, counts as the block after them.
    let fullBlocks: Int
    /// Full blocks, and the tail where there is one.
    var blocks: Int { fullBlocks + (tailCount > 0 ? 1 : 0) }

    let bytes: TermBytes
    /// Documents in the tail.
    private let tailCount: Int
    var dataStart: Int { fullBlocks * PostingsFormat.directoryEntryBytes }

    init(_ bytes: TermBytes) {
        self.bytes = bytes
        let full = bytes.documentFrequency / PostingsFormat.blockCount
        let tail = bytes.documentFrequency % PostingsFormat.blockCount
        let directory = full * PostingsFormat.directoryEntryBytes
        fullBlocks = directory <= bytes.postingsCount ? full : 0
        let hasTail = directory + PostingsFormat.tailHeaderBytes <= bytes.postingsCount
        tailCount = hasTail ? tail : 0
    }

    /// The first document, without a look at those behind it; nil where that does not decode.
    var firstDocument: UInt32? {
        guard fullBlocks == 0 else {
            let bits = bits(0)
            guard let offset = blockOffset(0, bits), bits.documentWidth > 0 else { return nil }
            return bytes.u32(offset) & .max >> UInt32(32 - bits.documentWidth)
        }
        guard tailCount > 0 else { return nil }
        var next = unsafe bytes.postings(dataStart + PostingsFormat.tailHeaderBytes)
        let end = unsafe bytes.postings(bytes.postingsCount)
        return unsafe readVarint(&next, end: end).map { UInt32(truncatingIfNeeded: $0 >> 1) }
    }

    /// Blocks that are looked at together.
    private static let near = 8

    func entry(_ block: Int) -> Int { block * PostingsFormat.directoryEntryBytes }

    func bits(_ block: Int) -> BlockBits {
        BlockBits(rawValue: bytes.u32(entry(block) + 12))
    }

    /// The last document of the blocks before this one, 0 for the first.
    func lastDocument(before block: Int) -> UInt32 {
        block > 0 && block <= fullBlocks ? bytes.u32(entry(block - 1)) : 0
    }

    /// The first block at or after `start` that may hold `target` or a later document.
    func block(holding target: UInt32, from start: Int) -> Int {
        var low = max(start, 0)
        if low + Self.near <= fullBlocks {
            // Mostly it is one of the next, and which of them cannot be foretold.
            let before = unsafe Int(mspd_window_ends(bytes.postings(entry(low)), target))
            low += before
            if before < Self.near { return low }
        }
        var step = 1
        while low + step < fullBlocks, bytes.u32(entry(low + step - 1)) < target {
            low += step
            step *= 2
        }
        var high = min(low + step, fullBlocks)
        while low < high {
            let middle = (low + high) / 2
            if bytes.u32(entry(middle)) < target { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Decodes a block's documents (a tail's frequencies too) and returns how many there are.
    func load(
        block: Int, _ documents: UnsafeMutablePointer<UInt32>,
        _ frequencies: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard block < fullBlocks else { return unsafe loadTail(block, documents, frequencies) }
        let bits = bits(block)
        guard let offset = blockOffset(block, bits) else { return 0 }
        let base = lastDocument(before: block)
        unsafe mspd_unpack128_sum(
            bytes.postings(offset), Int32(bits.documentWidth), base, documents)
        return PostingsFormat.blockCount
    }

    /// Decodes the frequencies of a full block.
    func loadFrequencies(block: Int, _ frequencies: UnsafeMutablePointer<UInt32>) {
        unsafe frequencies.update(repeating: 1, count: PostingsFormat.blockCount)
        forEachException(block) { place, frequency in
            unsafe frequencies[place] = frequency
            return true
        }
    }

    /// Calls `body` with the places in a full block of the documents that hold the term more than
    /// once, ascending, and how often they do, until it returns false.
    @inline(__always)
    func forEachException(_ block: Int, _ body: (Int, UInt32) -> Bool) {
        let bits = bits(block)
        guard let offset = blockOffset(block, bits) else { return }
        let start = offset + 16 * bits.documentWidth
        var escape = start + 2 * bits.exceptions
        for exception in 0..<bits.exceptions {
            let code = bytes.u16(start + 2 * exception)
            var frequency = UInt32(code >> 7) + 2
            if frequency == PostingsFormat.blockEscape + 2 {
                guard escape + 4 <= bytes.postingsCount else { return }
                frequency = max(bytes.u32(escape), 1)
                escape += 4
            }
            guard body(Int(code & 127), frequency) else { return }
        }
    }

    /// Sets in `words` the bits, counted from document `first` on, of those of a full block's
    /// documents at some places that hold the term more than once; tells whether there are any.
    func markExceptions(
        _ block: Int, _ documents: UnsafePointer<UInt32>, _ places: Range<Int>, _ first: UInt32,
        _ words: UnsafeMutablePointer<UInt64>
    ) -> Bool {
        let bits = bits(block)
        guard bits.exceptions > 0, let offset = blockOffset(block, bits) else { return false }
        return unsafe mspd_window_mark(
            documents, places.lowerBound, places.upperBound,
            bytes.postings(offset + 16 * bits.documentWidth), bits.exceptions, first, words) > 0
    }

    /// Whether every document of the block holds the term once.
    func everyFrequencyIsOne(_ block: Int) -> Bool {
        block < fullBlocks && bits(block).exceptions == 0
    }

    /// The largest frequency of a block, `.max` for many.
    func largestFrequency(_ block: Int) -> UInt32 {
        let largest =
            block < fullBlocks
            ? bits(block).largestFrequency : UInt32(tailCount > 0 ? bytes.u8(dataStart + 4) : 0)
        return largest >= PostingsFormat.frequencyCap ? .max : largest
    }

    /// The largest frequency of the documents from block `first` on that come before `end`.
    func largestFrequency(from first: Int, before end: UInt32) -> UInt32 {
        var largest: UInt32 = 0
        for block in first..<max(blocks, first) {
            largest = max(largest, largestFrequency(block))
            if block >= fullBlocks || bytes.u32(entry(block)) >= end - 1 { break }
        }
        return largest
    }

    /// The first position of the document at an index of a full block; nil elsewhere.
    func firstPosition(_ block: Int, _ index: Int) -> UInt32? {
        guard block < fullBlocks else { return nil }
        let width = bits(block).positionWidth
        let start = Int(bytes.u32(entry(block) + 8))
        guard bytes.holdsPositions(start, index + 1, width: width) else { return nil }
        return bytes.position(start, index, width: width)
    }

    /// Appends the positions of the document at an index of a block whose frequencies are known.
    func positions(
        _ block: Int, _ index: Int, _ frequencies: UnsafePointer<UInt32>, into list: inout [UInt32]
    ) {
        var before = 0
        for earlier in 0..<index { before &+= unsafe Int(frequencies[earlier]) &- 1 }
        let more = unsafe Int(frequencies[index]) - 1
        guard block < fullBlocks else { return tailPositions(before + index, more + 1, &list) }
        let width = bits(block).positionWidth
        let start = Int(bytes.u32(entry(block) + 8))
        let count = PostingsFormat.blockCount &+ before &+ more
        guard bytes.holdsPositions(start, count, width: width), width > 0 || more == 0 else {
            return
        }
        var position = bytes.position(start, index, width: width)
        list.append(position)
        for further in 0..<more {
            position &+= bytes.position(
                start, PostingsFormat.blockCount + before + further, width: width)
            list.append(position)
        }
    }

    /// Replaces `list` with the first positions of a block's documents and, behind them, all
    /// distances; false where the bytes do not have them.
    func allPositions(_ block: Int, _ documents: Int, further: Int, into list: inout [UInt32])
        -> Bool
    {
        list.removeAll(keepingCapacity: true)
        let width = bits(block).positionWidth
        let start = Int(bytes.u32(entry(block) + 8))
        guard bytes.holdsPositions(start, documents + further, width: width),
            width > 0 || further == 0
        else { return false }
        for index in 0..<documents + further {
            list.append(bytes.position(start, index, width: width))
        }
        return true
    }

    /// Replaces `list` with the tail's positions, document by document, as distances.
    func tailGaps(_ count: Int, into list: inout [UInt32]) -> Bool {
        list.removeAll(keepingCapacity: true)
        forEachTailGap(from: 0, count) { list.append($0) }
        return list.count == count
    }

    private func blockOffset(_ block: Int, _ bits: BlockBits) -> Int? {
        let offset = dataStart + Int(bytes.u32(entry(block) + 4))
        let count = 16 * bits.documentWidth + 2 * bits.exceptions
        guard bits.documentWidth <= 32, bits.exceptions <= PostingsFormat.blockCount else {
            return nil
        }
        return offset + count <= bytes.postingsCount ? offset : nil
    }

    private func loadTail(
        _ block: Int, _ documents: UnsafeMutablePointer<UInt32>,
        _ frequencies: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard block == fullBlocks, tailCount > 0 else { return 0 }
        var next = unsafe bytes.postings(dataStart + PostingsFormat.tailHeaderBytes)
        let end = unsafe bytes.postings(bytes.postingsCount)
        var document = lastDocument(before: block)
        for index in 0..<tailCount {
            guard let gap = unsafe readVarint(&next, end: end) else { return index }
            document &+= UInt32(truncatingIfNeeded: gap >> 1)
            unsafe documents[index] = document
            unsafe frequencies[index] = 1
            guard gap & 1 == 0 else { continue }
            guard let frequency = unsafe readVarint(&next, end: end) else { return index }
            unsafe frequencies[index] = UInt32(truncatingIfNeeded: max(frequency, 1))
        }
        return tailCount
    }

    private func tailPositions(_ before: Int, _ count: Int, _ list: inout [UInt32]) {
        var position: UInt32 = 0
        forEachTailGap(from: before, count) { gap in
            position &+= gap
            list.append(position)
        }
    }

    private func forEachTailGap(from before: Int, _ count: Int, _ body: (UInt32) -> Void) {
        let start = Int(bytes.u32(dataStart))
        guard start <= bytes.positionsCount else { return }
        var next = unsafe bytes.positions(start)
        let end = unsafe bytes.positions(bytes.positionsCount)
        for index in 0..<before + count {
            guard let gap = unsafe readVarint(&next, end: end) else { return }
            if index >= before { body(UInt32(truncatingIfNeeded: gap)) }
        }
    }
}
