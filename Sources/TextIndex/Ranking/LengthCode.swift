// A document's length in one byte: exact up to 127 words, then sixteen steps to each doubling.
// Memtable, segment and the exhaustive oracle all score with the decoded length, so that a score
// does not change when a document moves from one to the other.

/// The length of a document in words, as one byte.
package enum LengthCode {
    /// The code of a length in words; lengths above about 32,000 share the last code.
    package static func encode(_ words: Int) -> UInt8 {
        guard words > 127 else { return UInt8(max(words, 0)) }
        var low = 128
        var high = 255
        while low < high {
            let middle = (low + high + 1) / 2
            if lengths[middle] <= Float(words) { low = middle } else { high = middle - 1 }
        }
        return UInt8(low)
    }

    /// The length in words that each code stands for.
    package static let lengths: [Float] = (0..<256).map { code in
        guard code > 127 else { return Float(code) }
        let step = code - 128
        let octave = Float(128 << (step / 16))
        return (octave * (1 + Float(step % 16) / 16)).rounded(.down)
    }
}
