// Default word boundaries of UAX #29 (Unicode 15.0) as one forward pass over UTF-8: no allocation,
// and each byte is decoded at most three times. A break opportunity stands between any two
// scalars unless a rule WB3 to WB16 joins them.

import CUnicode

/// Splits a text into UAX #29 word segments, one at a time.
@safe  // Reads only inside `text`, which its maker keeps alive.
struct WordSegments {
    private let text: UnsafeBufferPointer<UInt8>
    private let count: Int
    private let table: ScalarTable

    /// One segment: where it ends, and whether it holds a letter or number.
    struct Segment {
        var end: Int
        var holdsWord: Bool
    }

    init(_ text: UnsafeBufferPointer<UInt8>, _ table: ScalarTable) {
        unsafe self.text = text
        count = text.count
        self.table = table
    }

    /// The segment that begins at `start`, a boundary inside the text.
    func segment(from start: Int) -> Segment {
        let first = unsafe UTF8Scalar(text, at: start)
        var previous = table.properties(of: first.value)
        var end = start + first.length
        var holdsWord = previous.isLetterOrNumber
        var state = State(previous.wordBreak)
        if previous.wordBreak.isNewline {  // WB3, WB3a
            if previous.wordBreak == .carriageReturn, wordBreak(at: end) == .lineFeed { end += 1 }
            return Segment(end: end, holdsWord: false)
        }
        while end < count {
            let scalar = unsafe UTF8Scalar(text, at: end)
            let next = table.properties(of: scalar.value)
            let after = end + scalar.length
            if next.wordBreak.isIgnored {  // WB4
            } else if previous.wordBreak == .joiner, next.isPictographic {  // WB3c
                state = State(next.wordBreak)
            } else if previous.wordBreak == .space, next.wordBreak == .space {  // WB3d
            } else if !state.joins(next.wordBreak, lookAhead: { wordBreakAhead(from: after) }) {
                break
            }
            holdsWord = holdsWord || next.isLetterOrNumber
            previous = next
            end = after
        }
        return Segment(end: end, holdsWord: holdsWord)
    }

    /// The maximal run of alphanumeric scalars that begins at `start`, or the one scalar there.
    func alphanumericRun(from start: Int) -> Segment {
        var end = start
        while end < count {
            let scalar = unsafe UTF8Scalar(text, at: end)
            let isAlphanumeric = table.properties(of: scalar.value).isAlphanumeric
            if !isAlphanumeric, end > start { break }
            end += scalar.length
            if !isAlphanumeric { return Segment(end: end, holdsWord: false) }
        }
        return Segment(end: end, holdsWord: true)
    }

    private func wordBreak(at position: Int) -> WordBreak? {
        guard position < count else { return nil }
        return unsafe table.properties(of: UTF8Scalar(text, at: position).value).wordBreak
    }

    /// The class of the first scalar from `position` on that WB4 does not look through.
    ///
    /// Each run of ignored scalars is looked through at most once: the whole pass stays linear.
    private func wordBreakAhead(from position: Int) -> WordBreak? {
        var position = position
        while position < count {
            let scalar = unsafe UTF8Scalar(text, at: position)
            let kind = table.properties(of: scalar.value).wordBreak
            if !kind.isIgnored { return kind }
            position += scalar.length
        }
        return nil
    }

    /// What the rules remember of a segment: the class of its last scalar that WB4 does not ignore.
    private struct State {
        private var last: WordBreak
        /// The last regional indicator is the second of a pair.
        private var isPaired = false

        init(_ first: WordBreak) { last = first }

        /// Whether no rule allows a break before `next`; if so it becomes the last.
        @inline(__always)
        mutating func joins(_ next: WordBreak, lookAhead: () -> WordBreak?) -> Bool {
            if last == .letter && next == .letter { return true }  // WB5, the common case
            return joinsOtherwise(next, lookAhead: lookAhead)
        }

        private mutating func joinsOtherwise(
            _ next: WordBreak, lookAhead: () -> WordBreak?
        ) -> Bool {
            var joined = false
            switch next {
            case .letter, .hebrewLetter, .numeric:  // WB5, WB8, WB9, WB10, WB13b
                joined = last.isLetter || last == .numeric || last == .extendNumLet
            case .katakana:  // WB13, WB13b
                joined = last == .katakana || last == .extendNumLet
            case .extendNumLet:  // WB13a
                joined =
                    last.isLetter || last == .numeric || last == .katakana || last == .extendNumLet
            case .regionalIndicator:  // WB15, WB16
                joined = last == .regionalIndicator && !isPaired
                isPaired = joined
            default:
                return joinsPunctuation(next, lookAhead: lookAhead)
            }
            if joined { last = next }
            return joined
        }

        /// The rules that depend on what follows the punctuation.
        ///
        /// Where that joins too, `last` stays the letter or digit before the punctuation: exactly
        /// what the scalar after it must then be joined to.
        private mutating func joinsPunctuation(
            _ next: WordBreak, lookAhead: () -> WordBreak?
        ) -> Bool {
            if last.isLetter, next == .midLetter || next.isMidNumLetQ {  // WB6, WB7
                if lookAhead()?.isLetter == true { return true }
            }
            if last == .hebrewLetter, next == .singleQuote {  // WB7a
                last = next
                return true
            }
            if last == .hebrewLetter, next == .doubleQuote {  // WB7b, WB7c
                return lookAhead() == .hebrewLetter
            }
            if last == .numeric, next == .midNum || next.isMidNumLetQ {  // WB11, WB12
                return lookAhead() == .numeric
            }
            return false
        }
    }
}

/// The UAX #29 word boundaries of `text` as byte offsets, 0 and the end included.
///
/// An empty text has none. Held against Unicode's own test file; tokens come from `Analyzer`.
package func wordBoundaries(_ text: [UInt8]) -> [Int] {
    unsafe text.withUnsafeBufferPointer { bytes in
        guard !bytes.isEmpty else { return [] }
        let segments = unsafe WordSegments(bytes, .shared)
        var boundaries = [0]
        var position = 0
        while position < bytes.count {
            position = segments.segment(from: position).end
            boundaries.append(position)
        }
        return boundaries
    }
}

/// The version of Unicode that analysis follows: major times 100, plus minor.
package var analysisUnicodeVersion: Int { Int(mspd_unicode_version()) }
