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

    private static let termsMax = 1 << 24
    /// The arena that holds terms and postings; a memtable keeps its rows there too.
    package let arena: Arena
    private let table = HashTable()
    // Reserved once, touched as they fill: never moved.
    private let terms: UnsafeMutablePointer<MutableTerm>
    /// A length code for each document.
    package let lengthCodes: UnsafeMutablePointer<UInt8>

    /// An empty index whose terms and postings live in `arena`.
    package init(_ arena: Arena) {
        self.arena = arena
        unsafe terms = Self.reserve(Self.termsMax)
        unsafe lengthCodes = Self.reserve(Self.documentsMax)
    }

    deinit {
        unsafe Self.release(terms, Self.termsMax)
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
        // next, costs itself, a first slice and an occurrence: less than 16 times its bytes; and as
        // much again do its stems and its form with accents. The first and the last of a row are
        // three terms, and a row has other bytes than these.
        arena.free / 32 > bytes + 65_536 && table.count + bytes + 65_536 < Self.termsMax
    }

    /// Adds an occurrence; documents ascend, and positions within a document.
    package func add(
        _ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>, document: UInt32, position: UInt32
    ) {
        _ = unsafe addToTerm(kind, bytes, document: document, position: position)
    }

    /// Adds an occurrence, and returns the term's number.
    package func addToTerm(
        _ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>, document: UInt32, position: UInt32
    ) -> Int {
        let number = unsafe number(kind, bytes)
        add(number, document: document, position: position)
        return number
    }

    /// Adds an occurrence of the term with a number.
    @inline(__always)
    package func add(_ number: Int, document: UInt32, position: UInt32) {
        unsafe terms[number].add(document, position, in: arena)
    }

    /// The number of a term, which is made when there is none.
    private func number(_ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let signature = unsafe ByteSignature(UInt32(kind.rawValue), bytes)
        let hash = unsafe signature.hash(bytes)
        if let known = unsafe find(signature, hash, bytes) { return known }
        let number = table.count
        let stored = unsafe arena.store(UnsafeRawBufferPointer(bytes))
        unsafe (terms + number).initialize(
            to: MutableTerm(
                signature, letters: EditDistance.signature(bytes), bytes: stored, in: arena))
        table.insert(hash, UInt32(number))
        return number
    }

    /// The number of a term; nil when there is none.
    package func find(_ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        let signature = unsafe ByteSignature(UInt32(kind.rawValue), bytes)
        return unsafe find(signature, signature.hash(bytes), bytes)
    }

    @inline(__always)
    private func find(
        _ signature: ByteSignature, _ hash: UInt32, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        let number = table.find(hash) { number in
            let number = Int(number)
            guard unsafe terms[number].signature == signature else { return false }
            return unsafe bytes.count <= ByteSignature.wholeCount || holds(number, bytes)
        }
        return number.map { Int($0) }
    }

    /// Whether these are the bytes of a term behind its kind.
    package func holds(_ number: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let known = unsafe bytesInPlace(ofTerm: number)
        guard known.count == bytes.count else { return false }
        guard let a = known.baseAddress, let b = bytes.baseAddress else { return true }
        return unsafe memcmp(a, b, bytes.count) == 0
    }

    /// The bytes of a term behind its kind, where they are.
    package func bytesInPlace(ofTerm number: Int) -> UnsafeBufferPointer<UInt8> {
        let start = unsafe arena.base + Int(terms[number].bytes)
        return unsafe UnsafeBufferPointer(
            start: start.assumingMemoryBound(to: UInt8.self),
            count: Int(terms[number].signature.count))
    }

    /// The last document added with a term.
    ///
    /// Writer only.
    package func lastDocument(_ kind: TermKind, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt32? {
        unsafe find(kind, bytes).flatMap { unsafe terms[$0].lastDocument }
    }

    /// The postings of a term (as `TermKey` builds it) below `limit`.
    ///
    /// nil when there are none.
    package func postings(
        _ term: [UInt8], below limit: UInt32, withPositions: Bool = true
    ) -> DecodedPostings? {
        guard let number = find(term) else { return nil }
        let postings = decode(number, below: limit, withPositions: withPositions)
        return postings.count == 0 ? nil : postings
    }

    /// How many documents hold a term (as `TermKey` builds it), whoever may see them.
    func documentFrequency(_ term: [UInt8]) -> UInt64 {
        find(term).map { UInt64(documentCount(ofTerm: $0)) } ?? 0
    }

    private func find(_ term: [UInt8]) -> Int? {
        guard let first = term.first, let kind = TermKind(rawValue: first) else { return nil }
        return unsafe term.withUnsafeBufferPointer { all in
            unsafe find(kind, UnsafeBufferPointer(rebasing: all[1...]))
        }
    }

    /// Calls `body` with the bytes of each term of a kind, its signature as `EditDistance` makes it
    /// and its number, in the order in which they came.
    @inline(__always)
    func forEachTerm(
        of kind: TermKind,
        _ body: (_ bytes: UnsafeBufferPointer<UInt8>, _ signature: UInt32, _ number: Int) -> Void
    ) {
        for number in 0..<table.count where self.kind(ofTerm: number) == kind {
            unsafe body(bytesInPlace(ofTerm: number), terms[number].letters, number)
        }
    }

    /// The kind of a term.
    func kind(ofTerm number: Int) -> TermKind? {
        TermKind(rawValue: UInt8(truncatingIfNeeded: unsafe terms[number].signature.label))
    }

    /// The bytes of a term as `TermKey` builds them.
    package func bytes(ofTerm number: Int) -> [UInt8] {
        let kind = UInt8(truncatingIfNeeded: unsafe terms[number].signature.label)
        return unsafe [kind] + bytesInPlace(ofTerm: number)
    }

    /// The numbers of all terms but some kinds, in the order of their bytes.
    ///
    /// The writer is at rest.
    package func sortedTerms(except kinds: Set<TermKind>) -> [Int] {
        let wanted = (0..<table.count).filter { number in
            kind(ofTerm: number).map { !kinds.contains($0) } ?? false
        }
        return wanted.sorted { a, b in
            let labels = unsafe (terms[a].signature.label, terms[b].signature.label)
            if labels.0 != labels.1 { return labels.0 < labels.1 }
            let (first, second) = unsafe (bytesInPlace(ofTerm: a), bytesInPlace(ofTerm: b))
            guard let start = first.baseAddress, let other = second.baseAddress else {
                return false
            }
            let order = unsafe memcmp(start, other, min(first.count, second.count))
            return order != 0 ? order < 0 : first.count < second.count
        }
    }

    /// How many documents hold a term, whoever may see them.
    func documentCount(ofTerm number: Int) -> Int {
        unsafe Int(terms[number].documents.load(ordering: .relaxed))
    }

    /// Calls `body` with each occurrence of a term in a document below `limit`: a document that was
    /// not met before and its first position, or no document and a further position.
    @inline(__always)
    func forEachOccurrence(
        ofTerm number: Int, below limit: UInt32,
        _ body: (_ document: UInt32?, _ position: UInt32) -> Void
    ) {
        let end = unsafe terms[number].end.load(ordering: .acquiring)
        var reader = SliceReader(arena, head: unsafe terms[number].chain.head, end: end)
        var document: UInt32 = 0
        var position: UInt32 = 0
        while !reader.isAtEnd {
            let code = reader.varint()
            guard code & 1 == 1 else {
                position += code >> 1
                body(nil, position)
                continue
            }
            document += code >> 1
            guard document < limit else { return }
            position = reader.varint()
            body(document, position)
        }
    }

    /// All postings of a term below `limit`.
    package func decode(
        _ number: Int, below limit: UInt32, withPositions: Bool = true
    ) -> DecodedPostings {
        // Those below a published limit were counted before it was published.
        DecodedPostings(capacity: documentCount(ofTerm: number), withPositions: withPositions) {
            forEachOccurrence(ofTerm: number, below: limit, $0)
        }
    }

    /// How many documents below `limit` hold a term.
    func documentCount(ofTerm number: Int, below limit: UInt32) -> Int {
        var count = 0
        forEachOccurrence(ofTerm: number, below: limit) { document, _ in
            count += document == nil ? 0 : 1
        }
        return count
    }
}

/// What one search may see of a memtable's index: the documents below a published count.
package final class MutableIndexView: PostingsSource {
    /// The index behind the view.
    package let index: MutableIndex
    /// Documents that may be seen.
    package let documentCount: UInt32
    /// All of them.
    package let everything: [Range<UInt32>]
    /// All documents, in the order they came; a word is only in those with a length.
    package let strata: [Stratum]

    /// The first `documentCount` documents of an index.
    package init(_ index: MutableIndex, documentCount: UInt32) {
        self.index = index
        self.documentCount = documentCount
        everything = [0..<documentCount]
        strata = [Stratum(lengthCode: 1, documents: 0..<documentCount)]
    }

    /// They come as they were written.
    package var isByLength: Bool { false }

    /// A length code for each document.
    package var lengthCodes: UnsafePointer<UInt8> { unsafe UnsafePointer(index.lengthCodes) }

    /// A cursor over the part of a term that may be seen; nil when it is empty.
    package func cursor(
        _ term: [UInt8], withPositions: Bool
    ) throws(StorageError) -> PostingsCursor? {
        index.postings(term, below: documentCount, withPositions: withPositions)
            .map { PostingsCursor($0) }
    }
}
