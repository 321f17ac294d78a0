// What is learnt from a sample of a track's vectors: the centroids of lists, the codebook, the
// ranges of bytes. Codes of one epoch mean the same wherever they lie, so indexes of one epoch are
// merged by joining their lists.

/// Everything that turns vectors into places in an index.
@safe package final class VectorEpoch: Sendable {
    /// Vectors from which a list is worth its centroid: fewer are scanned as one list.
    private static let listedCount = 20_000
    /// Vectors of a sample for each list.
    private static let sampleShare = 48
    private static let rounds = 8
    /// Rounds over all centroids once the grouped ones are found.
    private static let finishingRounds = 2

    /// How its vectors and codes lie in memory.
    package let layout: VectorLayout
    let router: Router
    let codebook: Codebook
    let scale: ByteScale
    /// By how much products with coded vectors fall short of those with the vectors themselves.
    ///
    /// A code is the mean of what it stands for, so it is shorter. Products with centroids are not,
    /// and the sum of both would favour what lies near its centroid.
    let gain: Float

    /// Lists that suit so many vectors.
    package static func lists(for count: Int) -> Int {
        guard count >= listedCount else { return 1 }
        var lists = 64
        while lists * lists < count * 16 { lists *= 2 }
        return lists
    }

    /// Learns from vectors, of which it takes a sample; the same seed gives the same epoch.
    ///
    /// `lists` is for an index of the given vectors when nil.
    package init(
        _ layout: VectorLayout, from vectors: VectorSource, lists: Int? = nil, seed: UInt64 = 1
    ) {
        self.layout = layout
        var random = SplitMix(seed: seed)
        let lists = lists ?? Self.lists(for: vectors.count)
        let sampled = random.sample(
            max(lists * Self.sampleShare, Codebook.sampleMax), below: vectors.count)
        let memory = AlignedMemory<Float>(count: sampled.count * layout.stride)
        for (place, index) in sampled.enumerated() {
            unsafe vectors.prepare(index, layout, into: memory.base + place * layout.stride)
        }
        let rows = unsafe VectorRows(
            base: memory.base, count: sampled.count, stride: layout.stride)
        unsafe scale = ByteScale(layout, from: rows)
        let centroids = unsafe Self.centroids(rows, layout, lists, &random)
        let radii = unsafe Self.subtract(centroids, layout, from: rows, in: memory, &random)
        router = Router(centroids, radii: radii, layout, &random)
        if !layout.isResidual {
            for (place, index) in sampled.enumerated() {
                unsafe vectors.prepare(index, layout, into: memory.base + place * layout.stride)
            }
        }
        codebook = unsafe Codebook(layout, from: rows, &random)
        gain = unsafe layout.isResidual ? codebook.gain(rows) : 1
    }

    private static func centroids(
        _ rows: VectorRows, _ layout: VectorLayout, _ lists: Int, _ random: inout SplitMix
    ) -> Centroids {
        var centroids = unsafe KMeans.centroids(
            of: rows, count: lists, rounds: rounds, &random)
        guard centroids.count > 1 else { return centroids }
        for _ in 0..<finishingRounds {
            let router = Router(centroids, layout, &random)
            let room = router.room()
            unsafe KMeans.improve(&centroids, rows) { _, index in
                unsafe router.nearest(rows.row(index), room)
            }
        }
        return centroids
    }

    /// Turns a sample into what is left of it beside the nearest centroids; for each list the root
    /// of the mean square of what is left.
    private static func subtract(
        _ centroids: Centroids, _ layout: VectorLayout, from rows: VectorRows,
        in memory: AlignedMemory<Float>, _ random: inout SplitMix
    ) -> [Float] {
        let router = Router(centroids, layout, &random)
        let room = router.room()
        var squares = [Float](repeating: 0, count: centroids.count)
        var counts = [Float](repeating: 0, count: centroids.count)
        for index in unsafe 0..<rows.count {
            let row = unsafe memory.base + index * layout.stride
            let list = unsafe router.nearest(row, room)
            let centroid = unsafe centroids.row(list)
            for number in 0..<layout.stride {
                unsafe row[number] -= centroid[number]
                unsafe squares[list] += row[number] * row[number]
            }
            counts[list] += 1
        }
        return zip(squares, counts).map { ($0 / max(1, $1)).squareRoot() }
    }

    /// Bytes taken.
    package var bytes: Int { router.bytes + codebook.bytes }
}
