// Signed numbers as unsigned ones, so that those near zero take few bits: 0, -1, 1, -2 become 0, 1,
// 2, 3.

/// The mapping, in both directions.
package enum ZigZag {
    /// The unsigned number that stands for a signed one.
    @inlinable package static func encode(_ value: Int64) -> UInt64 {
        UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))
    }

    /// The signed number that an unsigned one stands for.
    @inlinable package static func decode(_ value: UInt64) -> Int64 {
        Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1)
    }
}
