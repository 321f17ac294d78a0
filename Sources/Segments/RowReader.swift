// Reads the rows of a segment from front to back, each block unpacked once: what merging needs, and
// who shows neighbours on a timeline.

import Storage

/// A place in a segment's rows; not thread safe.
@safe final class RowReader {
    private let segment: Segment
    private var cursor = RowBlockCursor()
    private var block = -1
    /// The document that the cursor reads next.
    private var next: UInt32 = 0
    private var row = ByteWriter()
    /// The document whose row is in `row`.
    private var assembled: UInt32?

    /// Before the first row.
    init(_ segment: Segment) { self.segment = segment }

    /// Calls `body` with the row of a document; cheap when documents ascend.
    func withRow<Result>(
        _ document: UInt32,
        _ body: (UnsafeBufferPointer<UInt8>) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try assemble(document)
        return try unsafe row.bytes.withUnsafeBufferPointer {
            (bytes) throws(StorageError) -> Result in
            guard let view = unsafe RowView(bytes), unsafe view.isSound else {
                throw segment.damagedRow(
                    document, DecodeError(offset: 0, expected: "the parts of a row"))
            }
            return try unsafe body(bytes)
        }
    }

    /// The annotation stored as a document.
    func annotation(_ document: UInt32) throws(StorageError) -> Annotation {
        try assemble(document)
        do { return try Annotation(row: row.bytes.rawSpan) } catch {
            throw segment.damagedRow(document, error)
        }
    }

    /// The key of a document; empty for none.
    func key(_ document: UInt32) throws(StorageError) -> [UInt8] {
        try go(to: document)
        return cursor.key
    }

    /// The text of a document; empty for none.
    func text(_ document: UInt32) throws(StorageError) -> [UInt8] {
        try go(to: document)
        return cursor.text.map { Array(cursor.bytes[$0]) } ?? []
    }

    private func assemble(_ document: UInt32) throws(StorageError) {
        guard assembled != document else { return }
        try go(to: document)
        assembled = nil
        row.bytes.removeAll(keepingCapacity: true)
        try segment.append(document, cursor, to: &row)
        assembled = document
    }

    private func go(to document: UInt32) throws(StorageError) {
        let number = segment.rowBlock(of: document)
        if number != block || document + 1 < next {
            next = try segment.first(ofBlock: number, atMost: document)
            cursor = try segment.cursor(number)
            block = number
        }
        while next <= document {
            do { try cursor.advance() } catch {
                block = -1
                throw segment.damagedRow(next, error)
            }
            next += 1
        }
    }
}
