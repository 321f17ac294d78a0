// An inverted file: vectors in lists by the nearest centroid, each with its code for the scan and its
// bytes for the ranking of what the scan lets through. Never changed once it is built.
//
// The vectors of a list have consecutive places, and so have lists; codes begin a new block with
// each list.

/// The vectors of one part of a track, to be searched by a VectorSearcher.
@safe package final class VectorIndex: Sendable {
    package let epoch: VectorEpoch
    /// The place of each list's first vector, and behind the last list how many vectors there are.
    let starts: [Int]
    /// The block of each list's first vector, and behind the last list how many blocks there are.
    let blockStarts: [Int]
    /// For each list the root of its vectors' mean squared distance from the centroid.
    let radii: [Float]
    let codes: AlignedMemory<UInt8>
    let rows: AlignedMemory<Int8>
    /// The centroids as bytes, as `rows`.
    let centroidRows: AlignedMemory<Int8>
    /// The document at each place.
    let documents: AlignedMemory<UInt32>
    /// The place of each document.
    let places: AlignedMemory<UInt32>

    /// Vectors in the index.
    package var count: Int { documents.count }

    /// Puts vectors, whose numbers are their documents, into the lists of an epoch.
    package init(_ epoch: VectorEpoch, _ vectors: VectorSource) {
        let layout = epoch.layout
        self.epoch = epoch
        let plan = ListPlan(epoch, vectors)
        (starts, blockStarts, radii) = (plan.starts, plan.blockStarts, plan.radii)
        documents = plan.documents
        places = AlignedMemory(count: vectors.count)
        codes = AlignedMemory(
            count: (blockStarts.last ?? 0) * CodeBlocks.bytes(layout.parts))
        rows = AlignedMemory(count: vectors.count * layout.stride)
        centroidRows = AlignedMemory(count: epoch.router.count * layout.stride)
        for list in 0..<epoch.router.count {
            unsafe epoch.scale.encode(
                epoch.router.centroids.row(list), into: centroidRows.base + list * layout.stride)
        }
        fill(vectors)
    }

    /// Writes the codes and bytes of all vectors.
    private func fill(_ vectors: VectorSource) {
        let layout = epoch.layout
        let vector = AlignedMemory<Float>(count: layout.stride)
        var code = [UInt8](repeating: 0, count: layout.parts)
        for list in 0..<epoch.router.count {
            let centroid = unsafe epoch.router.centroids.row(list)
            let blocks = unsafe codes.base + blockStarts[list] * CodeBlocks.bytes(layout.parts)
            for place in starts[list]..<starts[list + 1] {
                let document = unsafe documents.base[place]
                unsafe places.base[Int(document)] = UInt32(place)
                unsafe vectors.prepare(Int(document), layout, into: vector.base)
                unsafe epoch.scale.encode(vector.base, into: rows.base + place * layout.stride)
                if layout.isResidual {
                    for number in 0..<layout.stride {
                        unsafe vector.base[number] -= centroid[number]
                    }
                }
                unsafe epoch.codebook.encode(vector.base, into: &code)
                unsafe CodeBlocks.set(
                    code, parts: layout.parts, at: place - starts[list], in: blocks)
            }
        }
    }

    /// Bytes that a scan needs in memory: codes, documents, places, and what the epoch learnt.
    package var residentBytes: Int {
        codes.bytes + documents.bytes + places.bytes + centroidRows.bytes + epoch.bytes
            + (starts.count + blockStarts.count) * 8 + radii.count * 4
    }

    /// Bytes of the vectors from which the best are ranked again.
    package var rankingBytes: Int { rows.bytes }
}

/// Which vector goes into which list.
private struct ListPlan {
    private(set) var starts: [Int] = [0]
    private(set) var blockStarts: [Int] = [0]
    private(set) var radii: [Float] = []
    let documents: AlignedMemory<UInt32>

    init(_ epoch: VectorEpoch, _ vectors: VectorSource) {
        documents = AlignedMemory(count: vectors.count)
        let layout = epoch.layout
        let lists = epoch.router.count
        let vector = AlignedMemory<Float>(count: layout.stride)
        let room = epoch.router.room()
        var assigned = [UInt32](repeating: 0, count: vectors.count)
        var counts = [Int](repeating: 0, count: lists)
        var squares = [Double](repeating: 0, count: lists)
        for document in 0..<vectors.count {
            unsafe vectors.prepare(document, layout, into: vector.base)
            let list = unsafe lists == 1 ? 0 : epoch.router.nearest(vector.base, room)
            assigned[document] = UInt32(list)
            counts[list] += 1
            let centroid = unsafe epoch.router.centroids.row(list)
            var square: Float = 0
            for number in 0..<layout.stride {
                let gap = unsafe vector.base[number] - centroid[number]
                square += gap * gap
            }
            squares[list] += Double(square)
        }
        for list in 0..<lists {
            starts.append(starts[list] + counts[list])
            blockStarts.append(blockStarts[list] + CodeBlocks.count(counts[list]))
            radii.append(Float((squares[list] / Double(max(1, counts[list]))).squareRoot()))
        }
        var next = starts
        for document in 0..<vectors.count {
            let list = Int(assigned[document])
            documents[next[list]] = UInt32(document)
            next[list] += 1
        }
    }
}
