// One search after the other over one index: route, scan, rank again. All room is made once, so that
// a search allocates nothing but its answer.

import CKernels

/// A vector found.
package struct VectorHit: Sendable, Equatable {
    /// Its number.
    package var document: UInt32
    /// The product with the query (of unit vectors under cosine), or minus the squared distance.
    package var score: Float

    /// A document with its score.
    package init(document: UInt32, score: Float) {
        self.document = document
        self.score = score
    }
}

/// How much a search does for its recall.
package struct VectorEffort: Sendable, Equatable {
    /// The share of the vectors whose codes are scanned, 0 to 1.
    package var scanned: Float
    /// Vectors that are ranked again by their bytes.
    package var ranked: Int

    /// A share to scan and a number to rank.
    package init(scanned: Float, ranked: Int) {
        self.scanned = scanned
        self.ranked = ranked
    }
}

/// Searches an index, one query at a time; for one thread.
@safe package final class VectorSearcher {
    /// Up to so many vectors that a filter lets through are ranked without a scan.
    private static let unscannedCount = 4_096
    /// The share of a list's radius that counts as promise.
    private static let spread: Float = 0.3

    private let index: VectorIndex
    private let room: Router.Room
    private let tables: CodeTables
    private let query: AlignedMemory<Float>
    private var bytes: ByteQuery
    private var order: ListOrder
    private let reservoir = Reservoir()
    private var top = TopVectors()
    private var places = AlignedMemory<UInt32>(count: 0)
    private var measured = AlignedMemory<Int32>(count: 0)
    private var allowed: [UInt32] = []

    /// Makes room for searches of one index.
    package init(_ index: VectorIndex) {
        let layout = index.epoch.layout
        self.index = index
        room = index.epoch.router.room()
        tables = CodeTables(layout)
        query = AlignedMemory(count: layout.stride)
        bytes = ByteQuery(layout)
        order = ListOrder(lists: index.epoch.router.count)
    }

    /// The `limit` nearest vectors that `filter` lets through, as far as the effort finds them:
    /// fewer only where there are fewer.
    ///
    /// The query must fit the shape of the vectors.
    package func search(
        _ vector: [Float], limit: Int, _ effort: VectorEffort, filter: VectorFilter? = nil
    ) -> [VectorHit] {
        let limit = min(limit, filter?.count ?? index.count)
        guard limit > 0 else { return [] }
        top.begin(limit)
        unsafe index.epoch.layout.prepare(vector, into: query.base)
        unsafe index.epoch.scale.query(query.base, into: &bytes)
        if let filter, filter.count <= max(Self.unscannedCount, 2 * limit) {
            rankAll(filter)
        } else {
            scan(effort, keeping: max(effort.ranked, 2 * limit), filter)
            rank()
        }
        return top.sorted().map {
            VectorHit(document: $0.document, score: bytes.score(value: $0.value))
        }
    }

    // MARK: Scanning

    private func scan(_ effort: VectorEffort, keeping kept: Int, _ filter: VectorFilter?) {
        let layout = index.epoch.layout
        reservoir.begin(keeping: kept)
        let wanted = Int(Float(index.count) * effort.scanned)
        promise()
        order.choose(index, wanted: max(wanted, 1))
        unsafe tables.build(
            query.base, index.epoch.codebook, byDistance: !layout.isResidual)
        if layout.isResidual { measureCentroids() }
        for place in 0..<order.count {
            let list = unsafe Int(order.lists.base[place])
            var job = unsafe job(list)
            if layout.isResidual {
                let product = unsafe bytes.score(value: measured.base[place])
                unsafe job.offset = Int32((product / tables.step).rounded())
            }
            if let filter {
                guard allow(list, filter) else { continue }
                unsafe allowed.withUnsafeBufferPointer { words in
                    unsafe job.allowed = words.baseAddress
                    unsafe reservoir.scan(&job)
                }
            } else {
                unsafe reservoir.scan(&job)
            }
        }
        reservoir.cut()
    }

    /// What each list promises.
    private func promise() {
        let layout = index.epoch.layout
        let isDistance = layout.shape.metric == .l2
        let promises = unsafe order.promised
        let lists = index.epoch.router.count
        guard lists > 1 else {
            unsafe promises[0] = 0
            return
        }
        unsafe index.epoch.router.products(
            query.base, byDistance: isDistance, room, into: promises)
        var square: Float = 0
        for number in 0..<layout.stride { unsafe square += query.base[number] * query.base[number] }
        if isDistance {
            for list in 0..<lists {
                let distance = unsafe max(0, square - 2 * promises[list]).squareRoot()
                unsafe promises[list] = Self.spread * index.radii[list] - distance
            }
        } else {
            let spread = Self.spread * square.squareRoot()
            for list in 0..<lists { unsafe promises[list] += spread * index.radii[list] }
        }
    }

    /// The products with the centroids of the chosen lists.
    private func measureCentroids() {
        grow(order.count)
        unsafe bytes.measure(
            index.centroidRows.base, order.lists.base, order.count, into: measured.base)
    }

    private func job(_ list: Int) -> mspd_scan_job {
        let parts = index.epoch.layout.parts
        let start = index.starts[list]
        return unsafe mspd_scan_job(
            codes: index.codes.base + index.blockStarts[list] * CodeBlocks.bytes(parts),
            tables: tables.entries.base, allowed: nil, parts: UInt32(parts),
            count: UInt32(index.starts[list + 1] - start), first: UInt32(start), offset: 0, bar: 0)
    }

    /// Notes which vectors of a list the filter lets through; false when none.
    private func allow(_ list: Int, _ filter: VectorFilter) -> Bool {
        allowed.removeAll(keepingCapacity: true)
        var any: UInt32 = 0
        var place = index.starts[list]
        let end = index.starts[list + 1]
        while place < end {
            var word: UInt32 = 0
            for bit in 0..<min(CodeBlocks.size, end - place) {
                let document = unsafe Int(index.documents.base[place + bit])
                if filter.contains(document) { word |= 1 << UInt32(bit) }
            }
            allowed.append(word)
            any |= word
            place += CodeBlocks.size
        }
        return any != 0
    }

    // MARK: Ranking

    /// Ranks what the scan kept by its bytes.
    private func rank() {
        let count = reservoir.count
        grow(count)
        for hit in 0..<count { unsafe places.base[hit] = reservoir.hits[hit].place }
        rank(count)
    }

    /// Ranks all that a filter lets through, in runs.
    private func rankAll(_ filter: VectorFilter) {
        grow(filter.count)
        var count = 0
        filter.forEach { document in
            unsafe places.base[count] = index.places.base[document]
            count += 1
        }
        rank(count)
    }

    /// Offers the first `count` of `places`.
    private func rank(_ count: Int) {
        unsafe bytes.measure(index.rows.base, places.base, count, into: measured.base)
        for item in 0..<count {
            let document = unsafe index.documents.base[Int(places.base[item])]
            unsafe top.offer(bytes.value(measured.base[item]), document)
        }
    }

    private func grow(_ count: Int) {
        guard measured.count < count else { return }
        places = AlignedMemory(count: count * 2)
        measured = AlignedMemory(count: count * 2)
    }
}
