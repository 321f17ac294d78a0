// Queries of an index's own vectors with their true answers, on which efforts are tried.
//
// A scan that keeps many says what one that keeps fewer would have found: the order of the hits
// tells how many have to be ranked. So one scan for each share of lists is enough.

import CKernels

/// Tries efforts.
@safe struct CalibrationTrial {
    private static let queries = 300
    /// How much less than the score of the last true neighbour still counts as found.
    private static let tolerance: Float = 2e-4
    /// By how much the share of lists grows from trial to trial.
    private static let growth: Float = 1.3
    /// The share of what is missed that filtered searches are to find on top, since one sample
    /// stands for all filters.
    private static let filterMargin: Float = 0.1
    /// The recall after which nothing more is tried.
    private static let enough: Float = 0.998

    /// What a share of the lists reaches with each number of ranked vectors.
    private struct Row {
        var scanned: Float
        var recalls: [Float]
    }

    private let index: VectorIndex
    private let stored: StoredVectors
    private let vectors: [[Float]]
    /// The number of each query in the index, or of none.
    private let numbers: [Int]
    /// For each query the least score that counts as found.
    private let floors: [Float]
    /// How many neighbours each query has.
    private let wanted: Int
    private var rows: [Row] = []
    private let filtered: FilteredTrial

    /// A trial with the last of some queries from elsewhere or, when there are none, with vectors
    /// of the index.
    init<E>(
        _ index: VectorIndex, _ stored: StoredVectors, asking queries: [[Float]], seed: UInt64,
        _ check: () throws(E) -> Void
    ) throws(E) {
        guard queries.isEmpty else {
            try self.init(index, stored, queries, queries.map { _ in -1 }, seed, check)
            return
        }
        var random = SplitMix(seed: seed)
        let numbers = random.sample(Self.queries, below: index.count)
        try self.init(index, stored, numbers.map { stored[$0] }, numbers, seed, check)
    }

    private init<E>(
        _ index: VectorIndex, _ stored: StoredVectors, _ vectors: [[Float]], _ numbers: [Int],
        _ seed: UInt64, _ check: () throws(E) -> Void
    ) throws(E) {
        filtered = try FilteredTrial(index, stored, vectors, numbers, seed: seed, check)
        self.index = index
        self.stored = stored
        self.vectors = vectors
        self.numbers = numbers
        wanted = vectors.isEmpty ? 0 : max(0, min(VectorEffort.limit, index.count - 1))
        let exact = ExactNeighbours(stored, wanted)
        floors = try exact.floors(of: vectors, without: numbers, check).map {
            $0 - abs($0) * Self.tolerance
        }
        guard wanted > 0 else { return }
        let lists = index.epoch.router.count
        let scan = ListScan(index.epoch.layout)
        var count = 1
        while true {
            let recalls = try recalls(scan, lists: count, check)
            rows.append(Row(scanned: Float(count) / Float(lists), recalls: recalls))
            if count == lists || recalls.last ?? 1 >= Self.enough { return }
            count = min(lists, max(count + 1, (Float(count) * Self.growth).whole(in: 1...lists)))
        }
    }

    /// The cheapest effort that reached a recall; the most that can be done when none did.
    func cheapest(recall: Float) -> VectorEffort {
        guard wanted > 0 else { return VectorEffort(scanned: 1, ranked: 1) }
        var best: VectorEffort?
        for row in rows {
            for (place, ranked) in VectorCalibration.ranked.enumerated()
            where row.recalls[place] >= recall {
                let raised = recall + (1 - recall) * Self.filterMargin
                let few = max(row.scanned, filtered.share(recall: raised))
                let effort = VectorEffort(
                    scanned: row.scanned, scannedOfFew: few, ranked: ranked)
                if best.map({ cost(effort) < cost($0) }) ?? true { best = effort }
                break
            }
        }
        return best ?? VectorCalibration.most
    }

    private func cost(_ effort: VectorEffort) -> Double {
        let layout = index.epoch.layout
        return VectorCost.scan(layout, Double(index.documents.count) * Double(effort.scanned))
            + VectorCost.lists(Double(index.epoch.router.count) * Double(effort.scanned))
            + VectorCost.rank(layout, Double(effort.ranked))
    }

    /// The recall of a scan of so many lists by the number of vectors that are ranked.
    private func recalls<E>(
        _ scan: ListScan, lists: Int, _ check: () throws(E) -> Void
    ) throws(E) -> [Float] {
        let most = VectorCalibration.most.ranked
        var found = VectorCalibration.ranked.map { _ in 0 }
        let documents = AlignedMemory<UInt32>(count: most)
        let scores = AlignedMemory<Float>(count: most)
        for (query, vector) in vectors.enumerated() {
            try check()
            scan.begin(index, vector)
            scan.run(index, lists: lists, keeping: most, nil)
            let count = scan.reservoir.count
            var hits = unsafe Array(UnsafeBufferPointer(start: scan.reservoir.hits, count: count))
            hits.sort { ($1.sum, $0.place) < ($0.sum, $1.place) }
            for (item, hit) in hits.enumerated() {
                documents[item] = index.documents[Int(hit.place)]
            }
            unsafe stored.score(
                scan.query.base, places: documents.base, count: count, into: scores.base)
            var seen = Set<UInt32>()
            for item in 0..<count
            where scores[item] >= floors[query] && Int(documents[item]) != numbers[query]
                && seen.count < wanted && seen.insert(documents[item]).inserted
            {
                // The vector itself takes a place that no query from elsewhere loses.
                for (place, ranked) in VectorCalibration.ranked.enumerated() where item <= ranked {
                    found[place] += 1
                }
            }
        }
        return found.map { Float($0) / Float(wanted * vectors.count) }
    }
}

/// The exact neighbours of some vectors among stored ones.
@safe private struct ExactNeighbours {
    private let stored: StoredVectors
    private let wanted: Int

    init(_ stored: StoredVectors, _ wanted: Int) {
        self.stored = stored
        self.wanted = wanted
    }

    /// For each query the score of its last neighbour, itself left out.
    func floors<E>(
        of vectors: [[Float]], without numbers: [Int], _ check: () throws(E) -> Void
    ) throws(E) -> [Float] {
        let exact = ExactSearcher()
        return zip(vectors, try neighbours(vectors, numbers, check)).map { vector, neighbours in
            // Scores as searches have them.
            var filter = VectorFilter(documents: stored.count)
            for document in neighbours { filter.insert(Int(document)) }
            return exact.search(stored, vector, limit: wanted, filter: filter).last?.score ?? 0
        }
    }

    /// All queries are held against one vector after the other, which is read once.
    private func neighbours<E>(
        _ vectors: [[Float]], _ numbers: [Int], _ check: () throws(E) -> Void
    ) throws(E) -> [[UInt32]] {
        guard wanted > 0 else { return vectors.map { _ in [] } }
        let layout = stored.layout
        let queries = AlignedMemory<Float>(count: vectors.count * layout.stride)
        for (place, vector) in vectors.enumerated() {
            unsafe layout.prepare(vector, into: queries.base + place * layout.stride)
        }
        var tops = vectors.map { _ in
            var top = TopVectors()
            top.begin(wanted)
            return top
        }
        let products = AlignedMemory<Float>(count: vectors.count)
        let row = AlignedMemory<Float>(count: layout.stride)
        for document in 0..<stored.count {
            try check()
            unsafe stored.decode(document, into: row.base)
            unsafe mspd_vector_dots(
                row.base, queries.base, vectors.count, layout.stride, products.base)
            let half = layout.shape.metric == .l2 ? unsafe halfSquare(row.base) : 0
            for query in vectors.indices where numbers[query] != document {
                unsafe tops[query].offer(products.base[query] - half, UInt32(document))
            }
        }
        return tops.indices.map { query in tops[query].sorted().map(\.document) }
    }

    /// By distance the query's own square is the same for all vectors.
    private func halfSquare(_ row: UnsafePointer<Float>) -> Float {
        var sum: Float = 0
        for number in 0..<stored.layout.stride { unsafe sum += row[number] * row[number] }
        return sum / 2
    }
}
