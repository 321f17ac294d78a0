// Vectors on their way into the lists of an index: first it is found out which go where, then they
// are written there.

/// The memory of an index being made.
@safe struct IndexFilling {
    /// Places in each list.
    let sizes: [Int]
    let documents: AlignedMemory<UInt32>
    let codes: AlignedMemory<UInt8>
    let rows: AlignedMemory<Int8>

    /// Puts vectors into the lists of an epoch.
    init<E>(
        _ epoch: VectorEpoch, _ vectors: VectorSource, _ check: () throws(E) -> Void
    ) throws(E) {
        let layout = epoch.layout
        rows = AlignedMemory(count: vectors.count * layout.stride)
        let homes = try unsafe Self.homes(epoch, vectors, bytes: rows.base, check)
        sizes = Self.sizes(homes, of: epoch.router.count)
        let places = ListPlaces(sizes)
        documents = AlignedMemory(count: places.count)
        var next = places.starts
        for (document, home) in homes.enumerated() {
            for list in [home.first, home.second] where list != Home.none {
                documents[next[Int(list)]] = UInt32(document)
                next[Int(list)] += 1
            }
        }
        codes = AlignedMemory(count: places.blocks * CodeBlocks.bytes(layout.parts))
        try encode(epoch, vectors, places, check)
    }

    /// The lists of a vector.
    private struct Home {
        static let none = UInt32.max
        var first: UInt32
        var second: UInt32
    }

    private static func sizes(_ homes: [Home], of lists: Int) -> [Int] {
        var sizes = [Int](repeating: 0, count: lists)
        for home in homes {
            sizes[Int(home.first)] += 1
            if home.second != Home.none { sizes[Int(home.second)] += 1 }
        }
        return sizes
    }

    /// Finds the lists of all vectors, and writes their bytes on the way.
    private static func homes<E>(
        _ epoch: VectorEpoch, _ vectors: VectorSource, bytes: UnsafeMutablePointer<Int8>,
        _ check: () throws(E) -> Void
    ) throws(E) -> [Home] {
        let finder = ListFinder(epoch)
        let source = OrderedVectors(epoch, vectors)
        let stride = epoch.layout.stride
        let vector = AlignedMemory<Float>(count: stride)
        return try (0..<vectors.count).map { (document) throws(E) in
            try check()
            unsafe source.prepare(document, into: vector.base)
            unsafe epoch.scale.encode(vector.base, into: bytes + document * stride)
            let lists = unsafe finder.lists(vector.base)
            return Home(
                first: UInt32(lists.first), second: lists.second.map { UInt32($0) } ?? Home.none)
        }
    }

    /// Writes the codes of all vectors.
    private func encode<E>(
        _ epoch: VectorEpoch, _ vectors: VectorSource, _ places: ListPlaces,
        _ check: () throws(E) -> Void
    ) throws(E) {
        let layout = epoch.layout
        let source = OrderedVectors(epoch, vectors)
        let vector = AlignedMemory<Float>(count: layout.stride)
        var code = [UInt8](repeating: 0, count: layout.parts)
        for list in 0..<epoch.router.count {
            let centroid = unsafe epoch.router.centroids.row(list)
            let start = places.starts[list]
            let blocks =
                unsafe codes.base
                + places.blockStarts[list] * CodeBlocks.bytes(layout.parts)
            for place in start..<places.starts[list + 1] {
                try check()
                unsafe source.prepare(Int(documents[place]), into: vector.base)
                if layout.isResidual {
                    for number in 0..<layout.stride {
                        unsafe vector.base[number] -= centroid[number]
                    }
                }
                unsafe epoch.codebook.encode(vector.base, into: &code)
                unsafe CodeBlocks.set(code, parts: layout.parts, at: place - start, in: blocks)
            }
        }
    }
}

/// Vectors in the order of an epoch, read one after the other; for one thread.
@safe private struct OrderedVectors {
    private let vectors: VectorSource
    private let permutation: Permutation
    private let read: AlignedMemory<Float>

    init(_ epoch: VectorEpoch, _ vectors: VectorSource) {
        self.vectors = vectors
        permutation = epoch.permutation
        read = AlignedMemory(count: epoch.layout.stride)
    }

    @unsafe func prepare(_ document: Int, into ordered: UnsafeMutablePointer<Float>) {
        if permutation.isNone { return unsafe vectors.prepare(document, into: ordered) }
        unsafe vectors.prepare(document, into: read.base)
        unsafe permutation.order(read.base, into: ordered)
    }
}
