// The rows of a segment: what the blocks have of them, put together with what the columns have.

package import Storage

/// An entry of the row index.
struct RowBlockEntry {
    /// The first document of the block.
    let first: UInt32
    let codec: UInt8
    /// Bytes of the block before compression.
    let rawCount: Int
    /// Where it lies in its section.
    let offset: UInt64
}

extension Segment {
    /// The annotation stored as a document.
    package func annotation(_ document: UInt32) throws(StorageError) -> Annotation {
        try RowReader(self).annotation(document)
    }

    /// Appends a document's row, as it was put, from the place of a cursor that stands at it.
    func append(
        _ document: UInt32, _ cursor: RowBlockCursor, to row: inout ByteWriter
    ) throws(StorageError) {
        row.lengthPrefixed(title(document))
        row.varint(UInt64(bitPattern: start(document)))
        row.varint(UInt64(bitPattern: end(document) &- start(document)))
        row.lengthPrefixed(cursor.key)
        row.varint(cursor.text.map { UInt64($0.count) + 1 } ?? 0)
        if let text = cursor.text { row.bytes(cursor.bytes.rawSpan.extracting(text)) }
        do {
            var extras = ByteReader(cursor.bytes.rawSpan.extracting(cursor.extras))
            let floats = cursor.extras.isEmpty ? 0 : try extras.count(ofAtLeast: 4)
            row.varint(UInt64(floats))
            row.bytes(try extras.bytes(floats * 4))
            try attributes.append(document, and: extras.bytes(extras.remaining), to: &row)
        } catch {
            throw damagedRow(document, error)
        }
    }

    func entry(_ block: Int) throws(StorageError) -> RowBlockEntry {
        let at = block * SegmentFormat.rowIndexEntryBytes
        let section = rowIndex
        var reader = ByteReader(try section.bytes(at..<at + SegmentFormat.rowIndexEntryBytes))
        do {
            let first = try reader.u32()
            let rawCount = Int(try reader.u32())
            let place = try reader.u64()
            let shift = SegmentFormat.codecShift
            return RowBlockEntry(
                first: first, codec: UInt8(place >> shift), rawCount: rawCount,
                offset: place & (1 << shift - 1))
        } catch {
            throw .corrupt(file: path, offset: rowIndex.offset, what: "\(error)")
        }
    }

    /// Blocks of rows.
    var rowBlockCount: Int { rowIndex.count / SegmentFormat.rowIndexEntryBytes - 1 }

    /// Bytes of all blocks before compression.
    func rowBytes() throws(StorageError) -> Int {
        var bytes = 0
        for block in 0..<rowBlockCount { bytes += try entry(block).rawCount }
        return bytes
    }

    /// The first document of the block that holds the row of a document.
    func first(ofBlock block: Int, atMost document: UInt32) throws(StorageError) -> UInt32 {
        let first = try entry(block).first
        if first <= document { return first }
        throw damagedRow(document, DecodeError(offset: 0, expected: "a block that begins before"))
    }

    /// The block that holds the row of a document.
    func rowBlock(of document: UInt32) -> Int {
        var low = 0
        var high = rowBlockCount
        while low + 1 < high {
            let middle = (low + high) / 2
            let first = unsafe UInt32(
                littleEndian: rowIndex.base.loadUnaligned(
                    fromByteOffset: middle * SegmentFormat.rowIndexEntryBytes, as: UInt32.self))
            if first <= document { low = middle } else { high = middle }
        }
        return low
    }

    /// Before the first row of a block.
    func cursor(_ block: Int) throws(StorageError) -> RowBlockCursor {
        let bytes = try blockBytes(block)
        do { return try RowBlockCursor(bytes) } catch {
            throw .corrupt(
                file: path, offset: rows.offset + (try entry(block).offset),
                what: "a block of rows does not decode (\(error))")
        }
    }

    /// A block of rows, unpacked.
    func blockBytes(_ block: Int) throws(StorageError) -> [UInt8] {
        let this = try entry(block)
        let next = try entry(block + 1)
        guard this.offset <= next.offset, next.offset <= UInt64(rows.count),
            this.rawCount <= SegmentFormat.rowBlockLimit, let codec = Codec(rawValue: this.codec)
        else { throw .corrupt(file: path, offset: rowIndex.offset, what: "the row index lies") }
        let section = rows
        let packed = try section.bytes(Int(this.offset)..<Int(next.offset))
        let raw = BlockCompression.decompress(
            packed, codec: codec, rawCount: this.rawCount, rowDictionary)
        if let raw { return raw }
        throw .corrupt(
            file: path, offset: rows.offset + this.offset, what: "rows do not decompress")
    }

    /// What to throw when a row does not decode.
    func damagedRow(_ document: UInt32, _ error: DecodeError) -> StorageError {
        let place = (try? entry(rowBlock(of: document)).offset) ?? 0
        return .corrupt(
            file: path, offset: rows.offset + place,
            what: "row \(document) does not decode (\(error))")
    }
}
