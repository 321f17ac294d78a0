// Learning an epoch from a sample of vectors: k-means for the lists, then the codebook from what is
// left of the vectors beside their centroids.

/// A sample with what is learnt from it, step by step.
@safe struct VectorTraining {
    /// Vectors of a sample for each list, and the least for which a list is had.
    private static let sampleShare = 36
    private static let leastShare = 8
    /// Numbers of a sample altogether.
    private static let sampleNumbers = 1 << 26
    /// Rounds of k-means in groups, then over all centroids.
    private static let rounds = 8
    private static let finishingRounds = 4
    /// The share of vectors, those nearest to their centroids, that have no second list.
    private static let unspilled: Float = 0.3

    /// Vectors of the sample.
    let count: Int
    private let layout: VectorLayout
    private let memory: AlignedMemory<Float>
    private let lists: Int
    private var random: SplitMix

    private var rows: VectorRows {
        unsafe VectorRows(base: memory.base, count: count, stride: layout.stride)
    }

    /// Takes a sample that is enough for `lists` lists, or for as many as there can be.
    init(_ vectors: VectorSource, lists: Int, seed: UInt64) {
        var random = SplitMix(seed: seed)
        let most = Self.sampleNumbers / vectors.layout.stride
        let wanted = max(lists * Self.sampleShare, Codebook.sampleMax)
        let sample = random.sample(min(wanted, most), below: vectors.count)
        self.init(
            vectors, sample, lists: min(lists, max(1, most / Self.leastShare)), random: random)
    }

    /// The vectors with the given numbers, as they are.
    init(
        _ vectors: VectorSource, _ numbers: [Int], lists: Int = 1,
        random: SplitMix = SplitMix(seed: 1)
    ) {
        self.lists = lists
        self.random = random
        layout = vectors.layout
        count = numbers.count
        memory = AlignedMemory(count: numbers.count * layout.stride)
        for (place, number) in numbers.enumerated() {
            unsafe vectors.prepare(number, into: memory.base + place * layout.stride)
        }
    }

    /// The mean square of the vectors.
    var square: Float {
        var sum = 0.0
        for place in 0..<memory.count {
            unsafe sum += Double(memory.base[place] * memory.base[place])
        }
        return Float(sum / Double(max(1, count)))
    }

    /// Learns all there is; the sample is used up.
    mutating func learn<E>(_ check: () throws(E) -> Void) throws(E) -> VectorEpoch.Learnt {
        var centroids = try centroids(check)
        let permutation = try permutation(centroids, check)
        order(permutation)
        centroids.order(permutation)
        let scale = unsafe ByteScale(layout, from: rows)
        let plain = Router(centroids, layout, &random)
        let left = try subtract(plain, keeping: !layout.isResidual, check)
        let router = Router(
            centroids, radii: left.radii, codebook: plain.codebook, layout, &random)
        let codebook = unsafe Codebook(layout, from: rows, &random)
        let fit = unsafe codebook.fit(rows)
        let most = Float.greatestFiniteMagnitude
        let isSpilling = router.count > 1 && left.floor.isFinite
        return VectorEpoch.Learnt(
            permutation: permutation, router: router, codebook: codebook, scale: scale,
            gain: layout.isResidual && fit.gain.isFinite ? fit.gain : 1,
            spillFloor: isSpilling ? left.floor : .infinity,
            closeness: .init(spread: min(most, left.spread), error: min(most, fit.error)))
    }

    /// How near the sample is to the centroids and codes of an epoch; it is used up.
    mutating func measure(_ epoch: VectorEpoch) -> VectorEpoch.Closeness {
        let (router, codebook) = (epoch.router, epoch.codebook)
        order(epoch.permutation)
        let left = subtract(router, keeping: !layout.isResidual) {}
        return .init(spread: left.spread, error: unsafe codebook.fit(rows).error)
    }

    /// Puts the numbers of the sample into an order.
    private func order(_ permutation: Permutation) {
        unsafe permutation.order(memory.base, count: count)
    }

    /// The order that suits what is coded of the sample.
    private mutating func permutation<E>(
        _ centroids: Centroids, _ check: () throws(E) -> Void
    ) throws(E) -> Permutation {
        let numbers = random.sample(Codebook.sampleMax, below: count)
        let coded = AlignedMemory<Float>(count: numbers.count * layout.stride)
        let router = Router(centroids, layout, &random)
        let room = router.room()
        for (place, number) in numbers.enumerated() {
            try check()
            let vector = unsafe rows.row(number)
            let row = unsafe coded.base + place * layout.stride
            unsafe row.update(from: vector, count: layout.stride)
            guard layout.isResidual else { continue }
            let centroid = unsafe centroids.row(router.home(vector, room))
            for number in 0..<layout.stride { unsafe row[number] -= centroid[number] }
        }
        return unsafe Permutation(
            layout,
            for: VectorRows(base: coded.base, count: numbers.count, stride: layout.stride),
            &random)
    }

    private mutating func centroids<E>(_ check: () throws(E) -> Void) throws(E) -> Centroids {
        var centroids = try unsafe KMeans.centroids(
            of: rows, count: lists, rounds: Self.rounds, &random, check)
        guard centroids.count > 1 else { return centroids }
        for _ in 0..<Self.finishingRounds {
            let router = Router(centroids, layout, &random)
            let room = router.room()
            try unsafe KMeans.improve(&centroids, rows) { (_, index) throws(E) in
                try check()
                return unsafe router.home(rows.row(index), room)
            }
        }
        return centroids
    }

    /// What is left of a sample beside the nearest centroids.
    private struct Left {
        /// The root of the mean square, by list.
        var radii: [Float]
        /// The mean square of all.
        var spread: Float
        /// The square below which the share of vectors lies that have no second list.
        var floor: Float
    }

    /// Measures what is left of the sample, and unless it is kept, leaves just that.
    private mutating func subtract<E>(
        _ router: Router, keeping isKept: Bool, _ check: () throws(E) -> Void
    ) throws(E) -> Left {
        let room = router.room()
        var sums = [Float](repeating: 0, count: router.count)
        var counts = [Float](repeating: 0, count: router.count)
        var squares: [Float] = []
        squares.reserveCapacity(count)
        for index in 0..<count {
            try check()
            let row = unsafe memory.base + index * layout.stride
            let list = unsafe router.home(row, room)
            let centroid = unsafe router.centroids.row(list)
            var square: Float = 0
            for number in 0..<layout.stride {
                let gap = unsafe row[number] - centroid[number]
                square += gap * gap
                if !isKept { unsafe row[number] = gap }
            }
            sums[list] += square
            counts[list] += 1
            squares.append(square)
        }
        let spread = squares.reduce(0) { $0 + Double($1) } / Double(max(1, count))
        squares.sort()
        let floor = squares.isEmpty ? 0 : squares[Int(Float(count) * Self.unspilled)]
        return Left(
            radii: zip(sums, counts).map {
                min(.greatestFiniteMagnitude, ($0 / max(1, $1)).squareRoot())
            },
            spread: Float(spread), floor: floor)
    }
}
