// Queries of an index's own vectors with their true answers, on which efforts are tried.

import CKernels

/// Tries efforts.
@safe struct CalibrationTrial {
    private static let queries = 200
    private static let limit = 10
    /// How much less than the score of the last true neighbour still counts as found.
    private static let tolerance: Float = 2e-4
    /// By how much the share grows from trial to trial, and how often at most.
    private static let growth: Float = 1.25
    private static let growths = 12
    /// Scanning more pays no longer when it finds so little more.
    private static let leastGain = 0.001

    private let index: VectorIndex
    private let stored: StoredVectors
    private let searcher = VectorSearcher()
    /// The vectors asked for.
    private let numbers: [Int]
    private let vectors: [[Float]]
    /// For each query the least score that counts as found.
    private let floors: [Float]
    /// How many neighbours each query has.
    private let wanted: Int
    /// Ascending: for each true neighbour the share of lists to scan until it is met.
    private let depths: [Float]

    init(_ index: VectorIndex, _ stored: StoredVectors, seed: UInt64) {
        self.index = index
        self.stored = stored
        var random = SplitMix(seed: seed)
        numbers = random.sample(Self.queries, below: index.count)
        vectors = numbers.map { stored[$0] }
        wanted = max(0, min(Self.limit, index.count - 1))
        let truths = Self.truths(stored, vectors, numbers, wanted)
        floors = truths.map { truth in
            let last = truth.last?.score ?? 0
            return last - abs(last) * Self.tolerance
        }
        depths = Self.depths(index, vectors, truths)
    }

    /// The cheapest effort found that reaches a recall; the most that can be done when none does.
    mutating func cheapest(recall: Float) -> VectorEffort {
        var best: VectorEffort?
        let lists = Float(index.epoch.router.count)
        for ranked in VectorCalibration.ranked {
            var effort = VectorEffort(scanned: max(1 / lists, depth(recall) / 2), ranked: ranked)
            var last = 0.0
            for _ in 0..<Self.growths {
                if let best, cost(best) <= cost(effort) { break }
                let found = self.recall(effort)
                if found >= Double(recall) {
                    best = effort
                    break
                }
                // Lists are not what is missing.
                if effort.scanned == 1 { break }
                if last > 0, found < last + Self.leastGain, effort.scanned > depth(recall) { break }
                last = found
                effort.scanned = min(
                    1, max(effort.scanned * Self.growth, effort.scanned + 1 / lists))
            }
        }
        return best ?? VectorCalibration.most
    }

    /// The share of lists in which a share of the true neighbours lies.
    private func depth(_ recall: Float) -> Float {
        guard !depths.isEmpty else { return 0 }
        return depths[Float(Float(depths.count) * recall).whole(in: 0...depths.count - 1)]
    }

    private func recall(_ effort: VectorEffort) -> Double {
        guard wanted > 0, !vectors.isEmpty else { return 1 }
        var found = 0
        for query in vectors.indices {
            let hits = searcher.search(
                index, over: stored, vectors[query], limit: wanted + 1, effort)
            let others = hits.filter { Int($0.document) != numbers[query] }.prefix(wanted)
            found += others.count { $0.score >= floors[query] }
        }
        return Double(found) / Double(wanted * vectors.count)
    }

    private func cost(_ effort: VectorEffort) -> Double {
        let layout = index.epoch.layout
        return VectorCost.scan(layout, Double(index.documents.count) * Double(effort.scanned))
            + VectorCost.rank(layout, Double(effort.ranked))
    }

    // MARK: Truth

    /// For each query the exact best, itself left out.
    ///
    /// All queries are held against one vector after the other, which is read once.
    private static func truths(
        _ stored: StoredVectors, _ vectors: [[Float]], _ numbers: [Int], _ wanted: Int
    ) -> [[VectorHit]] {
        let layout = stored.layout
        let queries = AlignedMemory<Float>(count: vectors.count * layout.stride)
        for (place, vector) in vectors.enumerated() {
            for (number, value) in vector.enumerated() {
                queries[place * layout.stride + number] = value
            }
        }
        var tops = vectors.map { _ in
            var top = TopVectors()
            top.begin(wanted)
            return top
        }
        guard wanted > 0 else { return tops.map { _ in [] } }
        let products = AlignedMemory<Float>(count: vectors.count)
        let row = AlignedMemory<Float>(count: layout.stride)
        // By distance the query's own square is the same for all vectors.
        let isDistance = layout.shape.metric == .l2
        for document in 0..<stored.count {
            unsafe stored.decode(document, into: row.base)
            unsafe mspd_vector_dots(
                row.base, queries.base, vectors.count, layout.stride, products.base)
            let half = isDistance ? unsafe halfSquare(row.base, layout.stride) : 0
            for query in vectors.indices where numbers[query] != document {
                unsafe tops[query].offer(products.base[query] - half, UInt32(document))
            }
        }
        // Scores as searches have them.
        let exact = ExactSearcher()
        return zip(vectors, tops).map { vector, top in
            var (top, filter) = (top, VectorFilter(documents: stored.count))
            for hit in top.hits() { filter.insert(Int(hit.document)) }
            return exact.search(stored, vector, limit: wanted, filter: filter)
        }
    }

    private static func halfSquare(_ row: UnsafePointer<Float>, _ count: Int) -> Float {
        var sum: Float = 0
        for number in 0..<count { unsafe sum += row[number] * row[number] }
        return sum / 2
    }

    /// For each true neighbour the share of lists that promise a query more than its own.
    private static func depths(
        _ index: VectorIndex, _ vectors: [[Float]], _ truths: [[VectorHit]]
    ) -> [Float] {
        var isAsked = VectorFilter(documents: index.count)
        for hit in truths.joined() { isAsked.insert(Int(hit.document)) }
        var lists: [UInt32: [Int]] = [:]
        for list in 0..<index.epoch.router.count {
            for place in index.starts[list]..<index.starts[list + 1]
            where isAsked.contains(Int(index.documents[place])) {
                lists[index.documents[place], default: []].append(list)
            }
        }
        let scan = ListScan(index.epoch.layout)
        var depths: [Float] = []
        for (vector, truth) in zip(vectors, truths) {
            scan.begin(index, vector)
            let promises = scan.promises(index.epoch)
            for hit in truth {
                let best = (lists[hit.document] ?? []).map { promises[$0] }.max() ?? 0
                let before = promises.count { $0 > best }
                depths.append(Float(before + 1) / Float(promises.count))
            }
        }
        return depths.sorted()
    }
}
