// The vectors of a segment: what is written of them beside its rows, and how they are opened.
//
//     vectorSummary   the shape (dimension varint, metric after its length) | varint vectors
//     vectorOwners    a packed column: for each vector its document, ascending
//     vectors         for each vector its numbers as 16-bit floats, padded with zeros, divided by a
//                     power of two; then the factors that bring them back, under cosine to length
//                     1, 32-bit floats
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
        var writer = StoredVectorsWriter(layout)
        for run in runs {
            guard let stored = parts[run.part]?.stored else { continue }
            for vector in run.vectors {
                try writer.append(vector, of: stored) { (bytes) throws(StorageError) in
                    try file.append(bytes)
                }
            }
        }
        try writer.finish { (bytes) throws(StorageError) in try file.append(bytes) }
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
    private let section: Section

    /// Nil when the segment has none.
    init?(_ file: SectionFile, documents: Int) throws(StorageError) {
        guard let summary = file.section(SegmentSection.vectorSummary.rawValue) else { return nil }
        func damage(_ what: String) -> StorageError {
            .corrupt(file: file.path, offset: summary.offset, what: what)
        }
        guard let section = file.section(SegmentSection.vectors.rawValue),
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
        let stored: StoredVectors
        do throws(VectorDamage) {
            stored = try StoredVectors(layout, section.vectorBytes)
        } catch {
            throw .corrupt(file: file.path, offset: section.offset, what: "\(error)")
        }
        guard let owners = PackedColumn(column), UInt64(owners.count) == count,
            stored.count == owners.count,
            let areSingle = Self.areSingle(owners, documents: documents)
        else { throw damage("the vectors and their documents do not fit") }
        self.section = section
        part = PartVectors(
            stored: stored, owners: .column(owners), areSingle: areSingle, documents: documents)
    }

    /// Whether no document owns more than one; nil unless the owners ascend among the documents.
    private static func areSingle(_ owners: PackedColumn, documents: Int) -> Bool? {
        var last: Int64 = -1
        var areSingle = true
        for index in 0..<owners.count {
            let owner = owners[index]
            guard owner >= max(last, 0), owner < documents else { return nil }
            if owner == last { areSingle = false }
            last = owner
        }
        return areSingle
    }

    /// Makes sure that some vectors are good.
    func verify(_ vectors: Range<Int>) throws(StorageError) {
        let factorBytes = MemoryLayout<Float>.size
        let rowBytes = StoredVectors.bytesPerVector(part.stored.layout) - factorBytes
        let factors = part.count * rowBytes
        try section.verify(vectors.lowerBound * rowBytes..<vectors.upperBound * rowBytes)
        try section.verify(
            factors + vectors.lowerBound * factorBytes..<factors + vectors.upperBound * factorBytes)
    }
}

extension Section {
    /// The section as the vector index takes it.
    var vectorBytes: VectorBytes {
        unsafe VectorBytes(base: base, count: count, owner: self)
    }
}
