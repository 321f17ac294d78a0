// Finds terms in a segment: a binary search over the blocks' keys, then a walk through one block.
// TermDictionaryWriter has the layout.

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
        guard index.count >= 4, index.count % 12 == 4 else { return nil }
        self.terms = terms
        self.index = index
        blockCount = index.count / 12
        let all = unsafe index.base.loadUnaligned(
            fromByteOffset: index.count - 4, as: UInt32.self)
        count = Int(UInt32(littleEndian: all))
        let needed = (count + TermDictionaryWriter.blockCount - 1) / TermDictionaryWriter.blockCount
        guard needed == blockCount else { return nil }
        for block in 0..<blockCount {
            let isFirst = block == 0
            guard offset(block) < terms.count,
                isFirst ? offset(0) == 0 : offset(block) > offset(block - 1),
                isFirst || key(block) >= key(block - 1)
            else { return nil }
        }
    }

    /// A term's first eight bytes as a number, in the order of terms; zeros behind a shorter one.
    @inline(__always)
    static func key(of term: some Collection<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        var missing: UInt64 = 64
        for byte in term.prefix(8) {
            missing -= 8
            key |= UInt64(byte) << missing
        }
        return key
    }

    /// The key of a block's first term.
    @inline(__always)
    func key(_ block: Int) -> UInt64 {
        unsafe UInt64(
            littleEndian: index.base.loadUnaligned(fromByteOffset: block * 8, as: UInt64.self))
    }

    private func offset(_ block: Int) -> Int {
        let place = blockCount * 8 + block * 4
        let offset = unsafe index.base.loadUnaligned(fromByteOffset: place, as: UInt32.self)
        return Int(UInt32(littleEndian: offset))
    }

    /// A block before its first term; throws when its bytes are not good.
    func block(_ number: Int) throws(StorageError) -> TermBlock {
        let start = offset(number)
        let end = number + 1 < blockCount ? offset(number + 1) : terms.count
        try terms.verify(start..<end)
        let bytes = unsafe UnsafeBufferPointer(
            start: terms.base.assumingMemoryBound(to: UInt8.self) + start, count: end - start)
        let before = number * TermDictionaryWriter.blockCount
        return unsafe TermBlock(
            bytes, count: min(TermDictionaryWriter.blockCount, count - before), key: key(number))
    }

    /// Checks the bytes of every block.
    func checkAll() throws(StorageError) { try terms.verifyAll() }

    /// What there is to say of a block that does not decode.
    func damaged(_ number: Int) -> StorageError {
        .corrupt(
            file: terms.path, offset: terms.offset + UInt64(offset(number)),
            what: "the term dictionary's block does not decode")
    }

    /// Where the postings of a term lie; nil when no document holds it.
    package func find(_ term: [UInt8]) throws(StorageError) -> TermInfo? {
        let number = try lastBlock(notAfter: term)
        guard number >= 0 else { return nil }
        var block = try block(number)
        if let matched = block.seek(term) {
            guard matched == term.count, block.length == matched else { return nil }
            if let info = block.readInfo() { return info }
        }
        guard !block.isDamaged else { throw damaged(number) }
        return nil
    }

    /// Calls `body` with each term in order, until it returns false.
    package func forEach(_ body: ([UInt8], TermInfo) -> Bool) throws(StorageError) {
        for number in 0..<blockCount {
            guard try forEach(inBlock: number, body) else { return }
        }
    }

    /// Calls `body` with each term of a block, until it returns false; tells whether it never did.
    @discardableResult
    func forEach(
        inBlock number: Int, _ body: ([UInt8], TermInfo) -> Bool
    ) throws(StorageError) -> Bool {
        var block = try block(number)
        var term: [UInt8] = []
        while block.next() {
            guard let info = block.readInfo() else { break }
            term = block.term(after: term)
            guard body(term, info) else { return false }
        }
        guard !block.isDamaged else { throw damaged(number) }
        return true
    }

    /// Calls `body` with each term that begins with some bytes, in order.
    package func forEach(
        withPrefix prefix: [UInt8], _ body: ([UInt8], TermInfo) -> Void
    ) throws(StorageError) {
        let first = try lastBlock(notAfter: prefix)
        for number in max(first, 0)..<blockCount {
            var block = try block(number)
            if let matched = block.seek(prefix) {
                guard matched == prefix.count, !Self.rest(of: &block, prefix, body) else { return }
            }
            guard !block.isDamaged else { throw damaged(number) }
        }
    }

    /// Calls `body` with the terms from the current one on that begin with some bytes; tells
    /// whether one came that does not.
    private static func rest(
        of block: inout TermBlock, _ prefix: [UInt8], _ body: ([UInt8], TermInfo) -> Void
    ) -> Bool {
        var term = prefix
        while let info = block.readInfo() {
            term = block.term(after: term)
            body(term, info)
            guard block.next() else { return false }
            guard block.shared >= prefix.count else { return true }
        }
        return false
    }

    /// The last block whose first term is `term` or comes before it; -1 when there is none.
    private func lastBlock(notAfter term: [UInt8]) throws(StorageError) -> Int {
        let key = Self.key(of: term)
        var low = firstBlock(from: 0, notBefore: key)
        var high = key == .max ? blockCount : firstBlock(from: low, notBefore: key + 1)
        // Keys do not tell those between from each other.
        while low < high {
            let middle = (low + high) / 2
            if try begins(middle, after: term) { high = middle } else { low = middle + 1 }
        }
        return low - 1
    }

    /// The first block from one on whose key is `key` or comes after it.
    func firstBlock(from start: Int, notBefore key: UInt64) -> Int {
        var low = start
        var high = blockCount
        while low < high {
            let middle = (low + high) / 2
            if self.key(middle) < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func begins(_ number: Int, after term: [UInt8]) throws(StorageError) -> Bool {
        var block = try block(number)
        guard block.next() else { throw damaged(number) }
        return unsafe term.lexicographicallyPrecedes(block.rest)
    }
}
