// The vectors of a segment: what is written of them beside its rows, and how they are opened.
//
//     vectorSummary   the shape (dimension varint, metric after its length) | varint vectors
//     vectorOwners    a packed column: for each vector its document, ascending
//     vectors         for each vector its numbers as 16-bit floats, padded with zeros; of length 1
//                     under cosine
//
// A segment without vectors has none of these sections.

import Storage
import VectorIndex

/// Gathers the vectors of a segment that is being written, in the order of its documents.
struct SegmentVectorsWriter {
    /// Vectors of one document, where they lie now.
    private struct Run {
        let part: Int
        let vectors: Range<Int>
    }

    private let parts: [PartVectors?]
    private var runs: [Run] = []
    private var owners = PackedColumnWriter()
    private var count = 0

    /// Of documents that come from some parts, of which those without vectors are nil.
    init(_ parts: [PartVectors?]) { self.parts = parts }

    /// Takes the vectors of a document of a part as those of document `number`; numbers ascend.
    mutating func add(_ document: UInt32, ofPart part: Int, as number: UInt32) {
        guard let vectors = parts[part]?.vectors(of: document), !vectors.isEmpty else { return }
        for _ in vectors { owners.append(Int64(number)) }
        count += vectors.count
        if let last = runs.last, last.part == part, last.vectors.upperBound == vectors.lowerBound {
            let longer = last.vectors.lowerBound..<vectors.upperBound
            runs[runs.count - 1] = Run(part: part, vectors: longer)
        } else {
            runs.append(Run(part: part, vectors: vectors))
        }
    }

    /// Writes the sections, if there is any vector.
    mutating func write(to file: SectionFileWriter) throws(StorageError) {
        guard count > 0, let layout = parts.lazy.compactMap({ $0?.stored.layout }).first else {
            return
        }
        file.begin(SegmentSection.vectors.rawValue)
        for run in runs {
            guard let stored = parts[run.part]?.stored else { continue }
            try stored.withBytes(of: run.vectors) { (bytes) throws(StorageError) in
                try file.append(bytes)
            }
        }
        file.begin(SegmentSection.vectorOwners.rawValue)
        try file.append(owners.finish())
        var summary = ByteWriter()
        layout.shape.encode(into: &summary)
        summary.varint(UInt64(count))
        file.begin(SegmentSection.vectorSummary.rawValue)
        try file.append(summary.bytes)
    }
}

/// The open vectors of a segment.
@safe struct SegmentVectors: Sendable {
    let part: PartVectors
    private let rows: Section

    /// Nil when the segment has none.
    init?(_ file: SectionFile, documents: Int) throws(StorageError) {
        guard let summary = file.section(SegmentSection.vectorSummary.rawValue) else { return nil }
        func damage(_ what: String) -> StorageError {
            .corrupt(file: file.path, offset: summary.offset, what: what)
        }
        guard let rows = file.section(SegmentSection.vectors.rawValue),
            let column = file.section(SegmentSection.vectorOwners.rawValue)
        else { throw damage("it has a summary of vectors, but not the vectors") }
        var reader = ByteReader(try summary.bytes(0..<summary.count))
        let layout: VectorLayout
        let count: UInt64
        do throws(DecodeError) {
            layout = VectorLayout(try VectorShape(&reader))
            count = try reader.varint()
            try reader.expectEnd()
        } catch { throw damage("\(error)") }
        try column.verifyAll()
        guard let owners = PackedColumn(column), UInt64(owners.count) == count,
            rows.count.isMultiple(of: layout.storedBytes),
            rows.count / layout.storedBytes == owners.count,
            Self.areSound(owners, documents: documents)
        else { throw damage("the vectors and their documents do not fit") }
        self.rows = rows
        part = unsafe PartVectors(
            stored: StoredVectors(layout, rows.base, count: owners.count, keeping: rows),
            owners: .column(owners))
    }

    /// Whether the owners ascend among the documents.
    private static func areSound(_ owners: PackedColumn, documents: Int) -> Bool {
        var last: Int64 = 0
        for index in 0..<owners.count {
            let owner = owners[index]
            guard owner >= last, owner < documents else { return false }
            last = owner
        }
        return true
    }

    /// Makes sure that the rows of some vectors are good.
    func verify(_ vectors: Range<Int>) throws(StorageError) {
        let bytes = part.stored.layout.storedBytes
        try rows.verify(vectors.lowerBound * bytes..<vectors.upperBound * bytes)
    }
}
