// A segment's deletions, read into a segment that is whole.

import Segments
import Storage
import TestSupport

/// The segment of a small store.
private let segmentFile: [UInt8] = {
    let fs = FaultyFileSystem()
    guard let store = try? Store(opening: "/data", in: fs) else { return [] }
    var rows = RowBatch()
    for number in 0..<40 {
        rows.append(Annotation(title: [1], start: Int64(number), end: 50, text: [97]))
    }
    _ = try? store.write([.create(track: 1), .put(track: 1, rows: rows)])
    _ = try? store.flush()
    store.close()
    return fs.contents("/data/tracks/1/segments/0000000001.seg") ?? []
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let (fs, _) = unsafe sectionFile(start, count) else { return 0 }
    fs.place(segmentFile, at: "/s")
    guard let segment = try? Segment("/s", id: 1, in: fs) else {
        preconditionFailure("the segment does not open")
    }
    try? Manifest.readTombstones("/f", into: segment, in: fs)
    precondition(segment.tombstones.count <= 40, "more deletions than documents")
    precondition(segment.tombstones.marks(upTo: .max).count == segment.tombstones.count)
    return 0
}
