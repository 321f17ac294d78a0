// Encodes the postings of one term after another; PostingsFormat has the layout.
// Documents of a term come in ascending order, positions of a document too.

import CKernels
package import Storage

/// Writes the postings and positions sections of a segment.
package struct PostingsWriter {
    /// The postings section so far.
    package private(set) var postings = ByteWriter()
    /// The positions section so far.
    package private(set) var positions = ByteWriter()

    private var documents: [UInt32] = []
    private var frequencies: [UInt32] = []
    private var lengths: [UInt8] = []
    private var gaps: [UInt32] = []

    /// An empty pair of sections.
    package init() {}

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

    /// Ends the current term and tells where it lies; nil when it has no document.
    package mutating func finishTerm() -> TermInfo? {
        guard !documents.isEmpty else { return nil }
        let postingsStart = postings.bytes.count
        let positionsStart = positions.bytes.count
        let blocks = documents.count / PostingsFormat.blockCount
        var directory: [BlockEntry] = []
        var data = ByteWriter()
        var gapIndex = 0
        for block in 0..<blocks {
            let offset = UInt32(positions.bytes.count - positionsStart)
            directory.append(encodeBlock(block, offset, &gapIndex, &data))
        }
        let tail = encodeTail(from: blocks * PostingsFormat.blockCount, gapIndex, positionsStart)
        for entry in directory {
            postings.u32(entry.lastDocument)
            postings.u32(entry.offset + UInt32(tail.count))
            postings.u32(entry.positionsOffset)
            postings.u32(entry.bits.rawValue)
        }
        postings.bytes(tail)
        postings.bytes(data.bytes)
        defer {
            documents.removeAll(keepingCapacity: true)
            frequencies.removeAll(keepingCapacity: true)
            lengths.removeAll(keepingCapacity: true)
            gaps.removeAll(keepingCapacity: true)
        }
        return TermInfo(
            documentFrequency: UInt32(documents.count),
            postingsOffset: UInt64(postingsStart),
            postingsCount: UInt64(postings.bytes.count - postingsStart),
            positionsOffset: UInt64(positionsStart),
            positionsCount: UInt64(positions.bytes.count - positionsStart))
    }

    /// A directory entry; `offset` counts from the first block.
    private struct BlockEntry {
        var lastDocument: UInt32
        var offset: UInt32
        var positionsOffset: UInt32
        var bits: BlockBits
    }

    private mutating func encodeBlock(
        _ block: Int, _ positionsOffset: UInt32, _ gapIndex: inout Int, _ data: inout ByteWriter
    ) -> BlockEntry {
        let range = block * PostingsFormat.blockCount..<(block + 1) * PostingsFormat.blockCount
        var documentGaps: [UInt32] = []
        documentGaps.reserveCapacity(PostingsFormat.blockCount)
        var previous = range.lowerBound == 0 ? 0 : documents[range.lowerBound - 1]
        for document in documents[range] {
            documentGaps.append(document - previous)
            previous = document
        }
        let occurrences = frequencies[range].reduce(0) { $0 + Int($1) }
        let positionGaps = gaps.isEmpty ? [] : gaps[gapIndex..<gapIndex + occurrences]
        gapIndex += positionGaps.count
        let positionWidth = 32 - positionGaps.reduce(0, |).leadingZeroBitCount
        let offset = UInt32(data.bytes.count)
        let documentWidth = pack(documentGaps, into: &data)
        let frequencyWidth = pack(frequencies[range].map { $0 - 1 }, into: &data)
        packFixed(positionGaps, width: positionWidth)
        let bits = BlockBits(
            documentWidth: documentWidth, frequencyWidth: frequencyWidth,
            positionWidth: positionWidth,
            largestFrequency: min(frequencies[range].max() ?? 0, PostingsFormat.frequencyCap),
            smallestLength: lengths[range].min() ?? 0)
        return BlockEntry(
            lastDocument: previous, offset: offset, positionsOffset: positionsOffset, bits: bits)
    }

    private mutating func encodeTail(
        from start: Int, _ gapStart: Int, _ positionsStart: Int
    ) -> [UInt8] {
        guard start < documents.count else { return [] }
        var tail = ByteWriter()
        tail.u32(UInt32(positions.bytes.count - positionsStart))
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
        for gap in gaps[min(gapStart, gaps.count)...] { positions.varint(UInt64(gap)) }
        return tail.bytes
    }

    /// Appends 128 values in their smallest width, which it returns.
    private func pack(_ values: [UInt32], into data: inout ByteWriter) -> Int {
        var packed = [UInt8](repeating: 0, count: 512)
        let width = unsafe mspd_bits128(values)
        unsafe mspd_pack128(values, width, &packed)
        data.bytes(Array(packed[..<(16 * Int(width))]))
        return Int(width)
    }

    private mutating func packFixed(_ values: ArraySlice<UInt32>, width: Int) {
        guard width > 0 else { return }
        var word: UInt64 = 0
        var filled = 0
        for value in values {
            word |= UInt64(value) << UInt64(filled)
            filled += width
            while filled >= 8 {
                positions.u8(UInt8(truncatingIfNeeded: word))
                word >>= 8
                filled -= 8
            }
        }
        if filled > 0 { positions.u8(UInt8(truncatingIfNeeded: word)) }
    }
}
