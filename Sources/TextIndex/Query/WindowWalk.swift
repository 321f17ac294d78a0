// The parts of windows that an evaluation visits, in ascending order: each lies in one window and
// one of the ranges asked for.

/// Some consecutive documents of one window.
struct WindowPart {
    /// The documents.
    var documents: Range<UInt32>
    /// The window they lie in.
    var window: Int { Int(documents.lowerBound) / PostingsFormat.windowCount }
    /// The length code of the shortest; of a memtable, the least.
    var lengthCode: UInt8
    /// Their stratum; empty when they are of several.
    var run: Range<UInt32>
}

/// Hands out parts one after the other.
struct WindowWalk {
    private let strata: [Stratum]
    private let ranges: [Range<UInt32>]
    private let end: UInt32
    private var position: UInt32 = 0
    private var range = 0
    private var stratum = 0
    private let watch: Watch?
    /// Documents that the walk did not come to before the deadline.
    private(set) var missed = 0

    /// `ranges` ascend and are disjoint.
    init(_ walk: DocumentWalk) {
        watch = walk.watch
        strata = walk.strata
        ranges = walk.ranges
        end = strata.last?.documents.upperBound ?? 0
    }

    /// The next part that begins at the first document that `next` gives for a document or later.
    @inline(__always)
    mutating func part(_ next: (UInt32) -> UInt32) -> WindowPart? {
        guard settle(next) else { return nil }
        if watch?.isTime() ?? false {
            missed = ranges.count(in: position..<end)
            return nil
        }
        while strata[stratum].documents.upperBound <= position { stratum += 1 }
        let window = (position | UInt32(PostingsFormat.windowCount - 1)) &+ 1
        let documents = position..<min(end, ranges[range].upperBound, max(window, position))
        position = documents.upperBound
        let own = strata[stratum]
        let isWhole = documents.upperBound <= own.documents.upperBound
        return WindowPart(
            documents: documents, lengthCode: own.lengthCode,
            run: isWhole ? own.documents : 0..<0)
    }

    /// Moves to a position that `next` gives, in a range; false when there is none.
    @inline(__always)
    private mutating func settle(_ next: (UInt32) -> UInt32) -> Bool {
        while position < end {
            while range < ranges.count, ranges[range].upperBound <= position { range += 1 }
            guard range < ranges.count else { return false }
            position = next(max(position, ranges[range].lowerBound))
            if position < min(end, ranges[range].upperBound) { return true }
        }
        return false
    }
}
