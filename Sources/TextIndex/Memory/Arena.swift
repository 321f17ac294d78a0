// Append-only memory of a memtable: reserved once as address space, touched page by page, freed as
// a whole. Nothing in it ever moves, so readers follow addresses while the one writer appends.

import Glibc

/// A stretch of zeroed memory with addresses of 32 bits; one writer, any number of readers.
@safe package final class Arena: @unchecked Sendable {
    // Unchecked: `used` belongs to the writer; readers only follow addresses that were published
    // to them after the bytes behind them were written.

    /// Bytes of address space reserved; memory is taken only for what is used.
    package static let capacity = 1 << 31

    /// The start of the memory; `capacity` bytes are readable and zero until written.
    package let base: UnsafeMutableRawPointer
    /// Bytes handed out.
    package private(set) var used = 8
    /// How far the system has been asked for large pages.
    private var advised = 0
    /// Bytes for which it is asked at a time: a small memtable takes small pages alone.
    private static let advisedStep = 16 << 20

    /// Reserves the address space.
    package init() {
        unsafe base = Self.reserve(Self.capacity)
    }

    /// Address space for zeroed bytes, which take memory once they are touched.
    static func reserve(_ count: Int) -> UnsafeMutableRawPointer {
        let memory = unsafe mmap(
            nil, count, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            preconditionFailure("no address space for a memtable: raise the limit (ulimit -v)")
        }
        return unsafe memory
    }

    deinit {
        unsafe munmap(base, Self.capacity)
    }

    /// Bytes that can still be handed out.
    package var free: Int { Self.capacity - used }

    /// Hands out `count` zeroed bytes aligned to 4 and returns their address, which is never 0.
    package func allocate(_ count: Int) -> UInt32 {
        precondition(count <= free - 4, "the memtable is full; check `free` before writing")
        let address = (used + 3) & ~3
        used = address + count
        if used - advised > Self.advisedStep { advise() }
        return UInt32(address)
    }

    /// Asks for large pages for what is handed out next; a refusal costs nothing but time.
    private func advise() {
        advised += Self.advisedStep
        while used - advised > Self.advisedStep { advised += Self.advisedStep }
        let count = min(Self.advisedStep, Self.capacity - advised)
        _ = unsafe madvise(base + advised, count, MADV_HUGEPAGE)
    }

    /// Copies bytes in and returns their address.
    package func store(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        let address = allocate(bytes.count)
        if let source = bytes.baseAddress {
            unsafe (base + Int(address)).copyMemory(from: source, byteCount: bytes.count)
        }
        return address
    }
}
