// Bytes being put together, all integers little-endian.
//
// The counterpart of ByteReader: whatever is written here, the reader's method of the same name
// reads back.

/// A growing array of bytes.
package struct ByteWriter: Sendable {
    /// Everything written so far.
    package var bytes: [UInt8] = []

    /// An empty writer.
    @inlinable package init() {}

    /// An empty writer with room for `capacity` bytes.
    @inlinable package init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// How many bytes have been written.
    @inlinable package var count: Int { self.bytes.count }

    /// Appends one byte.
    @inlinable package mutating func u8(_ value: UInt8) { self.bytes.append(value) }

    /// Appends two bytes.
    @inlinable package mutating func u16(_ value: UInt16) { append(value.littleEndian) }

    /// Appends four bytes.
    @inlinable package mutating func u32(_ value: UInt32) { append(value.littleEndian) }

    /// Appends eight bytes.
    @inlinable package mutating func u64(_ value: UInt64) { append(value.littleEndian) }

    /// Appends an unsigned LEB128 number: seven bits a byte, lowest first, 1 to 10 bytes.
    @inlinable package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends a signed number as a varint, small magnitudes first (0, -1, 1, -2).
    @inlinable package mutating func zigzag(_ value: Int64) {
        varint(ZigZag.encode(value))
    }

    /// Appends bytes as they are.
    @inlinable package mutating func bytes(_ source: RawSpan) {
        unsafe source.withUnsafeBytes { unsafe self.bytes.append(contentsOf: $0) }
    }

    /// Appends bytes as they are.
    @inlinable package mutating func bytes(_ source: [UInt8]) {
        self.bytes.append(contentsOf: source)
    }

    /// Appends bytes as they are.
    @unsafe @inlinable package mutating func bytes(_ source: UnsafeRawBufferPointer) {
        unsafe self.bytes.append(contentsOf: source)
    }

    /// Appends a varint count and that many bytes.
    @inlinable package mutating func lengthPrefixed(_ source: [UInt8]) {
        varint(UInt64(source.count))
        self.bytes.append(contentsOf: source)
    }

    /// Appends zeros until the count is a multiple of `alignment`.
    @inlinable package mutating func pad(to alignment: Int) {
        let excess = self.bytes.count % alignment
        guard excess != 0 else { return }
        self.bytes.append(contentsOf: repeatElement(0, count: alignment - excess))
    }

    /// Overwrites four bytes written earlier.
    @inlinable package mutating func patch(u32 value: UInt32, at offset: Int) {
        precondition(offset >= 0 && offset <= self.bytes.count - 4, "patch outside what is written")
        for index in 0..<4 {
            self.bytes[offset + index] = UInt8(truncatingIfNeeded: value &>> (8 * UInt32(index)))
        }
    }

    @inlinable mutating func append(_ value: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: value) { unsafe self.bytes.append(contentsOf: $0) }
    }
}
