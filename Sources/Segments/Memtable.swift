// The newest annotations of a track, in memory and searchable at once. One writer appends; readers
// see the documents below the count that a view published. A memtable is sealed when it is full,
// flushed to a segment, and freed when the last view that shows it goes.

import Storage
import Synchronization
package import TextIndex

/// The mutable part of a track.
@safe package final class Memtable: @unchecked Sendable {
    // Unchecked: one writer; readers stay below counts published to them.

    /// Documents that fit.
    package static let capacity = MutableIndex.documentsMax

    /// Words, attributes, keys and titles of its documents.
    package let index: MutableIndex
    /// Its deletions.
    package let tombstones = Tombstones(documents: Memtable.capacity)
    /// Their vectors; nil in a track without any.
    let vectors: MemtableVectors?
    private let analyzer: Analyzer
    private let stemmer: Stemmer?
    private var written: WrittenWords

    // One element for each document; reserved once, never moved.
    private let rows: UnsafeMutablePointer<UInt32>
    private let rowCounts: UnsafeMutablePointer<UInt32>
    private let starts: UnsafeMutablePointer<Int64>
    private let ends: UnsafeMutablePointer<Int64>
    private let sequences: UnsafeMutablePointer<UInt64>
    /// The term of each document's title.
    private let titles: UnsafeMutablePointer<UInt32>
    private let keys = KeyTable()
    /// For each title, in the order they came, the first document.
    private let firsts: UnsafeMutablePointer<UInt32>
    private let lanes = Mutex(LaneOrder())

    /// Documents added, deleted ones included.
    ///
    /// Writer only; readers have their view's count.
    package private(set) var count: UInt32 = 0
    /// Documents with text and their words.
    ///
    /// Writer only.
    package private(set) var statistics = CollectionStatistics()
    /// Titles with documents, deleted ones included.
    ///
    /// Writer only.
    package private(set) var titleCount: UInt32 = 0
    private var scratch: [UInt8] = []
    /// The term of the newest document's title.
    private var lastTitle: Int?

    /// An empty memtable of a track.
    package init(_ content: TrackContent) {
        analyzer = Analyzer(content.language)
        vectors = content.vectors.map { MemtableVectors($0) }
        stemmer = Stemmer(analyzer.language)
        written = WrittenWords(analyzer.language)
        index = MutableIndex(Arena())
        unsafe rows = MutableIndex.reserve(Self.capacity)
        unsafe rowCounts = MutableIndex.reserve(Self.capacity)
        unsafe starts = MutableIndex.reserve(Self.capacity)
        unsafe ends = MutableIndex.reserve(Self.capacity)
        unsafe sequences = MutableIndex.reserve(Self.capacity)
        unsafe titles = MutableIndex.reserve(Self.capacity)
        unsafe firsts = MutableIndex.reserve(Self.capacity)
    }

    deinit {
        unsafe MutableIndex.release(rows, Self.capacity)
        unsafe MutableIndex.release(rowCounts, Self.capacity)
        unsafe MutableIndex.release(starts, Self.capacity)
        unsafe MutableIndex.release(ends, Self.capacity)
        unsafe MutableIndex.release(sequences, Self.capacity)
        unsafe MutableIndex.release(titles, Self.capacity)
        unsafe MutableIndex.release(firsts, Self.capacity)
    }

    /// Bytes of memory in use.
    package var bytes: Int {
        index.arena.used + Int(count) * 72 + index.termCount * 96 + (vectors?.bytes ?? 0)
    }

    /// Whether rows of this many bytes altogether surely fit.
    package func hasRoom(rows: Int, bytes: Int) -> Bool {
        Int(count) + rows < Self.capacity && index.hasRoom(forRowsOf: bytes)
            && vectors?.hasRoom(forRowsOf: bytes) ?? true
    }

    /// Adds a row as the operation `sequence`.
    ///
    /// An annotation of the lane with the same key dies. Returns whether one did.
    package func add(_ row: UnsafeBufferPointer<UInt8>, sequence: UInt64) -> Bool {
        guard let view = unsafe RowView(row) else {
            preconditionFailure("a row that was checked does not parse")
        }
        let document = count
        let at = Int(document)
        unsafe store(row, view, document)
        unsafe starts[at] = view.start
        unsafe ends[at] = view.end
        unsafe sequences[at] = sequence
        let title = unsafe addTitle(view.title, document)
        unsafe titles[at] = UInt32(title)
        let replaced = unsafe !view.key.isEmpty && addKey(view.key, document, sequence)
        var attributes = unsafe view.attributes
        while let (name, type, value) = unsafe attributes.next() {
            if type == .keyword { unsafe addKeyword(name, value, document) }
        }
        unsafe addText(view.text, document)
        count += 1
        return replaced
    }

    /// Keeps a row, without its vectors where these have a place of their own.
    private func store(
        _ row: UnsafeBufferPointer<UInt8>, _ view: RowView, _ document: UInt32
    ) {
        if let vectors, unsafe view.floats.count > 0 {
            unsafe vectors.add(view.floats, document: document)
            unsafe view.copyWithoutVector(row, into: &scratch)
            unsafe scratch.withUnsafeBufferPointer { unsafe keep($0, document) }
        } else {
            unsafe keep(row, document)
        }
    }

    private func keep(_ row: UnsafeBufferPointer<UInt8>, _ document: UInt32) {
        unsafe rows[Int(document)] = index.arena.store(UnsafeRawBufferPointer(row))
        unsafe rowCounts[Int(document)] = UInt32(row.count)
    }

    /// Adds a document of a title, and returns the title's term.
    private func addTitle(_ name: UnsafeBufferPointer<UInt8>, _ document: UInt32) -> Int {
        // One title mostly follows itself.
        if let lastTitle, unsafe index.holds(lastTitle, name) {
            index.add(lastTitle, document: document, position: 0)
            return lastTitle
        }
        if unsafe index.lastDocument(.title, name) == nil {
            unsafe firsts[Int(titleCount)] = document
            titleCount += 1
        }
        let title = unsafe index.addToTerm(.title, name, document: document, position: 0)
        lastTitle = title
        return title
    }

    private func addKey(
        _ key: UnsafeBufferPointer<UInt8>, _ document: UInt32, _ sequence: UInt64
    ) -> Bool {
        let signature = unsafe ByteSignature(titles[Int(document)], key)
        let previous = unsafe keys.add(signature.hash(key), document) {
            unsafe has(key, signature.label, $0)
        }
        return previous.map { tombstones.mark($0, at: sequence) } ?? false
    }

    /// Whether a document is of a title and has a key.
    private func has(
        _ key: UnsafeBufferPointer<UInt8>, _ title: UInt32, _ document: UInt32
    ) -> Bool {
        guard unsafe titles[Int(document)] == title, let row = unsafe RowView(row(document)) else {
            return false
        }
        return unsafe compareBytes(row.key, key) == 0
    }

    private func addKeyword(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ document: UInt32
    ) {
        // As `TermKey.attribute` builds it, behind its kind.
        scratch.removeAll(keepingCapacity: true)
        unsafe scratch.append(contentsOf: name)
        scratch.append(0)
        unsafe analyzer.fold(value, into: &scratch)
        unsafe scratch.withUnsafeBufferPointer { term in
            unsafe index.add(.attribute, term, document: document, position: 0)
        }
    }

    private func addText(_ text: UnsafeBufferPointer<UInt8>, _ document: UInt32) {
        guard !text.isEmpty else { return }
        var length = 0
        var tokens: UInt32 = 0
        var last: Int?
        let mayHaveAccents = unsafe written.begin(text)
        unsafe analyzer.forEachToken(text) { term, place in
            let position = UInt32(place.position)
            let number = unsafe index.addToTerm(
                .word, term, document: document, position: position)
            if position == 0 {
                unsafe index.add(.beginning, term, document: document, position: 0)
            }
            unsafe stemmer?.forEachStem(of: term, text, place.range) { stem in
                // Not where it stands, but which it is: of stems only the number counts.
                unsafe index.add(.stem, stem, document: document, position: tokens)
            }
            if mayHaveAccents {
                unsafe written.add(number, term, text, place.range, document, tokens, to: index)
            }
            if !place.isOtherForm {
                length += 1
                last = number
            }
            tokens += 1
        }
        if mayHaveAccents { written.end(document, tokens, in: index) }
        if let last {
            unsafe index.add(
                .ending, index.bytesInPlace(ofTerm: last), document: document, position: 0)
        }
        unsafe index.lengthCodes[Int(document)] = LengthCode.encode(length)
        statistics.documents += 1
        statistics.tokens += UInt64(tokens)
    }

    /// Marks the live annotation with this key as deleted.
    ///
    /// False when there is none. Writer only.
    package func delete(title: [UInt8], key: [UInt8], sequence: UInt64) -> Bool {
        document(title: title, key: key, below: count).map { tombstones.mark($0, at: sequence) }
            ?? false
    }

    /// The newest document with this key below `limit`, deleted or not.
    package func document(title: [UInt8], key: [UInt8], below limit: UInt32) -> UInt32? {
        let title = unsafe title.withUnsafeBufferPointer { unsafe index.find(.title, $0) }
        guard let title else { return nil }
        return unsafe key.withUnsafeBufferPointer { key in
            let signature = unsafe ByteSignature(UInt32(title), key)
            return unsafe keys.last(signature.hash(key), below: limit) {
                unsafe has(key, signature.label, $0)
            }
        }
    }

    /// The documents of a title below `limit`, deleted or not, in the order they came.
    package func documents(of title: [UInt8], below limit: UInt32) -> [UInt32] {
        index.postings(TermKey.title(title), below: limit)?.all ?? []
    }

    /// The name of a title, by its number below a published count.
    package func titleName(_ number: UInt32) -> [UInt8] {
        unsafe RowView(row(firsts[Int(number)])).map { unsafe Array($0.title) } ?? []
    }

    /// Documents in timeline order, at least the first `count`.
    func laneOrder(atLeast count: UInt32) -> LaneOrder {
        lanes.withLock { order in
            if order.documents.count < count { order = LaneOrder(order, self, count: count) }
            return order
        }
    }

    /// The row of a document.
    package func row(_ document: UInt32) -> UnsafeBufferPointer<UInt8> {
        let start = unsafe index.arena.base + Int(rows[Int(document)])
        return unsafe UnsafeBufferPointer(
            start: start.assumingMemoryBound(to: UInt8.self), count: Int(rowCounts[Int(document)]))
    }

    /// The in-time of a document, in nanoseconds.
    package func start(_ document: UInt32) -> Int64 { unsafe starts[Int(document)] }
    /// The out-time of a document, in nanoseconds.
    package func end(_ document: UInt32) -> Int64 { unsafe ends[Int(document)] }
    /// The term of a document's title.
    func titleTerm(_ document: UInt32) -> UInt32 { unsafe titles[Int(document)] }

    /// The operation that wrote a document.
    package func sequence(_ document: UInt32) -> UInt64 { unsafe sequences[Int(document)] }

    /// The order of documents on titles' timelines: by title, in, out, key, sequence.
    package func precedes(_ a: UInt32, _ b: UInt32) -> Bool {
        let (one, other) = (Int(a), Int(b))
        if unsafe titles[one] != titles[other] {
            let (first, second) = unsafe (Int(titles[one]), Int(titles[other]))
            return unsafe compareBytes(
                index.bytesInPlace(ofTerm: first), index.bytesInPlace(ofTerm: second)) < 0
        }
        if unsafe starts[one] != starts[other] { return unsafe starts[one] < starts[other] }
        if unsafe ends[one] != ends[other] { return unsafe ends[one] < ends[other] }
        guard a != b, let first = unsafe RowView(row(a)), let second = unsafe RowView(row(b)) else {
            return false
        }
        let keys = unsafe compareBytes(first.key, second.key)
        return keys != 0 ? keys < 0 : sequence(a) < sequence(b)
    }
}

extension Memtable {
    /// The name of a document's title.
    package func title(_ document: UInt32) -> [UInt8] {
        guard let row = unsafe RowView(row(document)) else { return [] }
        return unsafe Array(row.title)
    }

    /// The text of a document; empty for none.
    package func text(_ document: UInt32) -> [UInt8] {
        guard let row = unsafe RowView(row(document)) else { return [] }
        return unsafe Array(row.text)
    }

    /// Whether a document has text.
    package func hasText(_ document: UInt32) -> Bool {
        guard let row = unsafe RowView(row(document)) else { return false }
        return unsafe !row.text.isEmpty
    }

    /// The annotation stored as a document.
    package func annotation(_ document: UInt32) -> Annotation {
        let row = unsafe RawSpan(_unsafeElements: row(document))
        guard let annotation = try? Annotation(row: row) else {
            preconditionFailure("a row that was checked does not parse")
        }
        return annotation
    }
}
