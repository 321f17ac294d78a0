// Where UAX #29 sees one word and an editor two, or the other way round. A full stop without a
// space behind it ends a sentence, but in an abbreviation of single letters; a colon ends a
// speaker's name; an underscore stands for a space. All three join like a hyphen: the parts are
// words, and all of them as one another. So do the apostrophes of rock'n'roll and a space before
// three digits of a number. And 's behind a number belongs to it, as behind a word.

extension Analyzer {
    /// The length of the hyphen or underscore at `position`, with an apostrophe before it, as in
    /// jack-o'-lantern; 0 when there is none.
    @inline(__always)
    func hyphen(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        guard position < text.count else { return 0 }
        let byte = unsafe text[position]
        if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") { return 1 }
        if byte == UInt8(ascii: "'") {
            let isBefore = unsafe position + 1 < text.count && text[position + 1] == 0x2D
            return isBefore ? 2 : 0
        }
        guard byte == 0xE2, position + 2 < text.count, unsafe text[position + 1] == 0x80 else {
            return 0
        }
        let last = unsafe text[position + 2]
        if last & 0xFE == 0x90 { return 3 }  // U+2010 and U+2011
        guard last == 0x99, position + 3 < text.count, unsafe text[position + 3] == 0x2D else {
            return 0
        }
        return 4  // U+2019
    }

    /// The length of the hyphen or underscore at `position` or, behind a digit, of the space there
    /// that sets off three digits; 0 when there is none.
    @inline(__always)
    func mark(_ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ isBehindDigit: Bool) -> Int {
        let length = unsafe hyphen(text, position)
        return unsafe length > 0 || !isBehindDigit ? length : thousands(text, position)
    }

    /// The length of the space at `position` that sets off three digits of a number, as in 20 000;
    /// 0 when there is none.
    ///
    /// It is a no-break or thin one; or, where thousands are set apart so, any.
    func thousands(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        guard position < text.count else { return 0 }
        let byte = unsafe text[position]
        guard byte == UInt8(ascii: " ") || byte == 0xC2 || byte == 0xE2 else { return 0 }
        let space = unsafe UTF8Scalar(text, at: position)
        let end = position + space.length
        let isSpace = space.value == 0x20 && !hasDecimalPoint
        guard isSpace || [0xA0, 0x2009, 0x202F].contains(space.value), end < text.count,
            case let before = unsafe digits(
                scalarBefore(text, position), { unsafe scalarBefore(text, $0.start) }),
            (1...3).contains(before),
            unsafe digits(scalar(text, from: end), { unsafe scalar(text, from: $0.end) }) == 3
        else { return 0 }
        return space.length
    }

    /// How many digits there are from one scalar on, up to four, as `next` leads from each to the
    /// one beside it; 0 when they are part of another word.
    private func digits(_ first: ScalarPlace?, _ next: (ScalarPlace) -> ScalarPlace?) -> Int {
        var (count, scalar) = (0, first)
        while count < 4, let this = scalar {
            guard this.properties.wordBreak == .numeric else {
                return this.properties.isLetterOrNumber ? 0 : count
            }
            (count, scalar) = (count + 1, next(this))
        }
        return count
    }

    /// The first joint inside a segment; empty, at its end, when there is none.
    func nextJoint(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        for position in range {
            let length = unsafe joint(text, position)
            if length > 0 { return position..<position + length }
        }
        return range.upperBound..<range.upperBound
    }

    /// The length of the underscore, colon, full stop or apostrophe at `position` of a segment that
    /// parts it; 0 when there is none.
    func joint(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        switch unsafe text[position] {
        case UInt8(ascii: "_"), UInt8(ascii: ":"): return 1
        case UInt8(ascii: "'"), UInt8(ascii: "."), 0xC2, 0xCA, 0xE2, 0xEF: break
        default: return 0
        }
        let scalar = unsafe UTF8Scalar(text, at: position)
        switch scalar.value {
        case 0x2E, 0x2024, 0xFE52, 0xFF0E:
            let range = position..<position + scalar.length
            return unsafe parts(text, range) ? scalar.length : 0
        case 0xFE13, 0xFE55, 0xFF1A, 0xFE33, 0xFE34, 0xFE4D...0xFE4F, 0xFF3F: return scalar.length
        default:
            guard scalar.value == 0x27 || Folding.isApostrophe(scalar.value) else { return 0 }
            let range = position..<position + scalar.length
            return unsafe isOfAnd(text, range) ? scalar.length : 0
        }
    }

    /// Whether a full stop stands behind a letter, and one of the parts beside it has others too.
    private func parts(_ text: UnsafeBufferPointer<UInt8>, _ stop: Range<Int>) -> Bool {
        guard let letter = unsafe scalarBefore(text, stop.lowerBound), letter.properties.isLetter,
            let next = unsafe scalar(text, from: stop.upperBound), next.properties.isLetter
        else { return false }
        if let after = unsafe scalar(text, from: next.end), after.properties.isLetterOrNumber {
            return true
        }
        guard let before = unsafe scalarBefore(text, letter.start) else { return false }
        guard before.properties.isLetterOrNumber else {
            // Behind an elided letter, as in l'U.R.S.S., but not at the end of a word: don't.
            return unsafe before.isApostrophe && !isOneLetter(text, before: before.start)
        }
        return true
    }

    /// Whether an apostrophe is one of those around the n that stands for and, as in rock'n'roll.
    private func isOfAnd(_ text: UnsafeBufferPointer<UInt8>, _ mark: Range<Int>) -> Bool {
        guard let before = unsafe scalarBefore(text, mark.lowerBound),
            let next = unsafe scalar(text, from: mark.upperBound)
        else { return false }
        if next.isAnd, unsafe scalar(text, from: next.end)?.isApostrophe == true {
            guard let second = unsafe scalar(text, from: next.end),
                let letter = unsafe scalar(text, from: second.end)
            else { return false }
            return before.properties.isLetter && letter.properties.isLetter
        }
        guard before.isAnd, let first = unsafe scalarBefore(text, before.start), first.isApostrophe,
            let letter = unsafe scalarBefore(text, first.start)
        else { return false }
        return letter.properties.isLetter && next.properties.isLetter
    }

    private func isOneLetter(_ text: UnsafeBufferPointer<UInt8>, before end: Int) -> Bool {
        guard let letter = unsafe scalarBefore(text, end) else { return true }
        let before = unsafe scalarBefore(text, letter.start)
        return !(before?.properties.isLetterOrNumber ?? false)
    }

    /// The length of the 's at `position` behind a number; 0 when there is none.
    func possessive(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        guard language != .plain, position + 1 < text.count,
            unsafe Self.mayBeApostrophe(text[position])
        else { return 0 }
        let mark = unsafe UTF8Scalar(text, at: position)
        let end = position + mark.length + 1
        guard mark.value == 0x27 || Folding.isApostrophe(mark.value), end <= text.count,
            unsafe text[end - 1] | 0x20 == UInt8(ascii: "s"),
            unsafe scalarBefore(text, position)?.properties.wordBreak == .numeric
        else { return 0 }
        guard end < text.count else { return end - position }
        let after = unsafe ScalarTable.shared.properties(of: UTF8Scalar(text, at: end).value)
        return after.isLetterOrNumber || after.wordBreak.isIgnored ? 0 : end - position
    }

    private static func mayBeApostrophe(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "`") || byte >= 0xC2
    }

    // MARK: Scalars beside a place

    /// A scalar that is no mark of the one before it, and where it stands.
    struct ScalarPlace {
        let value: UInt32
        let start: Int
        let end: Int
        var properties: ScalarProperties { ScalarTable.shared.properties(of: value) }
        var isApostrophe: Bool { value == 0x27 || Folding.isApostrophe(value) }
        /// Whether it is the n of rock'n'roll.
        var isAnd: Bool { value | 0x20 == 0x6E }
    }

    /// The last scalar before `end`, marks passed over; nil at `from`.
    func scalarBefore(
        _ text: UnsafeBufferPointer<UInt8>, _ end: Int, from: Int = 0
    ) -> ScalarPlace? {
        var end = end
        while end > from {
            var start = end - 1
            while start > max(from, end - 4), unsafe text[start] & 0xC0 == 0x80 { start -= 1 }
            let scalar = unsafe UTF8Scalar(text, at: start)
            let place = ScalarPlace(value: scalar.value, start: start, end: end)
            if !place.properties.wordBreak.isIgnored { return place }
            end = start
        }
        return nil
    }

    /// The first scalar from a place on, marks passed over; nil at the end.
    private func scalar(_ text: UnsafeBufferPointer<UInt8>, from position: Int) -> ScalarPlace? {
        var position = position
        while position < text.count {
            let scalar = unsafe UTF8Scalar(text, at: position)
            let end = position + scalar.length
            let place = ScalarPlace(value: scalar.value, start: position, end: end)
            if !place.properties.wordBreak.isIgnored { return place }
            position = end
        }
        return nil
    }
}

extension ScalarProperties {
    /// Whether it is a letter that words are made of.
    fileprivate var isLetter: Bool { wordBreak.isLetter }
}
