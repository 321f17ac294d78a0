// An open segment file: reads rows, columns, titles and keys; its text index answers queries.
// What every search needs is checked when the file is opened; row blocks (Segment+Rows.swift) and
// postings when they are first touched. Damage is thrown, never served.

package import Storage
import Synchronization
package import TextIndex
package import VectorIndex

/// One immutable file of a track's annotations.
@safe package final class Segment: Sendable {
    /// Names the file in its track.
    package let id: UInt64
    /// Bytes of the file.
    package let length: UInt64
    /// Tells the file from any other: the checksum of its directory.
    package let fingerprint: UInt32
    /// Where the file is.
    package let path: String
    /// Documents, deleted ones included.
    package let documentCount: UInt32
    /// Documents with text and their words, deleted ones included.
    package let statistics: CollectionStatistics
    /// Its text index.
    package let text: TextSections
    /// Its deletions.
    package let tombstones: Tombstones
    /// What the segment has of each title, by its name.
    package let titles: [[UInt8]: Lane]

    /// What a segment has of a title.
    package struct Lane: Sendable {
        /// The documents, in timeline order.
        package let documents: Range<UInt32>
        /// Entries of the keys.
        let keys: Range<Int>
    }

    let rows: Section
    let rowIndex: Section
    /// Where each section begins in the file.
    let places: [UInt32: UInt64]
    /// Bytes of its sections, by what they are for.
    package let parts: SegmentParts
    let rowDictionary: ZstdDictionary?
    /// Its vectors; nil when it has none.
    let vectors: SegmentVectors?
    let attributes: AttributeColumns
    /// The titles in order, each with its first document.
    private let titleOrder: [(name: [UInt8], first: UInt32)]
    private let keys: PackedColumn
    private let starts: PackedColumn
    private let durations: PackedColumn
    private let sequences: PackedColumn
    private let madeIndex = Mutex<VectorIndex?>(nil)

    /// Opens a segment file; throws when it is damaged, or is not the file called `id`.
    package init(_ path: String, id: UInt64, in fs: any FileSystem) throws(StorageError) {
        let file = try SectionFile(opening: path, kind: SegmentFormat.kind, fileID: id, in: fs)
        func section(_ id: SegmentSection) throws(StorageError) -> Section {
            if let section = file.section(id.rawValue) { return section }
            throw .corrupt(file: path, offset: 0, what: "it has no section \(id)")
        }
        func column(_ id: SegmentSection, _ count: Int) throws(StorageError) -> PackedColumn {
            let section = try section(id)
            try section.verifyAll()
            if let column = PackedColumn(section), column.count == count { return column }
            throw .corrupt(file: path, offset: section.offset, what: "column \(id) does not fit")
        }
        self.id = id
        self.path = path
        length = file.length
        fingerprint = file.fingerprint
        places = Dictionary(uniqueKeysWithValues: file.sections.map { ($0.id, $0.offset) })
        parts = SegmentParts(file.sections.map { ($0.id, UInt64($0.count)) })
        text = try TextSections(file)
        documentCount = text.documentCount
        let count = Int(documentCount)
        statistics = try Self.readSummary(section(.summary), documents: UInt64(count))
        let order = try Self.readTitles(section(.titles), documents: documentCount)
        titles = Dictionary(order, uniquingKeysWith: { $1 })
        titleOrder = order.map { ($0, $1.documents.lowerBound) }
        keys = try column(.keys, titles.values.reduce(0) { $0 + $1.keys.count })
        starts = try column(.starts, count)
        durations = try column(.durations, count)
        sequences = try column(.sequences, count)
        rows = try section(.rows)
        rowIndex = try section(.rowIndex)
        rowDictionary = try Self.readDictionary(section(.rowDictionary))
        attributes = try AttributeColumns(file, documents: count)
        vectors = try SegmentVectors(file, documents: count)
        tombstones = Tombstones(documents: count)
        try rowIndex.verifyAll()
        guard rowIndex.count % SegmentFormat.rowIndexEntryBytes == 0,
            rowIndex.count >= SegmentFormat.rowIndexEntryBytes
        else { throw .corrupt(file: path, offset: rowIndex.offset, what: "the row index is cut") }
    }

    /// Opens a segment file that was written just now.
    ///
    /// What searches read is checked while it still lies in memory, which takes milliseconds; else
    /// each page would be by the first search that comes to it.
    convenience init(written path: String, id: UInt64, in fs: any FileSystem) throws(StorageError) {
        try self.init(path, id: id, in: fs)
        try checkSearched()
    }

    /// Checks every page of words and rows.
    package func checkSearched() throws(StorageError) {
        try text.checkAll()
        try rows.verifyAll()
    }

    private static func readSummary(
        _ section: Section, documents: UInt64
    ) throws(StorageError) -> CollectionStatistics {
        try section.verifyAll()
        var reader = ByteReader(try section.bytes(0..<section.count))
        do {
            guard try reader.u64() == documents else {
                throw DecodeError(offset: 0, expected: "\(documents) documents")
            }
            return CollectionStatistics(documents: try reader.u64(), tokens: try reader.u64())
        } catch {
            throw .corrupt(file: section.path, offset: section.offset, what: "\(error)")
        }
    }

    private static func readDictionary(
        _ section: Section
    ) throws(StorageError) -> ZstdDictionary? {
        guard section.count > 0 else { return nil }
        var reader = ByteReader(try section.bytes(0..<section.count))
        if let bytes = try? reader.array(section.count), let dictionary = ZstdDictionary(bytes) {
            return dictionary
        }
        throw .corrupt(
            file: section.path, offset: section.offset, what: "the row dictionary does not load")
    }

    private static func readTitles(
        _ section: Section, documents: UInt32
    ) throws(StorageError) -> [([UInt8], Lane)] {
        var reader = ByteReader(try section.bytes(0..<section.count))
        var titles: [([UInt8], Lane)] = []
        var first: UInt64 = 0
        var firstKey = 0
        do {
            for _ in 0..<(try reader.count(ofAtLeast: 2)) {
                let name = try reader.lengthPrefixed()
                let next = first + min(try reader.varint(), UInt64(UInt32.max))
                let keys = try reader.varint()
                guard next > first, next <= documents, keys <= next - first else {
                    throw DecodeError(offset: reader.position, expected: "fewer documents")
                }
                let lane = Lane(
                    documents: UInt32(first)..<UInt32(next), keys: firstKey..<firstKey + Int(keys))
                titles.append((name, lane))
                first = next
                firstKey += Int(keys)
            }
            guard first == documents else {
                throw DecodeError(offset: reader.position, expected: "\(documents) documents")
            }
            return titles
        } catch {
            throw .corrupt(file: section.path, offset: section.offset, what: "\(error)")
        }
    }

    /// The index of its vectors; nil until there is one.
    package var index: VectorIndex? {
        get { madeIndex.withLock { $0 } }
        set { madeIndex.withLock { $0 = newValue } }
    }

    /// The name of a document's title.
    func title(_ document: UInt32) -> [UInt8] { titleOrder[titleNumber(document)].name }

    /// The documents of a document's title.
    func lane(of document: UInt32) -> Range<UInt32> {
        let number = titleNumber(document)
        let end = number + 1 < titleOrder.count ? titleOrder[number + 1].first : documentCount
        return titleOrder[number].first..<end
    }

    /// Which of the titles, in their order, a document belongs to.
    func titleNumber(_ document: UInt32) -> Int {
        var low = 0
        var high = titleOrder.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if titleOrder[middle].first <= document { low = middle } else { high = middle }
        }
        return low
    }

    /// The first document of the titles that come after a name, which is none of them.
    func firstDocument(behindTitle name: [UInt8]) -> UInt32 {
        var (low, high) = (0, titleOrder.count)
        while low < high {
            let middle = (low + high) / 2
            if titleOrder[middle].name.lexicographicallyPrecedes(name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < titleOrder.count ? titleOrder[low].first : documentCount
    }

    /// The in-time of a document, in nanoseconds.
    package func start(_ document: UInt32) -> Int64 { starts[Int(document)] }
    /// The out-time of a document, in nanoseconds.
    package func end(_ document: UInt32) -> Int64 {
        starts[Int(document)] &+ durations[Int(document)]
    }
    /// The operation that wrote a document.
    package func sequence(_ document: UInt32) -> UInt64 {
        UInt64(bitPattern: sequences[Int(document)])
    }

    /// Entries of the keys.
    var keyCount: Int { keys.count }

    /// Documents of a title whose keys may be this one.
    func candidates(title: [UInt8], key: [UInt8]) -> [UInt32] {
        guard let lane = titles[title] else { return [] }
        let column = KeyColumn(
            column: keys, entries: lane.keys, documents: UInt32(lane.documents.count))
        return column.candidates(key).map { lane.documents.lowerBound + $0 }
    }

    /// The document with a key that a search at an operation sees; there is at most one.
    package func document(
        title: [UInt8], key: [UInt8], liveAt sequence: UInt64 = .max
    ) throws(StorageError) -> UInt32? {
        for document in candidates(title: title, key: key)
        where document < documentCount && tombstones.isLive(document, at: sequence) {
            if try RowReader(self).key(document) == key { return document }
        }
        return nil
    }
}
