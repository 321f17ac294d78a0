// Room for a fixed number of elements, changed in place. What an evaluation touches for each window
// and word lives here: an array would ask, at every change, whether somebody else holds it too.

/// Elements behind a pointer.
@safe struct FixedList<Element>: ~Copyable {
    /// The first element.
    let base: UnsafeMutablePointer<Element>
    /// How many there are.
    let count: Int

    /// A copy of some elements.
    init(_ elements: [Element]) {
        count = elements.count
        unsafe base = .allocate(capacity: max(count, 1))
        for (index, element) in elements.enumerated() {
            unsafe (base + index).initialize(to: element)
        }
    }

    /// So many times one element.
    init(repeating element: Element, count: Int) {
        self.count = count
        unsafe base = .allocate(capacity: max(count, 1))
        unsafe base.initialize(repeating: element, count: count)
    }

    deinit {
        unsafe base.deinitialize(count: count)
        unsafe base.deallocate()
    }

    var indices: Range<Int> { 0..<count }

    /// The element at an index that is one of `indices`.
    subscript(index: Int) -> Element {
        unsafeAddress { unsafe UnsafePointer(base + index) }
        nonmutating unsafeMutableAddress { unsafe base + index }
    }
}
