// Writes a sealed memtable as a segment file: sorts its live documents, gives them new numbers, and
// encodes rows, columns and postings one after the other. Runs on the flushing thread, beside the
// readers and the writer of the next memtable.

import Storage
import TextIndex

/// What a flush wrote.
struct WrittenSegment {
    let id: UInt64
    /// Bytes of the file.
    let length: UInt64
    let documents: UInt32
    /// For each document of the memtable its number in the segment; nil for the deleted ones.
    let numbers: [UInt32?]
}

/// Turns one memtable into one segment file.
struct SegmentWriter {
    private let memtable: Memtable
    /// Old numbers of the documents that are kept, in their new order.
    private let order: [UInt32]
    private let numbers: [UInt32?]

    /// `count` documents of a memtable that takes no more; those deleted by operations up to
    /// `sequence` are left out.
    init(_ memtable: Memtable, count: UInt32, deletedUpTo sequence: UInt64) {
        self.memtable = memtable
        let live = (0..<count).filter { memtable.tombstones.isLive($0, at: sequence) }
        let inOrder = zip(live, live.dropFirst()).allSatisfy { memtable.precedes($0, $1) }
        order = inOrder ? live : live.sorted { memtable.precedes($0, $1) }
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
        let file = try SectionFileWriter(
            creating: path, kind: SegmentFormat.kind, fileID: id, in: fs)
        do {
            try writeRows(file)
            try writeColumns(file)
            try writeTitles(file)
            try writeKeys(file)
            try writeText(file)
            let length = try file.finish()
            return WrittenSegment(
                id: id, length: length, documents: UInt32(order.count), numbers: numbers)
        } catch {
            file.abandon()
            throw error
        }
    }

    private func add(
        _ section: SegmentSection, _ bytes: [UInt8], to file: SectionFileWriter
    ) throws(StorageError) {
        file.begin(section.rawValue)
        try file.append(bytes.rawSpan)
    }

    private func writeRows(_ file: SectionFileWriter) throws(StorageError) {
        var index = ByteWriter()
        var block = ByteWriter()
        var first: UInt32 = 0
        file.begin(SegmentSection.rows.rawValue)
        for (document, old) in order.enumerated() {
            let row = unsafe memtable.row(old)
            block.varint(UInt64(row.count))
            unsafe block.bytes(UnsafeRawBufferPointer(row))
            let isLast = document == order.count - 1
            guard isLast || block.bytes.count >= SegmentFormat.rowBlockBytes else { continue }
            let (codec, packed) = BlockCompression.compress(block.bytes.rawSpan, with: .lz4)
            index.u32(first)
            index.u32(UInt32(block.bytes.count))
            index.u64(
                file.offsetInSection | UInt64(codec.rawValue) << SegmentFormat.codecShift)
            try file.append(packed.rawSpan)
            block.bytes.removeAll(keepingCapacity: true)
            first = UInt32(document + 1)
        }
        index.u32(UInt32(order.count))
        index.u32(0)
        index.u64(file.offsetInSection)
        try add(.rowIndex, index.bytes, to: file)
    }

    private func writeColumns(_ file: SectionFileWriter) throws(StorageError) {
        var starts = PackedColumnWriter()
        var durations = PackedColumnWriter()
        var sequences = PackedColumnWriter()
        for old in order {
            starts.append(memtable.start(old))
            durations.append(memtable.end(old) - memtable.start(old))
            sequences.append(Int64(memtable.sequence(old)))
        }
        try add(.starts, starts.finish(), to: file)
        try add(.durations, durations.finish(), to: file)
        try add(.sequences, sequences.finish(), to: file)
    }

    private func writeTitles(_ file: SectionFileWriter) throws(StorageError) {
        var names: [[UInt8]] = []
        var counts: [UInt64] = []
        for old in order {
            guard let row = unsafe RowView(memtable.row(old)) else { continue }
            let title = unsafe row.title
            let isNew = names.last.map { unsafe !title.elementsEqual($0) } ?? true
            if isNew {
                unsafe names.append(Array(row.title))
                counts.append(0)
            }
            counts[counts.count - 1] += 1
        }
        var titles = ByteWriter()
        titles.varint(UInt64(names.count))
        for (name, count) in zip(names, counts) {
            titles.lengthPrefixed(name)
            titles.varint(count)
        }
        try add(.titles, titles.bytes, to: file)
    }

    private func writeKeys(_ file: SectionFileWriter) throws(StorageError) {
        var keys: [(hash: UInt64, document: UInt32)] = []
        for (document, old) in order.enumerated() {
            guard let row = unsafe RowView(memtable.row(old)), unsafe !row.key.isEmpty else {
                continue
            }
            unsafe keys.append((keyHash(title: row.title, key: row.key), UInt32(document)))
        }
        keys.sort { ($0.hash, $0.document) < ($1.hash, $1.document) }
        var bytes = ByteWriter(capacity: keys.count * SegmentFormat.keyEntryBytes)
        for key in keys {
            bytes.u64(key.hash)
            bytes.u32(key.document)
        }
        try add(.keys, bytes.bytes, to: file)
    }

    private func writeText(_ file: SectionFileWriter) throws(StorageError) {
        let lengths = order.map { unsafe memtable.index.lengthCodes[Int($0)] }
        let (sections, statistics) = encodeTerms(lengths)
        for (section, bytes) in sections {
            file.begin(section.rawValue)
            try file.append(bytes.rawSpan)
        }
        file.begin(TextSection.lengths.rawValue)
        try file.append(lengths.rawSpan)
        var summary = ByteWriter()
        summary.u64(UInt64(order.count))
        summary.u64(statistics.documents)
        summary.u64(statistics.tokens)
        try add(.summary, summary.bytes, to: file)
    }

    /// Encodes the postings of all terms, and counts the words and the documents that have any.
    private func encodeTerms(
        _ lengths: [UInt8]
    ) -> (sections: [(TextSection, [UInt8])], statistics: CollectionStatistics) {
        var writer = TextSectionsWriter()
        var statistics = CollectionStatistics()
        var postings: [(document: UInt32, index: Int)] = []
        for number in memtable.index.sortedTerms(except: [.key, .title]) {
            let decoded = memtable.index.decode(number, below: UInt32(numbers.count))
            postings.removeAll(keepingCapacity: true)
            for (index, old) in decoded.all.enumerated() {
                if let new = numbers[Int(old)] { postings.append((new, index)) }
            }
            let isOrdered = zip(postings, postings.dropFirst()).allSatisfy {
                $0.document < $1.document
            }
            if !isOrdered { postings.sort { $0.document < $1.document } }
            let term = memtable.index.bytes(ofTerm: number)
            let isWord = term.first == TermKind.word.rawValue
            for posting in postings {
                let positions = isWord ? decoded.positions(of: posting.index) : []
                statistics.tokens += UInt64(positions.count)
                writer.add(
                    document: posting.document, lengthCode: lengths[Int(posting.document)],
                    positions: positions)
            }
            writer.finish(term: term)
        }
        statistics.documents = UInt64(order.count { memtable.hasText($0) })
        return (writer.sections(), statistics)
    }
}
