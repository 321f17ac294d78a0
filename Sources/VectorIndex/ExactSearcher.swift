// The nearest vectors by looking at all of them, or at all that a filter lets through: for vectors
// that came just now, and for segments too small for an index.

/// Searches stored vectors, one query at a time; for one thread.
@safe package final class ExactSearcher {
    /// Vectors scored at once.
    private static let runSize = 256

    private var query = AlignedMemory<Float>(count: 0)
    private let scores = AlignedMemory<Float>(count: runSize)
    private let places = AlignedMemory<UInt32>(count: runSize)
    private var top = TopVectors()

    /// A searcher for vectors of any shape.
    package init() {}

    /// The `limit` nearest vectors of a range that `filter` lets through.
    ///
    /// The best come first, among equals the lower number; with `group`, only the best of each
    /// group. The query must fit the shape of the vectors, the range lie within them.
    package func search(
        _ stored: StoredVectors, _ vector: [Float], limit: Int, range: Range<Int>? = nil,
        filter: VectorFilter? = nil, group: ((UInt32) -> UInt32)? = nil
    ) -> [VectorHit] {
        let range = range ?? 0..<stored.count
        precondition(range.lowerBound >= 0 && range.upperBound <= stored.count)
        let limit = min(limit, filter.map { min($0.count, range.count) } ?? range.count)
        guard limit > 0 else { return [] }
        begin(stored.layout, vector)
        guard let group else { return best(stored, limit, range, filter) }
        return GroupedHits.find(
            limit, of: filter?.count ?? range.count, group: group,
            search: { best(stored, $0, range, filter) },
            all: { bestOfGroups(stored, range, filter, group) })
    }

    /// The best of each group of all vectors that `filter` lets through, best first.
    func bestOfGroups(
        _ stored: StoredVectors, _ vector: [Float], filter: VectorFilter?,
        group: (UInt32) -> UInt32
    ) -> [VectorHit] {
        begin(stored.layout, vector)
        return bestOfGroups(stored, 0..<stored.count, filter, group)
    }

    private func bestOfGroups(
        _ stored: StoredVectors, _ range: Range<Int>, _ filter: VectorFilter?,
        _ group: (UInt32) -> UInt32
    ) -> [VectorHit] {
        var best: [UInt32: VectorHit] = [:]
        forEachScore(stored, range, filter) { score, document in
            let group = group(document)
            if let known = best[group], known.score >= score { return }
            best[group] = VectorHit(document: document, score: score)
        }
        return best.values.sorted {
            $0.score == $1.score ? $0.document < $1.document : $0.score > $1.score
        }
    }

    private func begin(_ layout: VectorLayout, _ vector: [Float]) {
        if query.count != layout.stride { query = AlignedMemory(count: layout.stride) }
        unsafe layout.prepare(vector, into: query.base)
    }

    private func best(
        _ stored: StoredVectors, _ limit: Int, _ range: Range<Int>, _ filter: VectorFilter?
    ) -> [VectorHit] {
        top.begin(limit)
        forEachScore(stored, range, filter) { top.offer($0, $1) }
        return top.hits()
    }

    /// The score of each vector of a range that passes, in ascending order of their numbers.
    @inline(__always)
    private func forEachScore(
        _ stored: StoredVectors, _ range: Range<Int>, _ filter: VectorFilter?,
        _ body: (Float, UInt32) -> Void
    ) {
        guard let filter else {
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.runSize) {
                let count = min(Self.runSize, range.upperBound - start)
                unsafe stored.score(
                    query.base, first: start, places: nil, count: count, into: scores.base)
                for item in 0..<count { body(unsafe scores.base[item], UInt32(start + item)) }
            }
            return
        }
        var count = 0
        func scoreRun() {
            unsafe stored.score(query.base, places: places.base, count: count, into: scores.base)
            for item in 0..<count { body(unsafe scores.base[item], unsafe places.base[item]) }
            count = 0
        }
        filter.forEach(in: range) { document in
            unsafe places.base[count] = UInt32(document)
            count += 1
            if count == Self.runSize { scoreRun() }
        }
        scoreRun()
    }
}
