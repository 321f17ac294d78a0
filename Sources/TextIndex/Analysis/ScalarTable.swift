// Properties and folded forms of every scalar of the basic plane, asked of the Unicode library once
// and then read from memory; scalars above it are rare and are asked each time.
// Built on the first text that is not ASCII; immutable and never freed after that, which is what
// makes the pointers safe to share.

/// A process-wide cache of `ScalarProperties` and `Folding`.
@safe  // The pointers are to immutable memory that lives as long as the process.
struct ScalarTable: Sendable {
    static let shared = ScalarTable()

    private static let planeSize: UInt32 = 0x10000

    private nonisolated(unsafe) let properties: UnsafePointer<UInt8>
    /// Per scalar, high byte: length of the folded form when it is at most 3, those bytes being the
    /// low ones, least significant first; else `pooled`, the low 24 bits being an offset into
    /// `pool`, where a length byte and the bytes stand.
    private nonisolated(unsafe) let folds: UnsafePointer<UInt32>
    private nonisolated(unsafe) let pool: UnsafePointer<UInt8>

    private static let pooled: UInt32 = 0xFF

    private init() {
        let count = Int(ScalarTable.planeSize)
        let properties = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
        let folds = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
        var pool: [UInt8] = []
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Folding.byteCountMax) {
            folded in
            guard let start = folded.baseAddress else { return }
            for scalar in 0..<ScalarTable.planeSize {
                let index = Int(scalar)
                unsafe (properties + index).initialize(
                    to: ScalarProperties(of: scalar).rawValue)
                let length = unsafe Folding.fold(scalar, into: start)
                var packed = UInt32(length) << 24
                if length <= 3 {
                    for i in 0..<length { unsafe packed |= UInt32(folded[i]) << UInt32(8 * i) }
                } else {
                    packed = ScalarTable.pooled << 24 | UInt32(pool.count)
                    pool.append(UInt8(length))
                    unsafe pool.append(contentsOf: folded[..<length])
                }
                unsafe (folds + index).initialize(to: packed)
            }
        }
        let kept = UnsafeMutablePointer<UInt8>.allocate(capacity: pool.count)
        for (index, byte) in pool.enumerated() { unsafe (kept + index).initialize(to: byte) }
        unsafe self.properties = UnsafePointer(properties)
        unsafe self.folds = UnsafePointer(folds)
        unsafe self.pool = UnsafePointer(kept)
    }

    @inline(__always)
    func properties(of scalar: UInt32) -> ScalarProperties {
        if scalar < ScalarTable.planeSize {
            return unsafe ScalarProperties(rawValue: properties[Int(scalar)])
        }
        return ScalarProperties(of: scalar)
    }

    /// Writes the folded form of `scalar` at `out`, which must have room for
    /// `Folding.byteCountMax` bytes, and returns its length.
    @inline(__always)
    func fold(_ scalar: UInt32, into out: UnsafeMutablePointer<UInt8>) -> Int {
        guard scalar < ScalarTable.planeSize else { return unsafe Folding.fold(scalar, into: out) }
        let packed = unsafe folds[Int(scalar)]
        guard packed >> 24 == ScalarTable.pooled else {
            unsafe UnsafeMutableRawPointer(out).storeBytes(
                of: packed.littleEndian, as: UInt32.self)
            return Int(packed >> 24)
        }
        let entry = unsafe pool + Int(packed & 0xFF_FFFF)
        let length = unsafe Int(entry[0])
        unsafe out.update(from: entry + 1, count: length)
        return length
    }
}
