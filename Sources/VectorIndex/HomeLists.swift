// The lists that each vector lies in. Where a filter leaves few vectors, it takes less to ask each
// of them whether one of its lists is looked into than to ask all of these lists what passes.

import CKernels

/// The one list or two of each vector of an index.
@safe package struct HomeLists: Sendable {
    /// Lists that half of a number tells apart.
    private static let listsMax = 1 << 16
    /// Vectors whose lists are asked for ahead: memory answers later than that many are looked at.
    private static let ahead = 24

    /// By the vector's number, its first list in the lower half and its last one in the upper.
    private let lists: AlignedMemory<UInt32>

    /// The lists of `count` vectors, each of which lies in one or two of the places that `starts`
    /// and `documents` tell; nil where there are too many lists.
    package init?(_ starts: [Int], _ documents: MemoryRun<UInt32>, count: Int) {
        guard starts.count - 1 <= Self.listsMax else { return nil }
        lists = AlignedMemory(count: count)
        let unset = UInt32.max
        for vector in 0..<count { lists[vector] = unset }
        for list in 0..<starts.count - 1 {
            for place in starts[list]..<starts[list + 1] {
                let vector = Int(documents[place])
                let home = lists[vector]
                let first = home == unset ? UInt32(list) : home & 0xffff
                lists[vector] = first | UInt32(list) << 16
            }
        }
    }

    /// Bytes taken.
    var bytes: Int { lists.bytes }

    /// Writes those vectors of `filter` that lie in a list whose byte in `chosen` is 1, each once
    /// and in ascending order; returns how many.
    ///
    /// There must be room for one more than the filter has.
    @unsafe package func write(
        _ filter: VectorFilter, chosen: UnsafePointer<UInt8>,
        into vectors: UnsafeMutablePointer<UInt32>
    ) -> Int {
        unsafe filter.write(into: vectors)
        var written = 0
        for item in 0..<filter.count {
            let ahead = unsafe vectors[min(item + Self.ahead, filter.count - 1)]
            unsafe mspd_prefetch(lists.base + Int(ahead), 1)
            let vector = unsafe vectors[item]
            let home = unsafe lists.base[Int(vector)]
            unsafe vectors[written] = vector
            written &+= unsafe Int(chosen[Int(home & 0xffff)] | chosen[Int(home >> 16)])
        }
        return written
    }
}
