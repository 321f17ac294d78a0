// k-means over padded vectors (Lloyd's rounds): the nearest of a few centroids by exact products.
// For many centroids the vectors are first parted into a few groups, each of which gets its share
// of them; so a round looks at about 2 * sqrt(k) centroids for each vector instead of k.

import CKernels

/// Padded vectors, one after the other.
@unsafe struct VectorRows {
    let base: UnsafePointer<Float>
    let count: Int
    let stride: Int

    func row(_ index: Int) -> UnsafePointer<Float> { unsafe base + index * stride }
}

/// Cluster centres with what makes the nearest one of them a largest product.
@safe struct Centroids {
    let count: Int
    let stride: Int
    let values: AlignedMemory<Float>
    /// Minus half of each one's square.
    private(set) var halved: [Float]

    init(count: Int, stride: Int) {
        self.count = count
        self.stride = stride
        values = AlignedMemory(count: count * stride)
        halved = [Float](repeating: 0, count: count)
    }

    /// Centroids that were read.
    init(count: Int, stride: Int, values: AlignedMemory<Float>) {
        precondition(values.count == count * stride)
        self.count = count
        self.stride = stride
        self.values = values
        halved = [Float](repeating: 0, count: count)
        measure()
    }

    /// Puts the numbers of all into an order.
    mutating func order(_ permutation: Permutation) {
        unsafe permutation.order(values.base, count: count)
        measure()
    }

    func row(_ index: Int) -> UnsafeMutablePointer<Float> { unsafe values.base + index * stride }

    /// To be called when the values have changed.
    mutating func measure() {
        for index in 0..<count {
            var sum: Float = 0
            let row = unsafe row(index)
            for place in 0..<stride { unsafe sum += row[place] * row[place] }
            halved[index] = -sum / 2
        }
    }

    /// The nearest of the centroids to a vector, the first of several; `products` has their room.
    func nearest(_ vector: UnsafePointer<Float>, _ products: inout [Float]) -> Int {
        unsafe mspd_vector_dots(vector, values.base, count, stride, &products)
        var best = 0
        var most = -Float.infinity
        for index in 0..<count where products[index] + halved[index] > most {
            most = products[index] + halved[index]
            best = index
        }
        return best
    }
}

/// Finds cluster centres.
enum KMeans {
    /// From so many centroids on, vectors are parted into groups first.
    private static let groupedCount = 256

    /// The centres of `count` clusters; fewer vectors than that are all centres themselves.
    ///
    /// `check` is called for each vector of each round, and may throw to end it.
    static func centroids<E>(
        of rows: VectorRows, count: Int, rounds: Int, _ random: inout SplitMix,
        _ check: () throws(E) -> Void
    ) throws(E) -> Centroids {
        let count = unsafe max(1, min(count, rows.count))
        if count < groupedCount {
            return try unsafe plain(rows, count: count, rounds: rounds, &random, check)
        }
        return try unsafe grouped(rows, count: count, rounds: rounds, &random, check)
    }

    private static func plain<E>(
        _ rows: VectorRows, count: Int, rounds: Int, _ random: inout SplitMix,
        _ check: () throws(E) -> Void
    ) throws(E) -> Centroids {
        var centroids = unsafe Centroids(count: count, stride: rows.stride)
        for (index, row) in unsafe random.sample(count, below: rows.count).enumerated() {
            unsafe centroids.row(index).update(from: rows.row(row), count: rows.stride)
        }
        centroids.measure()
        var products = [Float](repeating: 0, count: count)
        for _ in 0..<rounds {
            try unsafe improve(&centroids, rows) { (centroids, index) throws(E) in
                try check()
                return unsafe centroids.nearest(rows.row(index), &products)
            }
        }
        return centroids
    }

    private static func grouped<E>(
        _ rows: VectorRows, count: Int, rounds: Int, _ random: inout SplitMix,
        _ check: () throws(E) -> Void
    ) throws(E) -> Centroids {
        let groupCount = Int(Float(count).squareRoot())
        let sampled = unsafe random.sample(groupCount * 256, below: rows.count)
        let sample = unsafe copy(rows, sampled)
        let groups = try unsafe plain(
            sample.rows, count: groupCount, rounds: rounds, &random, check)
        var members = [[Int]](repeating: [], count: groupCount)
        var products = [Float](repeating: 0, count: groupCount)
        for index in unsafe 0..<rows.count {
            try check()
            members[unsafe groups.nearest(rows.row(index), &products)].append(index)
        }
        var centroids = unsafe Centroids(count: count, stride: rows.stride)
        var filled = 0
        for (group, share) in shares(members.map(\.count), of: count).enumerated()
        where share > 0 {
            let own = unsafe copy(rows, members[group])
            let part = try unsafe plain(
                own.rows, count: share, rounds: rounds, &random, check)
            unsafe centroids.row(filled).update(
                from: part.values.base, count: share * rows.stride)
            filled += share
        }
        centroids.measure()
        return centroids
    }

    /// Parts `count` in the proportion of `sizes`: exactly, and no share above its size.
    static func shares(_ sizes: [Int], of count: Int) -> [Int] {
        var seen = 0
        var given = 0
        let total = sizes.reduce(0, +)
        return sizes.map { size in
            seen += size
            let share = count * seen / max(1, total) - given
            given += share
            return share
        }
    }

    private static func copy(
        _ rows: VectorRows, _ indices: [Int]
    ) -> (memory: AlignedMemory<Float>, rows: VectorRows) {
        let memory = unsafe AlignedMemory<Float>(count: indices.count * rows.stride)
        for (place, index) in indices.enumerated() {
            unsafe (memory.base + place * rows.stride).update(
                from: rows.row(index), count: rows.stride)
        }
        let copied = unsafe VectorRows(
            base: memory.base, count: indices.count, stride: rows.stride)
        return unsafe (memory, copied)
    }

    /// One round: each centroid becomes the mean of the vectors that are nearest to it, and one
    /// without vectors half of the largest cluster.
    static func improve<E>(
        _ centroids: inout Centroids, _ rows: VectorRows,
        nearest: (Centroids, Int) throws(E) -> Int
    ) throws(E) {
        let stride = unsafe rows.stride
        var counts = [Int](repeating: 0, count: centroids.count)
        let sums = AlignedMemory<Float>(count: centroids.count * stride)
        for index in unsafe 0..<rows.count {
            let cluster = try nearest(centroids, index)
            counts[cluster] += 1
            let sum = unsafe sums.base + cluster * stride
            let row = unsafe rows.row(index)
            for place in 0..<stride { unsafe sum[place] += row[place] }
        }
        for cluster in 0..<centroids.count where counts[cluster] > 0 {
            let scale = 1 / Float(counts[cluster])
            let (sum, row) = unsafe (sums.base + cluster * stride, centroids.row(cluster))
            for place in 0..<stride {
                // Sums of the largest floats are none.
                let mean = unsafe sum[place] * scale
                if mean.isFinite { unsafe row[place] = mean }
            }
        }
        for cluster in 0..<centroids.count where counts[cluster] == 0 {
            split(&counts, centroids, into: cluster)
        }
        centroids.measure()
    }

    private static func split(_ counts: inout [Int], _ centroids: Centroids, into empty: Int) {
        let largest = counts.indices.max { (counts[$0], $1) < (counts[$1], $0) } ?? 0
        let (from, to) = unsafe (centroids.row(largest), centroids.row(empty))
        for place in 0..<centroids.stride {
            let nudge: Float = place % 2 == 0 ? 1 / 1_024 : -1 / 1_024
            unsafe to[place] = from[place] * (1 + nudge)
            unsafe from[place] = from[place] * (1 - nudge)
        }
        counts[empty] = counts[largest] / 2
        counts[largest] -= counts[empty]
    }
}
