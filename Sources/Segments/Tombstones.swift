// When each document of a memtable or segment was deleted, as the sequence number of the operation
// that did it. A search at sequence s sees the document if it was not deleted, or deleted after s:
// so every search sees one state of a track while deletions go on.

import Synchronization

/// The deletions of a memtable or segment; one writer, readers without a lock.
@safe package final class Tombstones: @unchecked Sendable {
    // Unchecked: one writer; pages are published whole and never move or go while this lives.

    private typealias Page = UnsafeMutablePointer<Atomic<UInt64>>
    private static let pageCount = 1_024

    private let pages: UnsafeMutablePointer<Atomic<UInt>>
    private let capacity: Int
    private let marked = Atomic<Int>(0)

    /// No deletions yet among `documents` documents.
    package init(documents: Int) {
        capacity = documents
        let count = Self.pages(documents)
        unsafe pages = .allocate(capacity: count)
        for index in 0..<count { unsafe (pages + index).initialize(to: Atomic(0)) }
    }

    deinit {
        for index in 0..<Self.pages(capacity) { unsafe page(index)?.deallocate() }
        unsafe pages.deallocate()
    }

    private static func pages(_ documents: Int) -> Int { (documents + pageCount - 1) / pageCount }

    private func page(_ index: Int) -> Page? {
        unsafe Page(bitPattern: pages[index].load(ordering: .acquiring))
    }

    /// Documents marked as deleted.
    package var count: Int { marked.load(ordering: .relaxed) }

    /// Marks a document as deleted by the operation `sequence`; false when it was already.
    @discardableResult
    package func mark(_ document: UInt32, at sequence: UInt64) -> Bool {
        precondition(document < capacity && sequence > 0, "no such document")
        let index = Int(document) / Self.pageCount
        let page = unsafe page(index) ?? addPage(index)
        let entry = Int(document) % Self.pageCount
        guard unsafe page[entry].load(ordering: .relaxed) == 0 else { return false }
        unsafe page[entry].store(sequence, ordering: .releasing)
        marked.wrappingAdd(1, ordering: .relaxed)
        return true
    }

    private func addPage(_ index: Int) -> Page {
        let page = Page.allocate(capacity: Self.pageCount)
        for entry in 0..<Self.pageCount { unsafe (page + entry).initialize(to: Atomic(0)) }
        unsafe pages[index].store(UInt(bitPattern: page), ordering: .releasing)
        return unsafe page
    }

    /// The operation that deleted a document; 0 for none.
    @inline(__always)
    package func sequence(of document: UInt32) -> UInt64 {
        guard let page = unsafe page(Int(document) / Self.pageCount) else { return 0 }
        return unsafe page[Int(document) % Self.pageCount].load(ordering: .acquiring)
    }

    /// Whether a search at `sequence` sees the document.
    @inline(__always)
    package func isLive(_ document: UInt32, at sequence: UInt64) -> Bool {
        let deleted = self.sequence(of: document)
        return deleted == 0 || deleted > sequence
    }

    /// The documents deleted by operations up to `sequence`, with those operations, in order.
    package func marks(upTo sequence: UInt64) -> [(document: UInt32, sequence: UInt64)] {
        guard count > 0 else { return [] }
        var all: [(document: UInt32, sequence: UInt64)] = []
        for index in 0..<Self.pages(capacity) {
            guard let page = unsafe page(index) else { continue }
            for entry in 0..<Self.pageCount {
                let deleted = unsafe page[entry].load(ordering: .acquiring)
                guard deleted > 0, deleted <= sequence else { continue }
                all.append((UInt32(index * Self.pageCount + entry), deleted))
            }
        }
        return all
    }
}
