// Bytes being taken apart, all integers little-endian, none of them trusted.
//
// Every count is checked against the bytes that remain before anything is read or allocated, so
// damaged input ends in a DecodeError and never in a trap.

/// Where decoding stopped, and what should have been there.
package struct DecodeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Bytes from the start of the reader's span.
    package var offset: Int
    /// What was expected at the offset.
    package var expected: String

    /// For callers that find a well-formed value out of its range.
    package init(offset: Int, expected: String) {
        self.offset = offset
        self.expected = expected
    }

    /// One line for people.
    package var description: String { "expected \(expected) at byte \(offset)" }
}

/// Reads values off the front of a span.
package struct ByteReader: ~Escapable {
    @usableFromInline let span: RawSpan
    /// How many bytes have been read.
    package private(set) var position: Int

    /// Begins at the first of `bytes`.
    @_lifetime(copy bytes)
    @inlinable package init(_ bytes: RawSpan) {
        span = bytes
        position = 0
    }

    /// How many bytes are left.
    @inlinable package var remaining: Int { span.byteCount &- position }

    /// Whether nothing is left.
    @inlinable package var isAtEnd: Bool { position == span.byteCount }

    /// Reads one byte.
    @inlinable package mutating func u8() throws(DecodeError) -> UInt8 { try load("a byte") }

    /// Reads two bytes.
    @inlinable package mutating func u16() throws(DecodeError) -> UInt16 {
        UInt16(littleEndian: try load("a 16-bit number"))
    }

    /// Reads four bytes.
    @inlinable package mutating func u32() throws(DecodeError) -> UInt32 {
        UInt32(littleEndian: try load("a 32-bit number"))
    }

    /// Reads eight bytes.
    @inlinable package mutating func u64() throws(DecodeError) -> UInt64 {
        UInt64(littleEndian: try load("a 64-bit number"))
    }

    /// Reads an unsigned LEB128 number of at most 64 bits.
    @inlinable package mutating func varint() throws(DecodeError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var index = position
        while index < span.byteCount {
            let byte = unsafe span.unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
            index &+= 1
            if shift == 63 && byte > 1 { break }
            value |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 {
                position = index
                return value
            }
            shift &+= 7
        }
        throw missing("a varint")
    }

    /// Reads a signed varint.
    @inlinable package mutating func zigzag() throws(DecodeError) -> Int64 {
        ZigZag.decode(try varint())
    }

    /// Reads a varint that counts things, of which each takes at least `width` bytes of the rest.
    ///
    /// The answer may be used to reserve memory.
    @inlinable package mutating func count(ofAtLeast width: Int = 1) throws(DecodeError) -> Int {
        let start = position
        let count = try varint()
        guard count <= UInt64(remaining / max(width, 1)) else {
            throw DecodeError(offset: start, expected: "a count that fits what follows")
        }
        return Int(count)
    }

    /// Takes `count` bytes.
    @_lifetime(copy self)
    @inlinable package mutating func bytes(_ count: Int) throws(DecodeError) -> RawSpan {
        guard count >= 0, count <= remaining else { throw missing("\(count) bytes") }
        let taken = unsafe span.extracting(unchecked: position..<position &+ count)
        position &+= count
        return taken
    }

    /// Copies `count` bytes.
    @inlinable package mutating func array(_ count: Int) throws(DecodeError) -> [UInt8] {
        let taken = try bytes(count)
        return unsafe taken.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// Copies as many bytes as the varint in front of them says.
    @inlinable package mutating func lengthPrefixed() throws(DecodeError) -> [UInt8] {
        try array(try count())
    }

    /// Passes over `count` bytes.
    @inlinable package mutating func skip(_ count: Int) throws(DecodeError) {
        guard count >= 0, count <= remaining else { throw missing("\(count) bytes") }
        position &+= count
    }

    /// Throws unless everything has been read.
    @inlinable package func expectEnd() throws(DecodeError) {
        guard isAtEnd else { throw missing("the end") }
    }

    @inlinable mutating func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ what: StaticString
    ) throws(DecodeError) -> Value {
        guard MemoryLayout<Value>.size <= remaining else { throw missing("\(what)") }
        let value = unsafe span.unsafeLoadUnaligned(
            fromUncheckedByteOffset: position, as: Value.self)
        position &+= MemoryLayout<Value>.size
        return value
    }

    @usableFromInline func missing(_ what: String) -> DecodeError {
        DecodeError(offset: position, expected: what)
    }
}

/// Reads an unsigned LEB128 number at `p` and moves `p` behind it; nil, with `p` where it was, when
/// it does not end before `end` or has more than 64 bits.
@unsafe @inlinable package func readVarint(
    _ p: inout UnsafePointer<UInt8>, end: UnsafePointer<UInt8>
) -> UInt64? {
    var next = unsafe p
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while unsafe next < end {
        let byte = unsafe next.pointee
        unsafe next += 1
        if shift == 63 && byte > 1 { return nil }
        value |= UInt64(byte & 0x7F) &<< shift
        if byte < 0x80 {
            unsafe p = next
            return value
        }
        shift &+= 7
    }
    return nil
}
