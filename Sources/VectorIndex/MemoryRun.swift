// A run of elements in memory that somebody else keeps alive: their own memory while an index is
// made, a mapped file once it is open.

extension [UInt8] {
    /// Hands all of it on as bytes.
    func write<E>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        let span = span
        try sink(unsafe span.bytes)
    }
}

extension [Float] {
    /// Hands all of it on as bytes.
    func write<E>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        let span = span
        try sink(unsafe span.bytes)
    }
}

/// Elements that are only read.
@safe package struct MemoryRun<Element: BitwiseCopyable>: @unchecked Sendable {
    // Unchecked: nobody writes to what is shared.

    /// The first element.
    package let base: UnsafePointer<Element>
    /// How many elements there are.
    package let count: Int
    private let owner: any AnyObject & Sendable

    /// All of a memory, which is not written to any more.
    package init(_ memory: AlignedMemory<Element>) {
        unsafe base = UnsafePointer(memory.base)
        count = memory.count
        owner = memory
    }

    /// `count` elements that begin `offset` bytes behind the first of some.
    ///
    /// The caller has checked that they are there and aligned.
    init(_ bytes: VectorBytes, offset: Int = 0, count: Int) {
        precondition(offset >= 0 && offset + count * MemoryLayout<Element>.size <= bytes.count)
        unsafe base = (bytes.base + offset).assumingMemoryBound(to: Element.self)
        self.count = count
        owner = bytes.owner
    }

    /// Bytes taken.
    var bytes: Int { count * MemoryLayout<Element>.size }

    /// One element.
    @inline(__always)
    subscript(index: Int) -> Element {
        precondition(index >= 0 && index < count)
        return unsafe base[index]
    }

    /// Hands all of it on as bytes.
    func write<E>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        guard count > 0 else { return }
        try sink(unsafe RawSpan(_unsafeStart: UnsafeRawPointer(base), byteCount: bytes))
    }
}
