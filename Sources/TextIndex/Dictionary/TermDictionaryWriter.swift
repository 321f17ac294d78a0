// Encodes a sorted list of terms with where their postings lie.
//
// The terms section is blocks of 32 terms. A block has its terms, front-coded, apart from what is
// known of each, so that a walk through terms alone is short:
//     varint bytes of its terms
//     first term     varint length | bytes
//     other terms    varint shared prefix | varint rest length | rest
//     of the first   varint df | varint postings offset | varint positions offset
//                    | varint postings count | varint positions count
//     of the others  varint df | varint postings count | varint positions count
// Postings of neighbouring terms follow each other, so the others' offsets are sums.
// The term index section has for each block its key as u64 (the first eight bytes of its first
// term as a number, zeros behind a shorter one), then for each its offset as u32, then the number
// of terms as u32.

import Storage

/// Writes the terms and term index sections of a segment.
package struct TermDictionaryWriter {
    /// Terms in a block.
    package static let blockCount = 32

    private var terms = ByteWriter()
    private var keys = ByteWriter()
    private var offsets = ByteWriter()
    /// The terms of the block at hand, and what is known of them.
    private var block = ByteWriter()
    private var infos = ByteWriter()
    private var previous: [UInt8] = []
    private var count = 0

    /// An empty dictionary.
    package init() {}

    /// Adds a term; terms come in ascending order of their bytes.
    package mutating func add(_ term: [UInt8], _ info: TermInfo) {
        precondition(count == 0 || previous.lexicographicallyPrecedes(term), "terms out of order")
        if count % Self.blockCount == 0 {
            endBlock()
            keys.u64(TermDictionary.key(of: term))
            offsets.u32(UInt32(terms.count))
            block.varint(UInt64(term.count))
            block.bytes(term)
            infos.varint(UInt64(info.documentFrequency))
            infos.varint(info.postingsOffset)
            infos.varint(info.positionsOffset)
        } else {
            let limit = min(previous.count, term.count)
            let shared = (0..<limit).first { previous[$0] != term[$0] } ?? limit
            block.varint(UInt64(shared))
            block.varint(UInt64(term.count - shared))
            block.bytes(term.rawSpan.extracting(droppingFirst: shared))
            infos.varint(UInt64(info.documentFrequency))
        }
        infos.varint(info.postingsCount)
        infos.varint(info.positionsCount)
        previous = term
        count += 1
    }

    private mutating func endBlock() {
        guard block.count > 0 else { return }
        terms.varint(UInt64(block.count))
        terms.bytes(block.bytes)
        terms.bytes(infos.bytes)
        block.bytes.removeAll(keepingCapacity: true)
        infos.bytes.removeAll(keepingCapacity: true)
    }

    /// The terms section and the term index section.
    package func sections() -> (terms: [UInt8], index: [UInt8]) {
        var all = self
        all.endBlock()
        all.keys.bytes(offsets.bytes)
        all.keys.u32(UInt32(count))
        return (all.terms.bytes, all.keys.bytes)
    }
}
