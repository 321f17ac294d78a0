// Encodes a sorted list of terms with where their postings lie.
//
// The terms section is blocks of 32 terms, front-coded:
//     first term of a block   varint length | bytes | varint df | varint postings offset
//                             | varint positions offset | varint postings count
//                             | varint positions count
//     the others              varint shared prefix | varint rest length | rest | varint df
//                             | varint postings count | varint positions count
// Postings of neighbouring terms follow each other, so the others' offsets are sums.
// The term index section is the offset of each block as u32, then the number of terms as u32.

package import Storage

/// Writes the terms and term index sections of a segment.
package struct TermDictionaryWriter {
    /// Terms in a block.
    package static let blockCount = 32

    /// The terms section so far.
    package private(set) var terms = ByteWriter()
    private var blocks = ByteWriter()
    private var previous: [UInt8] = []
    private var count = 0

    /// An empty dictionary.
    package init() {}

    /// Adds a term; terms come in ascending order of their bytes.
    package mutating func add(_ term: [UInt8], _ info: TermInfo) {
        precondition(count == 0 || previous.lexicographicallyPrecedes(term), "terms out of order")
        if count % Self.blockCount == 0 {
            blocks.u32(UInt32(terms.bytes.count))
            terms.varint(UInt64(term.count))
            terms.bytes(term)
            terms.varint(UInt64(info.documentFrequency))
            terms.varint(info.postingsOffset)
            terms.varint(info.positionsOffset)
        } else {
            let limit = min(previous.count, term.count)
            let shared = (0..<limit).first { previous[$0] != term[$0] } ?? limit
            terms.varint(UInt64(shared))
            terms.varint(UInt64(term.count - shared))
            terms.bytes(term.rawSpan.extracting(droppingFirst: shared))
            terms.varint(UInt64(info.documentFrequency))
        }
        terms.varint(info.postingsCount)
        terms.varint(info.positionsCount)
        previous = term
        count += 1
    }

    /// The term index section.
    package func index() -> [UInt8] {
        var all = blocks
        all.u32(UInt32(count))
        return all.bytes
    }
}
