// A growing list of bytes inside an arena: a chain of slices, each twice the size of the one before
// up to a limit; the last four bytes of a slice hold the address of the next one.
// (Lucene's byte block pool and Earlybird's postings pools work so.)

/// The writer's end of a chain.
struct SliceChain {
    static let firstBytes: UInt32 = 16
    static let largestBytes: UInt32 = 4_096
    static let linkBytes: UInt32 = 4

    /// Where the chain begins.
    private(set) var head: UInt32
    /// Where the next byte goes: also the reader's end, once it is published.
    private(set) var tail: UInt32
    private var sliceEnd: UInt32
    private var sliceBytes: UInt32

    init(in arena: Arena) {
        sliceBytes = Self.firstBytes
        head = arena.allocate(Int(sliceBytes))
        tail = head
        sliceEnd = head + sliceBytes - Self.linkBytes
    }

    @inline(__always)
    mutating func append(_ byte: UInt8, in arena: Arena) {
        if tail == sliceEnd { grow(arena) }
        unsafe (arena.base + Int(tail)).storeBytes(of: byte, as: UInt8.self)
        tail += 1
    }

    @inline(__always)
    mutating func append(varint value: UInt32, in arena: Arena) {
        guard value < 128 else { return appendLong(varint: value, in: arena) }
        append(UInt8(truncatingIfNeeded: value), in: arena)
    }

    private mutating func appendLong(varint value: UInt32, in arena: Arena) {
        var rest = value
        while rest >= 128 {
            append(UInt8(truncatingIfNeeded: rest) | 128, in: arena)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest), in: arena)
    }

    private mutating func grow(_ arena: Arena) {
        sliceBytes = min(sliceBytes * 2, Self.largestBytes)
        let next = arena.allocate(Int(sliceBytes))
        unsafe (arena.base + Int(sliceEnd)).storeBytes(of: next, as: UInt32.self)
        tail = next
        sliceEnd = next + sliceBytes - Self.linkBytes
    }
}

/// Reads a chain from its head up to a published end.
@safe struct SliceReader {
    private let arena: Arena
    private var next: UInt32
    private let end: UInt32
    private var sliceEnd: UInt32
    private var sliceBytes = SliceChain.firstBytes

    init(_ arena: Arena, head: UInt32, end: UInt32) {
        self.arena = arena
        next = head
        self.end = end
        sliceEnd = head + sliceBytes - SliceChain.linkBytes
    }

    var isAtEnd: Bool { next == end }

    @inline(__always)
    mutating func byte() -> UInt8 {
        if next == sliceEnd {
            next = unsafe arena.base.load(fromByteOffset: Int(sliceEnd), as: UInt32.self)
            sliceBytes = min(sliceBytes * 2, SliceChain.largestBytes)
            sliceEnd = next + sliceBytes - SliceChain.linkBytes
        }
        defer { next += 1 }
        return unsafe arena.base.load(fromByteOffset: Int(next), as: UInt8.self)
    }

    @inline(__always)
    mutating func varint() -> UInt32 {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while true {
            let byte = byte()
            value |= UInt32(byte & 127) << shift
            if byte < 128 { return value }
            shift += 7
        }
    }
}
