// Where a term occurs, as bytes. Constants and layouts shared by PostingsWriter and those who read.
//
// A term that at least one of 16 documents holds, in an index of at least 4,096, is dense: a bit
// for each document. Any other is packed: its documents in blocks of 128 and a tail of the rest.
// A line holds a word once, nearly always: what occurs more often is an exception, told apart from
// the documents. So is where: the first position of each document in fixed width, since that of
// line and word is small, then the distances of what follows it in the exceptions.
//
// Packed, in the postings section at the term's offset:
//     directory   one entry of 16 bytes for each full block:
//                 last document u32 | offset of its data from the end of the directory u32
//                 | offset of its positions from the term's positions u32
//                 | bits u32: document width 6, position width 6, exceptions 8,
//                   largest frequency 6 (63: or more)
//     tail        absent when df % 128 = 0: u32 offset of its positions | largest frequency u8
//                 | then for each document a varint of
//                 gap * 2 + (1 if its frequency is 1), else followed by the frequency as a varint
//     blocks      gaps between documents, bit-packed (mspd_pack128) | exceptions u16: place in the
//                 block 7, frequency - 2 in 9 (511: or more) | u32 frequency of each with 511
// Gaps count from the document before, the first of a block from the block before, the very first
// from 0. The tail stands before the blocks so that a rare term is one short read.
// Dense, in the postings section, for each window of 4,096 documents:
//     directory   an entry of 64 bytes: documents before the window u32 | offset of its exceptions
//                 from the end of the bitmaps u32 | offset of its positions u32
//                 | bits u32: position width 6, exceptions 13, largest frequency 6
//                 | for each 512 documents of the window, u16 each, how many come before them in
//                 the window of: documents that hold the term; exceptions; distances (65,535: or
//                 more)
//     bitmaps     512 bytes, document i in bit i % 8 of byte i / 8
//     exceptions  u16: frequency - 2 in 4 (15: or more), place in the window 12
//                 | u32 frequency of each with 15
// In the positions section: for each full block or window, first positions, then distances, all in
// fixed width, lowest bit first; for a tail varints, each document's distances behind its first.

/// Sizes of the postings layout.
package enum PostingsFormat {
    /// Documents in a full block.
    package static let blockCount = 128
    /// Bytes of a directory entry.
    package static let directoryEntryBytes = 16
    /// Bytes before the varints of a tail.
    package static let tailHeaderBytes = 5
    /// The largest frequency that a directory entry tells apart.
    package static let frequencyCap: UInt32 = 63
    /// Frequency of an exception in a block from which on it stands apart.
    package static let blockEscape: UInt32 = 511
    /// Documents in a window.
    package static let windowCount = 4_096
    /// Bytes of a window's directory entry.
    package static let windowEntryBytes = 64
    /// Bytes of a window's bitmap.
    package static let windowBytes = windowCount / 8
    /// Documents of a window that are counted together.
    package static let windowPart = 512
    /// Frequency of an exception in a window from which on it stands apart.
    package static let windowEscape: UInt32 = 15
    /// A dense term is held by one document in so many at least.
    package static let denseShare = 16

    /// Whether a term is dense.
    static func isDense(_ frequency: Int, of documents: UInt32) -> Bool {
        documents >= windowCount && frequency * denseShare >= documents
    }

    /// Windows of an index.
    static func windows(_ documents: UInt32) -> Int {
        (Int(documents) + windowCount - 1) / windowCount
    }
}

/// Where a term's postings lie in the sections of its segment.
package struct TermInfo: Sendable, Hashable {
    /// Documents that hold the term.
    package var documentFrequency: UInt32
    /// Where its postings begin in their section.
    package var postingsOffset: UInt64
    /// Bytes of its postings.
    package var postingsCount: UInt64
    /// Where its positions begin in their section.
    package var positionsOffset: UInt64
    /// Bytes of its positions.
    package var positionsCount: UInt64
}

/// Widths and bounds of one full block, as the 32 bits of its directory entry.
struct BlockBits {
    var documentWidth: Int
    var positionWidth: Int
    var exceptions: Int
    /// At most `PostingsFormat.frequencyCap`, which stands for itself or more.
    var largestFrequency: UInt32

    var rawValue: UInt32 {
        UInt32(documentWidth) | UInt32(positionWidth) << 6 | UInt32(exceptions) << 12
            | largestFrequency << 20
    }
}

extension BlockBits {
    init(rawValue: UInt32) {
        documentWidth = Int(rawValue & 63)
        positionWidth = Int(rawValue >> 6 & 63)
        exceptions = Int(rawValue >> 12 & 255)
        largestFrequency = rawValue >> 20 & 63
    }
}

/// Width and bounds of one window, as the 32 bits of its directory entry.
struct WindowBits {
    var positionWidth: Int
    var exceptions: Int
    /// At most `PostingsFormat.frequencyCap`, which stands for itself or more.
    var largestFrequency: UInt32

    var rawValue: UInt32 {
        UInt32(positionWidth) | UInt32(exceptions) << 6 | largestFrequency << 19
    }
}

extension WindowBits {
    init(rawValue: UInt32) {
        positionWidth = Int(rawValue & 63)
        exceptions = Int(rawValue >> 6 & 8_191)
        largestFrequency = rawValue >> 19 & 63
    }
}
