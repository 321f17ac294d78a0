// How near values and titles are to a name that was asked for: as a whole, or in one word of them.

import TextIndex

/// A name that is none, which others are compared with.
struct NearName {
    /// Bytes up to which what is near is looked for: more are none that is typed.
    private static let bytesMax = 256

    /// The name as a term.
    let term: [UInt8]
    private let distance: EditDistance

    /// Nil for a name that is too long.
    init?(_ name: [UInt8], _ analyzer: Analyzer) {
        guard name.count <= Self.bytesMax else { return nil }
        term = TermKey.word(analyzer.fold(name))
        distance = EditDistance(to: term, atMost: QueryReader.edits(term))
    }

    /// How far a folded value, or the nearest word of it, is from the name; nil when too far.
    func edits(_ value: [UInt8]) -> Int? {
        let words = value.split { $0 < 0x80 && !Self.isLetterOrDigit($0) }
        return ([value[...]] + words).compactMap { distance.measure(TermKey.word(Array($0))) }.min()
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20)
    }
}
