// The documents of a memtable in timeline order, for who asks which row follows which. A memtable
// has them as they came; that is mostly one title after the other and each in order, so sorting is
// putting runs together, and rows that came since are put between what is sorted.

/// The first documents of a memtable by title, in, out, key and sequence.
struct LaneOrder: Sendable {
    /// The documents in order.
    private(set) var documents: [UInt32] = []
    /// For each document its place among them.
    private(set) var places: [UInt32] = []

    /// The order of no documents.
    init() {}

    /// An order of the first `count` documents, made from that of fewer.
    init(_ old: LaneOrder, _ memtable: Memtable, count: UInt32) {
        let new = Self.sorted(UInt32(old.documents.count)..<count, memtable)
        documents.reserveCapacity(Int(count))
        var next = 0
        for document in new {
            let end = Self.end(of: old.documents, from: next, before: document, memtable)
            documents += old.documents[next..<end]
            documents.append(document)
            next = end
        }
        documents += old.documents[next...]
        places = [UInt32](repeating: 0, count: documents.count)
        for (place, document) in documents.enumerated() {
            places[Int(document)] = UInt32(place)
        }
    }

    private static func sorted(_ documents: Range<UInt32>, _ memtable: Memtable) -> [UInt32] {
        var runs: [Range<UInt32>] = []
        for document in documents {
            if let last = runs.last, memtable.precedes(document - 1, document) {
                runs[runs.count - 1] = last.lowerBound..<document + 1
            } else {
                runs.append(document..<document + 1)
            }
        }
        runs.sort { memtable.precedes($0.lowerBound, $1.lowerBound) }
        let areApart = zip(runs, runs.dropFirst()).allSatisfy {
            memtable.precedes($0.upperBound - 1, $1.lowerBound)
        }
        let joined = runs.flatMap { Array($0) }
        return areApart ? joined : joined.sorted { memtable.precedes($0, $1) }
    }

    /// Behind the last of `sorted`, from `first` on, that comes before a document.
    private static func end(
        of sorted: [UInt32], from first: Int, before document: UInt32, _ memtable: Memtable
    ) -> Int {
        var low = first
        var step = 1
        while low + step <= sorted.count, memtable.precedes(sorted[low + step - 1], document) {
            low += step
            step *= 2
        }
        var high = min(low + step - 1, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if memtable.precedes(sorted[middle], document) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
