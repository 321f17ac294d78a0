// Writes a segment file from its documents in their final order: rows at once, block by block,
// what is gathered beside them (columns, titles, keys) after the last. A flush and a merge differ
// only in where their rows and postings come from.

import Storage
import TextIndex

/// One segment file being written; not thread safe.
struct SegmentBuilder {
    /// Documents added.
    private(set) var count: UInt32 = 0
    /// Of those, how many have text.
    private(set) var textCount: UInt64 = 0

    private let file: SectionFileWriter
    private let packing: RowPacking
    private var block = RowBlockWriter()
    private var blockStart: UInt32 = 0
    private var extras = ByteWriter()
    private var index = ByteWriter()
    private var starts = PackedColumnWriter()
    private var durations = PackedColumnWriter()
    private var sequences = PackedColumnWriter()
    private var titles: [TitleEntry] = []
    private var keys = KeyColumnWriter()
    private var attributes = AttributeColumnsWriter()

    private struct TitleEntry {
        let name: [UInt8]
        var documents: UInt32 = 0
        var keys = 0
    }

    /// Begins a file under its final name; the caller syncs the folder.
    init(
        _ path: String, id: UInt64, _ packing: RowPacking, in fs: any FileSystem
    ) throws(StorageError) {
        file = try SectionFileWriter(
            creating: path, kind: SegmentFormat.kind, fileID: id, in: fs)
        self.packing = packing
        file.begin(SegmentSection.rows.rawValue)
    }

    /// Adds the next document.
    mutating func add(
        _ row: UnsafeBufferPointer<UInt8>, sequence: UInt64
    ) throws(StorageError) {
        guard let view = unsafe RowView(row) else {
            preconditionFailure("a row that was checked does not parse")
        }
        starts.append(unsafe view.start)
        durations.append(unsafe view.end - view.start)
        sequences.append(Int64(sequence))
        if unsafe !view.text.isEmpty { textCount += 1 }
        let isNew = titles.last.map { unsafe !equalBytes(view.title, $0.name) } ?? true
        if isNew {
            endTitle()
            unsafe titles.append(TitleEntry(name: Array(view.title)))
        }
        if unsafe !view.key.isEmpty {
            unsafe keys.add(view.key, titles[titles.count - 1].documents)
        }
        titles[titles.count - 1].documents += 1
        unsafe splitAttributes(of: view)
        unsafe block.add(
            key: view.key, text: view.hasText ? view.text : nil, extras: extras.bytes)
        count += 1
        if block.count >= packing.blockBytes || count - blockStart == SegmentFormat.blockRows {
            try endBlock()
        }
    }

    /// Puts attributes into their columns, and what has none into `extras`, with the vector.
    private mutating func splitAttributes(of view: RowView) {
        extras.bytes.removeAll(keepingCapacity: true)
        var rest = ByteWriter()
        var restCount = 0
        var all = unsafe view.attributes
        while let (name, type, value) = unsafe all.next() {
            guard unsafe !attributes.add(name, type, value) else { continue }
            restCount += 1
            rest.varint(UInt64(name.count))
            unsafe rest.bytes(UnsafeRawBufferPointer(name))
            rest.u8(type.rawValue)
            rest.varint(UInt64(value.count))
            unsafe rest.bytes(UnsafeRawBufferPointer(value))
        }
        attributes.endDocument()
        guard unsafe restCount > 0 || view.vector.count > 1 else { return }
        unsafe extras.bytes(UnsafeRawBufferPointer(view.vector))
        extras.varint(UInt64(restCount))
        extras.bytes(rest.bytes)
    }

    private mutating func endTitle() {
        guard !titles.isEmpty else { return }
        titles[titles.count - 1].keys = keys.endTitle(
            documents: titles[titles.count - 1].documents)
    }

    private mutating func endBlock() throws(StorageError) {
        let bytes = block.finish()
        let (codec, packed) = packing.pack(bytes.rawSpan)
        index.u32(blockStart)
        index.u32(UInt32(bytes.count))
        index.u64(file.offsetInSection | UInt64(codec.rawValue) << SegmentFormat.codecShift)
        try file.append(packed)
        blockStart = count
    }

    /// Writes everything behind the rows, syncs and names the file; returns its length.
    ///
    /// `lengths` has a length code for each document, `tokens` counts their words.
    mutating func finish(
        _ text: TextSectionsWriter, lengths: [UInt8], order: TextOrder, tokens: UInt64,
        _ vectors: inout SegmentVectorsWriter
    ) throws(StorageError) -> UInt64 {
        if count > blockStart { try endBlock() }
        endTitle()
        index.u32(count)
        index.u32(0)
        index.u64(file.offsetInSection)
        try add(.rowIndex, index.bytes)
        try add(.rowDictionary, packing.dictionary?.bytes ?? [])
        try add(.starts, starts.finish())
        try add(.durations, durations.finish())
        try add(.sequences, sequences.finish())
        try add(.titles, encodedTitles())
        try add(.keys, keys.finish())
        try attributes.write(to: file)
        try text.write(to: file, lengths: lengths, order: order)
        try vectors.write(to: file)
        var summary = ByteWriter()
        summary.u64(UInt64(count))
        summary.u64(textCount)
        summary.u64(tokens)
        try add(.summary, summary.bytes)
        return try file.finish()
    }

    /// Gives the file up and removes it.
    func abandon() { file.abandon() }

    private func add(_ section: SegmentSection, _ bytes: [UInt8]) throws(StorageError) {
        file.begin(section.rawValue)
        try file.append(bytes)
    }

    private func encodedTitles() -> [UInt8] {
        var bytes = ByteWriter()
        bytes.varint(UInt64(titles.count))
        for title in titles {
            bytes.lengthPrefixed(title.name)
            bytes.varint(UInt64(title.documents))
            bytes.varint(UInt64(title.keys))
        }
        return bytes.bytes
    }
}

/// How the rows of a segment are packed.
struct RowPacking: Sendable {
    /// Rows are gathered until a block has this many bytes before compression.
    let blockBytes: Int
    /// What the blocks have in common; nil for LZ4.
    let dictionary: ZstdDictionary?

    /// Fast, for what is soon merged.
    static let fresh = RowPacking(
        blockBytes: SegmentFormat.freshBlockBytes, dictionary: nil, codec: .lz4)
    private let codec: Codec

    /// Small, for what stays; learns from samples of rows that have `rowBytes` altogether.
    static func merged(_ samples: [[UInt8]], rowBytes: Int) -> RowPacking {
        let limit = min(rowBytes / SegmentFormat.dictionaryShare, SegmentFormat.dictionaryBytes)
        let learnt = samples.isEmpty ? nil : ZstdDictionary.train(samples, limit: limit)
        return RowPacking(
            blockBytes: SegmentFormat.mergedBlockBytes,
            dictionary: learnt.flatMap { ZstdDictionary($0, level: SegmentFormat.zstdLevel) },
            codec: .zstd)
    }

    private init(blockBytes: Int, dictionary: ZstdDictionary?, codec: Codec) {
        self.blockBytes = blockBytes
        self.dictionary = dictionary
        self.codec = codec
    }

    func pack(_ bytes: RawSpan) -> (Codec, [UInt8]) {
        BlockCompression.compress(bytes, with: codec, dictionary)
    }
}
