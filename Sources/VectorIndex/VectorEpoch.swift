// What was learnt from a sample of a track's vectors: the centroids of lists, the codebook, the
// ranges of bytes. Codes of one epoch mean the same wherever they lie, so indexes of one epoch are
// merged by joining their lists.

import CKernels

/// Everything that turns vectors into places in an index.
@safe package final class VectorEpoch: Sendable {
    /// Vectors from which a list is worth its centroid: fewer are scanned as one list.
    private static let listedCount = 20_000
    /// By how many times the lists that would suit may differ from those there are.
    private static let listsRatio = 4
    /// The drift from which learning anew pays.
    private static let driftMax: Float = 1.2

    /// How its vectors and codes lie in memory.
    package let layout: VectorLayout
    /// All that was learnt.
    let learnt: Learnt
    /// The centroids as bytes, as an index has its vectors.
    let centroidRows: AlignedMemory<Int8>
    /// A number made of all that was learnt: indexes with one number have one epoch.
    package let identity: UInt64

    /// What is learnt from a sample.
    struct Learnt: Sendable {
        /// The order of a vector's numbers; all that follows is of vectors in this order.
        let permutation: Permutation
        let router: Router
        let codebook: Codebook
        let scale: ByteScale
        /// By how much products with coded vectors fall short of those with the vectors themselves.
        ///
        /// A code is the mean of what it stands for, so it is shorter. Products with centroids are
        /// not, and the sum of both would favour what lies near its centroid.
        let gain: Float
        /// The squared distance from its centroid from which a vector goes into a second list.
        let spillFloor: Float
        /// How near the vectors of its sample are to their centroids and their codes.
        let closeness: Closeness
    }

    /// Mean squared distances.
    struct Closeness: Equatable, Sendable {
        /// Of vectors from the centroids of their lists.
        var spread: Float
        /// Of vectors, or of what is left of them, from what their codes stand for.
        var error: Float
    }

    init(_ layout: VectorLayout, _ learnt: Learnt) {
        self.layout = layout
        self.learnt = learnt
        let router = learnt.router
        centroidRows = AlignedMemory(count: router.count * layout.stride)
        for list in 0..<router.count {
            unsafe learnt.scale.encode(
                router.centroids.row(list), into: centroidRows.base + list * layout.stride)
        }
        var hash = EpochHash()
        learnt.write(layout) { hash.add($0) }
        identity = hash.value
    }

    var permutation: Permutation { learnt.permutation }
    var router: Router { learnt.router }
    var codebook: Codebook { learnt.codebook }
    var scale: ByteScale { learnt.scale }

    /// Learns from vectors, of which it takes a sample; the same seed gives the same epoch.
    ///
    /// `lists` is for an index of the given vectors when nil.
    package convenience init(learning vectors: VectorSource, lists: Int? = nil, seed: UInt64 = 1) {
        self.init(learning: vectors, lists: lists, seed: seed) {}
    }

    /// Learns from vectors; `check` is called all the time, and may throw to end it.
    package convenience init<E>(
        learning vectors: VectorSource, lists: Int? = nil, seed: UInt64 = 1,
        check: () throws(E) -> Void
    ) throws(E) {
        let lists = lists ?? Self.lists(for: vectors.count)
        var training = VectorTraining(vectors, lists: lists, seed: seed)
        self.init(vectors.layout, try training.learn(check))
    }

    /// Lists that suit so many vectors.
    package static func lists(for count: Int) -> Int {
        guard count >= listedCount else { return 1 }
        // Routing reads the centroids, scanning some of the lists: four times the root costs about
        // as much here as there.
        let lists = Int(4 * Double(count).squareRoot())
        return lists / Int(MSPD_NEAR_BLOCK) * Int(MSPD_NEAR_BLOCK)
    }

    /// How much worse the epoch stands for vectors than for those it was learnt from: 1 for no
    /// worse, 1.2 when the mean squared error is a fifth larger.
    package func drift(of vectors: VectorSource, seed: UInt64 = 1) -> Float {
        precondition(vectors.layout == layout)
        var random = SplitMix(seed: seed)
        var sample = VectorTraining(
            vectors, random.sample(Codebook.sampleMax, below: vectors.count))
        guard sample.count > 0 else { return 1 }
        let found = sample.measure(self)
        let closeness = learnt.closeness
        // Rounding is no drift where there is nothing to be wrong about.
        let floor = max(sample.square * 1e-6, .leastNormalMagnitude)
        let spread = router.count > 1 ? (found.spread + floor) / (closeness.spread + floor) : 1
        return max(spread, (found.error + floor) / (closeness.error + floor))
    }

    /// Whether the epoch still suits so many vectors with so much drift, or learning anew pays.
    package func suits(count: Int, drift: Float) -> Bool {
        let wanted = Self.lists(for: count)
        return drift <= Self.driftMax && wanted <= router.count * Self.listsRatio
            && router.count <= wanted * Self.listsRatio
    }

    /// Lists.
    package var listCount: Int { router.count }

    /// Bytes taken in memory.
    package var bytes: Int {
        permutation.bytes + router.bytes + codebook.bytes + centroidRows.bytes
    }
}
