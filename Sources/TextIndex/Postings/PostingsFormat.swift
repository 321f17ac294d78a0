// Where a term occurs, as bytes. Constants and layout shared by PostingsWriter and PostingsCursor.
//
// A term with df documents has df / 128 full blocks and a tail of df % 128 documents.
// In the postings section, at the term's offset:
//     directory   one entry of 16 bytes for each full block:
//                 last document u32 | offset of its data from the end of the directory u32
//                 | offset of its positions from the term's positions u32
//                 | bits u32: document width 6, frequency width 6, position width 6,
//                   largest frequency 6 (63: or more), smallest length code 8
//     tail        absent when df % 128 = 0: u32 offset of its positions | largest frequency u8
//                 | smallest length code u8 | then for each document a varint of
//                 gap * 2 + (1 if its frequency is 1), else followed by the frequency as a varint
//     blocks      gaps between documents, then frequencies - 1, each bit-packed (mspd_pack128)
// Gaps count from the document before, the first of a block from the block before, the very first
// from 0.
// In the positions section: for each full block, positions (the first of a document from 0, the
// others from the one before) in fixed width, lowest bit first; for the tail, varints.
// The tail stands before the blocks so that a rare term is one short read.

/// Sizes of the postings layout.
package enum PostingsFormat {
    /// Documents in a full block.
    package static let blockCount = 128
    /// Bytes of a directory entry.
    package static let directoryEntryBytes = 16
    /// Bytes before the varints of a tail.
    package static let tailHeaderBytes = 6
    /// The largest frequency that a directory entry tells apart.
    package static let frequencyCap: UInt32 = 63
}

/// Where a term's postings lie in the sections of its segment.
package struct TermInfo: Sendable, Equatable {
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

/// The widths and bounds of one full block, as the 32 bits of its directory entry.
struct BlockBits {
    var documentWidth: Int
    var frequencyWidth: Int
    var positionWidth: Int
    /// At most `PostingsFormat.frequencyCap`, which stands for itself or more.
    var largestFrequency: UInt32
    var smallestLength: UInt8

    var rawValue: UInt32 {
        UInt32(documentWidth) | UInt32(frequencyWidth) << 6 | UInt32(positionWidth) << 12
            | largestFrequency << 18 | UInt32(smallestLength) << 24
    }
}

extension BlockBits {
    init(rawValue: UInt32) {
        documentWidth = Int(rawValue & 63)
        frequencyWidth = Int(rawValue >> 6 & 63)
        positionWidth = Int(rawValue >> 12 & 63)
        largestFrequency = rawValue >> 18 & 63
        smallestLength = UInt8(rawValue >> 24)
    }
}
