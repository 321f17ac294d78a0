// Where the parts of a segment lie in its file, for those who walk through all of it.

import Storage

extension Segment {
    /// Where a section begins in the file; 0 for one that is not there.
    func offset(ofSection id: UInt32) -> UInt64 { places[id] ?? 0 }
}
