// What one character is in a script that is indexed by pairs: a scalar with its marks; in Korean a
// whole syllable, whether it is written as one scalar or as the letters that it is composed of
// (UAX #29, GB6 to GB8). Both fold to the same letters, so the two ways of writing find each other.

extension Analyzer {
    /// The end of the character at `position`, which lies inside the text, its marks included.
    package func characterEnd(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        let table = ScalarTable.shared
        var scalar = unsafe UTF8Scalar(text, at: position)
        var end = position + scalar.length
        while end < text.count {
            let next = unsafe UTF8Scalar(text, at: end)
            let isMark = table.properties(of: next.value).wordBreak.isIgnored
            guard isMark || Self.isSyllable(scalar.value, next.value) else { break }
            end += next.length
            scalar = next
        }
        return end
    }

    /// Whether the scalar at `position` is of the Korean alphabet or a syllable of it.
    func isHangul(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        switch unsafe UTF8Scalar(text, at: position).value {
        case 0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF: true
        case 0xFFA0...0xFFDC: true  // narrow forms
        default: false
        }
    }

    /// What a scalar is to a Korean syllable.
    private enum Jamo {
        case leading, vowel, trailing
        /// A leading consonant with a vowel; the same with a trailing consonant.
        case open, closed

        init?(_ scalar: UInt32) {
            switch scalar {
            case 0x1100...0x115F, 0xA960...0xA97C: self = .leading
            case 0x1160...0x11A7, 0xD7B0...0xD7C6: self = .vowel
            case 0x11A8...0x11FF, 0xD7CB...0xD7FB: self = .trailing
            case 0xAC00...0xD7A3: self = (scalar - 0xAC00).isMultiple(of: 28) ? .open : .closed
            default: return nil
            }
        }
    }

    /// Whether two scalars side by side are of one Korean syllable.
    private static func isSyllable(_ first: UInt32, _ second: UInt32) -> Bool {
        guard second >= 0x1100, let first = Jamo(first), let second = Jamo(second) else {
            return false
        }
        switch first {
        case .leading: return second != .trailing
        case .vowel, .open: return second == .vowel || second == .trailing
        case .trailing, .closed: return second == .trailing
        }
    }
}
