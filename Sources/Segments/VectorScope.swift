// Which vectors of one part of a track a search may answer with: those of documents that are live
// and in its scope.

import VectorIndex

/// Some vectors of a part; all of them, mostly.
struct VectorScope: Sendable {
    /// Of fewer documents than one in so many vectors, each looks for its own.
    private static let fewShare = 32

    private let total: Int
    /// A bit for each vector; nil when all are allowed.
    private(set) var filter: VectorFilter?

    /// All of so many vectors.
    init(all total: Int) { self.total = total }

    /// None of so many vectors.
    init(none total: Int) {
        self.total = total
        filter = VectorFilter(documents: total)
    }

    /// Those of documents in some ranges that overlap a range of time.
    init(
        _ vectors: PartVectors, of documents: [Range<UInt32>], _ scope: DocumentScope
    ) {
        self.init(none: vectors.count)
        for range in documents {
            let inRange = vectors.vectors(of: range)
            guard scope.hasTimes else {
                insert(inRange)
                continue
            }
            for vector in inRange where scope.overlaps(vectors.owner(vector)) {
                filter?.insert(vector)
            }
        }
    }

    /// Those of some documents, of which there are as many as the part has.
    init(_ vectors: PartVectors, of documents: VectorFilter) {
        self.init(none: vectors.count)
        if vectors.areAlike {
            filter = documents
        } else if documents.count < vectors.count / Self.fewShare {
            documents.forEach(in: 0..<documents.capacity) { document in
                insert(vectors.vectors(of: UInt32(document)))
            }
        } else {
            for vector in 0..<vectors.count where documents.contains(Int(vectors.owner(vector))) {
                filter?.insert(vector)
            }
        }
    }

    /// How many vectors are allowed.
    var count: Int { filter?.count ?? total }

    mutating func insert(_ vectors: Range<Int>) { filter?.insert(vectors) }

    mutating func remove(_ vectors: Range<Int>) {
        guard !vectors.isEmpty else { return }
        if filter == nil {
            let words = [UInt64](repeating: .max, count: (total + 63) / 64)
            filter = VectorFilter(documents: total, words: words)
        }
        filter?.remove(vectors)
    }
}
