// Writes a sealed memtable as a segment file: sorts its live documents, gives them new numbers, and
// encodes rows and columns beside the postings. Runs on the flushing thread and one more, beside
// the readers and the writer of the next memtable.

import Storage
import TextIndex

/// What a flush wrote.
struct WrittenSegment {
    /// Bytes of the file.
    let length: UInt64
    /// For each document of the memtable its number in the segment; nil for those left out.
    let numbers: [UInt32?]
}

/// Turns one memtable into one segment file.
struct SegmentWriter {
    private let memtable: Memtable
    /// Old numbers of the documents that are kept, in their new order.
    private let order: [UInt32]
    private let numbers: [UInt32?]

    /// Those of the first `count` documents of a memtable that are to be kept.
    init(_ memtable: Memtable, count: UInt32, keeping isKept: (UInt32) -> Bool) {
        self.memtable = memtable
        let kept = (0..<count).filter(isKept)
        let inOrder = zip(kept, kept.dropFirst()).allSatisfy { memtable.precedes($0, $1) }
        order = inOrder ? kept : kept.sorted { memtable.precedes($0, $1) }
        var numbers = [UInt32?](repeating: nil, count: Int(count))
        for (new, old) in order.enumerated() { numbers[Int(old)] = UInt32(new) }
        self.numbers = numbers
    }

    /// Whether no document is kept.
    var isEmpty: Bool { order.isEmpty }

    /// Writes the file under its final name; the caller syncs the folder.
    ///
    /// Words are encoded on a thread of their own, in memory, while the rows are written.
    func write(_ path: String, id: UInt64, in fs: any FileSystem) throws(StorageError)
        -> WrittenSegment
    {
        var builder = try SegmentBuilder(path, id: id, .fresh, in: fs)
        let lengths = order.map { unsafe memtable.index.lengthCodes[Int($0)] }
        let byLength = TextOrder(lengths: lengths)
        let terms = Errand { () throws(StorageError) -> EncodedTerms in
            try encodeTerms(byLength, beside: path, in: fs)
        }
        let own = memtable.vectors?.view(documents: memtable.count)
        var vectors = SegmentVectorsWriter([own])
        do {
            for (new, old) in order.enumerated() {
                try unsafe builder.add(memtable.row(old), sequence: memtable.sequence(old))
                vectors.add(old, ofPart: 0, as: UInt32(new))
            }
            let encoded = try terms.value()
            let length = try builder.finish(
                encoded.text, lengths: lengths, order: byLength, tokens: encoded.tokens,
                &vectors)
            return WrittenSegment(length: length, numbers: numbers)
        } catch {
            builder.abandon()
            throw error
        }
    }

    private struct EncodedTerms {
        let text: TextSectionsWriter
        /// Words, each occurrence counted.
        let tokens: UInt64
    }

    /// Encodes the postings of all terms, and counts the words.
    private func encodeTerms(
        _ order: TextOrder, beside path: String, in fs: any FileSystem
    ) throws(StorageError) -> EncodedTerms {
        var text = TextSectionsWriter(
            beside: path, memory: .max, documents: UInt32(self.order.count), in: fs)
        var encoder = MutableIndexEncoder(
            memtable.index, numbers: numbers.map { $0 ?? MutableIndexEncoder.dropped },
            order: order)
        try encoder.run(into: &text)
        return EncodedTerms(text: text, tokens: encoder.tokens)
    }
}
