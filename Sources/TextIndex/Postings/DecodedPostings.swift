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
    private let positions: [UInt32]
    /// Where each document's positions start, and where the last one's end.
    private let starts: [UInt32]

    /// `starts` has one element more than `list`; a document's positions are ascending.
    init(documents list: [UInt32], starts: [UInt32], positions: [UInt32]) {
        count = list.count
        self.positions = positions
        self.starts = starts
        unsafe documents = .allocate(capacity: max(list.count, 1))
        unsafe frequencies = .allocate(capacity: max(list.count, 1))
        var largest: UInt32 = 0
        for index in list.indices {
            let frequency = starts[index + 1] - starts[index]
            unsafe documents[index] = list[index]
            unsafe frequencies[index] = frequency
            largest = max(largest, frequency)
        }
        largestFrequency = largest
    }

    /// Documents in ascending order, each with the term once and without positions.
    convenience init(documents: [UInt32]) {
        self.init(
            documents: documents, starts: Array(0...UInt32(documents.count)),
            positions: Array(repeating: 0, count: documents.count))
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
