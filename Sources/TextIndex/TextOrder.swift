// The order of documents inside a segment's text index: by length, then as in the rest of the
// segment. Short lines score highest, since a line holds a word once, nearly always; so the best
// documents stand in front, all documents of a stratum score alike, and most strata need no look.
//
// A document has two numbers: the one it has in the segment, by title and time, and its ordinal in
// the text index. Within a stratum both ascend together, so an order among documents of equal
// length is the same by either.

/// Documents of one length, with consecutive ordinals.
package struct Stratum: Sendable, Equatable {
    /// Their length code; of a memtable, whose documents come as they are written, the least.
    package var lengthCode: UInt8
    /// Their ordinals.
    package var documents: Range<UInt32>
}

/// Computes ordinals from lengths.
package struct TextOrder: Sendable {
    /// The documents' strata, shortest first.
    package let strata: [Stratum]
    /// Each document's ordinal.
    package let ordinals: [UInt32]
    /// Each ordinal's document.
    package let documents: [UInt32]

    /// `lengths` has each document's length code.
    package init(lengths: [UInt8]) {
        strata = unsafe lengths.withUnsafeBufferPointer { unsafe Self.strata($0) }
        var next = [UInt32](repeating: 0, count: 256)
        for stratum in strata {
            next[Int(stratum.lengthCode)] = stratum.documents.lowerBound
        }
        var documents = [UInt32](repeating: 0, count: lengths.count)
        ordinals = lengths.enumerated().map { document, code in
            let ordinal = next[Int(code)]
            next[Int(code)] += 1
            documents[Int(ordinal)] = UInt32(document)
            return ordinal
        }
        self.documents = documents
    }

    /// The strata of documents with these length codes.
    static func strata(_ lengths: UnsafeBufferPointer<UInt8>) -> [Stratum] {
        var counts = [UInt32](repeating: 0, count: 256)
        for document in lengths.indices { unsafe counts[Int(lengths[document])] += 1 }
        var strata: [Stratum] = []
        var first: UInt32 = 0
        for (code, count) in counts.enumerated() where count > 0 {
            strata.append(Stratum(lengthCode: UInt8(code), documents: first..<first + count))
            first += count
        }
        return strata
    }
}
