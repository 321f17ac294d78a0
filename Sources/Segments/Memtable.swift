// The newest annotations of a track, in memory and searchable at once. One writer appends; readers
// see the documents below the count that a view published. A memtable is sealed when it is full,
// flushed to a segment, and freed when the last view that shows it goes.

import Storage
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
    private let analyzer: Analyzer
    private let stemmer: Stemmer?

    // One element for each document; reserved once, never moved.
    private let rows: UnsafeMutablePointer<UInt32>
    private let rowCounts: UnsafeMutablePointer<UInt32>
    private let starts: UnsafeMutablePointer<Int64>
    private let ends: UnsafeMutablePointer<Int64>
    private let sequences: UnsafeMutablePointer<UInt64>

    /// Documents added, deleted ones included.
    ///
    /// Writer only; readers have their view's count.
    package private(set) var count: UInt32 = 0
    /// Documents with text and their words.
    ///
    /// Writer only.
    package private(set) var statistics = CollectionStatistics()
    private var scratch: [UInt8] = []

    /// An empty memtable whose texts are taken apart by `analyzer`.
    package init(_ analyzer: Analyzer) {
        self.analyzer = analyzer
        stemmer = Stemmer(analyzer.language)
        index = MutableIndex(Arena())
        unsafe rows = MutableIndex.reserve(Self.capacity)
        unsafe rowCounts = MutableIndex.reserve(Self.capacity)
        unsafe starts = MutableIndex.reserve(Self.capacity)
        unsafe ends = MutableIndex.reserve(Self.capacity)
        unsafe sequences = MutableIndex.reserve(Self.capacity)
    }

    deinit {
        unsafe MutableIndex.release(rows, Self.capacity)
        unsafe MutableIndex.release(rowCounts, Self.capacity)
        unsafe MutableIndex.release(starts, Self.capacity)
        unsafe MutableIndex.release(ends, Self.capacity)
        unsafe MutableIndex.release(sequences, Self.capacity)
    }

    /// Bytes of memory in use.
    package var bytes: Int { index.arena.used + Int(count) * 40 + index.termCount * 40 }

    /// Whether rows of this many bytes altogether surely fit.
    package func hasRoom(rows: Int, bytes: Int) -> Bool {
        Int(count) + rows < Self.capacity && index.hasRoom(forRowsOf: bytes)
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
        unsafe rows[at] = index.arena.store(UnsafeRawBufferPointer(row))
        unsafe rowCounts[at] = UInt32(row.count)
        unsafe starts[at] = view.start
        unsafe ends[at] = view.end
        unsafe sequences[at] = sequence
        var replaced = false
        if unsafe !view.key.isEmpty {
            replaced = unsafe addKey(view, document, sequence)
        }
        unsafe index.add(.title, view.title, document: document, position: 0)
        var attributes = unsafe view.attributes
        while let (name, type, value) = unsafe attributes.next() {
            if type == .keyword { unsafe addKeyword(name, value, document) }
        }
        unsafe addText(view.text, document)
        count += 1
        return replaced
    }

    private func addKey(_ view: RowView, _ document: UInt32, _ sequence: UInt64) -> Bool {
        unsafe Self.keyTerm(view.title, view.key, into: &scratch)
        return unsafe scratch.withUnsafeBufferPointer { term in
            let previous = unsafe index.lastDocument(.key, term)
            unsafe index.add(.key, term, document: document, position: 0)
            guard let previous else { return false }
            return tombstones.mark(previous, at: sequence)
        }
    }

    private func addKeyword(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ document: UInt32
    ) {
        let term = unsafe TermKey.attribute(Array(name), analyzer.fold(Array(value)))
        unsafe term.withUnsafeBufferPointer { term in
            unsafe index.add(
                .attribute, UnsafeBufferPointer(rebasing: term[1...]), document: document,
                position: 0)
        }
    }

    private func addText(_ text: UnsafeBufferPointer<UInt8>, _ document: UInt32) {
        guard !text.isEmpty else { return }
        var length = 0
        var tokens: UInt32 = 0
        unsafe analyzer.forEachToken(text) { term, place in
            let position = UInt32(place.position)
            unsafe index.add(.word, term, document: document, position: position)
            unsafe stemmer?.withStem(of: term, text, place.range) { stem in
                // Not where it stands, but which it is: of stems only the number counts.
                unsafe index.add(.stem, stem, document: document, position: tokens)
            }
            // A joined form is in the text already, as its parts.
            if place.kind != .joined { length += 1 }
            tokens += 1
        }
        unsafe index.lengthCodes[Int(document)] = LengthCode.encode(length)
        statistics.documents += 1
        statistics.tokens += UInt64(tokens)
    }

    /// The bytes of a key's term behind its kind, as `TermKey.key` builds them.
    private static func keyTerm(
        _ title: UnsafeBufferPointer<UInt8>, _ key: UnsafeBufferPointer<UInt8>,
        into term: inout [UInt8]
    ) {
        term.removeAll(keepingCapacity: true)
        let count = UInt16(clamping: title.count)
        term.append(UInt8(count >> 8))
        term.append(UInt8(count & 255))
        unsafe term.append(contentsOf: title)
        unsafe term.append(contentsOf: key)
    }

    /// Marks the live annotation with this key as deleted.
    ///
    /// False when there is none. Writer only.
    package func delete(title: [UInt8], key: [UInt8], sequence: UInt64) -> Bool {
        let term = TermKey.key(title: title, key)
        let document = unsafe term.withUnsafeBufferPointer { term in
            unsafe index.lastDocument(.key, UnsafeBufferPointer(rebasing: term[1...]))
        }
        return document.map { tombstones.mark($0, at: sequence) } ?? false
    }

    /// The newest document with this key below `limit`, deleted or not.
    package func document(title: [UInt8], key: [UInt8], below limit: UInt32) -> UInt32? {
        index.postings(TermKey.key(title: title, key), below: limit)?.last
    }

    /// The documents of a title below `limit`, deleted or not, in the order they came.
    package func documents(of title: [UInt8], below limit: UInt32) -> [UInt32] {
        index.postings(TermKey.title(title), below: limit)?.all ?? []
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
    /// The operation that wrote a document.
    package func sequence(_ document: UInt32) -> UInt64 { unsafe sequences[Int(document)] }

    /// The order of documents on titles' timelines: by title, in, out, key, sequence.
    package func precedes(_ a: UInt32, _ b: UInt32) -> Bool {
        guard a != b, let first = unsafe RowView(row(a)), let second = unsafe RowView(row(b)) else {
            return false
        }
        let titles = unsafe compareBytes(first.title, second.title)
        if titles != 0 { return titles < 0 }
        if unsafe first.start != second.start { return unsafe first.start < second.start }
        if unsafe first.end != second.end { return unsafe first.end < second.end }
        let keys = unsafe compareBytes(first.key, second.key)
        return keys != 0 ? keys < 0 : sequence(a) < sequence(b)
    }
}

extension Memtable {
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
