// The vectors of a scan with the highest sums. A tally of hits by sum says at any time which sum as
// many of them reach as are kept: that is the bar for those to come. So a hit costs a few
// instructions, and the bar rises with each that is better.

import CKernels

/// Keeps as many of the hits that a scan writes as were asked for, the highest.
@safe final class Reservoir {
    /// Hits that are kept in order.
    private static let orderedMax = 32
    /// Hits after which the bar is looked at again.
    private static let runSize = 4 * CodeBlocks.size

    private(set) var kept = 0
    private(set) var count = 0
    private var memory = AlignedMemory<mspd_hit>(count: 0)
    private let tally = AlignedMemory<mspd_tally>(count: 1)
    private var isCounting = false

    /// Empties it; from now on `kept`, at least one, are kept.
    func begin(keeping kept: Int) {
        self.kept = kept
        count = 0
        isCounting = false
        let needed = 3 * kept + 32 * CodeBlocks.size
        if memory.count < needed { memory = AlignedMemory(count: needed) }
    }

    /// The hits.
    var hits: UnsafeMutablePointer<mspd_hit> { unsafe memory.base }

    /// Scans a run of blocks whose vectors may enter.
    func scan(_ job: inout mspd_scan_job) {
        let blocks = unsafe (job.count + UInt32(MSPD_BLOCK) - 1) / UInt32(MSPD_BLOCK)
        var block: UInt32 = 0
        while block < blocks {
            unsafe job.bar = bar
            add(unsafe mspd_vector_scan(&job, &block, memory.base + count, room))
        }
    }

    /// Scans a run of blocks, of whose vectors only those that a filter lets through may enter.
    func scan(
        _ job: inout mspd_scan_job, _ documents: UnsafePointer<UInt32>,
        _ filter: UnsafePointer<UInt64>
    ) {
        let blocks = unsafe (job.count + UInt32(MSPD_BLOCK) - 1) / UInt32(MSPD_BLOCK)
        var block: UInt32 = 0
        while block < blocks {
            unsafe job.bar = bar
            let fresh = unsafe memory.base + count
            let found = unsafe Int(mspd_vector_scan(&job, &block, fresh, room))
            var left = 0
            for item in 0..<found {
                let document = unsafe Int(documents[Int(fresh[item].place)])
                unsafe fresh[left] = fresh[item]
                left += unsafe Int(filter[document >> 6] >> UInt64(document & 63) & 1)
            }
            add(UInt32(left))
        }
    }

    /// Scans whole vectors that may enter.
    func scan(_ job: inout mspd_near_job) {
        let blocks = unsafe (job.count + UInt32(MSPD_NEAR_BLOCK) - 1) / UInt32(MSPD_NEAR_BLOCK)
        var block: UInt32 = 0
        while block < blocks {
            unsafe job.bar = bar
            add(unsafe mspd_vector_near(&job, &block, memory.base + count, room))
        }
    }

    /// The least sum that is still of use.
    private var bar: Int32 {
        if isOrdered {
            guard count == kept else { return .min }
            let last = unsafe memory.base[kept - 1].sum
            return last == .max ? last : last + 1
        }
        return unsafe isCounting ? tally.base.pointee.bar : .min
    }

    /// Whether hits are few enough to be kept in order.
    private var isOrdered: Bool { kept <= Self.orderedMax }

    /// Hits that a kernel may write at once: few, so that the bar rises early.
    private var room: UInt32 {
        let rest = isOrdered ? CodeBlocks.size : kept - count + CodeBlocks.size
        let wanted = isCounting ? Self.runSize : rest
        return UInt32(min(wanted, memory.count - count))
    }

    /// Takes hits that were written behind the others.
    private func add(_ fresh: UInt32) {
        if isOrdered {
            count = unsafe Int(
                mspd_hits_insert(memory.base, UInt32(count), fresh, UInt32(kept)))
            return
        }
        if isCounting { unsafe mspd_tally_add(tally.base, memory.base + count, fresh) }
        count += Int(fresh)
        if !isCounting, count >= kept { beginCounting() }
        // What is left must hold the hits of a block.
        if memory.count - count < 2 * CodeBlocks.size { cutBetween() }
    }

    private func beginCounting() {
        unsafe mspd_tally_begin(tally.base, memory.base, UInt32(count), UInt32(kept))
        isCounting = true
    }

    /// Leaves the highest `kept` hits, once the scan is over; among those of about the same sum,
    /// the first.
    func cut() {
        guard count > kept else { return }
        // Counted anew, in steps that suit what there is by now.
        beginCounting()
        count = unsafe Int(mspd_tally_cut(tally.base, memory.base, UInt32(count)))
    }

    /// The same while the scan goes on.
    private func cutBetween() {
        cut()
        beginCounting()
    }
}
