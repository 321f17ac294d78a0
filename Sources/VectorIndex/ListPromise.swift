// What lists promise a query, and the bringing of the best of them to the front.

/// A list with what it promises a query.
struct ListPromise {
    /// Lists that are put in order: what is scanned first raises the bar, and then order matters no
    /// more.
    private static let orderedCount = 32

    /// The promise in the upper half, the list's complement in the lower: the higher the better,
    /// and no two alike.
    let key: Int64
    /// What the query and the list's centroid have in common.
    let score: Float

    /// A list that promises `promise`, the higher the better.
    init(_ list: UInt32, promise: Float, score: Float) {
        key = Int64(TopVectors.value(promise)) << 32 | Int64(~list)
        self.score = score
    }

    /// The list's number.
    var list: UInt32 { ~UInt32(truncatingIfNeeded: key) }

    /// Brings the best `count` to the front, the first few of them in order.
    static func order(_ lists: inout [ListPromise], _ count: Int) {
        let ordered = min(lists.count, count, orderedCount)
        unsafe lists.withUnsafeMutableBufferPointer { lists in
            unsafe select(lists, count)
            unsafe select(lists.extracting(..<min(lists.count, count)), ordered)
        }
        lists[..<ordered].sort { $0.key > $1.key }
    }

    /// Brings the best `first` to the front, in no order (Hoare's selection, by a partition of
    /// Lomuto's, which has no branch to be foretold).
    @unsafe private static func select(
        _ lists: UnsafeMutableBufferPointer<ListPromise>, _ first: Int
    ) {
        var (low, high) = (0, lists.count - 1)
        while low < high, first <= high {
            unsafe lists.swapAt(low + (high - low) / 2, high)
            let pivot = unsafe lists[high]
            var next = low
            for place in low..<high {
                let promise = unsafe lists[place]
                unsafe lists[place] = lists[next]
                unsafe lists[next] = promise
                next += promise.key > pivot.key ? 1 : 0
            }
            unsafe lists[high] = lists[next]
            unsafe lists[next] = pivot
            if next < first { low = next + 1 } else { high = next - 1 }
        }
    }
}
