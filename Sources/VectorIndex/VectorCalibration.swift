// How much effort reaches which recall: found out by asking an index for the neighbours of some of
// its own vectors, each left out of its own answer, and comparing with the best of all bytes. So
// nobody has to choose how many lists to look into.

/// The cheapest efforts found for some recalls.
package struct VectorCalibration: Sendable {
    private static let recalls = [0.8, 0.9, 0.95, 0.98, 0.99, 1]
    private static let ranked = [20, 40, 80, 160, 320, 640]
    private static let queries = 100
    private static let limit = 10
    /// Halvings by which a share is found.
    private static let halvings = 7

    /// For each recall the effort that reaches it.
    package let efforts: [(recall: Double, effort: VectorEffort)]

    /// Tries efforts on an index.
    package init(_ index: VectorIndex, seed: UInt64 = 1) {
        let trial = Trial(index, seed: seed)
        efforts = Self.recalls.map { recall in
            let choices = Self.ranked.compactMap { trial.effort(recall, ranked: $0) }
            let best = choices.min { trial.cost($0) < trial.cost($1) }
            return (recall, best ?? VectorEffort(scanned: 1, ranked: Self.ranked.last ?? 0))
        }
    }

    /// An effort that reached a recall, 0 to 1, or the nearest above it.
    package func effort(recall: Double) -> VectorEffort {
        let last = VectorEffort(scanned: 1, ranked: Self.ranked.last ?? 0)
        return efforts.first { $0.recall >= recall }?.effort ?? last
    }

    /// Queries from an index with their true answers.
    private struct Trial {
        let index: VectorIndex
        let searcher: VectorSearcher
        let queries: [(vector: [Float], itself: UInt32)]
        let truths: [Set<UInt32>]

        init(_ index: VectorIndex, seed: UInt64) {
            self.index = index
            let searcher = VectorSearcher(index)
            self.searcher = searcher
            var random = SplitMix(seed: seed)
            let places = random.sample(VectorCalibration.queries, below: index.count)
            queries = places.map { (index.vector(at: $0), index.documents[$0]) }
            truths = queries.map { query in
                let hits = searcher.searchAll(query.vector, limit: VectorCalibration.limit + 1)
                return Set(Self.answer(hits, without: query.itself))
            }
        }

        private static func answer(_ hits: [VectorHit], without itself: UInt32) -> [UInt32] {
            Array(
                hits.map(\.document).filter { $0 != itself }.prefix(VectorCalibration.limit))
        }

        /// The least share that reaches a recall with so many ranked; nil when none does.
        func effort(_ recall: Double, ranked: Int) -> VectorEffort? {
            var effort = VectorEffort(scanned: 1, ranked: ranked)
            guard self.recall(effort) >= recall else { return nil }
            var (low, high): (Float, Float) = (0, 1)
            for _ in 0..<VectorCalibration.halvings {
                // Shares matter by their ratio.
                let middle = low > 0 ? (low * high).squareRoot() : high / 8
                effort.scanned = middle
                if self.recall(effort) >= recall { high = middle } else { low = middle }
            }
            effort.scanned = high
            return effort
        }

        private func recall(_ effort: VectorEffort) -> Double {
            var (found, all) = (0, 0)
            for (query, truth) in zip(queries, truths) {
                let hits = searcher.search(
                    query.vector, limit: VectorCalibration.limit + 1, effort)
                found += Self.answer(hits, without: query.itself).count { truth.contains($0) }
                all += truth.count
            }
            return all == 0 ? 1 : Double(found) / Double(all)
        }

        func cost(_ effort: VectorEffort) -> Double {
            let layout = index.epoch.layout
            return VectorCost.scan(layout, Double(index.count) * Double(effort.scanned))
                + VectorCost.rank(layout, Double(effort.ranked))
        }
    }
}

/// What things cost, in nanoseconds of a common machine: only ratios are of use.
enum VectorCost {
    /// Scanning the codes of so many vectors.
    static func scan(_ layout: VectorLayout, _ vectors: Double) -> Double {
        vectors * Double(layout.codeBytes) / 20
    }

    /// Asking a filter about so many vectors.
    static func filter(_ vectors: Double) -> Double { vectors * 1.5 }

    /// Ranking so many vectors, here and there in memory, by their bytes.
    static func rank(_ layout: VectorLayout, _ vectors: Double) -> Double {
        vectors * (20 + Double(layout.stride) / 16)
    }
}
