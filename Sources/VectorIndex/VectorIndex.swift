// An inverted file: vectors in lists by the nearest centroid, each with its code for the scan and
// its bytes for the ranking of what the scan lets through. Never changed once it is built.
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
    let codes: AlignedMemory<UInt8>
    let rows: AlignedMemory<Int8>
    /// The second bytes; none by distance.
    let rests: AlignedMemory<Int8>
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
        (starts, blockStarts) = (plan.starts, plan.blockStarts)
        documents = plan.documents
        places = AlignedMemory(count: vectors.count)
        codes = AlignedMemory(
            count: (blockStarts.last ?? 0) * CodeBlocks.bytes(layout.parts))
        rows = AlignedMemory(count: vectors.count * layout.stride)
        rests = AlignedMemory(count: layout.hasRests ? rows.count : 0)
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
                let row = place * layout.stride
                unsafe epoch.scale.encode(vector.base, into: rows.base + row)
                if layout.hasRests {
                    unsafe epoch.scale.encodeRest(vector.base, into: rests.base + row)
                }
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

    /// The vector at a place, as near as its bytes tell.
    func vector(at place: Int) -> [Float] {
        let layout = epoch.layout
        var vector = [Float](repeating: 0, count: layout.stride)
        unsafe epoch.scale.decode(rows.base + place * layout.stride, into: &vector)
        return Array(vector.prefix(layout.shape.dimension))
    }

    /// Bytes that a scan needs in memory: codes, documents, places, and what the epoch learnt.
    package var residentBytes: Int {
        codes.bytes + documents.bytes + places.bytes + centroidRows.bytes + epoch.bytes
            + (starts.count + blockStarts.count) * 8
    }

    /// Bytes of the vectors from which the best are ranked again.
    package var rankingBytes: Int { rows.bytes + rests.bytes }
}

/// Which vector goes into which list.
private struct ListPlan {
    private(set) var starts: [Int] = [0]
    private(set) var blockStarts: [Int] = [0]
    let documents: AlignedMemory<UInt32>

    init(_ epoch: VectorEpoch, _ vectors: VectorSource) {
        documents = AlignedMemory(count: vectors.count)
        let layout = epoch.layout
        let lists = epoch.router.count
        let vector = AlignedMemory<Float>(count: layout.stride)
        let room = epoch.router.room()
        var assigned = [UInt32](repeating: 0, count: vectors.count)
        var counts = [Int](repeating: 0, count: lists)
        for document in 0..<vectors.count {
            unsafe vectors.prepare(document, layout, into: vector.base)
            let list = unsafe epoch.router.nearest(vector.base, room)
            assigned[document] = UInt32(list)
            counts[list] += 1
        }
        for list in 0..<lists {
            starts.append(starts[list] + counts[list])
            blockStarts.append(blockStarts[list] + CodeBlocks.count(counts[list]))
        }
        var next = starts
        for document in 0..<vectors.count {
            let list = Int(assigned[document])
            documents[next[list]] = UInt32(document)
            next[list] += 1
        }
    }
}
