// The names of tags and character references are a few letters long. Packed into one integer they
// are compared in one step, with nothing allocated: cue text has a tag every few words.

/// A name of at most 8 bytes, by value.
struct ShortName: Equatable {
    private let packed: UInt64

    init(_ name: StaticString) {
        precondition(name.utf8CodeUnitCount <= 8, "a short name has at most 8 bytes")
        let bytes = Array(name.description.utf8)
        self.init(bytes, 0..<bytes.count, ignoringCase: false)
    }

    /// Packs a range of a text; one that is longer than 8 bytes equals no name.
    ///
    /// Case is ignored by setting the bit that makes ASCII letters small.
    init(_ text: [UInt8], _ range: Range<Int>, ignoringCase: Bool) {
        guard range.count <= 8 else {
            packed = .max
            return
        }
        var packed: UInt64 = 0
        for byte in text[range] { packed = packed << 8 | UInt64(ignoringCase ? byte | 0x20 : byte) }
        self.packed = packed
    }
}
