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
    private var block = ByteWriter()
    private var blockStart: UInt32 = 0
    private var index = ByteWriter()
    private var starts = PackedColumnWriter()
    private var durations = PackedColumnWriter()
    private var sequences = PackedColumnWriter()
    private var titles: [TitleEntry] = []
    private var keys = KeyColumnWriter()

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
        let isNew = titles.last.map { unsafe !view.title.elementsEqual($0.name) } ?? true
        if isNew {
            endTitle()
            unsafe titles.append(TitleEntry(name: Array(view.title)))
        }
        if unsafe !view.key.isEmpty {
            unsafe keys.add(view.key, titles[titles.count - 1].documents)
        }
        titles[titles.count - 1].documents += 1
        block.varint(UInt64(row.count))
        unsafe block.bytes(UnsafeRawBufferPointer(row))
        count += 1
        if block.count >= packing.blockBytes { try endBlock() }
    }

    private mutating func endTitle() {
        guard !titles.isEmpty else { return }
        titles[titles.count - 1].keys = keys.endTitle(
            documents: titles[titles.count - 1].documents)
    }

    private mutating func endBlock() throws(StorageError) {
        let (codec, packed) = packing.pack(block.bytes.rawSpan)
        index.u32(blockStart)
        index.u32(UInt32(block.count))
        index.u64(file.offsetInSection | UInt64(codec.rawValue) << SegmentFormat.codecShift)
        try file.append(packed)
        block.bytes.removeAll(keepingCapacity: true)
        blockStart = count
    }

    /// Writes everything behind the rows, syncs and names the file; returns its length.
    ///
    /// `lengths` has a length code for each document, `tokens` counts their words.
    mutating func finish(
        _ text: TextSectionsWriter, lengths: [UInt8], tokens: UInt64
    ) throws(StorageError) -> UInt64 {
        if !block.bytes.isEmpty { try endBlock() }
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
        try text.write(to: file, lengths: lengths)
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

    /// Small, for what stays; learns from samples of the rows.
    static func merged(_ samples: [[UInt8]]) -> RowPacking {
        let learnt = ZstdDictionary.train(samples, limit: SegmentFormat.dictionaryBytes)
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
        guard let dictionary else { return BlockCompression.compress(bytes, with: codec) }
        if let packed = dictionary.compress(bytes) { return (.zstd, packed) }
        return (.raw, unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) })
    }
}
