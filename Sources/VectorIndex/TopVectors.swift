// The k best vectors of one search, in order; among equals the one with the lower number. Few are
// kept in order as they come; many are gathered, and sorted whenever there are twice as many. A
// vector that is offered twice with one value counts once.

/// Collects the k best; the room is used again.
struct TopVectors {
    private static let orderedMax = 256

    private var capacity = 0
    /// The measure in the upper half, the number's complement in the lower: of few, descending.
    private var keys: [Int64] = []
    /// A key below this one is of no use.
    private var bar = Int64.min

    /// Vectors so far, each counted once.
    mutating func count() -> Int {
        if capacity > Self.orderedMax { order() }
        return keys.count
    }

    mutating func begin(_ capacity: Int) {
        self.capacity = capacity
        bar = .min
        keys.removeAll(keepingCapacity: true)
        keys.reserveCapacity(min(capacity, Self.orderedMax) + 1)
    }

    /// Offers a vector; the higher the value the better.
    @inline(__always)
    mutating func offer(_ value: Int32, _ document: UInt32) {
        let key = Int64(value) << 32 | Int64(~document)
        if key > bar { insert(key) }
    }

    /// Offers a vector by its score.
    @inline(__always)
    mutating func offer(_ score: Float, _ document: UInt32) {
        offer(Self.value(score), document)
    }

    /// A whole number for a score: they are in the same order, and no score is like no number.
    static func value(_ score: Float) -> Int32 {
        let bits = Int32(bitPattern: (score.isNaN ? -.infinity : score + 0).bitPattern)
        return bits ^ (bits >> 31 & .max)
    }

    /// The score that a whole number stands for.
    static func score(_ value: Int32) -> Float {
        Float(bitPattern: UInt32(bitPattern: value ^ (value >> 31 & .max)))
    }

    private mutating func insert(_ key: Int64) {
        guard capacity <= Self.orderedMax else {
            keys.append(key)
            if keys.count >= 2 * capacity { order() }
            return
        }
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] > key { low = middle + 1 } else { high = middle }
        }
        guard low == keys.count || keys[low] != key else { return }
        if keys.count == capacity { keys.removeLast() }
        keys.insert(key, at: low)
        if keys.count == capacity { bar = keys[capacity - 1] }
    }

    /// Sorts, and leaves each vector once and as many as fit.
    private mutating func order() {
        keys.sort(by: >)
        var left = 0
        for key in keys where left == 0 || keys[left - 1] != key {
            keys[left] = key
            left += 1
        }
        keys.removeLast(keys.count - left)
        if keys.count > capacity { keys.removeLast(keys.count - capacity) }
        if keys.count == capacity { bar = keys.last ?? .max }
    }

    /// Whether there are some, all of one value.
    mutating func isOfOneValue() -> Bool {
        guard count() > 0, let first = keys.first, let last = keys.last else { return false }
        return first >> 32 == last >> 32
    }

    /// The values and numbers, best first.
    mutating func sorted() -> [(value: Int32, document: UInt32)] {
        if capacity > Self.orderedMax { order() }
        return keys.map { (Int32($0 >> 32), ~UInt32(truncatingIfNeeded: $0)) }
    }

    /// What was offered by its score, best first.
    mutating func hits() -> [VectorHit] {
        sorted().map { VectorHit(document: $0.document, score: Self.score($0.value)) }
    }
}
