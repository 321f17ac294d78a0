// A segment file: the annotations of one track, sorted by (title, in, out, key, sequence), never
// changed once written. Constants and layouts shared by SegmentWriter and Segment.
//
// Beside the text sections (TextSections.swift) a segment has:
//     rows      blocks of what no column has of the rows (RowBlock), compressed block by block
//     rowIndex  for each block: first document u32 | raw byte count u32 | offset, and in the
//               highest of its 8 bytes the codec;
//               at the end one more entry with the document count and the rows' byte count
//     rowDictionary   the Zstandard dictionary of the row blocks; empty for none
//     starts, durations, sequences   packed columns: in-times and out - in in nanoseconds, and the
//               operation that wrote each document
//     titles    varint count, then for each title in byte order its name (varint length), the
//               varint number of its documents and the varint number of those with a key
//     keys      a packed column, see KeyColumn
//     attributes, and a section for each of their columns   see AttributeColumns
//     vectors, vectorOwners, vectorSummary   where it has vectors, see SegmentVectors
//     summary   documents u64 | documents with text u64 | words u64

package import Storage
import TextIndex

/// Constants of segment files.
package enum SegmentFormat {
    /// Magic and version of segment files.
    package static let kind = FileKind(magic: "MSPDSEG1", version: 1)
    /// Bytes at which a block of rows ends in a segment that a flush wrote, before compression.
    package static let freshBlockBytes = 4_096
    /// The same in a segment that a merge wrote.
    package static let mergedBlockBytes = 8_192
    /// Rows at which a block ends whatever its bytes: who reads a row walks through those before.
    package static let blockRows: UInt32 = 256
    /// The largest dictionary for row blocks.
    package static let dictionaryBytes = 112 << 10
    /// Rows have so many times the bytes of their dictionary at least, before compression.
    static let dictionaryShare = 64
    /// How hard merges pack rows (Zstandard's levels).
    static let zstdLevel: Int32 = 6
    /// With fewer row blocks than this there is no dictionary.
    static let fewestSamples = 64
    /// Row blocks from which a dictionary is learnt.
    static let mostSamples = 1_000
    /// Bytes of an entry of the row index.
    package static let rowIndexEntryBytes = 16
    /// The largest row block before compression; a single row may be larger than a block.
    package static let rowBlockLimit = 256 << 20
    /// Where the codec stands in the last word of an entry of the row index.
    static let codecShift: UInt64 = 56
}

/// Section numbers of a segment file, beside those of its text index.
package enum SegmentSection: UInt32, Sendable, CaseIterable {
    case rows = 16
    case rowIndex = 17
    case starts = 18
    case durations = 19
    case sequences = 20
    case titles = 21
    case keys = 22
    case summary = 23
    case rowDictionary = 24
    case attributes = 25
    case vectors = 26
    case vectorOwners = 27
    case vectorSummary = 28
}

/// Bytes of the sections of segments, by what they are for.
package struct SegmentParts: Sendable {
    /// Rows, with their index and dictionary.
    package private(set) var rows: UInt64 = 0
    /// Words and attribute values, with where they occur.
    package private(set) var text: UInt64 = 0
    /// Vectors, and whose they are.
    package private(set) var vectors: UInt64 = 0
    /// Times, operations, titles, keys and attributes by document.
    package private(set) var columns: UInt64 = 0

    /// No segment.
    init() {}

    /// Of one segment.
    init(_ sections: [(id: UInt32, bytes: UInt64)]) {
        for (id, bytes) in sections {
            switch SegmentSection(rawValue: id) {
            case .rows, .rowIndex, .rowDictionary: rows += bytes
            case .vectors, .vectorOwners, .vectorSummary: vectors += bytes
            default:
                if TextSection(rawValue: id) != nil { text += bytes } else { columns += bytes }
            }
        }
    }

    static func += (sum: inout SegmentParts, more: SegmentParts) {
        sum.rows += more.rows
        sum.text += more.text
        sum.vectors += more.vectors
        sum.columns += more.columns
    }
}

extension SegmentFormat {
    /// The name of a section of segment files.
    package static func sectionName(_ id: UInt32) -> String {
        if let section = TextSection(rawValue: id) { return "\(section)" }
        if let section = SegmentSection(rawValue: id) { return "\(section)" }
        guard id >= AttributeColumns.firstSection else { return "unknown" }
        let (attribute, plane) = (id - AttributeColumns.firstSection).quotientAndRemainder(
            dividingBy: AttributeColumns.sectionsEach)
        return "attribute \(attribute) column \(plane)"
    }
}
