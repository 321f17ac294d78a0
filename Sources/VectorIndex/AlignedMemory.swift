// Memory for kernels: zeroed, aligned to registers and, where it is large, backed by large pages,
// since a scan and a rerank touch much of it at places that no cache of addresses foresees.

import Glibc

/// A fixed number of elements, freed with their owner.
@safe package final class AlignedMemory<Element: BitwiseCopyable>: @unchecked Sendable {
    // Unchecked: only its maker writes, before anybody else knows of it.

    /// How many elements there are.
    package let count: Int
    /// The first element.
    package let base: UnsafeMutablePointer<Element>

    /// Zeroed elements.
    package init(count: Int) {
        self.count = count
        let bytes = count * MemoryLayout<Element>.stride
        let isLarge = bytes >= 1 << 21
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(bytes, 64), alignment: isLarge ? 1 << 21 : 64)
        if isLarge { unsafe madvise(memory, bytes, MADV_HUGEPAGE) }
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        unsafe base = memory.assumingMemoryBound(to: Element.self)
    }

    deinit { unsafe UnsafeMutableRawPointer(base).deallocate() }

    /// Bytes taken.
    package var bytes: Int { count * MemoryLayout<Element>.stride }

    /// One element.
    package subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count)
            return unsafe base[index]
        }
        set {
            precondition(index >= 0 && index < count)
            unsafe base[index] = newValue
        }
    }
}
