// What tells byte strings apart at a glance, in three words: most words of a language, and most
// keys, are told apart without a look at the bytes themselves.

/// A label and a byte string, as their length and two words of its bytes.
///
/// Strings of up to 16 bytes are equal when their signatures are; longer ones share their first and
/// their last 8 bytes.
package struct ByteSignature: Equatable {
    /// The first 8 bytes, or all of fewer.
    let first: UInt64
    /// The last 8 bytes of 8 or more.
    let last: UInt64
    /// Bytes of the string.
    let count: UInt32
    /// What the string is of: strings with other labels are other strings.
    package let label: UInt32

    /// Bytes up to which equal signatures mean equal strings.
    static let wholeCount = 16

    /// The signature of bytes under a label.
    @inline(__always)
    package init(_ label: UInt32, _ bytes: UnsafeBufferPointer<UInt8>) {
        self.label = label
        count = UInt32(truncatingIfNeeded: bytes.count)
        let all = UnsafeRawBufferPointer(bytes)
        switch all.count {
        case 8...:
            first = unsafe all.loadUnaligned(as: UInt64.self)
            last = unsafe all.loadUnaligned(fromByteOffset: all.count - 8, as: UInt64.self)
        case 4...:
            let (low, high) = unsafe (
                all.loadUnaligned(as: UInt32.self),
                all.loadUnaligned(fromByteOffset: all.count - 4, as: UInt32.self)
            )
            first = UInt64(low) | UInt64(high) << 32
            last = 0
        case 1...:
            let (low, middle, high) = unsafe (all[0], all[all.count / 2], all[all.count - 1])
            first = UInt64(low) | UInt64(middle) << 8 | UInt64(high) << 16
            last = 0
        default:
            first = 0
            last = 0
        }
    }

    /// A hash of label and bytes, of which this is the signature.
    ///
    /// Not for hostile input, where chains only get longer.
    @inline(__always)
    package func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let start = UInt64(label) << 32 | UInt64(count)
        var hash = (first ^ start &* 0x9E37_79B9_7F4A_7C15) &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 32
        var offset = 8
        while offset + 8 < bytes.count {
            let word = unsafe UnsafeRawBufferPointer(bytes).loadUnaligned(
                fromByteOffset: offset, as: UInt64.self)
            hash = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            offset += 8
        }
        hash = (hash ^ last) &* 0xC4CE_B9FE_1A85_EC53
        return UInt32(truncatingIfNeeded: hash >> 32)
    }
}
