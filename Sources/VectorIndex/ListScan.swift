// The scan of an index for one query: which lists promise most, and which of their vectors have the
// best codes.

import CKernels

/// Scans lists, with room for one query of a layout.
@safe final class ListScan {
    /// Less than one vector in so many is few.
    private static let fewShare = 8
    /// Asking a vector where it lies takes as long as asking so many whether they pass.
    private static let homeShare = 3
    /// Fetched of what comes next: enough for the processor to notice where they are going.
    private static let fetchedBytes = 1_024

    let layout: VectorLayout
    /// The query, padded.
    let query: AlignedMemory<Float>
    /// The same in the order of the index's epoch.
    private let ordered: AlignedMemory<Float>
    /// The query, to be measured with bytes.
    private(set) var bytes: ByteQuery
    /// What the last run kept.
    let reservoir = Reservoir()
    /// What was gathered last.
    private(set) var passing = AlignedMemory<UInt32>(count: 0)
    private let room: Router.Room
    private let tables: CodeTables
    /// Whether the tables are those of the query.
    private var isTabled = false
    /// For each list 1 while it is looked into, 0 otherwise.
    private var chosen = AlignedMemory<UInt8>(count: 0)
    private var lists = AlignedMemory<UInt32>(count: 0)
    private var measured = AlignedMemory<Int32>(count: 0)
    private var order: [ListPromise] = []
    private var length: Float = 0

    init(_ layout: VectorLayout) {
        self.layout = layout
        room = Router.Room(layout)
        tables = CodeTables(layout)
        query = AlignedMemory(count: layout.stride)
        ordered = AlignedMemory(count: layout.stride)
        bytes = ByteQuery(layout)
    }

    /// Takes a query for an index.
    func begin(_ index: VectorIndex, _ vector: [Float]) {
        let epoch = index.epoch
        unsafe layout.prepare(vector, into: query.base)
        unsafe epoch.permutation.order(query.base, into: ordered.base)
        unsafe epoch.scale.query(ordered.base, into: &bytes)
        isTabled = false
        var square: Float = 0
        for number in 0..<query.count { unsafe square += query.base[number] * query.base[number] }
        length = square.squareRoot()
    }

    /// Scans the `count` lists that promise most.
    func run(_ index: VectorIndex, lists count: Int, keeping kept: Int, _ filter: VectorFilter?) {
        reservoir.begin(keeping: kept)
        choose(index.epoch, count)
        buildTables(index.epoch)
        let count = min(count, order.count)
        for place in 0..<count {
            let following = Int(order[min(place + 1, count - 1)].list)
            var job = unsafe job(index, Int(order[place].list), before: following)
            if layout.isResidual {
                let steps = order[place].score / (tables.step * index.epoch.learnt.gain)
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
        if let homes = index.homes, filter.count * Self.homeShare < places {
            return gather(homes, index, lists: count, filter)
        }
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

    /// The same, by asking each vector that passes where it lies; none comes twice.
    private func gather(
        _ homes: HomeLists, _ index: VectorIndex, lists count: Int, _ filter: VectorFilter
    ) -> Int {
        if passing.count <= filter.count { passing = AlignedMemory(count: filter.count + 1) }
        let all = index.epoch.router.count
        if chosen.count < all { chosen = AlignedMemory(count: all) }
        for promise in order[..<count] { chosen[Int(promise.list)] = 1 }
        let passed = unsafe homes.write(filter, chosen: chosen.base, into: passing.base)
        for promise in order[..<count] { chosen[Int(promise.list)] = 0 }
        for item in 0..<passed {
            let row = unsafe index.rows.base + Int(passing.base[item]) * layout.stride
            unsafe mspd_prefetch(row, layout.stride)
        }
        return passed
    }

    /// For each list how many promise more.
    func ranks(_ epoch: VectorEpoch) -> [Int] {
        choose(epoch, epoch.router.count)
        order.sort { $0.key > $1.key }
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
        let considered = unsafe router.lists(ordered.base, wanted, room, into: lists.base)
        unsafe bytes.measure(epoch.centroidRows.base, lists.base, considered, into: measured.base)
        // Taken out for the loop, so that what is appended needs no check of who else looks.
        let (query, length) = (bytes, length)
        var promises: [ListPromise] = []
        swap(&promises, &order)
        promises.removeAll(keepingCapacity: true)
        promises.reserveCapacity(considered)
        for item in 0..<considered {
            let list = unsafe lists.base[item]
            let score = unsafe query.score(value: query.value(measured.base[item]))
            let promise = router.promise(Int(list), score: score, length: length)
            promises.append(ListPromise(list, promise: promise, score: score))
        }
        order = promises
        ListPromise.order(&order, count)
    }

    private func buildTables(_ epoch: VectorEpoch) {
        if isTabled { return }
        unsafe tables.build(ordered.base, epoch.codebook, byDistance: !layout.isResidual)
        isTabled = true
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
