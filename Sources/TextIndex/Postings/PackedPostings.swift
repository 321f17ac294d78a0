// One term's postings as they lie in a segment: decodes blocks, positions and bounds on demand.
// PostingsFormat has the layout. Offsets and widths read from the file are checked against the
// term's own byte count before they are followed; the bytes' checksums were verified before.

import CKernels
import Storage

/// The undecoded postings of one term in one segment.
@safe struct PackedPostings {
    /// Full blocks; the tail, where there is one, counts as the block after them.
    let blockCount: Int
    /// Documents in the tail.
    let tailCount: Int

    // Kept alive by the two sections; `postingsCount` and `positionsCount` bytes are readable.
    private let owners: (Section, Section)
    private let postings: UnsafeRawPointer
    private let postingsCount: Int
    private let positions: UnsafeRawPointer
    private let positionsCount: Int

    init(_ info: TermInfo, postings: Section, positions: Section) {
        owners = (postings, positions)
        unsafe self.postings = postings.base + Int(info.postingsOffset)
        postingsCount = Int(info.postingsCount)
        unsafe self.positions = positions.base + Int(info.positionsOffset)
        positionsCount = Int(info.positionsCount)
        let documents = Int(info.documentFrequency)
        let fits = documents / PostingsFormat.blockCount * PostingsFormat.directoryEntryBytes
        blockCount = fits <= postingsCount ? documents / PostingsFormat.blockCount : 0
        tailCount = documents % PostingsFormat.blockCount
    }

    private var dataStart: Int { blockCount * PostingsFormat.directoryEntryBytes }

    private func u32(_ offset: Int) -> UInt32 {
        unsafe UInt32(littleEndian: postings.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    private func entry(_ block: Int) -> Int { block * PostingsFormat.directoryEntryBytes }

    private func bits(_ block: Int) -> BlockBits { BlockBits(rawValue: u32(entry(block) + 12)) }

    private func hasTail(_ block: Int) -> Bool {
        block == blockCount && tailCount > 0
            && dataStart + PostingsFormat.tailHeaderBytes <= postingsCount
    }

    /// The last document of the blocks before this one, 0 for the first.
    func lastDocument(before block: Int) -> UInt32 {
        block > 0 && block <= blockCount ? u32(entry(block - 1)) : 0
    }

    /// The first block at or after `start` that may hold `target` or a later document.
    func block(holding target: UInt32, from start: Int) -> Int {
        var low = max(start, 0)
        var step = 1
        while low + step < blockCount, u32(entry(low + step - 1)) < target {
            low += step
            step *= 2
        }
        var high = min(low + step, blockCount)
        while low < high {
            let middle = (low + high) / 2
            if u32(entry(middle)) < target { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Decodes a block's documents (a tail's frequencies too) and returns how many there are.
    func load(
        block: Int, _ documents: UnsafeMutablePointer<UInt32>,
        _ frequencies: UnsafeMutablePointer<UInt32>
    ) -> Int {
        if block < blockCount {
            let bits = bits(block)
            guard let offset = blockOffset(block, bits) else { return 0 }
            let base = lastDocument(before: block)
            unsafe mspd_unpack128_sum(
                bytes(offset), Int32(bits.documentWidth), base, documents)
            return PostingsFormat.blockCount
        }
        return hasTail(block) ? unsafe loadTail(documents, frequencies) : 0
    }

    /// Decodes the frequencies of a full block.
    func loadFrequencies(block: Int, _ frequencies: UnsafeMutablePointer<UInt32>) {
        let bits = bits(block)
        guard bits.frequencyWidth > 0, let offset = blockOffset(block, bits) else {
            unsafe frequencies.update(repeating: 1, count: PostingsFormat.blockCount)
            return
        }
        let start = unsafe bytes(offset + 16 * bits.documentWidth)
        unsafe mspd_unpack128(start, Int32(bits.frequencyWidth), frequencies)
        for index in 0..<PostingsFormat.blockCount { unsafe frequencies[index] &+= 1 }
    }

    /// Whether every document of the block holds the term once.
    func everyFrequencyIsOne(_ block: Int) -> Bool {
        block < blockCount && bits(block).frequencyWidth == 0
    }

    /// Appends `count` positions of a document that has `before` occurrences in front of it in its
    /// block.
    func positions(_ block: Int, skipping before: Int, count: Int, into list: inout [UInt32]) {
        if block < blockCount {
            fixedPositions(block, before, count, &list)
        } else if hasTail(block) {
            tailPositions(before, count, &list)
        }
    }

    /// Appends all `count` gaps of a block; fewer where the bytes do not have them.
    func gaps(_ block: Int, count: Int, into list: inout [UInt32]) {
        if block < blockCount {
            let width = bits(block).positionWidth
            let start = Int(u32(entry(block) + 8)) * 8
            guard width <= 32, count <= positionsCount * 8 || width == 0,
                start + count * width <= positionsCount * 8,
                count <= PostingsFormat.blockCount || width > 0
            else { return }
            for index in 0..<count {
                list.append(readBits(at: start + index * width, width: width))
            }
            return
        }
        let start = hasTail(block) ? Int(u32(dataStart)) : positionsCount
        guard start < positionsCount else { return }
        let base = unsafe positions.assumingMemoryBound(to: UInt8.self)
        var next = unsafe base + start
        let end = unsafe base + positionsCount
        for _ in 0..<count {
            guard let gap = unsafe readVarint(&next, end: end) else { return }
            list.append(UInt32(truncatingIfNeeded: gap))
        }
    }

    /// The largest frequency (`.max` for many) and the smallest length code of a block.
    func limits(_ block: Int) -> (frequency: UInt32, length: UInt8) {
        if block < blockCount {
            let bits = bits(block)
            return (cap(bits.largestFrequency), bits.smallestLength)
        }
        guard hasTail(block) else { return (0, .max) }
        let frequency = unsafe postings.load(fromByteOffset: dataStart + 4, as: UInt8.self)
        let length = unsafe postings.load(fromByteOffset: dataStart + 5, as: UInt8.self)
        return (cap(UInt32(frequency)), length)
    }

    /// The largest impact that blocks reaching into `first..<last` allow.
    ///
    /// `from` is where to begin and moves forward with `first`.
    func bound(
        _ first: UInt32, _ last: UInt32, from shallow: inout Int,
        _ impact: (UInt32, UInt8) -> Float
    ) -> Float {
        shallow = block(holding: first, from: shallow)
        var largest: Float = 0
        var block = shallow
        while block < blockCount {
            let limits = limits(block)
            largest = max(largest, impact(limits.frequency, limits.length))
            if u32(entry(block)) >= last - 1 { return largest }
            block += 1
        }
        guard hasTail(blockCount) else { return largest }
        let limits = limits(blockCount)
        return max(largest, impact(limits.frequency, limits.length))
    }

    private func cap(_ frequency: UInt32) -> UInt32 {
        frequency >= PostingsFormat.frequencyCap ? .max : frequency
    }

    private func bytes(_ offset: Int) -> UnsafePointer<UInt8> {
        unsafe (postings + offset).assumingMemoryBound(to: UInt8.self)
    }

    private func blockOffset(_ block: Int, _ bits: BlockBits) -> Int? {
        let offset = dataStart + Int(u32(entry(block) + 4))
        let count = 16 * (bits.documentWidth + bits.frequencyWidth)
        guard bits.documentWidth <= 32, bits.frequencyWidth <= 32 else { return nil }
        return offset + count <= postingsCount ? offset : nil
    }

    private func loadTail(
        _ documents: UnsafeMutablePointer<UInt32>, _ frequencies: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var next = unsafe bytes(dataStart + PostingsFormat.tailHeaderBytes)
        let end = unsafe bytes(postingsCount)
        var document = lastDocument(before: blockCount)
        for index in 0..<tailCount {
            guard let gap = unsafe readVarint(&next, end: end) else { return index }
            document &+= UInt32(truncatingIfNeeded: gap >> 1)
            unsafe documents[index] = document
            unsafe frequencies[index] = 1
            guard gap & 1 == 0 else { continue }
            guard let frequency = unsafe readVarint(&next, end: end) else { return index }
            unsafe frequencies[index] = UInt32(truncatingIfNeeded: frequency)
        }
        return tailCount
    }

    private func fixedPositions(
        _ block: Int, _ before: Int, _ count: Int, _ list: inout [UInt32]
    ) {
        let width = bits(block).positionWidth
        let start = Int(u32(entry(block) + 8)) * 8
        guard width <= 32, start + (before + count) * width <= positionsCount * 8,
            width > 0 || count <= 1
        else { return }
        var position: UInt32 = 0
        for index in before..<before + count {
            position &+= readBits(at: start + index * width, width: width)
            list.append(position)
        }
    }

    /// Reads up to 32 bits of the positions at a bit offset whose bytes are known to be there.
    private func readBits(at bit: Int, width: Int) -> UInt32 {
        let first = bit / 8
        let mask = UInt64(1) << UInt64(width) - 1
        if first + 8 <= positionsCount {
            let word = unsafe positions.loadUnaligned(fromByteOffset: first, as: UInt64.self)
            return UInt32(truncatingIfNeeded: UInt64(littleEndian: word) >> UInt64(bit % 8) & mask)
        }
        var value: UInt64 = 0
        for byte in first...max(first, (bit + width - 1) / 8) where byte < positionsCount {
            value |=
                unsafe UInt64(positions.load(fromByteOffset: byte, as: UInt8.self))
                << UInt64((byte - first) * 8)
        }
        return UInt32(truncatingIfNeeded: value >> UInt64(bit % 8) & mask)
    }

    private func tailPositions(_ before: Int, _ count: Int, _ list: inout [UInt32]) {
        let start = Int(u32(dataStart))
        guard start <= positionsCount else { return }
        let base = unsafe positions.assumingMemoryBound(to: UInt8.self)
        var next = unsafe base + start
        let end = unsafe base + positionsCount
        for _ in 0..<before {
            guard unsafe readVarint(&next, end: end) != nil else { return }
        }
        var position: UInt32 = 0
        for _ in 0..<count {
            guard let gap = unsafe readVarint(&next, end: end) else { return }
            position &+= UInt32(truncatingIfNeeded: gap)
            list.append(position)
        }
    }
}
