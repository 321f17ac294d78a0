// The read-only bytes of one file, either mapped or (for simulated file systems) copied.
//
// The bytes stay where they are and do not change for as long as this object lives. They may lie on
// a disk that fails: a fault while reading mapped memory is a signal, not an error.

import Glibc

/// Owns `count` bytes at `base`; unmapped or freed with the object.
///
/// Safe: the pointer is valid for the object's life and the memory is never written to again.
@safe package final class MappedFile: Sendable {
    /// The path it was mapped from, for error messages.
    package let path: String
    /// How many bytes there are.
    package let count: Int
    /// The first byte, valid while this object lives; aligned to a page for a real file.
    package nonisolated(unsafe) let base: UnsafeRawPointer
    private let isMapping: Bool

    /// Copies bytes into memory of its own.
    package init(path: String, copying bytes: [UInt8]) {
        let copy = UnsafeMutableRawPointer.allocate(
            byteCount: max(bytes.count, 1), alignment: 64)
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe copy.copyMemory(from: start, byteCount: source.count)
        }
        self.path = path
        self.count = bytes.count
        unsafe self.base = UnsafeRawPointer(copy)
        self.isMapping = false
    }

    /// Takes over a mapping made by mmap, of `count` > 0 bytes.
    init(path: String, adopting mapping: UnsafeRawPointer, count: Int) {
        self.path = path
        self.count = count
        unsafe self.base = mapping
        self.isMapping = true
    }

    deinit {
        let memory = unsafe UnsafeMutableRawPointer(mutating: base)
        if isMapping {
            unsafe munmap(memory, count)
        } else {
            unsafe memory.deallocate()
        }
    }

    /// All bytes.
    package var bytes: RawSpan {
        @_lifetime(borrow self) get {
            let span = unsafe RawSpan(_unsafeStart: base, byteCount: count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }
}
