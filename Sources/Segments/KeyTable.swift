// Finds the documents of a memtable by title and key, without a copy of either: a key has a slot
// with its newest document, and each document a link to the one before it with the same key. One
// writer, readers without a lock.

import TextIndex

/// The newest documents of keys.
@safe final class KeyTable: @unchecked Sendable {
    // Unchecked: the writer stores a link before it publishes the document in its slot.
    private let table = HashTable()
    /// For each document the one before it with its key, plus one; 0 for none.
    private let previous: UnsafeMutablePointer<UInt32>

    init() {
        unsafe previous = MutableIndex.reserve(Memtable.capacity)
    }

    deinit {
        unsafe MutableIndex.release(previous, Memtable.capacity)
    }

    /// Adds a document under the hash of its key; returns the newest one before it for which
    /// `hasKey` says yes.
    ///
    /// Writer only.
    func add(_ hash: UInt32, _ document: UInt32, _ hasKey: (UInt32) -> Bool) -> UInt32? {
        guard let last = table.find(hash, hasKey) else {
            table.insert(hash, document)
            return nil
        }
        unsafe previous[Int(document)] = last + 1
        table.replace(hash, last, with: document)
        return last
    }

    /// The newest document below `limit` under the hash of a key for which `hasKey` says yes.
    func last(_ hash: UInt32, below limit: UInt32, _ hasKey: (UInt32) -> Bool) -> UInt32? {
        guard var document = table.find(hash, hasKey) else { return nil }
        while document >= limit {
            let link = unsafe previous[Int(document)]
            guard link > 0 else { return nil }
            document = link - 1
        }
        return document
    }
}
