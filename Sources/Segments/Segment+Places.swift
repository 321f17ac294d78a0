// Where the parts of a segment lie in its file, and where its titles lie among its documents.

import Storage

extension Segment {
    /// Where a section begins in the file; 0 for one that is not there.
    func offset(ofSection id: UInt32) -> UInt64 { places[id] ?? 0 }

    /// The documents of some titles, or of all, in order.
    func documents(of names: [[UInt8]]?) -> [Range<UInt32>] {
        guard let names else { return [0..<documentCount] }
        return Set(names).compactMap { titles[$0]?.documents }
            .sorted { $0.lowerBound < $1.lowerBound }
    }
}
