// What folding takes off letters, kept: for each scalar of the European scripts that is folded to
// something else, its lower case with accents. Asked of the Unicode library once.

/// A process-wide cache of letters in lower case that keep their accents.
struct AccentTable: Sendable {
    static let shared = AccentTable()

    /// Latin, Greek and Cyrillic letters with accents, and these accents, are below.
    private static let end: UInt32 = 0x2000

    /// For each scalar where its bytes begin, and at last where they end; none for those that are
    /// folded alike with and without accents.
    private let starts: [UInt16]
    private let bytes: [UInt8]

    private init() {
        var starts: [UInt16] = []
        var bytes: [UInt8] = []
        for scalar in 0..<Self.end {
            starts.append(UInt16(bytes.count))
            let folded = unsafe Self.bytes { unsafe Folding.fold(scalar, into: $0) }
            let accented = unsafe Self.bytes {
                unsafe Folding.fold(scalar, into: $0, withAccents: true)
            }
            if accented != folded { bytes += accented }
        }
        starts.append(UInt16(bytes.count))
        self.starts = starts
        self.bytes = bytes
    }

    private static func bytes(_ fold: (UnsafeMutablePointer<UInt8>) -> Int) -> [UInt8] {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Folding.byteCountMax) {
            guard let start = $0.baseAddress else { return [] }
            let count = unsafe fold(start)
            return unsafe Array($0[..<count])
        }
    }

    /// Whether a scalar has accents, or is one.
    @inline(__always)
    func knows(_ scalar: UInt32) -> Bool {
        scalar < Self.end && starts[Int(scalar)] < starts[Int(scalar) + 1]
    }

    /// Writes a scalar in lower case with its accents at `out` and returns its length; nil where
    /// that is what it is folded to.
    func accented(_ scalar: UInt32, into out: UnsafeMutablePointer<UInt8>) -> Int? {
        guard knows(scalar) else { return nil }
        let range = Int(starts[Int(scalar)])..<Int(starts[Int(scalar) + 1])
        for (index, place) in range.enumerated() { unsafe out[index] = bytes[place] }
        return range.count
    }
}
