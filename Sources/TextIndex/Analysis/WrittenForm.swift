// Words with their accents, for whoever asks for a word as it is written (`=où`), and for those
// who typed the accents and want to see such rows first. Terms are without them, so a word that has
// some is indexed once more, under its term and its form; a word without accents is not, but where
// a row has the same one with accents too. In scripts where letters are written one for the other
// by habit (Arabic, Hebrew, Devanagari) there is no such form.

/// Finds the written forms of tokens; not thread safe.
@safe package final class WrittenForm {
    /// Stands between a term and its form.
    package static let separator = UInt8(ascii: " ")

    private let dotlessI: Bool
    private let isPlain: Bool
    private let buffer: UnsafeMutablePointer<UInt8>
    private static let capacity = 2 * Analyzer.termCapacity

    /// For texts of a language.
    package init(_ language: Language) {
        dotlessI = language == .tr
        isPlain = language == .plain
        unsafe buffer = .allocate(capacity: Self.capacity)
    }

    deinit { unsafe buffer.deallocate() }

    /// The folded term of a token, a space, and its form with accents; nil when it has none.
    ///
    /// The token was made from `range` of `text`. Valid until the next call.
    package func form(
        of term: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> UnsafeBufferPointer<UInt8>? {
        guard unsafe mayHaveAccents(text, range) else { return nil }
        var count = term.count
        guard let start = term.baseAddress else { return nil }
        unsafe buffer.update(from: start, count: count)
        unsafe buffer[count] = Self.separator
        count += 1
        let formStart = count
        var matched = 0
        var isOfWord = false
        var position = range.lowerBound
        while position < range.upperBound {
            let scalar = unsafe UTF8Scalar(text, at: position)
            position += scalar.length
            guard count + Folding.byteCountMax < Self.capacity else { return nil }
            // What of a token is not in its term, such as an apostrophe, is not in its form.
            let folded = unsafe ScalarTable.shared.fold(scalar.value, into: buffer + count)
            if folded > 0 {
                isOfWord =
                    matched + folded <= term.count
                    && (0..<folded).allSatisfy { unsafe buffer[count + $0] == term[matched + $0] }
                if isOfWord { matched += folded }
            }
            guard isOfWord else { continue }
            count += unsafe accented(scalar.value, buffer + count, folded)
        }
        orderMarks(formStart..<count)
        let hasAccents =
            count - formStart != term.count
            || (0..<term.count).contains { unsafe buffer[formStart + $0] != term[$0] }
        guard matched == term.count, hasAccents, count <= Analyzer.termByteCountMax else {
            return nil
        }
        return unsafe UnsafeBufferPointer(start: buffer, count: count)
    }

    /// Whether words of a part of a text may have accents; most have none.
    package func mayHaveAccents(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        guard !isPlain else { return false }
        let table = AccentTable.shared
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = unsafe text[position]
            position += 1
            switch byte {
            case UInt8(ascii: "I"): if dotlessI { return true }
            case 0xC3...0xDF:
                guard position < range.upperBound else { return false }
                let scalar = unsafe UInt32(byte & 0x1F) << 6 | UInt32(text[position] & 0x3F)
                if table.knows(scalar) { return true }
            case 0xE1: return true
            default: break
            }
        }
        return false
    }

    /// Puts a scalar with its accents at `out`, where its folded form is; returns the length.
    private func accented(
        _ scalar: UInt32, _ out: UnsafeMutablePointer<UInt8>, _ folded: Int
    ) -> Int {
        switch scalar {
        case 0x49 where dotlessI: return unsafe UTF8Scalar.encode(0x131, into: out)
        case 0x130: return folded  // the capital of i in Turkish
        default: return unsafe AccentTable.shared.accented(scalar, into: out) ?? folded
        }
    }

    /// Brings the accents of each letter into one order: some write the circumflex first, and some
    /// the dot below.
    private func orderMarks(_ range: Range<Int>) {
        var place = range.lowerBound
        while place + 3 < range.upperBound {
            guard let first = mark(place), let second = mark(place + 2), second < first else {
                place += 1
                continue
            }
            unsafe (buffer[place], buffer[place + 1]) = (buffer[place + 2], buffer[place + 3])
            unsafe buffer[place + 2] = UInt8(first >> 8)
            unsafe buffer[place + 3] = UInt8(first & 0xFF)
            place = max(range.lowerBound, place - 2)
        }
    }

    /// The two bytes of a combining accent that is at a place.
    private func mark(_ place: Int) -> UInt16? {
        let bytes = unsafe UInt16(buffer[place]) << 8 | UInt16(buffer[place + 1])
        return (0xCC80...0xCDAF).contains(bytes) ? bytes : nil
    }
}
