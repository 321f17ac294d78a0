// Turns the terms of a memtable into the postings of a segment, where documents have other numbers,
// and words theirs by length. A term at a time is gathered into memory that is used again for the
// next, and sorted by the new numbers.

package import Storage

/// One memtable's terms on their way into a segment; not thread safe.
///
/// The memtable is sealed: its writer is at rest.
package struct MutableIndexEncoder: ~Copyable {
    /// Stands for a document that is left out.
    package static let dropped = TextMergeInput.dropped

    private let index: MutableIndex
    private let terms: [Int]
    /// For each document its number in the segment.
    private let numbers: [UInt32]
    /// For each document its ordinal.
    private let ordinals: [UInt32]
    private let numberBits: Range<UInt64>
    private let sorter: RadixSort
    private var term: GatheredTerm
    /// Words written so far, each occurrence counted.
    package private(set) var tokens: UInt64 = 0

    /// `numbers` has for each document its number in the segment or `dropped`, `order` the order of
    /// the segment's text index.
    package init(_ index: MutableIndex, numbers: [UInt32], order: TextOrder) {
        self.index = index
        self.numbers = numbers
        ordinals = numbers.map { $0 == Self.dropped ? $0 : order.ordinals[Int($0)] }
        terms = index.sortedTerms(except: [.title])
        let most = terms.reduce(0) { max($0, index.documentCount(ofTerm: $1)) }
        term = GatheredTerm(documents: most)
        sorter = RadixSort(capacity: most)
        numberBits = GatheredTerm.numberBits(order.documents.count)
    }

    /// Writes all terms in order.
    package mutating func run(into writer: inout TextSectionsWriter) throws(StorageError) {
        for number in terms {
            let bytes = index.bytes(ofTerm: number)
            gather(number, TermKind.isByOrdinal(bytes) ? ordinals : numbers)
            let content = TermContent(index.kind(ofTerm: number))
            if content == .positions { tokens += UInt64(term.occurrences) }
            writer.add(term, content)
            try writer.finish(term: bytes)
        }
    }

    /// Gathers the documents of a term that are kept, in the order of their new numbers.
    private mutating func gather(_ number: Int, _ numbers: [UInt32]) {
        let limit = UInt32(numbers.count)
        let (keys, starts) = unsafe (term.keys, term.starts)
        var count = 0
        var occurrences = 0
        var isKept = false
        var isOrdered = true
        unsafe numbers.withUnsafeBufferPointer { numbers in
            index.forEachOccurrence(ofTerm: number, below: limit) { document, position in
                if let document {
                    let number = unsafe numbers[Int(document)]
                    isKept = number != Self.dropped
                    guard isKept else { return }
                    let key = UInt64(number) << 32 | UInt64(count)
                    if count > 0, unsafe keys[count - 1] > key { isOrdered = false }
                    unsafe keys[count] = key
                    unsafe starts[count] = UInt32(truncatingIfNeeded: occurrences)
                    count += 1
                }
                guard isKept else { return }
                if occurrences == term.capacity { term.grow() }
                unsafe term.positions[occurrences] = position
                occurrences += 1
            }
        }
        unsafe starts[count] = UInt32(truncatingIfNeeded: occurrences)
        term.count = count
        if !isOrdered { unsafe sorter.sort(keys, count, by: numberBits) }
    }
}
