// Writes a sealed memtable as a segment file: sorts its live documents, gives them new numbers, and
// encodes rows, columns and postings one after the other. Runs on the flushing thread, beside the
// readers and the writer of the next memtable.

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
    func write(_ path: String, id: UInt64, in fs: any FileSystem) throws(StorageError)
        -> WrittenSegment
    {
        var builder = try SegmentBuilder(path, id: id, .fresh, in: fs)
        var text = TextSectionsWriter(
            beside: path, memory: .max, documents: UInt32(order.count), in: fs)
        do {
            for old in order {
                try unsafe builder.add(memtable.row(old), sequence: memtable.sequence(old))
            }
            let lengths = order.map { unsafe memtable.index.lengthCodes[Int($0)] }
            let byLength = TextOrder(lengths: lengths)
            let tokens = try encodeTerms(byLength, into: &text)
            let length = try builder.finish(
                text, lengths: lengths, order: byLength, tokens: tokens)
            return WrittenSegment(length: length, numbers: numbers)
        } catch {
            builder.abandon()
            throw error
        }
    }

    /// Encodes the postings of all terms, and counts the words.
    private func encodeTerms(
        _ order: TextOrder, into writer: inout TextSectionsWriter
    ) throws(StorageError) -> UInt64 {
        var tokens: UInt64 = 0
        var postings: [(document: UInt32, index: Int)] = []
        for number in memtable.index.sortedTerms(except: [.key, .title]) {
            let decoded = memtable.index.decode(number, below: UInt32(numbers.count))
            postings.removeAll(keepingCapacity: true)
            let term = memtable.index.bytes(ofTerm: number)
            let byOrdinal = TermKind.isByOrdinal(term)
            for (index, old) in decoded.all.enumerated() {
                guard let new = numbers[Int(old)] else { continue }
                postings.append((byOrdinal ? order.ordinals[Int(new)] : new, index))
            }
            let isOrdered = zip(postings, postings.dropFirst()).allSatisfy {
                $0.document < $1.document
            }
            if !isOrdered { postings.sort { $0.document < $1.document } }
            let isWord = term.first == TermKind.word.rawValue
            let isStem = term.first == TermKind.stem.rawValue
            for posting in postings {
                if isStem {
                    let frequency = UInt32(decoded.positions(of: posting.index).count)
                    writer.add(document: posting.document, frequency: frequency, gaps: [])
                    continue
                }
                let positions = isWord ? decoded.positions(of: posting.index) : []
                tokens += UInt64(positions.count)
                writer.add(document: posting.document, positions: positions)
            }
            try writer.finish(term: term)
        }
        return tokens
    }
}
