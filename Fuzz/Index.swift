// The index of a segment's vectors: opened, searched with and without a filter, and joined with
// itself.

import Segments
import Storage
import TestSupport
import VectorIndex

private let small = SmallIndex()

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let (fs, kind) = unsafe sectionFile(start, count) else { return 0 }
    guard let segment = try? small.segment(in: fs) else {
        preconditionFailure("the segment does not open")
    }
    guard let index = try? SegmentIndex.read("/f", of: segment, in: fs) else { return 0 }
    search(index, Int(kind))
    let numbers = (0..<40).map { UInt32($0) }
    let joined = VectorIndex(
        merging: [
            (index, numbers.map { $0 % 3 == 0 ? VectorIndex.dropped : $0 / 3 * 2 + $0 % 3 - 1 })
        ])
    precondition(joined.count == 26)
    return 0
}

private func search(_ index: VectorIndex, _ kind: Int) {
    let searcher = VectorSearcher()
    let stored = small.stored
    var few = VectorFilter(documents: 40)
    few.insert(kind % 30..<kind % 30 + 9)
    let query = (0..<8).map { Float(($0 * kind) % 19) - 9 }
    let efforts = [index.calibration.effort(recall: 0.9), VectorCalibration.most]
    for (effort, filter) in zip(efforts + efforts, [nil, nil, few, few]) {
        let wanted = filter == nil ? 40 : 9
        let hits = searcher.search(
            index, over: stored, query, limit: 50, effort, filter: filter)
        precondition(hits.count == wanted, "fewer than there are")
        precondition(hits.allSatisfy { filter?.contains(Int($0.document)) ?? ($0.document < 40) })
    }
}
