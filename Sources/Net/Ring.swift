// A queue in a circular array: the requests of a session, its open replies, the sessions to run.

/// A first-in first-out queue with elements reachable by distance from the front.
struct Ring<Element> {
    private var slots: [Element?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// The element so far behind the front; the distance is below `count`.
    subscript(distance: Int) -> Element {
        get {
            guard let element = slots[index(distance)] else {
                preconditionFailure("a ring's elements lie within its count")
            }
            return element
        }
        set { slots[index(distance)] = newValue }
    }

    var first: Element? { isEmpty ? nil : slots[head] }

    mutating func append(_ element: Element) {
        if count == slots.count { grow() }
        slots[(head + count) & (slots.count - 1)] = element
        count += 1
    }

    mutating func popFirst() -> Element? {
        guard count > 0 else { return nil }
        defer {
            slots[head] = nil
            head = (head + 1) & (slots.count - 1)
            count -= 1
        }
        return slots[head]
    }

    mutating func removeAll() {
        self = Ring()
    }

    private func index(_ distance: Int) -> Int {
        precondition(distance >= 0 && distance < count, "beyond the ring's end")
        return (head + distance) & (slots.count - 1)
    }

    private mutating func grow() {
        var larger: [Element?] = []
        larger.reserveCapacity(max(8, slots.count * 2))
        for distance in 0..<count { larger.append(slots[(head + distance) & (slots.count - 1)]) }
        while larger.count < max(8, slots.count * 2) { larger.append(nil) }
        slots = larger
        head = 0
    }
}
