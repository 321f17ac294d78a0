// The languages that a track's text may be in, by their ISO 639 codes, and what analysis knows of
// each: whether Snowball has a stemmer for it, which short words it joins with an apostrophe, and
// which letters it spells out where a keyboard does not have them.

/// The language of a text, or that it is not known.
package enum Language: String, Sendable, CaseIterable {
    /// Any language: nothing is stemmed, and what French and its neighbours elide is split.
    case auto
    /// No language: runs of letters and digits, as the simple tokenisers of other engines cut text.
    case plain
    case ar, bg, bn, ca, cs, cy, da, de, el, en, es, et, eu, fa, fi, fr, ga, gl, he, hi, hr, hu, hy
    case id, `is`, it, ja, km, ko, lo, lt, lv, mr, ms, my, nb, ne, nl, nn, no, pl, pt, ro, ru, sk
    case sl, sr, sv, ta, te, th, tr, uk, ur, vi, yi, zh

    /// The language of a code in any case, with a region or without one, such as `en` or `pt-BR`;
    /// nil when it is not known.
    package init?(code: String) {
        let base = code.split(whereSeparator: { $0 == "-" || $0 == "_" }).first
        guard let base, let known = Language(rawValue: base.lowercased()) else { return nil }
        self = known
    }

    /// What Snowball's library calls its stemmer; nil where there is none.
    var stemmer: String? {
        switch self {
        case .ar, .ca, .da, .de, .el, .en, .es, .eu, .fi, .fr, .ga, .hi, .hu, .hy, .id, .it, .lt,
            .ne, .nl, .no, .pt, .ro, .ru, .sr, .sv, .ta, .tr, .yi:
            rawValue
        case .nb, .nn: Language.no.rawValue
        default: nil
        }
    }

    /// Whether words of the language have stems, which are indexed beside them.
    package var hasStems: Bool { stemmer != nil }

    /// Articles, pronouns and the like that an apostrophe joins to a word that begins with a vowel,
    /// or sounds so; without the apostrophe, folded.
    var elided: [[UInt8]] {
        switch self {
        case .auto, .fr, .ca: Language.frenchElided
        case .it: Language.frenchElided + Language.italianElided
        default: []
        }
    }

    private static let frenchElided = words("l d j m t s n c qu jusqu lorsqu puisqu quoiqu")
    private static let italianElided = words(
        "un all dall dell nell sull coll gl agl dagl degl negl sugl quest quell bell sant v")

    private static func words(_ list: String) -> [[UInt8]] {
        list.split(separator: " ").map { Array($0.utf8) }
    }

    /// Letters, and those that stand for each where it cannot be typed.
    private var spelledOut: [(letter: Character, letters: String)] {
        switch self {
        case .de: [("ä", "ae"), ("ö", "oe"), ("ü", "ue")]
        case .da, .nb, .nn, .no: [("å", "aa"), ("ø", "oe")]
        default: []
        }
    }

    /// Letters behind which others spell out nothing: neue, Bauer, Quelle.
    private static let keeping: [Character] = ["a", "e", "q"]

    /// A word with its letters spelled out, or put together where none of them is there; nil where
    /// the language has no other spelling of it.
    package func spelled(_ word: [UInt8]) -> [UInt8]? {
        let pairs = spelledOut
        guard !pairs.isEmpty else { return nil }
        let typed = Array(String(decoding: word, as: UTF8.self).lowercased())
        let known = typed.map { letter in pairs.first { $0.letter == letter } }
        if known.contains(where: { $0 != nil }) {
            let letters = zip(typed, known).map { $1?.letters ?? String($0) }
            return Array(letters.joined().utf8)
        }
        var together = ""
        var next = 0
        while next < typed.count {
            let two = String(typed[next...].prefix(2))
            let isKept = next > 0 && Self.keeping.contains(typed[next - 1])
            let pair = isKept ? nil : pairs.first { $0.letters == two }
            together.append(pair?.letter ?? typed[next])
            next += pair == nil ? 1 : 2
        }
        return together.count < typed.count ? Array(together.utf8) : nil
    }
}
