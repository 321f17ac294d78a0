// How much further the neighbours lie that a filter leaves: of a sample of one vector in a hundred
// the true neighbours of some queries are found, and how many lists promise more than theirs.

/// Tells in how many lists the neighbours are when one vector in a hundred passes.
struct FilteredTrial {
    /// One vector of so many is in the sample.
    static let keptOf = 100

    private let lists: Int
    /// For each true neighbour of each query, how many lists promise more than its own, ascending.
    private var ranks: [Int] = []

    /// A trial with some queries, which have the given numbers in the index or none; `check` is
    /// called for each, and may throw to end it.
    init<E>(
        _ index: VectorIndex, _ stored: StoredVectors, _ vectors: [[Float]], _ numbers: [Int],
        seed: UInt64, _ check: () throws(E) -> Void
    ) throws(E) {
        lists = index.epoch.router.count
        var random = SplitMix(seed: seed)
        var sample = VectorFilter(documents: index.count)
        let wanted = max(2 * VectorEffort.limit, index.count / Self.keptOf)
        for number in random.sample(wanted, below: index.count) { sample.insert(number) }
        let listsOf = Self.lists(of: sample, index)
        let exact = ExactSearcher()
        let scan = ListScan(index.epoch.layout)
        for (vector, number) in zip(vectors, numbers) {
            try check()
            scan.begin(index, vector)
            let ranks = scan.ranks(index.epoch)
            // The vector itself would be found in the first list.
            let isOwn = number >= 0 && sample.contains(number)
            if isOwn { sample.remove(number) }
            for hit in exact.search(stored, vector, limit: VectorEffort.limit, filter: sample) {
                if let rank = listsOf[hit.document]?.map({ ranks[$0] }).min() {
                    self.ranks.append(rank)
                }
            }
            if isOwn { sample.insert(number) }
        }
        ranks.sort()
    }

    /// The lists that each vector of a sample lies in.
    private static func lists(
        of sample: VectorFilter, _ index: VectorIndex
    ) -> [UInt32: [Int]] {
        var lists: [UInt32: [Int]] = [:]
        for list in 0..<index.epoch.router.count {
            for place in index.starts[list]..<index.starts[list + 1] {
                let document = index.documents[place]
                if sample.contains(Int(document)) { lists[document, default: []].append(list) }
            }
        }
        return lists
    }

    /// The least share of the lists that holds a share of all neighbours.
    func share(recall: Float) -> Float {
        guard let last = ranks.indices.last else { return 1 }
        let place = (recall * Float(ranks.count)).rounded(.up).whole(in: 1...last + 1) - 1
        return Float(ranks[place] + 1) / Float(lists)
    }
}
