// The vectors of an index to be made: stored in one or several places, all of them or some.

/// Vectors of one layout, numbered from 0 on.
package struct VectorSource: Sendable {
    /// How they lie in memory.
    package let layout: VectorLayout
    /// How many vectors there are.
    package let count: Int
    private let parts: [Part]

    private struct Part {
        var stored: StoredVectors
        /// Which of the stored vectors, in which order; nil for all as they are.
        var picked: [UInt32]?
        /// The number of the part's first vector.
        var start: Int
    }

    /// All vectors that are stored in one place.
    package init(_ stored: StoredVectors) { self.init(stored.layout, [(stored, nil)]) }

    /// Vectors of several places, one after the other: those picked, or all.
    package init(
        _ layout: VectorLayout, _ places: [(stored: StoredVectors, picked: [UInt32]?)]
    ) {
        self.layout = layout
        var parts: [Part] = []
        var start = 0
        for (stored, picked) in places {
            precondition(stored.layout == layout)
            precondition(picked.map { $0.allSatisfy { $0 < stored.count } } ?? true)
            parts.append(Part(stored: stored, picked: picked, start: start))
            start += picked?.count ?? stored.count
        }
        (self.parts, count) = (parts, start)
    }

    /// Vectors as numbers, one after the other, which are stored in memory.
    package init(_ layout: VectorLayout, numbers: [Float]) {
        let dimension = layout.shape.dimension
        precondition(numbers.count.isMultiple(of: dimension))
        let stored = GrowingVectors(layout, capacity: numbers.count / dimension)
        for index in 0..<stored.capacity {
            stored.append(Array(numbers[index * dimension..<(index + 1) * dimension]))
        }
        self.init(stored.prefix(stored.count))
    }

    /// The vectors when they all lie in one place as they are.
    package var stored: StoredVectors? {
        parts.count == 1 && parts[0].picked == nil ? parts[0].stored : nil
    }

    /// Reads one vector, padded.
    @unsafe func prepare(_ index: Int, into padded: UnsafeMutablePointer<Float>) {
        precondition(index >= 0 && index < count)
        var (low, high) = (0, parts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if parts[middle].start <= index { low = middle } else { high = middle }
        }
        let place = index - parts[low].start
        unsafe parts[low].stored.decode(
            parts[low].picked.map { Int($0[place]) } ?? place, into: padded)
    }
}
