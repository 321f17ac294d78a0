// Sums over two lists of bytes, sixteen at a time. What must always hold: they are those of the
// plain loops, to the last unit.

/// Sums over bytes.
package enum Bytes {
    /// The sum of a list.
    package static func sum(_ bytes: [UInt8]) -> Int {
        var sum = 0
        for byte in bytes { sum &+= Int(byte) }
        return sum
    }

    /// The sum of the products of two lists of one length, 65,536 at most.
    package static func product(_ first: [UInt8], _ second: [UInt8]) -> Int {
        sum(first, second, { Int($0) &* Int($1) }) { first, second in
            let products =
                SIMD16<UInt16>(truncatingIfNeeded: first)
                &* SIMD16<UInt16>(truncatingIfNeeded: second)
            return SIMD16<UInt32>(truncatingIfNeeded: products)
        }
    }

    /// The sum of the differences of two lists of one length, 65,536 at most.
    package static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        sum(first, second, { abs(Int($0) - Int($1)) }) { first, second in
            SIMD16<UInt32>(truncatingIfNeeded: apart(first, second))
        }
    }

    /// How far bytes are apart, one by one.
    @inline(__always)
    static func apart(_ first: SIMD16<UInt8>, _ second: SIMD16<UInt8>) -> SIMD16<UInt8> {
        (first &- second).replacing(with: second &- first, where: first .< second)
    }

    /// Adds up what is made of each pair; of 65,536 pairs no sum exceeds 32 bits.
    @inline(__always)
    private static func sum(
        _ first: [UInt8], _ second: [UInt8], _ one: (UInt8, UInt8) -> Int,
        _ sixteen: (SIMD16<UInt8>, SIMD16<UInt8>) -> SIMD16<UInt32>
    ) -> Int {
        precondition(first.count == second.count && first.count <= 1 << 16)
        let whole = first.count & ~15
        var sums = SIMD16<UInt32>.zero
        unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                for at in stride(from: 0, to: whole, by: 16) {
                    unsafe sums &+= sixteen(
                        first.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self),
                        second.loadUnaligned(fromByteOffset: at, as: SIMD16<UInt8>.self))
                }
            }
        }
        var sum = Int(sums.wrappedSum())
        for at in whole..<first.count { sum += one(first[at], second[at]) }
        return sum
    }
}
