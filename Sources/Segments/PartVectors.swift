// The vectors of one part of a track, a segment or what a view shows of a memtable, in the order of
// their documents, each of which has none, one or several.

import Storage
import VectorIndex

/// Vectors, and the documents that they belong to.
@safe struct PartVectors: Sendable {
    /// For each vector its document, ascending.
    @safe enum Owners: @unchecked Sendable {
        // Unchecked: what is pointed to is kept by the memtable's vectors, and does not change.
        case memory(UnsafePointer<UInt32>, MemtableVectors)
        case column(PackedColumn)
    }

    /// The vectors.
    let stored: StoredVectors
    /// Whether no document has more than one.
    let areSingle: Bool
    /// Whether every document has one, so that both have the same number.
    let areAlike: Bool
    private let owners: Owners

    /// Of the first `documents` documents.
    init(stored: StoredVectors, owners: Owners, areSingle: Bool, documents: Int) {
        self.stored = stored
        self.owners = owners
        self.areSingle = areSingle
        areAlike = areSingle && stored.count == documents
    }

    var count: Int { stored.count }

    /// The document that a vector belongs to.
    @inline(__always)
    func owner(_ vector: Int) -> UInt32 {
        if areAlike { return UInt32(truncatingIfNeeded: vector) }
        switch owners {
        case .memory(let owners, _): return unsafe owners[vector]
        case .column(let column): return UInt32(truncatingIfNeeded: column[vector])
        }
    }

    /// The vectors of a document.
    func vectors(of document: UInt32) -> Range<Int> { vectors(of: document..<document + 1) }

    /// The vectors of a range of documents.
    func vectors(of documents: Range<UInt32>) -> Range<Int> {
        let first = firstVector(from: documents.lowerBound)
        return first..<max(first, firstVector(from: documents.upperBound))
    }

    /// The first vector of a document or of one behind it.
    private func firstVector(from document: UInt32) -> Int {
        if areAlike { return min(Int(document), count) }
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if owner(middle) < document { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
