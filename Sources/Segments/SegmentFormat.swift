// A segment file: the annotations of one track, sorted by (title, in, out, key, sequence), never
// changed once written. Constants and layouts shared by SegmentWriter and Segment.
//
// Beside the text sections (TextSections.swift) a segment has:
//     rows      blocks of rows, each row after its length as a varint, compressed block by block
//     rowIndex  for each block: first document u32 | raw byte count u32 | offset, and in the
//               highest of its 8 bytes the codec;
//               at the end one more entry with the document count and the rows' byte count
//     starts, durations, sequences   packed columns: in-times and out - in in nanoseconds, and the
//               operation that wrote each document
//     titles    varint count, then for each title in byte order its name (varint length) and the
//               varint number of its documents
//     keys      for each document with a key: hash u64 | document u32, in ascending order
//     summary   documents u64 | documents with text u64 | words u64

package import Storage
import TextIndex

/// Constants of segment files.
package enum SegmentFormat {
    /// Magic and version of segment files.
    package static let kind = FileKind(magic: "MSPDSEG1", version: 1)
    /// Rows are gathered until a block has this many bytes before compression.
    package static let rowBlockBytes = 4_096
    /// Bytes of an entry of the row index.
    package static let rowIndexEntryBytes = 16
    /// Bytes of an entry of the keys.
    package static let keyEntryBytes = 12
    /// The largest row block before compression; a single row may be larger than `rowBlockBytes`.
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
}

/// The hash under which a segment finds keys (FNV-1a, 64 bits, over length of title, title, key).
func keyHash(
    title: UnsafeBufferPointer<UInt8>, key: UnsafeBufferPointer<UInt8>
) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    mix(UInt8(truncatingIfNeeded: title.count))
    for index in title.indices { unsafe mix(title[index]) }
    for index in key.indices { unsafe mix(key[index]) }
    return hash
}

extension SegmentFormat {
    /// The name of a section of segment files.
    package static func sectionName(_ id: UInt32) -> String {
        if let section = TextSection(rawValue: id) { return "\(section)" }
        return SegmentSection(rawValue: id).map { "\($0)" } ?? "unknown"
    }
}
