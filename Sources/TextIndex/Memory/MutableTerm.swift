// What a memtable's index has of one term: 64 bytes, so that an occurrence of a word that is known
// touches one line of the processor's cache beside the end of its postings.

import Synchronization

/// A term, and the writer's end of its postings.
struct MutableTerm: ~Copyable {
    /// Told apart by it; its label is the kind.
    let signature: ByteSignature
    /// Where the bytes are in the arena.
    let bytes: UInt32
    /// The bytes' signature as `EditDistance` makes it.
    let letters: UInt32
    /// Documents so far; readers may see more than they may know of.
    let documents = Atomic<UInt32>(0)
    private(set) var chain: SliceChain
    /// The newest document; nil for none.
    ///
    /// Writer only.
    var lastDocument: UInt32? { documents.load(ordering: .relaxed) == 0 ? nil : document }
    private var document: UInt32 = 0
    private var position: UInt32 = 0
    /// Where readers stop.
    let end: Atomic<UInt32>

    /// A term without postings, whose bytes are in the arena.
    init(_ signature: ByteSignature, letters: UInt32, bytes: UInt32, in arena: Arena) {
        self.signature = signature
        self.letters = letters
        self.bytes = bytes
        chain = SliceChain(in: arena)
        end = Atomic(chain.tail)
    }

    /// Adds an occurrence and shows it to readers.
    ///
    /// Writer only.
    @inline(__always)
    mutating func add(_ document: UInt32, _ position: UInt32, in arena: Arena) {
        let known = documents.load(ordering: .relaxed)
        if known == 0 || document != self.document {
            chain.append(varint: (document - self.document) << 1 | 1, in: arena)
            chain.append(varint: position, in: arena)
            documents.store(known + 1, ordering: .relaxed)
            self.document = document
        } else {
            chain.append(varint: (position - self.position) << 1, in: arena)
        }
        self.position = position
        end.store(chain.tail, ordering: .releasing)
    }
}
