// Encodes the postings of one term after another; PostingsFormat has the layout.
// Documents of a term come in ascending order, positions of a document too.

import CKernels
package import Storage

/// Writes the postings and positions sections of a segment.
package struct PostingsWriter {
    /// The postings section so far.
    let postings: Spool
    /// The positions section so far.
    let positions: Spool

    // The term at hand.
    private var documents: [UInt32] = []
    private var frequencies: [UInt32] = []
    private var lengths: [UInt8] = []
    private var gaps: [UInt32] = []
    private var positionBytes = ByteWriter()
    private var directory: [BlockEntry] = []
    private var data = ByteWriter()
    private var packer = BlockPacker()

    /// Two empty sections, gathered in spools.
    package init(postings: Spool, positions: Spool) {
        self.postings = postings
        self.positions = positions
    }

    /// Adds a document of the current term with its positions.
    package mutating func add(
        document: UInt32, lengthCode: UInt8, positions all: ArraySlice<UInt32>
    ) {
        documents.append(document)
        frequencies.append(UInt32(max(all.count, 1)))
        lengths.append(lengthCode)
        var previous: UInt32 = 0
        for position in all {
            gaps.append(position - previous)
            previous = position
        }
    }

    /// Adds a document of the current term; `gaps` are the first position and the distances of the
    /// others, none for a term without positions.
    mutating func add(
        document: UInt32, frequency: UInt32, lengthCode: UInt8, gaps more: ArraySlice<UInt32>
    ) {
        documents.append(document)
        frequencies.append(frequency)
        lengths.append(lengthCode)
        gaps.append(contentsOf: more)
    }

    /// Ends the current term and tells where it lies; nil when it has no document.
    package mutating func finishTerm() throws(StorageError) -> TermInfo? {
        guard !documents.isEmpty else { return nil }
        defer { reset() }
        let blocks = documents.count / PostingsFormat.blockCount
        var gapIndex = 0
        for block in 0..<blocks { directory.append(encodeBlock(block, &gapIndex)) }
        let tail = encodeTail(from: blocks * PostingsFormat.blockCount, gapIndex)
        let info = TermInfo(
            documentFrequency: UInt32(documents.count), postingsOffset: postings.count,
            postingsCount: UInt64(
                directory.count * PostingsFormat.directoryEntryBytes + tail.count + data.count),
            positionsOffset: positions.count, positionsCount: UInt64(positionBytes.count))
        var entries = ByteWriter(capacity: directory.count * PostingsFormat.directoryEntryBytes)
        for entry in directory {
            entries.u32(entry.lastDocument)
            entries.u32(entry.offset + UInt32(tail.count))
            entries.u32(entry.positionsOffset)
            entries.u32(entry.bits.rawValue)
        }
        try postings.append(entries.bytes.rawSpan)
        try postings.append(tail.rawSpan)
        try postings.append(data.bytes.rawSpan)
        try positions.append(positionBytes.bytes.rawSpan)
        return info
    }

    private mutating func reset() {
        documents.removeAll(keepingCapacity: true)
        frequencies.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        gaps.removeAll(keepingCapacity: true)
        positionBytes.bytes.removeAll(keepingCapacity: true)
        directory.removeAll(keepingCapacity: true)
        data.bytes.removeAll(keepingCapacity: true)
    }

    /// A directory entry; `offset` counts from the first block.
    private struct BlockEntry {
        var lastDocument: UInt32
        var offset: UInt32
        var positionsOffset: UInt32
        var bits: BlockBits
    }

    private mutating func encodeBlock(_ block: Int, _ gapIndex: inout Int) -> BlockEntry {
        let first = block * PostingsFormat.blockCount
        let offset = UInt32(data.count)
        let positionsOffset = UInt32(positionBytes.count)
        var previous = first == 0 ? 0 : documents[first - 1]
        for index in 0..<PostingsFormat.blockCount {
            packer.values[index] = documents[first + index] - previous
            previous = documents[first + index]
        }
        let documentWidth = packer.pack(into: &data)
        var occurrences = 0
        var largest: UInt32 = 0
        var shortest = UInt8.max
        for index in 0..<PostingsFormat.blockCount {
            let frequency = frequencies[first + index]
            occurrences += Int(frequency)
            largest = max(largest, frequency)
            shortest = min(shortest, lengths[first + index])
            packer.values[index] = frequency - 1
        }
        let frequencyWidth = packer.pack(into: &data)
        let positionGaps = gaps.isEmpty ? [] : gaps[gapIndex..<gapIndex + occurrences]
        gapIndex += positionGaps.count
        let positionWidth = 32 - positionGaps.reduce(0, |).leadingZeroBitCount
        packFixed(positionGaps, width: positionWidth)
        let bits = BlockBits(
            documentWidth: documentWidth, frequencyWidth: frequencyWidth,
            positionWidth: positionWidth,
            largestFrequency: min(largest, PostingsFormat.frequencyCap), smallestLength: shortest)
        return BlockEntry(
            lastDocument: previous, offset: offset, positionsOffset: positionsOffset, bits: bits)
    }

    private mutating func encodeTail(
        from start: Int, _ gapStart: Int
    ) -> [UInt8] {
        guard start < documents.count else { return [] }
        var tail = ByteWriter()
        tail.u32(UInt32(positionBytes.count))
        tail.u8(UInt8(min(frequencies[start...].max() ?? 0, PostingsFormat.frequencyCap)))
        tail.u8(lengths[start...].min() ?? 0)
        var previous = start == 0 ? 0 : documents[start - 1]
        for index in start..<documents.count {
            let gap = UInt64(documents[index] - previous) << 1
            previous = documents[index]
            if frequencies[index] == 1 {
                tail.varint(gap | 1)
            } else {
                tail.varint(gap)
                tail.varint(UInt64(frequencies[index]))
            }
        }
        for gap in gaps[min(gapStart, gaps.count)...] { positionBytes.varint(UInt64(gap)) }
        return tail.bytes
    }

    private mutating func packFixed(_ values: ArraySlice<UInt32>, width: Int) {
        guard width > 0 else { return }
        var word: UInt64 = 0
        var filled = 0
        for value in values {
            word |= UInt64(value) << UInt64(filled)
            filled += width
            while filled >= 8 {
                positionBytes.u8(UInt8(truncatingIfNeeded: word))
                word >>= 8
                filled -= 8
            }
        }
        if filled > 0 { positionBytes.u8(UInt8(truncatingIfNeeded: word)) }
    }
}

/// Packs the 128 values of a block.
private struct BlockPacker {
    var values = [UInt32](repeating: 0, count: PostingsFormat.blockCount)
    private var packed = [UInt8](repeating: 0, count: 4 * PostingsFormat.blockCount)

    /// Appends the values in their smallest width, which it returns.
    mutating func pack(into data: inout ByteWriter) -> Int {
        let width = unsafe mspd_bits128(values)
        unsafe mspd_pack128(values, width, &packed)
        data.bytes(packed.rawSpan.extracting(first: 16 * Int(width)))
        return Int(width)
    }
}
