// A memtable's postings of one term, decoded whole when a search begins: up to the last document
// that the search may see.

/// Documents, frequencies and positions of one term as flat arrays.
@safe package final class DecodedPostings {
    // Allocated here, freed at the end; `count` elements are initialised.
    let documents: UnsafeMutablePointer<UInt32>
    let frequencies: UnsafeMutablePointer<UInt32>
    let count: Int
    /// The largest frequency of a document.
    let largestFrequency: UInt32
    /// Empty when they were not wanted.
    private let positions: [UInt32]
    /// Where each document's positions start, and where the last one's end.
    private let starts: [UInt32]

    /// What `forEach` hands to its body, of `capacity` documents at most: a document that was not
    /// met before and its first position, or no document and a further position; both ascend.
    @inline(__always)
    init(
        capacity: Int, withPositions: Bool, _ forEach: ((UInt32?, UInt32) -> Void) -> Void
    ) {
        let documents = UnsafeMutablePointer<UInt32>.allocate(capacity: max(capacity, 1))
        let frequencies = UnsafeMutablePointer<UInt32>.allocate(capacity: max(capacity, 1))
        var positions: [UInt32] = []
        var starts: [UInt32] = []
        if withPositions {
            positions.reserveCapacity(capacity)
            starts.reserveCapacity(capacity + 1)
        }
        var count = 0
        var largest: UInt32 = 0
        forEach { document, position in
            if let document {
                precondition(count < capacity, "more documents than were told")
                unsafe documents[count] = document
                unsafe frequencies[count] = 1
                count += 1
                if withPositions { starts.append(UInt32(positions.count)) }
                largest = max(largest, 1)
            } else {
                unsafe frequencies[count - 1] += 1
                largest = unsafe max(largest, frequencies[count - 1])
            }
            if withPositions { positions.append(position) }
        }
        if withPositions { starts.append(UInt32(positions.count)) }
        unsafe self.documents = documents
        unsafe self.frequencies = frequencies
        self.count = count
        self.positions = positions
        self.starts = starts
        largestFrequency = largest
    }

    /// Documents in ascending order, each with the term once and without positions.
    convenience init(documents: [UInt32]) {
        self.init(capacity: documents.count, withPositions: false) { body in
            for document in documents { body(document, 0) }
        }
    }

    deinit {
        unsafe documents.deallocate()
        unsafe frequencies.deallocate()
    }

    /// The documents in ascending order.
    package var all: [UInt32] {
        unsafe Array(UnsafeBufferPointer(start: documents, count: count))
    }

    /// The last document.
    package var last: UInt32? { count > 0 ? unsafe documents[count - 1] : nil }

    /// The positions of the document at an index of `all`.
    package func positions(of index: Int) -> ArraySlice<UInt32> {
        positions[Int(starts[index])..<Int(starts[index + 1])]
    }

    func positions(of index: Int, into list: inout [UInt32]) {
        list.append(contentsOf: positions(of: index))
    }
}
