// What a file keeps of an index, in sections that begin at multiples of 64 bytes. Bytes that were
// read are not trusted: each number is checked once, when an index is opened, and what is wrong is
// said by section.

/// The parts of an index in a file.
package enum VectorSection: UInt32, Sendable, CaseIterable {
    /// Vectors as they were put, in half precision, and the factor of each.
    case vectors = 1
    /// What was learnt from a sample.
    case epoch
    /// Shape, epoch, efforts, and where each list starts.
    case lists
    /// Codes, in blocks, list by list.
    case codes
    /// A byte for each number of each vector.
    case rows
    /// The vector at each place of the lists.
    case documents
}

/// Why bytes are no section of an index.
package struct VectorDamage: Error, Equatable, Sendable, CustomStringConvertible {
    /// The section that is damaged.
    package let section: VectorSection
    /// What is wrong.
    package let what: String

    /// A section with what is wrong with it.
    package init(_ section: VectorSection, _ what: String) {
        self.section = section
        self.what = what
    }

    /// One line for people.
    package var description: String { "vector section \(section): \(what)" }
}

/// Bytes of one section, in memory that stays while their owner lives.
@safe package struct VectorBytes: @unchecked Sendable {
    // Unchecked: nobody writes to what is shared.

    /// The first byte, aligned to 64.
    package let base: UnsafeRawPointer
    /// How many bytes there are.
    package let count: Int
    let owner: any AnyObject & Sendable

    /// `count` bytes from `base` on, which `owner` keeps alive and nobody changes.
    @unsafe package init(
        base: UnsafeRawPointer, count: Int, owner: any AnyObject & Sendable
    ) {
        unsafe self.base = base
        self.count = count
        self.owner = owner
    }

    /// A copy of some bytes.
    package init(copying bytes: [UInt8]) {
        let memory = AlignedMemory<UInt8>(count: bytes.count)
        for (index, byte) in bytes.enumerated() { memory[index] = byte }
        unsafe self.init(
            base: UnsafeRawPointer(memory.base), count: bytes.count, owner: memory)
    }

    /// Whether elements of a few bytes may be read where they lie.
    var isAligned: Bool { UInt(bitPattern: unsafe base).isMultiple(of: 64) }

    /// The bytes, to be taken apart.
    func withSpan<Result, E>(_ body: (RawSpan) throws(E) -> Result) throws(E) -> Result {
        try body(unsafe RawSpan(_unsafeStart: base, byteCount: count))
    }

    /// All of them as elements of one type; throws when it is not exactly `count` of them.
    func run<Element: BitwiseCopyable>(
        _ section: VectorSection, of _: Element.Type, count wanted: Int
    ) throws(VectorDamage) -> MemoryRun<Element> {
        let size = MemoryLayout<Element>.size
        guard isAligned else { throw VectorDamage(section, "does not begin at a multiple of 64") }
        guard wanted >= 0, wanted <= count / size, wanted * size == count else {
            throw VectorDamage(section, "has \(count) bytes instead of \(wanted) times \(size)")
        }
        return MemoryRun(self, count: wanted)
    }
}
