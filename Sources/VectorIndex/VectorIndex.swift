// An inverted file: vectors in lists by the nearest centroids, each with its code for the scan, and
// in the order of their numbers a byte for each of their dimensions, by which what the scan lets
// through is ranked. Never changed once it is made.
//
// The vectors of a list have consecutive places, and so have lists; codes begin a new block with
// each list. A vector has one place or two.

/// The vectors of one part of a track, to be searched by a VectorSearcher.
@safe package final class VectorIndex: Sendable {
    package let epoch: VectorEpoch
    /// Vectors in the index.
    package let count: Int
    /// Efforts for recalls; of an index that was not calibrated, a cautious one.
    package let calibration: VectorCalibration
    /// The place of each list's first vector, and behind the last list how many places there are.
    let starts: [Int]
    /// The block of each list's first vector, and behind the last list how many blocks there are.
    let blockStarts: [Int]
    let codes: MemoryRun<UInt8>
    /// Bytes of the vectors, by their numbers.
    let rows: MemoryRun<Int8>
    /// The vector at each place.
    let documents: MemoryRun<UInt32>
    /// The lists of each vector, unless there are too many lists.
    let homes: HomeLists?

    /// Lists by their sizes, with what lies in them; `homes` are looked for when nil.
    init(
        _ epoch: VectorEpoch, count: Int, sizes: [Int], calibration: VectorCalibration,
        codes: MemoryRun<UInt8>, rows: MemoryRun<Int8>, documents: MemoryRun<UInt32>,
        homes: HomeLists? = nil
    ) {
        let places = ListPlaces(sizes)
        precondition(sizes.count == epoch.router.count)
        precondition(documents.count == places.count)
        precondition(codes.count == places.blocks * CodeBlocks.bytes(epoch.layout.parts))
        precondition(rows.count == count * epoch.layout.stride)
        self.epoch = epoch
        self.count = count
        self.calibration = calibration
        (starts, blockStarts) = (places.starts, places.blockStarts)
        self.codes = codes
        self.rows = rows
        self.documents = documents
        self.homes = homes ?? HomeLists(places.starts, documents, count: count)
    }

    /// Puts vectors into the lists of an epoch.
    package convenience init(_ epoch: VectorEpoch, _ vectors: VectorSource) {
        self.init(epoch, vectors) {}
    }

    /// Puts vectors into lists; `check` is called for each, and may throw to end it.
    package convenience init<E>(
        _ epoch: VectorEpoch, _ vectors: VectorSource, check: () throws(E) -> Void
    ) throws(E) {
        precondition(epoch.layout == vectors.layout && vectors.count <= StoredVectors.countMax)
        let filling = try IndexFilling(epoch, vectors, check)
        self.init(
            epoch, count: vectors.count, sizes: filling.sizes, calibration: .cautious,
            codes: MemoryRun(filling.codes), rows: MemoryRun(filling.rows),
            documents: MemoryRun(filling.documents))
    }

    /// The same index with other efforts.
    package convenience init(_ index: VectorIndex, calibration: VectorCalibration) {
        self.init(
            index.epoch, count: index.count, sizes: index.sizes, calibration: calibration,
            codes: index.codes, rows: index.rows, documents: index.documents, homes: index.homes)
    }

    /// Vectors in each list.
    var sizes: [Int] { (0..<epoch.router.count).map(size) }

    /// Vectors in a list.
    func size(_ list: Int) -> Int { starts[list + 1] - starts[list] }

    /// Bytes that a scan needs in memory: codes, what lies where, and what the epoch learnt.
    package var residentBytes: Int {
        codes.bytes + documents.bytes + (homes?.bytes ?? 0) + epoch.bytes
            + (starts.count + blockStarts.count) * 8
    }

    /// Bytes of the vectors from which the best are ranked again.
    package var rankingBytes: Int { rows.bytes }
}

/// Where lists of some sizes lie.
struct ListPlaces {
    /// The first place of each list, and how many places there are.
    private(set) var starts: [Int] = [0]
    /// The first block of each list, and how many blocks there are.
    private(set) var blockStarts: [Int] = [0]

    init(_ sizes: [Int]) {
        starts.reserveCapacity(sizes.count + 1)
        blockStarts.reserveCapacity(sizes.count + 1)
        for (list, size) in sizes.enumerated() {
            starts.append(starts[list] + size)
            blockStarts.append(blockStarts[list] + CodeBlocks.count(size))
        }
    }

    /// Places altogether.
    var count: Int { starts.last ?? 0 }

    /// Blocks altogether.
    var blocks: Int { blockStarts.last ?? 0 }
}
