// One part of a track in a view, a segment or a memtable, behind the same few questions.

import Storage
import TextIndex

/// A segment, or what a view shows of a memtable.
enum Source {
    case segment(Segment)
    case memtable(MemtableView)

    var terms: any TermSource {
        switch self {
        case .segment(let segment): return segment.text
        case .memtable(let view): return view.text
        }
    }

    private var tombstones: Tombstones {
        switch self {
        case .segment(let segment): return segment.tombstones
        case .memtable(let view): return view.memtable.tombstones
        }
    }

    func isLive(_ document: UInt32, at sequence: UInt64) -> Bool {
        tombstones.isLive(document, at: sequence)
    }

    /// The operation that deleted a document; 0 for none.
    func deletion(_ document: UInt32) -> UInt64 { tombstones.sequence(of: document) }

    var documentCount: UInt32 {
        switch self {
        case .segment(let segment): return segment.documentCount
        case .memtable(let view): return view.count
        }
    }

    /// The documents deleted by operations up to one.
    func deleted(by sequence: UInt64) -> [UInt32] {
        tombstones.marks(upTo: sequence).map(\.document).filter { $0 < documentCount }
    }

    /// Whether nothing was ever deleted here.
    var isWhole: Bool { tombstones.count == 0 }

    /// Its vectors; nil when it has none.
    var vectors: PartVectors? {
        switch self {
        case .segment(let segment): return segment.vectors?.part
        case .memtable(let view): return view.vectors
        }
    }

    func start(_ document: UInt32) -> Int64 {
        switch self {
        case .segment(let segment): return segment.start(document)
        case .memtable(let view): return view.memtable.start(document)
        }
    }

    func end(_ document: UInt32) -> Int64 {
        switch self {
        case .segment(let segment): return segment.end(document)
        case .memtable(let view): return view.memtable.end(document)
        }
    }

    func sequence(_ document: UInt32) -> UInt64 {
        switch self {
        case .segment(let segment): return segment.sequence(document)
        case .memtable(let view): return view.memtable.sequence(document)
        }
    }

    func annotation(_ document: UInt32) throws(StorageError) -> Annotation {
        switch self {
        case .segment(let segment): return try segment.annotation(document)
        case .memtable(let view): return view.memtable.annotation(document)
        }
    }

    /// The name of a document's title.
    func title(_ document: UInt32) -> [UInt8] {
        switch self {
        case .segment(let segment): return segment.title(document)
        case .memtable(let view): return view.memtable.title(document)
        }
    }

    /// Tells a document's title from the others of the part.
    func titleNumber(_ document: UInt32) -> UInt32 {
        switch self {
        case .segment(let segment): return UInt32(segment.titleNumber(document))
        case .memtable(let view): return view.memtable.titleTerm(document)
        }
    }

    /// The document with a key that a search at an operation sees.
    func document(
        title: [UInt8], key: [UInt8], liveAt sequence: UInt64
    ) throws(StorageError) -> UInt32? {
        switch self {
        case .segment(let segment):
            return try segment.document(title: title, key: key, liveAt: sequence)
        case .memtable(let view):
            let newest = view.memtable.document(title: title, key: key, below: view.count)
            return newest.flatMap { isLive($0, at: sequence) ? $0 : nil }
        }
    }

    /// The documents of a title, in timeline order in a segment, in any order in a memtable.
    func documents(of title: [UInt8]) -> [UInt32] {
        switch self {
        case .segment(let segment): return segment.titles[title].map { Array($0.documents) } ?? []
        case .memtable(let view): return view.memtable.documents(of: title, below: view.count)
        }
    }
}
