// One search after the other over one index: route, scan, rank again. Room is made once: nothing is
// allocated for a vector that is looked at.

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
    /// By how many times more than asked for are ranked by both bytes.
    private static let finalists = 3

    private let index: VectorIndex
    private let room: Router.Room
    private let tables: CodeTables
    private let query: AlignedMemory<Float>
    private var bytes: ByteQuery
    private let lists: AlignedMemory<UInt32>
    private let order = Reservoir()
    private var promises: [Float] = []
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
        lists = AlignedMemory(count: index.epoch.router.count)
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
        begin(vector, limit)
        let share = scanned(effort, filter)
        if let filter, isCheaperToRank(filter, than: share) {
            rankAll(filter)
        } else {
            var count = max(1, Int((Float(lists.count) * share).rounded()))
            scan(count, keeping: max(effort.ranked, 2 * limit), filter)
            // The lists may hold fewer than are wanted, all the more when a filter takes some.
            while reservoir.count < limit, count < lists.count {
                count = min(lists.count, count * 4)
                scan(count, keeping: max(effort.ranked, 2 * limit), filter)
            }
            rank()
        }
        return answer(limit)
    }

    /// The `limit` nearest vectors by their bytes, all of which are looked at.
    package func searchAll(_ vector: [Float], limit: Int) -> [VectorHit] {
        let limit = min(limit, index.count)
        guard limit > 0 else { return [] }
        begin(vector, limit)
        grow(index.count)
        for place in 0..<index.count { unsafe places.base[place] = UInt32(place) }
        rank(index.count)
        return answer(limit)
    }

    private func begin(_ vector: [Float], _ limit: Int) {
        let count = index.epoch.layout.hasRests ? limit * Self.finalists : limit
        top.begin(count)
        unsafe index.epoch.layout.prepare(vector, into: query.base)
        unsafe index.epoch.scale.query(query.base, into: &bytes)
    }

    /// The best, ranked by their second bytes as well.
    private func answer(_ limit: Int) -> [VectorHit] {
        let best = top.sorted()
        guard index.epoch.layout.hasRests else {
            return best.map {
                VectorHit(document: $0.document, score: bytes.score(value: $0.value))
            }
        }
        grow(best.count)
        for (item, hit) in best.enumerated() {
            unsafe places.base[item] = index.places.base[Int(hit.document)]
        }
        unsafe bytes.measure(index.rests.base, places.base, best.count, into: measured.base)
        var hits: [VectorHit] = []
        hits.reserveCapacity(best.count)
        for (item, hit) in best.enumerated() {
            let score = unsafe bytes.score(value: hit.value, rest: measured.base[item])
            hits.append(VectorHit(document: hit.document, score: score))
        }
        hits.sort { ($1.score, $0.document) < ($0.score, $1.document) }
        return hits.count > limit ? Array(hits.prefix(limit)) : hits
    }

    /// The share of vectors to scan: the neighbours that a filter leaves lie further away.
    private func scanned(_ effort: VectorEffort, _ filter: VectorFilter?) -> Float {
        guard let filter else { return effort.scanned }
        let kept = Float(filter.count) / Float(index.count)
        return min(1, effort.scanned / kept.squareRoot())
    }

    private func isCheaperToRank(_ filter: VectorFilter, than share: Float) -> Bool {
        let layout = index.epoch.layout
        let vectors = Double(index.count) * Double(share)
        return VectorCost.rank(layout, Double(filter.count))
            <= VectorCost.scan(layout, vectors) + VectorCost.filter(vectors)
    }

    // MARK: Scanning

    /// Scans the `count` lists that promise most.
    private func scan(_ count: Int, keeping kept: Int, _ filter: VectorFilter?) {
        let layout = index.epoch.layout
        reservoir.begin(keeping: kept)
        choose(count)
        unsafe tables.build(
            query.base, index.epoch.codebook, byDistance: !layout.isResidual)
        for place in 0..<count {
            let chosen = unsafe Int(order.hits[place].place)
            let list = unsafe Int(lists.base[chosen])
            let following = unsafe Int(order.hits[min(place + 1, count - 1)].place)
            let next = unsafe Int(lists.base[following])
            var job = unsafe job(list, before: next)
            if layout.isResidual {
                let product = unsafe bytes.score(value: measured.base[chosen])
                let steps = product / (tables.step * index.epoch.gain)
                unsafe job.offset = Int32(max(-1e9, min(1e9, steps.rounded())))
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

    /// Brings to the front of `order` the `count` lists that promise most: the router's codes say
    /// which are worth a look, the centroids' bytes which of those to take.
    private func choose(_ count: Int) {
        let considered = min(lists.count, 2 * count + CodeBlocks.size)
        let router = index.epoch.router
        unsafe router.lists(query.base, considered, room, into: lists.base)
        grow(considered)
        unsafe bytes.measure(
            index.centroidRows.base, lists.base, considered, into: measured.base)
        var square: Float = 0
        for number in 0..<query.count { unsafe square += query.base[number] * query.base[number] }
        let length = square.squareRoot()
        if promises.count < considered { promises = .init(repeating: 0, count: lists.count) }
        var most: Float = 0
        for item in 0..<considered {
            let score = unsafe bytes.score(value: bytes.value(measured.base[item]))
            promises[item] = unsafe router.promise(
                Int(lists.base[item]), score: score, length: length)
            most = max(most, abs(promises[item]))
        }
        let scale = most > 0 ? 1e9 / most : 0
        order.begin(keeping: considered)
        for item in 0..<considered { order.append(UInt32(item), Int32(promises[item] * scale)) }
        order.order(count)
    }

    private func job(_ list: Int, before next: Int) -> mspd_scan_job {
        let parts = index.epoch.layout.parts
        let start = index.starts[list]
        return unsafe mspd_scan_job(
            codes: codes(list), tables: tables.entries.base, allowed: nil, next: codes(next),
            parts: UInt32(parts), count: UInt32(index.starts[list + 1] - start),
            first: UInt32(start), offset: 0, bar: 0)
    }

    private func codes(_ list: Int) -> UnsafePointer<UInt8> {
        let bytes = CodeBlocks.bytes(index.epoch.layout.parts)
        return unsafe UnsafePointer(index.codes.base + index.blockStarts[list] * bytes)
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
