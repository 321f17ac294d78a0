// In which order lists are scanned, and how many of them: those that promise most first, until they
// hold as many vectors as are to be scanned.
//
// A list promises the product with its centroid and, on top, a share of its radius: in a wide list
// some vectors are much closer to the query than the centroid is. A few hundred steps of promise
// are order enough, so there is no sorting.

/// Chooses lists for one query; the room is used again.
@safe struct ListOrder {
    private static let steps = 1_024

    /// The chosen lists.
    let lists: AlignedMemory<UInt32>
    /// How many of them there are.
    private(set) var count = 0
    private let promises: AlignedMemory<Float>
    private var sizes: [Int]
    private var ends: [Int]

    init(lists count: Int) {
        lists = AlignedMemory(count: count)
        promises = AlignedMemory(count: count)
        sizes = .init(repeating: 0, count: Self.steps)
        ends = .init(repeating: 0, count: Self.steps)
    }

    /// Room for what the lists promise, to be filled before `choose`.
    var promised: UnsafeMutablePointer<Float> { unsafe promises.base }

    /// Chooses lists that hold `wanted` vectors together.
    mutating func choose(_ index: VectorIndex, wanted: Int) {
        let lists = promises.count
        var (least, most) = (Float.infinity, -Float.infinity)
        for list in 0..<lists {
            unsafe least = min(least, promises.base[list])
            unsafe most = max(most, promises.base[list])
        }
        let scale = most > least ? Float(Self.steps - 1) / (most - least) : 0
        for step in 0..<Self.steps { (sizes[step], ends[step]) = (0, 0) }
        for list in 0..<lists {
            let step = unsafe Int((most - promises.base[list]) * scale)
            sizes[step] += index.starts[list + 1] - index.starts[list]
            ends[step] += 1
        }
        let last = lastStep(wanted)
        for list in 0..<lists {
            let step = unsafe Int((most - promises.base[list]) * scale)
            guard step <= last else { continue }
            unsafe self.lists.base[ends[step]] = UInt32(list)
            ends[step] += 1
        }
        count = ends[last]
    }

    /// The step with which there are enough vectors; `ends` become the places where steps begin.
    private mutating func lastStep(_ wanted: Int) -> Int {
        var (found, place, last) = (0, 0, 0)
        for step in 0..<Self.steps where last == step {
            found += sizes[step]
            let lists = ends[step]
            ends[step] = place
            place += lists
            if found < wanted, step + 1 < Self.steps { last = step + 1 }
        }
        return last
    }
}
