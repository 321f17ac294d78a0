// What a document of a window must hold to reach a score, as conditions on counts: of the heaviest
// items one at least, of some more two at least, and so on. From the idea of MaxScore (Turtle &
// Flood, "Query evaluation: strategies and optimizations", 1995), where only the first condition is
// drawn; with all of them, bits of whole windows can be combined before a document is looked at.

import CKernels

/// Items of a window with what each can add, and the conditions that follow.
///
/// An item is a word that occurs, or one that occurs again.
@safe struct WindowBounds {
    /// Makes up for the rounding of a sum of bounds.
    static let padding: Float = 1.00001

    @safe private struct Item {
        let weight: Float
        let bits: UnsafePointer<UInt64>
    }

    private var items: [Item] = []
    private let capacity: Int
    private let pointers: UnsafeMutablePointer<UnsafePointer<UInt64>?>
    private let needs: UnsafeMutablePointer<UInt8>
    private var levels: UInt8 = 0
    /// The weight of each item and those behind it.
    private var rests: [Float] = []

    /// Room for two items for each of so many words.
    init(words: Int) {
        capacity = 2 * words
        items.reserveCapacity(capacity)
        unsafe pointers = .allocate(capacity: max(capacity, 1))
        unsafe needs = .allocate(capacity: max(capacity, 1))
    }

    /// The last call.
    func deallocate() {
        unsafe pointers.deallocate()
        unsafe needs.deallocate()
    }

    mutating func removeAll() { items.removeAll(keepingCapacity: true) }

    mutating func add(_ bits: UnsafePointer<UInt64>, _ weight: Float) {
        unsafe items.append(Item(weight: weight, bits: bits))
    }

    /// Keeps in `selected` what may reach `bar` and holds `least` items at least.
    mutating func select(
        from selected: UnsafeMutablePointer<UInt64>, reaching bar: Float, least: Int = 0
    ) {
        items.sort { $0.weight > $1.weight }
        setNeeds(bar)
        if least > 0 { need(min(least, Int(MSPD_WINDOW_LEVELS)), of: items.count) }
        guard levels > 0 else { return }
        for index in items.indices {
            unsafe pointers[index] = items[index].bits
        }
        unsafe mspd_window_select(
            selected, pointers, needs, Int32(items.count), Int32(levels))
    }

    /// Asks for `count` of the first items.
    private mutating func need(_ count: Int, of first: Int) {
        guard first > 0 else { return }
        unsafe needs[first - 1] = max(needs[first - 1], UInt8(count))
        levels = max(levels, UInt8(count))
    }

    /// With fewer than `count` of the `first` heaviest items, all others together must not reach
    /// the bar: for each count the fewest items of which that holds.
    private mutating func setNeeds(_ bar: Float) {
        levels = 0
        unsafe needs.update(repeating: 0, count: items.count)
        rests.removeAll(keepingCapacity: true)
        rests.append(0)
        for item in items.reversed() { rests.append(rests[rests.count - 1] + item.weight) }
        var first = 0
        var fewer: Float = 0
        for count in 1...min(Int(MSPD_WINDOW_LEVELS), max(items.count, 1)) {
            while first < items.count, !isBelow(bar, fewer, first) { first += 1 }
            guard isBelow(bar, fewer, first) else { return }
            need(count, of: min(max(first, count), items.count))
            if count <= items.count { fewer += items[count - 1].weight }
        }
    }

    /// Whether `fewer` and the items from `first` on do not reach the bar.
    private func isBelow(_ bar: Float, _ fewer: Float, _ first: Int) -> Bool {
        (fewer + rests[items.count - first]) * Self.padding < bar
    }
}
