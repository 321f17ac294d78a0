// The k best vectors of one search, in order; among equals the one with the lower document.

/// Collects the k best; the room is used again.
struct TopVectors {
    private var capacity = 0
    /// Descending: the measure in the upper half, the document's complement in the lower.
    private var keys: [Int64] = []

    mutating func begin(_ capacity: Int) {
        self.capacity = capacity
        keys.removeAll(keepingCapacity: true)
        keys.reserveCapacity(min(capacity, 1_024) + 1)
    }

    /// Offers a document; the higher the value the better.
    @inline(__always)
    mutating func offer(_ value: Int32, _ document: UInt32) {
        let key = Int64(value) << 32 | Int64(~document)
        if keys.count == capacity {
            guard let last = keys.last, key > last else { return }
            keys.removeLast()
        }
        insert(key)
    }

    private mutating func insert(_ key: Int64) {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] > key { low = middle + 1 } else { high = middle }
        }
        keys.insert(key, at: low)
    }

    /// The values and documents, best first.
    func sorted() -> [(value: Int32, document: UInt32)] {
        keys.map { (Int32($0 >> 32), ~UInt32(truncatingIfNeeded: $0)) }
    }
}
