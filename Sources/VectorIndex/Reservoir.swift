// The vectors of a scan with the highest sums. A tally of hits by sum says at any time which sum as
// many of them reach as are kept: that is the bar for those to come. So a hit costs a few
// instructions, and the bar rises with each that is better.

import CKernels

/// Keeps as many of the hits that a scan writes as were asked for, the highest.
@safe final class Reservoir {
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
        let (hits, tally) = unsafe (memory.base, tally.base)
        var block: UInt32 = 0
        while block < blocks {
            unsafe job.bar = isCounting ? tally.pointee.bar : .min
            // In short runs, so that the bar rises early.
            let room = isCounting ? Self.runSize : kept - count + CodeBlocks.size
            let fresh = unsafe mspd_vector_scan(
                &job, &block, hits + count, UInt32(min(room, memory.count - count)))
            if isCounting { unsafe mspd_tally_add(tally, hits + count, fresh) }
            count += Int(fresh)
            if !isCounting, count >= kept { beginCounting() }
            // What is left must hold the hits of a block.
            if memory.count - count < 2 * CodeBlocks.size { cut() }
        }
    }

    private func beginCounting() {
        unsafe mspd_tally_begin(tally.base, memory.base, UInt32(count), UInt32(kept))
        isCounting = true
    }

    /// Leaves the highest `kept` hits; among those of about the same sum, the first.
    func cut() {
        guard count > kept else { return }
        // Counted anew, in steps that suit what there is by now.
        beginCounting()
        count = unsafe Int(mspd_tally_cut(tally.base, memory.base, UInt32(count)))
        beginCounting()
    }
}
