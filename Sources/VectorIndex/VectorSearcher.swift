// One search after the other over indexes: route, scan, rank by bytes, rank the best by the vectors
// as they were put. Room is made once: nothing is allocated for a vector that is looked at.

import CKernels

/// Searches indexes, one query at a time; for one thread.
@safe package final class VectorSearcher {
    /// Vectors that are kept at most to look past copies of one.
    private static let copiesMax = 65_536
    /// Different values that are enough, once copies were looked past.
    private static let valuesWanted = 8

    /// The scan made for the layout of the last index.
    private var scan: ListScan?
    private var top = TopVectors()
    private let exact = ExactSearcher()
    private var documents = AlignedMemory<UInt32>(count: 0)
    private var measured = AlignedMemory<Int32>(count: 0)
    private var scores = AlignedMemory<Float>(count: 0)

    /// A searcher for indexes of any shape.
    package init() {}

    /// The `limit` nearest vectors that `filter` lets through, as far as the effort finds them.
    ///
    /// Fewer come back only where there are fewer. With `group`, only the best of each group does.
    /// `stored` are the vectors that the index was made from; scores are by them. The query must
    /// fit their shape.
    package func search(
        _ index: VectorIndex, over stored: StoredVectors, _ vector: [Float], limit: Int,
        _ effort: VectorEffort, filter: VectorFilter? = nil, group: ((UInt32) -> UInt32)? = nil
    ) -> [VectorHit] {
        precondition(stored.layout == index.epoch.layout && stored.count == index.count)
        let limit = min(limit, filter?.count ?? index.count)
        guard limit > 0 else { return [] }
        let scan = scan(for: index.epoch.layout)
        scan.begin(index, vector)
        guard let group else { return best(scan, index, stored, limit, effort, filter) }
        return GroupedHits.find(
            limit, of: filter?.count ?? index.count, group: group,
            search: { best(scan, index, stored, $0, effort, filter) },
            all: { exact.bestOfGroups(stored, vector, filter: filter, group: group) })
    }

    private func scan(for layout: VectorLayout) -> ListScan {
        if let scan, scan.layout == layout { return scan }
        let made = ListScan(layout)
        scan = made
        return made
    }

    private func best(
        _ scan: ListScan, _ index: VectorIndex, _ stored: StoredVectors, _ limit: Int,
        _ effort: VectorEffort, _ filter: VectorFilter?
    ) -> [VectorHit] {
        top.begin(finalists(limit))
        let kept = filter.map { Float($0.count) / Float(index.count) } ?? 1
        let effort = effort.scaled(limit: limit, keeping: kept)
        if let filter, isCheaperToRank(scan, filter, of: index, than: effort) {
            rankAll(scan, index, filter)
            return answer(scan, stored, limit)
        }
        let ranked = ranked(effort, limit, of: index)
        let lists = index.epoch.router.count
        var count = max(1, Float(Float(lists) * effort.scanned).whole(in: 1...lists))
        while true {
            offer(scan, look(scan, index, lists: count, ranked, filter).count)
            // The lists may hold fewer than are wanted, all the more when a filter takes some.
            if count == lists || top.count() >= limit { break }
            count = min(lists, count * 4)
        }
        if top.isOfOneValue() {
            lookPastCopies(scan, index, limit, lists: count, ranked, filter)
        }
        return answer(scan, stored, limit)
    }

    /// Vectors that a scan keeps.
    private func ranked(_ effort: VectorEffort, _ limit: Int, of index: VectorIndex) -> Int {
        min(max(effort.ranked, 2 * limit), index.documents.count)
    }

    /// Where all that is left has the same bytes, as copies of one vector have, what bytes hardly
    /// tell from it is hidden behind, or lies in the next list: more lists are scanned, more is
    /// kept, and of each value no more than are wanted.
    private func lookPastCopies(
        _ scan: ListScan, _ index: VectorIndex, _ limit: Int, lists: Int, _ kept: Int,
        _ filter: VectorFilter?
    ) {
        var (kept, lists) = (kept, lists)
        let allLists = index.epoch.router.count
        var best: [(value: Int32, document: UInt32)] = []
        var values = 0
        var isAll = false
        repeat {
            kept = max(kept, min(kept * 16, Self.copiesMax))
            lists = min(lists * 16, allLists)
            let measured = look(scan, index, lists: lists, kept, filter)
            (best, values) = bestOfEachValue(limit, of: measured.count, scan)
            isAll = measured.isAll
        } while values < Self.valuesWanted
            && (lists < allLists || kept < Self.copiesMax && !isAll)
        top.begin(best.count)
        for hit in best { top.offer(hit.value, hit.document) }
    }

    /// Of the first `count` that were measured the `limit` first of each of the highest values.
    private func bestOfEachValue(
        _ limit: Int, of count: Int, _ scan: ListScan
    ) -> (best: [(value: Int32, document: UInt32)], values: Int) {
        var all = (0..<count).map { item in
            (value: scan.bytes.value(measured[item]), document: documents[item])
        }
        all.sort { $0.value == $1.value ? $0.document < $1.document : $0.value > $1.value }
        var best: [(value: Int32, document: UInt32)] = []
        var (values, ofValue) = (0, 0)
        for hit in all {
            if hit.value != best.last?.value {
                if values == Self.valuesWanted { break }
                (values, ofValue) = (values + 1, 0)
            }
            // A vector may be in two lists.
            guard ofValue < limit, hit.document != best.last?.document else { continue }
            best.append(hit)
            ofValue += 1
        }
        return (best, values)
    }

    /// Vectors of which the best are told by the vectors as they were put: bytes are often wrong
    /// about the order of the best, seldom about which they are.
    private func finalists(_ limit: Int) -> Int { 2 * limit + 10 }

    /// Whether all that a filter leaves is measured sooner than what some lists have of it.
    private func isCheaperToRank(
        _ scan: ListScan, _ filter: VectorFilter, of index: VectorIndex,
        than effort: VectorEffort
    ) -> Bool {
        let layout = index.epoch.layout
        let vectors = Double(index.documents.count) * Double(effort.scanned)
        let passing = vectors * Double(filter.count) / Double(index.count)
        let look =
            scan.isWorthGathering(filter, of: index)
            ? VectorCost.rank(layout, passing)
            : VectorCost.scan(layout, vectors) + VectorCost.rank(layout, Double(effort.ranked))
        return VectorCost.rankAll(layout, Double(filter.count))
            <= look + VectorCost.filter(vectors)
            + VectorCost.lists(Double(index.epoch.router.count) * Double(effort.scanned))
    }

    // MARK: Ranking

    /// Looks into lists, and measures by its bytes what is worth it: what the scan kept, of few
    /// that a filter lets through all.
    ///
    /// Returns how much that is, and whether it is all there is.
    private func look(
        _ scan: ListScan, _ index: VectorIndex, lists: Int, _ kept: Int, _ filter: VectorFilter?
    ) -> (count: Int, isAll: Bool) {
        if let filter, scan.isWorthGathering(filter, of: index) {
            let count = scan.gather(index, lists: lists, filter)
            grow(count)
            unsafe documents.base.update(from: scan.passing.base, count: count)
            measure(scan, index, count)
            return (count, true)
        }
        scan.run(index, lists: lists, keeping: kept, filter)
        let count = scan.reservoir.count
        grow(count)
        for hit in 0..<count {
            let place = unsafe Int(scan.reservoir.hits[hit].place)
            unsafe documents.base[hit] = index.documents.base[place]
        }
        measure(scan, index, count)
        return (count, count < kept)
    }

    /// Measures the first `count` of `documents` by their bytes.
    private func measure(_ scan: ListScan, _ index: VectorIndex, _ count: Int) {
        unsafe scan.bytes.measure(index.rows.base, documents.base, count, into: measured.base)
    }

    /// Ranks all that a filter lets through.
    private func rankAll(_ scan: ListScan, _ index: VectorIndex, _ filter: VectorFilter) {
        grow(filter.count)
        var count = 0
        filter.forEach(in: 0..<index.count) { document in
            unsafe documents.base[count] = UInt32(document)
            count += 1
        }
        measure(scan, index, count)
        offer(scan, count)
    }

    /// Offers the first `count` of `documents` as they were measured.
    private func offer(_ scan: ListScan, _ count: Int) {
        for item in 0..<count {
            unsafe top.offer(scan.bytes.value(measured.base[item]), documents.base[item])
        }
    }

    /// The best, by the vectors as they were put.
    private func answer(
        _ scan: ListScan, _ stored: StoredVectors, _ limit: Int
    ) -> [VectorHit] {
        let best = top.sorted()
        grow(best.count)
        for (item, hit) in best.enumerated() { unsafe documents.base[item] = hit.document }
        unsafe stored.score(
            scan.query.base, places: documents.base, count: best.count, into: scores.base)
        top.begin(limit)
        for item in 0..<best.count { unsafe top.offer(scores.base[item], documents.base[item]) }
        return top.hits()
    }

    private func grow(_ count: Int) {
        guard measured.count < count else { return }
        documents = AlignedMemory(count: count * 2)
        measured = AlignedMemory(count: count * 2)
        scores = AlignedMemory(count: count * 2)
    }
}
