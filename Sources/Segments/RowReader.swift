// Reads the rows of a segment from front to back, each block unpacked once: what merging needs.

import Storage

/// A place in a segment's rows; not thread safe.
@safe final class RowReader {
    private let segment: Segment
    private var block: [UInt8] = []
    private var blockNumber = -1
    private var next: UInt32 = 0
    private var offset = 0

    /// Before the first row.
    init(_ segment: Segment) { self.segment = segment }

    /// Calls `body` with the row of a document; cheap when documents ascend.
    func withRow<Result>(
        _ document: UInt32,
        _ body: (UnsafeBufferPointer<UInt8>) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        let number = segment.rowBlock(of: document)
        if number != blockNumber || document < next {
            if number != blockNumber { block = try segment.blockBytes(number) }
            blockNumber = number
            next = try segment.firstDocument(ofBlock: number)
            offset = 0
        }
        while true {
            let row = try self.row(document)
            let isWanted = next == document
            if isWanted {
                // The next call may ask for this row again.
                return try unsafe block.withUnsafeBufferPointer {
                    (bytes) throws(StorageError) -> Result in
                    try unsafe body(UnsafeBufferPointer(rebasing: bytes[row]))
                }
            }
            offset = row.upperBound
            next += 1
        }
    }

    /// Where the row at `offset` lies in the block.
    private func row(_ document: UInt32) throws(StorageError) -> Range<Int> {
        var reader = ByteReader(block.rawSpan.extracting(droppingFirst: offset))
        if let count = try? reader.count() {
            let start = offset + reader.position
            let isSound = unsafe block.withUnsafeBufferPointer { bytes in
                unsafe RowView(UnsafeBufferPointer(rebasing: bytes[start..<start + count]))
                    .map { unsafe $0.isSound } ?? false
            }
            if isSound { return start..<start + count }
        }
        throw segment.damagedRow(document)
    }
}
