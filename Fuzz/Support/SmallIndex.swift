// A small segment with vectors, and an index of it: for what reads files of indexes.

import Segments
import Storage
import TestSupport
import VectorIndex

/// Forty vectors in a segment and beside it.
struct SmallIndex {
    /// The vectors.
    let stored: StoredVectors
    private let segmentFile: [UInt8]

    init() {
        guard let shape = VectorShape(dimension: 8, metric: .l2) else {
            preconditionFailure("vectors have no shape")
        }
        let fs = FaultyFileSystem()
        var rows = RowBatch()
        let vectors = GrowingVectors(VectorLayout(shape), capacity: 40)
        for number in 0..<40 {
            let vector = (0..<8).map { Float(number * ($0 + 3) % 17) - 8 }
            vectors.append(vector)
            rows.append(
                Annotation(title: [1], start: Int64(number), end: 50, vector: vector))
        }
        stored = vectors.prefix(40)
        let content = TrackContent(vectors: shape)
        let store = try? Store(opening: "/data", in: fs)
        _ = try? store?.write([.create(track: 1, content: content), .put(track: 1, rows: rows)])
        _ = try? store?.flush()
        store?.close()
        segmentFile = fs.contents("/data/tracks/1/segments/0000000001.seg") ?? []
    }

    /// The segment, as a file "/s".
    func segment(in fs: FaultyFileSystem) throws -> Segment {
        fs.place(segmentFile, at: "/s")
        return try Segment("/s", id: 1, in: fs)
    }

    /// The file of an index with three lists.
    func file() throws -> [UInt8] {
        let fs = FaultyFileSystem()
        let source = VectorSource(stored)
        let index = VectorIndex(VectorEpoch(learning: source, lists: 3), source)
        let measured = VectorIndex(index, calibration: VectorCalibration(index, over: stored))
        try SegmentIndex.write(measured, of: segment(in: fs), to: "/v", in: fs)
        return fs.contents("/v") ?? []
    }
}
