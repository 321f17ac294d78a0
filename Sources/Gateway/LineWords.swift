// When two texts say nearly the same: each line of the one in which something was found is a line
// of the other too, or one of the two goes on where the other ends. So a line that rolls up through
// several cues counts once, and so does a line that grows word by word; two cues that share a line,
// but not what was looked for, stay two, and so do lines that end in different words.
//
// Words are compared as numbers, and are simpler than those of the index: runs of letters and
// digits, in scripts without spaces single characters.

/// The words of a text, line by line.
struct LineWords {
    /// A line of fewer words is the same only as one that is equal.
    private static let fewest = 3

    private struct Line {
        let bytes: Range<Int>
        let words: Range<Int>
    }

    private var words: [UInt64] = []
    private var lines: [Line] = []

    init(_ text: [UInt8]) {
        var start = 0
        var hash: UInt64?
        var first = 0
        func isPart(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar.value {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
            case 0..<0xAA, 0x2000...0x206F, 0x3000...0x303F: return false
            default: return true
            }
        }
        func mixed(_ hash: UInt64?, _ value: UInt32) -> UInt64 {
            let folded = (0x41...0x5A).contains(value) ? value | 0x20 : value
            return ((hash ?? 0xCBF2_9CE4_8422_2325) ^ UInt64(folded)) &* 0x100_0000_01B3
        }
        var place = 0
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            let standsAlone = scalar.value >= 0x2E80
            if !isPart(scalar) || standsAlone {
                if let hash { words.append(hash) }
                hash = nil
            }
            if standsAlone, isPart(scalar) {
                words.append(mixed(nil, scalar.value))
            } else if isPart(scalar) {
                hash = mixed(hash, scalar.value)
            }
            place += UTF8.width(scalar)
            if scalar == "\n" {
                lines.append(Line(bytes: start..<place, words: first..<words.count))
                (start, first) = (place, words.count)
            }
        }
        if let hash { words.append(hash) }
        lines.append(Line(bytes: start..<place, words: first..<words.count))
    }

    /// Whether two texts may have a line in common, at a glance: nearly always the first letters of
    /// their lines say no.
    static func mayShareLine(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        guard let own = initials(first), let others = initials(second) else { return true }
        return own.contains { others.contains($0) }
    }

    /// For each line with a word the first two letters of that, of one with a single letter the
    /// first; nil where a line begins with what takes more than a glance.
    private static func initials(_ text: [UInt8]) -> [UInt16]? {
        func letter(_ byte: UInt8) -> UInt8? {
            switch byte {
            case 0x30...0x39, 0x61...0x7A: return byte
            case 0x41...0x5A: return byte | 0x20
            default: return nil
            }
        }
        var initials: [UInt16] = []
        var isOpen = true
        for (place, byte) in text.enumerated() {
            guard byte != 10 else {
                isOpen = true
                continue
            }
            guard isOpen else { continue }
            if byte >= 128 { return nil }
            guard let first = letter(byte) else { continue }
            let second = place + 1 < text.count ? letter(text[place + 1]) : nil
            initials.append(UInt16(first) << 8 | UInt16(second ?? 0))
            isOpen = false
        }
        return initials
    }

    /// Whether some line of one text is nearly one of the other: else they never say the same.
    func sharesLine(with other: LineWords) -> Bool {
        lines.contains { !$0.words.isEmpty && holds($0, in: other) }
    }

    /// Whether two texts say nearly the same, as far as something was found in them.
    func saysTheSame(
        _ matched: [Range<Int>], as other: LineWords, _ otherMatched: [Range<Int>]
    ) -> Bool {
        let (own, others) = (lines(matched), other.lines(otherMatched))
        let isShorter = Self.count(own) <= Self.count(others)
        let some = isShorter ? own : others
        return !some.isEmpty
            && some.allSatisfy { isShorter ? holds($0, in: other) : other.holds($0, in: self) }
    }

    /// The lines with words that hold one of the ranges; all where there is no range.
    private func lines(_ matched: [Range<Int>]) -> [Line] {
        lines.filter { line in
            guard !line.words.isEmpty else { return false }
            return matched.isEmpty || matched.contains { $0.overlaps(line.bytes) }
        }
    }

    private static func count(_ lines: [Line]) -> Int { lines.reduce(0) { $0 + $1.words.count } }

    /// Whether another text has a line that is nearly this one.
    private func holds(_ line: Line, in other: LineWords) -> Bool {
        other.lines.contains { candidate in
            let (own, others) = (words[line.words], other.words[candidate.words])
            if own == others { return true }
            let shorter = min(own.count, others.count)
            return shorter >= Self.fewest && own.prefix(shorter) == others.prefix(shorter)
        }
    }
}
