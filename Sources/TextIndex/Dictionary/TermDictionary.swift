// Finds a term in a segment: a binary search over the blocks' first terms, then a walk through one
// block. TermDictionaryWriter has the layout.

package import Storage

/// The sorted terms of a segment.
@safe package struct TermDictionary: Sendable {
    private let terms: Section
    private let index: Section
    /// Blocks of terms.
    let blockCount: Int
    /// Distinct terms.
    package let count: Int

    /// Opens the two sections; throws what their checksums say, nil when they do not fit together.
    package init?(terms: Section, index: Section) throws(StorageError) {
        try index.verifyAll()
        guard index.count >= 4, index.count % 4 == 0 else { return nil }
        self.terms = terms
        self.index = index
        let blocks = index.count / 4 - 1
        blockCount = blocks
        count = Int(Self.u32(index, blocks))
        let needed = (count + TermDictionaryWriter.blockCount - 1) / TermDictionaryWriter.blockCount
        guard needed == blocks else { return nil }
        var previous = 0
        for block in 0..<blocks {
            let offset = Int(Self.u32(index, block))
            guard offset < terms.count, block == 0 ? offset == 0 : offset > previous else {
                return nil
            }
            previous = offset
        }
    }

    private static func u32(_ section: Section, _ at: Int) -> UInt32 {
        unsafe UInt32(
            littleEndian: section.base.loadUnaligned(fromByteOffset: at * 4, as: UInt32.self))
    }

    private func range(of block: Int) -> Range<Int> {
        let start = Int(Self.u32(index, block))
        return start..<(block + 1 < blockCount ? Int(Self.u32(index, block + 1)) : terms.count)
    }

    /// Where the postings of a term lie; nil when no document holds it.
    package func find(_ term: [UInt8]) throws(StorageError) -> TermInfo? {
        let next = try blockAfter(term, from: 0)
        guard next > 0 else { return nil }
        var found: TermInfo?
        try walk(block: next - 1) { candidate, info in
            guard candidate == term else { return true }
            found = info
            return false
        }
        return found
    }

    /// Calls `body` with each term in order, until it returns false.
    package func forEach(_ body: ([UInt8], TermInfo) -> Bool) throws(StorageError) {
        for block in 0..<blockCount {
            guard try walk(block: block, body) else { return }
        }
    }

    /// How a walk goes on after a term.
    enum Step {
        case next, stop
        /// With the first term that is not before this one, which lies ahead.
        case seek([UInt8])
    }

    /// Calls `body` with the terms from `start` on, in order, as its answers say.
    func walk(
        from start: [UInt8], _ body: ([UInt8], TermInfo) -> Step
    ) throws(StorageError) {
        var target = start
        var isSeeking = true
        var block = max(0, try blockAfter(start, from: 0) - 1)
        while block < blockCount {
            let goesOn = try walk(block: block) { term, info in
                if isSeeking, term.lexicographicallyPrecedes(target) { return true }
                isSeeking = false
                switch body(term, info) {
                case .next: break
                case .stop: return false
                case .seek(let next): (target, isSeeking) = (next, true)
                }
                return true
            }
            guard goesOn else { return }
            block += 1
            if isSeeking { block = max(block, try blockAfter(target, from: block) - 1) }
        }
    }

    /// The first block from `first` on whose terms all come after `term`.
    private func blockAfter(_ term: [UInt8], from first: Int) throws(StorageError) -> Int {
        var low = first
        var high = blockCount
        while low < high {
            let middle = (low + high) / 2
            let order = try compareFirst(of: middle, with: term)
            if order <= 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Below zero when the block's first term comes before `term`.
    private func compareFirst(of block: Int, with term: [UInt8]) throws(StorageError) -> Int {
        let range = range(of: block)
        try terms.verify(range.lowerBound..<min(range.lowerBound + 10, range.upperBound))
        var next = unsafe pointer(range.lowerBound)
        let end = unsafe pointer(range.upperBound)
        guard let count = unsafe readVarint(&next, end: end), unsafe count <= UInt64(end - next)
        else { throw damaged(range.lowerBound) }
        let start = unsafe next - pointer(0)
        try terms.verify(start..<start + Int(count))
        let shared = min(Int(count), term.count)
        for at in 0..<shared {
            let byte = unsafe next[at]
            if byte != term[at] { return byte < term[at] ? -1 : 1 }
        }
        return Int(count) - term.count
    }

    /// Calls `body` with each term of a block, until it returns false; tells whether it never did.
    @discardableResult
    func walk(
        block: Int, _ body: ([UInt8], TermInfo) -> Bool
    ) throws(StorageError) -> Bool {
        let range = range(of: block)
        try terms.verify(range)
        var next = unsafe pointer(range.lowerBound)
        let end = unsafe pointer(range.upperBound)
        var term: [UInt8] = []
        var info = TermInfo(
            documentFrequency: 0, postingsOffset: 0, postingsCount: 0, positionsOffset: 0,
            positionsCount: 0)
        let inBlock = min(
            TermDictionaryWriter.blockCount, count - block * TermDictionaryWriter.blockCount)
        for number in 0..<inBlock {
            guard
                unsafe readTerm(&next, end, isFirst: number == 0, &term),
                unsafe readInfo(&next, end, isFirst: number == 0, &info)
            else { throw damaged(range.lowerBound) }
            guard body(term, info) else { return false }
        }
        return true
    }

    private func readTerm(
        _ next: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, isFirst: Bool,
        _ term: inout [UInt8]
    ) -> Bool {
        var shared: UInt64 = 0
        if !isFirst {
            guard let prefix = unsafe readVarint(&next, end: end) else { return false }
            shared = prefix
        }
        guard let rest = unsafe readVarint(&next, end: end), shared <= UInt64(term.count),
            unsafe rest <= UInt64(end - next)
        else { return false }
        term.removeSubrange(Int(shared)...)
        unsafe term.append(contentsOf: UnsafeBufferPointer(start: next, count: Int(rest)))
        unsafe next += Int(rest)
        return true
    }

    private func readInfo(
        _ next: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, isFirst: Bool,
        _ info: inout TermInfo
    ) -> Bool {
        guard let frequency = unsafe readVarint(&next, end: end), frequency <= UInt32.max else {
            return false
        }
        info.documentFrequency = UInt32(frequency)
        if isFirst {
            guard let postings = unsafe readVarint(&next, end: end),
                let positions = unsafe readVarint(&next, end: end)
            else { return false }
            info.postingsOffset = postings
            info.positionsOffset = positions
        } else {
            info.postingsOffset &+= info.postingsCount
            info.positionsOffset &+= info.positionsCount
        }
        guard let postingsCount = unsafe readVarint(&next, end: end),
            let positionsCount = unsafe readVarint(&next, end: end)
        else { return false }
        info.postingsCount = postingsCount
        info.positionsCount = positionsCount
        return true
    }

    private func pointer(_ offset: Int) -> UnsafePointer<UInt8> {
        unsafe terms.base.assumingMemoryBound(to: UInt8.self) + offset
    }

    private func damaged(_ offset: Int) -> StorageError {
        .corrupt(
            file: terms.path, offset: terms.offset + UInt64(offset),
            what: "the term dictionary's block does not decode")
    }
}
