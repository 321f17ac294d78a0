// The inverted index of a memtable: one writer adds documents in ascending order; readers search
// without a lock whatever lies below the document count that was published to them.
//
// A term's postings are a SliceChain of occurrences, each a varint: a new document is
// gap * 2 + 1 followed by the position, a further position in the same document is gap * 2.
// The chain's end is published after each occurrence, and readers stop at the first document that
// they may not see: so they never read what is half written.

import Glibc
package import Storage
import Synchronization

/// A growing inverted index in an arena.
@safe package final class MutableIndex: @unchecked Sendable {
    // Unchecked: one writer; readers follow only published ends (see above).

    /// Documents that fit; a memtable is flushed long before.
    package static let documentsMax = 1 << 23

    private struct Term {
        var bytes: UInt32
        var count: UInt32
        var kind: UInt8
        /// As `EditDistance` makes it.
        var signature: UInt32
        var chain: SliceChain
        var lastDocument: UInt32
        var lastPosition: UInt32
    }

    private static let termsMax = 1 << 24
    /// The arena that holds terms and postings; a memtable keeps its rows there too.
    package let arena: Arena
    private let table = TermTable()
    // Reserved once, touched as they fill: never moved.
    private let terms: UnsafeMutablePointer<Term>
    private let ends: UnsafeMutablePointer<Atomic<UInt32>>
    /// How many documents hold each term.
    private let counts: UnsafeMutablePointer<Atomic<UInt32>>
    /// A length code for each document.
    package let lengthCodes: UnsafeMutablePointer<UInt8>

    /// An empty index whose terms and postings live in `arena`.
    package init(_ arena: Arena) {
        self.arena = arena
        unsafe terms = Self.reserve(Self.termsMax)
        unsafe ends = Self.reserve(Self.termsMax)
        unsafe counts = Self.reserve(Self.termsMax)
        unsafe lengthCodes = Self.reserve(Self.documentsMax)
    }

    deinit {
        unsafe Self.release(terms, Self.termsMax)
        unsafe Self.release(ends, Self.termsMax)
        unsafe Self.release(counts, Self.termsMax)
        unsafe Self.release(lengthCodes, Self.documentsMax)
    }

    /// Zeroed memory for a column that takes real memory only as it fills.
    package static func reserve<T: ~Copyable>(_ count: Int) -> UnsafeMutablePointer<T> {
        let memory = unsafe Arena.reserve(count * MemoryLayout<T>.stride)
        return unsafe memory.bindMemory(to: T.self, capacity: count)
    }

    /// Frees what `reserve` gave for as many elements.
    package static func release<T: ~Copyable>(_ memory: UnsafeMutablePointer<T>, _ count: Int) {
        unsafe munmap(memory, count * MemoryLayout<T>.stride)
    }

    /// Distinct terms.
    package var termCount: Int { table.count }

    /// Whether rows of this many bytes altogether surely fit.
    package func hasRoom(forRowsOf bytes: Int) -> Bool {
        // There are few terms of one or two bytes. A new one of three, with what parts it from the
        // next, costs itself, a first slice and an occurrence: less than 16 times its bytes.
        arena.free / 16 > bytes + 65_536 && table.count + bytes / 3 + 65_536 < Self.termsMax
    }

    /// Adds an occurrence; documents ascend, and positions within a document.
    package func add(
        _ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>, document: UInt32, position: UInt32
    ) {
        let number = unsafe termNumber(kind, bytes)
        if unsafe terms[number].lastDocument != document {
            unsafe counts[number].wrappingAdd(1, ordering: .relaxed)
        }
        unsafe add(document, position, to: &terms[number])
        unsafe ends[number].store(terms[number].chain.tail, ordering: .releasing)
    }

    private func add(_ document: UInt32, _ position: UInt32, to term: inout Term) {
        let isFirst = term.lastDocument == .max
        if isFirst || term.lastDocument != document {
            let gap = isFirst ? document : document - term.lastDocument
            term.chain.append(varint: gap << 1 | 1, in: arena)
            term.chain.append(varint: position, in: arena)
        } else {
            term.chain.append(varint: (position - term.lastPosition) << 1, in: arena)
        }
        term.lastDocument = document
        term.lastPosition = position
    }

    private func termNumber(_ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let hash = unsafe TermTable.hash(kind, bytes)
        if let known = table.find(hash, { unsafe self.matches($0, kind, bytes) }) { return known }
        let number = table.count
        let stored = unsafe arena.store(UnsafeRawBufferPointer(bytes))
        unsafe (terms + number).initialize(
            to: Term(
                bytes: stored, count: UInt32(bytes.count), kind: kind.rawValue,
                signature: EditDistance.signature(bytes), chain: SliceChain(in: arena),
                lastDocument: .max, lastPosition: 0))
        unsafe (ends + number).initialize(to: Atomic(terms[number].chain.tail))
        unsafe (counts + number).initialize(to: Atomic(0))
        table.insert(hash)
        return number
    }

    private func matches(
        _ number: Int, _ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        let term = unsafe terms + number
        guard unsafe term.pointee.kind == kind.rawValue,
            unsafe Int(term.pointee.count) == bytes.count
        else { return false }
        guard let wanted = bytes.baseAddress else { return true }
        return unsafe memcmp(arena.base + Int(term.pointee.bytes), wanted, bytes.count) == 0
    }

    /// The last document added with a term.
    ///
    /// Writer only.
    package func lastDocument(_ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
        let hash = unsafe TermTable.hash(kind, bytes)
        guard let number = table.find(hash, { unsafe self.matches($0, kind, bytes) }) else {
            return nil
        }
        return unsafe terms[number].lastDocument
    }

    /// The postings of a term (as `TermKey` builds it) below `limit`.
    ///
    /// nil when there are none.
    package func postings(_ term: [UInt8], below limit: UInt32) -> DecodedPostings? {
        guard let number = find(term) else { return nil }
        let postings = decode(number, below: limit)
        return postings.count == 0 ? nil : postings
    }

    /// How many documents hold a term (as `TermKey` builds it), whoever may see them.
    func documentFrequency(_ term: [UInt8]) -> UInt64 {
        guard let number = find(term) else { return 0 }
        return UInt64(unsafe counts[number].load(ordering: .relaxed))
    }

    private func find(_ term: [UInt8]) -> Int? {
        guard let first = term.first, let kind = TermKind(rawValue: first) else { return nil }
        return unsafe term.withUnsafeBufferPointer { all -> Int? in
            let bytes = unsafe UnsafeBufferPointer(rebasing: all[1...])
            return table.find(unsafe TermTable.hash(kind, bytes)) {
                unsafe self.matches($0, kind, bytes)
            }
        }
    }

    /// Calls `body` with the bytes of each term of a kind, its signature as `EditDistance` makes it
    /// and its number, in the order in which they came.
    @inline(__always)
    func forEachTerm(
        of kind: TermKind,
        _ body: (_ bytes: UnsafeBufferPointer<UInt8>, _ signature: UInt32, _ number: Int) -> Void
    ) {
        for number in 0..<table.count {
            let term = unsafe terms + number
            guard unsafe term.pointee.kind == kind.rawValue else { continue }
            let start = unsafe (arena.base + Int(term.pointee.bytes))
                .assumingMemoryBound(to: UInt8.self)
            unsafe body(
                UnsafeBufferPointer(start: start, count: Int(term.pointee.count)),
                term.pointee.signature, number)
        }
    }

    /// The bytes of a term as `TermKey` builds them.
    package func bytes(ofTerm number: Int) -> [UInt8] {
        let term = unsafe terms[number]
        let start = unsafe arena.base + Int(term.bytes)
        return unsafe [term.kind] + UnsafeRawBufferPointer(start: start, count: Int(term.count))
    }

    /// The numbers of all terms but some kinds, in the order of their bytes.
    ///
    /// The writer is at rest.
    package func sortedTerms(except kinds: Set<TermKind>) -> [Int] {
        let wanted = (0..<table.count).filter { number in
            TermKind(rawValue: unsafe terms[number].kind).map { !kinds.contains($0) } ?? false
        }
        return wanted.sorted { a, b in
            let (first, second) = unsafe (terms[a], terms[b])
            if first.kind != second.kind { return first.kind < second.kind }
            let shared = Int(min(first.count, second.count))
            let order = unsafe memcmp(
                arena.base + Int(first.bytes), arena.base + Int(second.bytes), shared)
            return order != 0 ? order < 0 : first.count < second.count
        }
    }

    /// All postings of a term below `limit`.
    package func decode(_ number: Int, below limit: UInt32) -> DecodedPostings {
        let end = unsafe ends[number].load(ordering: .acquiring)
        var reader = SliceReader(arena, head: unsafe terms[number].chain.head, end: end)
        var documents: [UInt32] = []
        var starts: [UInt32] = []
        var positions: [UInt32] = []
        var document: UInt32 = 0
        var position: UInt32 = 0
        while !reader.isAtEnd {
            let code = reader.varint()
            if code & 1 == 1 {
                document += code >> 1
                guard document < limit else { break }
                position = reader.varint()
                documents.append(document)
                starts.append(UInt32(positions.count))
            } else {
                position += code >> 1
            }
            positions.append(position)
        }
        starts.append(UInt32(positions.count))
        return DecodedPostings(documents: documents, starts: starts, positions: positions)
    }
}

/// What one search may see of a memtable's index: the documents below a published count.
package struct MutableIndexView: PostingsSource {
    /// The index behind the view.
    package let index: MutableIndex
    /// Documents that may be seen.
    package let documentCount: UInt32

    /// The first `documentCount` documents of an index.
    package init(_ index: MutableIndex, documentCount: UInt32) {
        self.index = index
        self.documentCount = documentCount
    }

    /// All documents, in the order they came; a word is only in those with a length.
    package var strata: [Stratum] { [Stratum(lengthCode: 1, documents: 0..<documentCount)] }

    /// They come as they were written.
    package var isByLength: Bool { false }

    /// A length code for each document.
    package var lengthCodes: UnsafePointer<UInt8> { unsafe UnsafePointer(index.lengthCodes) }

    /// A cursor over the part of a term that may be seen; nil when it is empty.
    package func cursor(
        _ term: [UInt8], withPositions: Bool
    ) throws(StorageError) -> PostingsCursor? {
        index.postings(term, below: documentCount).map { PostingsCursor($0) }
    }
}
