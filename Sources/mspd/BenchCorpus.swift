// Reads the corpus of `mspd bench text` in place: what is measured is the store, and not how lines
// are taken apart.

import Glibc
import Segments

/// A corpus of lines with tabs.
enum BenchCorpus {
    /// Calls `body` with the row of each line; a line that has no row, or whose range is upside
    /// down, is left out.
    static func forEachRow(_ corpus: [UInt8], _ body: (Annotation) -> Void) {
        unsafe corpus.withUnsafeBufferPointer { bytes in
            var lines = unsafe Parts(rest: bytes)
            while let line = unsafe lines.next(until: UInt8(ascii: "\n")) {
                if let row = unsafe row(line) { body(row) }
            }
        }
    }

    private static let name = Array("speaker".utf8)

    private static func row(_ line: UnsafeBufferPointer<UInt8>) -> Annotation? {
        var fields = unsafe Parts(rest: line)
        let tab = UInt8(ascii: "\t")
        guard let id = unsafe fields.next(until: tab), let title = unsafe fields.next(until: tab),
            let first = unsafe fields.next(until: tab), let last = unsafe fields.next(until: tab),
            let speaker = unsafe fields.next(until: tab), let text = unsafe fields.next(until: tab),
            unsafe fields.next(until: tab) == nil,
            let start = unsafe milliseconds(first), let end = unsafe milliseconds(last),
            end >= start
        else { return nil }
        return unsafe Annotation(
            title: Array(title), start: start * 1_000_000, end: end * 1_000_000, key: Array(id),
            text: Array(text),
            attributes: [Attribute(name: name, type: .keyword, value: Array(speaker))])
    }

    private static func milliseconds(_ digits: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard (1...12).contains(digits.count) else { return nil }
        var number: Int64 = 0
        for index in digits.indices {
            let digit = unsafe digits[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int64(digit)
        }
        return number
    }
}

/// What is left of bytes that are taken apart.
@unsafe private struct Parts {
    var rest: UnsafeBufferPointer<UInt8>?

    /// The bytes up to the next separator, or all; nil behind the last.
    mutating func next(until separator: UInt8) -> UnsafeBufferPointer<UInt8>? {
        guard let bytes = unsafe rest, let start = bytes.baseAddress else { return nil }
        guard let found = unsafe memchr(start, Int32(separator), bytes.count) else {
            unsafe rest = nil
            return unsafe bytes
        }
        let count = unsafe UnsafeRawPointer(found) - UnsafeRawPointer(start)
        unsafe rest = UnsafeBufferPointer(rebasing: bytes[(count + 1)...])
        return unsafe UnsafeBufferPointer(rebasing: bytes[..<count])
    }
}
