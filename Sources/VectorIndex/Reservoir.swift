// The vectors of a scan with the highest sums, roughly: there is room for more than are kept, and
// when it is full the lower ones go at once. So a hit costs little, and the bar rises in steps.

import CKernels

/// Keeps about `kept` of the hits that a scan writes.
@safe final class Reservoir {
    private(set) var kept = 0
    private(set) var count = 0
    /// The least sum that is still of use.
    private(set) var bar = Int32.min
    private var memory = AlignedMemory<mspd_hit>(count: 0)

    /// Empties it; from now on `kept` are kept.
    func begin(keeping kept: Int) {
        self.kept = kept
        count = 0
        bar = .min
        let needed = 2 * kept + 8 * CodeBlocks.size
        if memory.count < needed { memory = AlignedMemory(count: needed) }
    }

    /// Adds a hit, of which no more than `kept` fit.
    func append(_ place: UInt32, _ sum: Int32) {
        precondition(count < kept)
        unsafe memory.base[count] = mspd_hit(place: place, sum: sum)
        count += 1
    }

    /// Brings the highest `first` hits to the front, the first few of them in order.
    func order(_ first: Int) {
        select(first)
        let ordered = min(first, Self.orderedCount)
        select(ordered)
        var hits = unsafe UnsafeMutableBufferPointer(start: memory.base, count: ordered)
        unsafe hits.sort { ($1.sum, $0.place) < ($0.sum, $1.place) }
    }

    /// Hits that are put in order: what is scanned first raises the bar, and then order matters
    /// no more.
    private static let orderedCount = 32

    /// The hits.
    var hits: UnsafeMutablePointer<mspd_hit> { unsafe memory.base }

    /// Scans a run of blocks whose vectors may enter.
    func scan(_ job: inout mspd_scan_job) {
        let blocks = unsafe UInt32(CodeBlocks.count(Int(job.count)))
        var block: UInt32 = 0
        while block < blocks {
            unsafe job.bar = bar
            let room = UInt32(memory.count - count)
            count += unsafe Int(mspd_vector_scan(&job, &block, memory.base + count, room))
            if count >= 2 * kept { cut() }
        }
    }

    /// Leaves the highest `kept` hits.
    func cut() {
        guard count > kept, kept > 0 else { return }
        select(kept)
        count = kept
        var least = Int32.max
        for index in 0..<kept { unsafe least = min(least, memory.base[index].sum) }
        bar = least == .max ? least : least + 1
    }

    /// Brings the highest `first` hits to the front, in no order (Hoare's selection).
    private func select(_ first: Int) {
        let hits = unsafe memory.base
        var (low, high) = (0, count - 1)
        while low < high {
            let pivot = unsafe hits[(low + high) / 2].sum
            var (left, right) = (low, high)
            while left <= right {
                while unsafe hits[left].sum > pivot { left += 1 }
                while unsafe hits[right].sum < pivot { right -= 1 }
                guard left <= right else { break }
                unsafe swap(&hits[left], &hits[right])
                left += 1
                right -= 1
            }
            if first <= right { high = right } else if first > left { low = left } else { return }
        }
    }
}
