// The scan of an index for one query: which lists promise most, and which of their vectors have the
// best codes.

import CKernels

/// Scans lists, with room for one query of a layout.
@safe final class ListScan {
    /// Less than one vector in so many is few.
    private static let fewShare = 8
    /// Fetched of what comes next: enough for the processor to notice where they are going.
    private static let fetchedBytes = 1_024

    let layout: VectorLayout
    /// The query, padded.
    let query: AlignedMemory<Float>
    /// The query, to be measured with bytes.
    private(set) var bytes: ByteQuery
    /// What the last run kept.
    let reservoir = Reservoir()
    /// What was gathered last.
    private(set) var passing = AlignedMemory<UInt32>(count: 0)
    private let room: Router.Room
    private let tables: CodeTables
    private var lists = AlignedMemory<UInt32>(count: 0)
    private var measured = AlignedMemory<Int32>(count: 0)
    private var order: [ListPromise] = []
    private var length: Float = 0

    init(_ layout: VectorLayout) {
        self.layout = layout
        room = Router.Room(layout)
        tables = CodeTables(layout)
        query = AlignedMemory(count: layout.stride)
        bytes = ByteQuery(layout)
    }

    /// Takes a query for an index.
    func begin(_ index: VectorIndex, _ vector: [Float]) {
        let epoch = index.epoch
        unsafe layout.prepare(vector, into: query.base)
        unsafe epoch.scale.query(query.base, into: &bytes)
        unsafe tables.build(query.base, epoch.codebook, byDistance: !layout.isResidual)
        var square: Float = 0
        for number in 0..<query.count { unsafe square += query.base[number] * query.base[number] }
        length = square.squareRoot()
    }

    /// Scans the `count` lists that promise most.
    func run(_ index: VectorIndex, lists count: Int, keeping kept: Int, _ filter: VectorFilter?) {
        reservoir.begin(keeping: kept)
        choose(index.epoch, count)
        let count = min(count, order.count)
        for place in 0..<count {
            let following = Int(order[min(place + 1, count - 1)].list)
            var job = unsafe job(index, Int(order[place].list), before: following)
            if layout.isResidual {
                let steps = order[place].score / (tables.step * index.epoch.gain)
                unsafe job.offset = Int32(steps.whole(in: -1_000_000_000...1_000_000_000))
            }
            guard let filter else {
                unsafe reservoir.scan(&job)
                continue
            }
            _ = unsafe filter.withWords { words in
                unsafe reservoir.scan(&job, index.documents.base, words)
            }
        }
        reservoir.cut()
    }

    /// Whether a filter leaves so few that to look at all of a list costs less than its codes do.
    func isWorthGathering(_ filter: VectorFilter, of index: VectorIndex) -> Bool {
        filter.count * Self.fewShare < index.count
    }

    /// Leaves in `passing` what a filter lets through of the `count` lists that promise most, a
    /// vector that is in two lists twice; returns how many.
    func gather(_ index: VectorIndex, lists count: Int, _ filter: VectorFilter) -> Int {
        choose(index.epoch, count)
        let count = min(count, order.count)
        let places = order[..<count].reduce(0) { $0 + index.size(Int($1.list)) }
        if passing.count < places { passing = AlignedMemory(count: places) }
        let passed = unsafe filter.withWords { words in
            var passed = 0
            for place in 0..<count {
                let following = Int(order[min(place + 1, count - 1)].list)
                unsafe mspd_prefetch(
                    index.documents.base + index.starts[following], Self.fetchedBytes)
                let list = Int(order[place].list)
                for place in index.starts[list]..<index.starts[list + 1] {
                    let document = unsafe index.documents.base[place]
                    let word = unsafe words[Int(document >> 6)]
                    guard word >> UInt64(document & 63) & 1 == 1 else { continue }
                    unsafe passing.base[passed] = document
                    passed += 1
                }
            }
            return passed
        }
        return passed ?? 0
    }

    /// For each list how many promise more.
    func ranks(_ epoch: VectorEpoch) -> [Int] {
        choose(epoch, epoch.router.count)
        order.sort { $0.isBefore($1) }
        var ranks = [Int](repeating: order.count, count: epoch.router.count)
        for (rank, promise) in order.enumerated() { ranks[Int(promise.list)] = rank }
        return ranks
    }

    /// Brings to the front of `order` the `count` lists that promise most: the router's codes say
    /// which are worth a look, the centroids' bytes which of those to take.
    private func choose(_ epoch: VectorEpoch, _ count: Int) {
        let router = epoch.router
        let wanted = min(router.count, 2 * count + CodeBlocks.size)
        if lists.count < wanted {
            lists = AlignedMemory(count: router.count)
            measured = AlignedMemory(count: router.count)
        }
        let considered = unsafe router.lists(query.base, wanted, room, into: lists.base)
        unsafe bytes.measure(epoch.centroidRows.base, lists.base, considered, into: measured.base)
        order.removeAll(keepingCapacity: true)
        for item in 0..<considered {
            let list = unsafe lists.base[item]
            let score = unsafe bytes.score(value: bytes.value(measured.base[item]))
            let promise = router.promise(Int(list), score: score, length: length)
            order.append(
                ListPromise(list: list, promise: TopVectors.value(promise), score: score))
        }
        ListPromise.order(&order, count)
    }

    private func job(_ index: VectorIndex, _ list: Int, before next: Int) -> mspd_scan_job {
        let start = index.starts[list]
        return unsafe mspd_scan_job(
            codes: codes(index, list), tables: tables.entries.base, next: codes(index, next),
            parts: UInt32(layout.parts), count: UInt32(index.size(list)), first: UInt32(start),
            offset: 0, bar: 0)
    }

    private func codes(_ index: VectorIndex, _ list: Int) -> UnsafePointer<UInt8> {
        unsafe index.codes.base + index.blockStarts[list] * CodeBlocks.bytes(layout.parts)
    }
}

/// A list with what it promises a query.
struct ListPromise {
    var list: UInt32
    /// The higher the better.
    var promise: Int32
    /// What the query and the list's centroid have in common.
    var score: Float

    /// Lists that are put in order: what is scanned first raises the bar, and then order matters no
    /// more.
    private static let orderedCount = 32

    fileprivate func isBefore(_ other: ListPromise) -> Bool {
        (other.promise, list) < (promise, other.list)
    }

    /// Brings the best `count` to the front, the first few of them in order.
    static func order(_ lists: inout [ListPromise], _ count: Int) {
        select(&lists, count)
        let ordered = min(lists.count, count, orderedCount)
        select(&lists, ordered)
        lists[..<ordered].sort { $0.isBefore($1) }
    }

    /// Brings the best `first` to the front, in no order (Hoare's selection).
    private static func select(_ lists: inout [ListPromise], _ first: Int) {
        var (low, high) = (0, lists.count - 1)
        while low < high {
            let pivot = lists[(low + high) / 2]
            var (left, right) = (low, high)
            while left <= right {
                while lists[left].isBefore(pivot) { left += 1 }
                while pivot.isBefore(lists[right]) { right -= 1 }
                guard left <= right else { break }
                lists.swapAt(left, right)
                left += 1
                right -= 1
            }
            if first <= right { high = right } else if first > left { low = left } else { return }
        }
    }
}
