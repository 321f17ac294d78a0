// Text to terms: where words begin and end, and how they are folded so that what is typed finds
// what was said. The same analysis serves lines, queries and keyword attributes, or they would not
// meet.
//
// Always: analysis is a function of the bytes alone; it takes any bytes (what is not UTF-8 reads as
// U+FFFD); tokens come in order, do not overlap, and their terms hold 1 to 255 bytes of valid
// UTF-8; nothing is allocated for a text or a token.

/// Splits text into tokens and folds them into terms.
package struct Analyzer: Sendable, Equatable {
    /// How text is cut into tokens.
    package enum Segmentation: UInt8, Sendable {
        /// UAX #29 word segments that hold a letter or number.
        case words = 0
        /// Maximal runs of letters and digits, as the simple tokenisers of other engines cut text:
        /// for measuring side by side.
        case alphanumeric = 1
    }

    /// No term is longer, in bytes; a longer one is cut between scalars.
    package static let termByteCountMax = 255

    /// How text is cut into tokens.
    package let segmentation: Segmentation

    /// An analyzer of the given segmentation.
    package init(_ segmentation: Segmentation = .words) { self.segmentation = segmentation }

    /// Calls `body` for each token of `text` in order, with its term (valid during the call only)
    /// and the range of bytes in `text` that it was made from.
    @inline(__always)
    package func forEachToken(
        _ text: UnsafeBufferPointer<UInt8>,
        _ body: (_ term: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Void
    ) {
        if unsafe isASCII(text) {
            unsafe forEachTokenOfASCII(text, body)
        } else {
            unsafe forEachTokenOfUnicode(text, body)
        }
    }

    /// The terms of `text` in order.
    package func terms(_ text: [UInt8]) -> [[UInt8]] {
        var terms: [[UInt8]] = []
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe forEachToken(bytes) { term, _ in unsafe terms.append(Array(term)) }
        }
        return terms
    }

    /// All of `text` folded as terms are, spaces and punctuation included: how keyword attributes
    /// are compared.
    package func fold(_ text: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(text.count)
        let table = ScalarTable.shared
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Folding.byteCountMax) {
                scratch in
                guard let start = scratch.baseAddress else { return }
                var position = 0
                while position < bytes.count {
                    let scalar = unsafe UTF8Scalar(bytes, at: position)
                    let length = unsafe table.fold(scalar.value, into: start)
                    unsafe folded.append(contentsOf: scratch[..<length])
                    position += scalar.length
                }
            }
        }
        return folded
    }

    /// `forEachToken` for any text.
    func forEachTokenOfUnicode(
        _ text: UnsafeBufferPointer<UInt8>,
        _ body: (_ term: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Void
    ) {
        let table = ScalarTable.shared
        let segments = unsafe WordSegments(text, table)
        unsafe withTermBuffer { term in
            var position = 0
            while position < text.count {
                let start = position
                let segment =
                    switch segmentation {
                    case .words: segments.segment(from: start)
                    case .alphanumeric: segments.alphanumericRun(from: start)
                    }
                position = segment.end
                guard segment.holdsWord else { continue }
                let count = unsafe fold(text, start..<position, table, into: term)
                unsafe emit(term, count, start..<position, body)
            }
        }
    }

    /// Folds `range` of `text` into `term` as far as it fits, and returns the term's length.
    private func fold(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ table: ScalarTable,
        into term: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var count = 0
        var position = range.lowerBound
        while position < range.upperBound {
            let scalar = unsafe UTF8Scalar(text, at: position)
            let length = unsafe table.fold(scalar.value, into: term + count)
            if count + length > Analyzer.termByteCountMax { break }
            count += length
            position += scalar.length
        }
        return count
    }
}
