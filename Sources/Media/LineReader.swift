// Lines of a text in bytes. A line ends at LF, CR LF or CR alone (old Macintosh files), or at the
// end of the text; its end is no part of it. Lines are ranges into the text: nothing is copied.

/// Walks the lines of a text.
struct LineReader {
    private let text: [UInt8]
    private var position = 0
    /// The number of the line given last, counted from 1.
    private(set) var number = 0

    init(_ text: [UInt8]) { self.text = text }

    /// The next line's bytes, or nil after the last one.
    mutating func next() -> Range<Int>? {
        guard position < text.count else { return nil }
        let start = position
        var end = start
        while end < text.count, text[end] != 0x0A, text[end] != 0x0D { end += 1 }
        position = end + 1
        if end + 1 < text.count, text[end] == 0x0D, text[end + 1] == 0x0A { position = end + 2 }
        number += 1
        return start..<end
    }
}

/// Small questions about a range of a text.
extension [UInt8] {
    /// The range without the spaces and tabs at both its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start].isBlank { start += 1 }
        while start < end, self[end - 1].isBlank { end -= 1 }
        return start..<end
    }

    /// The text of a range; bytes that are not UTF-8 become U+FFFD.
    func string(_ range: Range<Int>) -> String { String(decoding: self[range], as: UTF8.self) }

    /// Whether the range begins with these ASCII characters.
    func has(_ prefix: StaticString, at range: Range<Int>) -> Bool {
        let prefix = prefix.description.utf8
        return range.count >= prefix.count && self[range].starts(with: prefix)
    }
}

extension UInt8 {
    /// A space or a tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
    /// 0 to 9.
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }
    /// A to Z or a to z.
    var isLetter: Bool { (self | 0x20) >= 0x61 && (self | 0x20) <= 0x7A }
}
