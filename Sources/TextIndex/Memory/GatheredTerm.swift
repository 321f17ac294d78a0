// All occurrences of one term in flat memory, which is taken for the largest term.

/// What is written of a term beside its documents.
enum TermContent {
    /// How often each document has it, and where.
    case positions
    /// How often each document has it.
    case frequencies
    /// Nothing.
    case documents

    init(_ kind: TermKind?) {
        switch kind {
        case .word: self = .positions
        case .stem, .written: self = .frequencies
        default: self = .documents
        }
    }
}

/// The documents of a term, and where it is in each.
@safe struct GatheredTerm: ~Copyable {
    /// A word for each document: its number, above the place that it was gathered at.
    let keys: UnsafeMutablePointer<UInt64>
    /// For each place where its positions begin, and at last where they end.
    let starts: UnsafeMutablePointer<UInt32>
    /// Positions, ascending in a document.
    private(set) var positions: UnsafeMutablePointer<UInt32>
    /// Positions that there is room for.
    private(set) var capacity: Int
    /// Documents gathered.
    var count = 0
    /// Their positions.
    var occurrences: Int { unsafe Int(starts[count]) }

    /// Bits of a key that are a document's number.
    static func numberBits(_ documents: Int) -> Range<UInt64> {
        32..<32 + UInt64(Int.bitWidth - documents.leadingZeroBitCount)
    }

    /// Room for so many documents.
    init(documents: Int) {
        capacity = documents + 1
        unsafe keys = .allocate(capacity: max(documents, 1))
        unsafe starts = .allocate(capacity: documents + 1)
        unsafe positions = .allocate(capacity: capacity)
        unsafe starts[0] = 0
    }

    /// Makes room for twice as many positions.
    mutating func grow() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: 2 * capacity)
        unsafe larger.update(from: positions, count: capacity)
        unsafe positions.deallocate()
        unsafe positions = larger
        capacity *= 2
    }

    deinit {
        unsafe keys.deallocate()
        unsafe starts.deallocate()
        unsafe positions.deallocate()
    }

    /// The number of a document.
    @inline(__always)
    func document(_ index: Int) -> UInt32 { UInt32(truncatingIfNeeded: unsafe keys[index] &>> 32) }

    /// Where a document's positions are.
    @inline(__always)
    func places(_ index: Int) -> Range<Int> {
        let place = Int(UInt32(truncatingIfNeeded: unsafe keys[index]))
        return unsafe Int(starts[place])..<Int(starts[place + 1])
    }
}
