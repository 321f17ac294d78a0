// The way of any text: UAX #29 segments, folded scalar by scalar; and runs of scripts that are
// written without spaces, or searched by parts of words, as overlapping pairs of characters. A
// phrase of pairs is then any substring, and the character that ends a run is there alone too, so
// that every character begins a term.

extension Analyzer {
    /// `forEachToken` for any text.
    func forEachTokenOfUnicode(_ text: UnsafeBufferPointer<UInt8>, _ body: TokenBody) {
        let table = ScalarTable.shared
        let segments = unsafe WordSegments(text, table)
        unsafe withTermBuffer { term in
            var state = TokenState()
            var position = 0
            while position < text.count {
                let start = position
                if language == .plain {
                    let run = segments.alphanumericRun(from: start)
                    position = run.end
                    guard run.holdsWord else { continue }
                } else if unsafe isOfRun(text, start, table) {
                    if state.parts > 0 { unsafe endCompound(term, text, &state, body) }
                    position = unsafe forEachPair(text, from: start, table, term, &state, body)
                    continue
                } else {
                    let segment = segments.segment(from: start)
                    position = segment.end
                    guard segment.holdsWord else { continue }
                    position = unsafe runStart(text, start..<position, table)
                }
                let count = unsafe fold(text, start..<position, table, into: term)
                unsafe finish(term, count, text, start..<position, &state, body)
            }
            if state.parts > 0 { unsafe endCompound(term, text, &state, body) }
        }
    }

    /// Where in a segment a run of pairs begins; its end when none does.
    private func runStart(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ table: ScalarTable
    ) -> Int {
        var position = range.lowerBound
        while position < range.upperBound {
            if unsafe isOfRun(text, position, table) { return position }
            position += unsafe UTF8Scalar(text, at: position).length
        }
        return range.upperBound
    }

    /// Hands on the pairs of the run that begins at `start`, and returns its end.
    private func forEachPair(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ table: ScalarTable,
        _ term: UnsafeMutablePointer<UInt8>, _ state: inout TokenState, _ body: TokenBody
    ) -> Int {
        var kind = TokenPlace.Kind.lone
        var first = start
        var middle = unsafe characterEnd(text, first, table)
        while true {
            let goesOn = unsafe middle < text.count && isOfRun(text, middle, table)
            let end = unsafe goesOn ? characterEnd(text, middle, table) : middle
            if goesOn { kind = .pair } else if kind == .pair { kind = .tail }
            let count = unsafe fold(text, first..<end, table, into: term)
            if count > 0 {
                unsafe body(
                    UnsafeBufferPointer(start: term, count: count),
                    TokenPlace(kind: kind, position: state.position, range: first..<end))
                state.position += 1
            }
            guard goesOn else { return end }
            (first, middle) = (middle, end)
        }
    }

    /// The end of the character at `position`, its marks included.
    private func characterEnd(
        _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ table: ScalarTable
    ) -> Int {
        var end = unsafe position + UTF8Scalar(text, at: position).length
        while end < text.count {
            let scalar = unsafe UTF8Scalar(text, at: end)
            guard table.properties(of: scalar.value).wordBreak.isIgnored else { break }
            end += scalar.length
        }
        return end
    }

    /// Whether the scalar at `position` is a letter of a script that is indexed by pairs.
    private func isOfRun(
        _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ table: ScalarTable
    ) -> Bool {
        guard unsafe text[position] >= 0xE0 else { return false }
        let scalar = unsafe UTF8Scalar(text, at: position).value
        guard Self.isPaired(scalar) else { return false }
        let properties = table.properties(of: scalar)
        return properties.isLetterOrNumber && properties.wordBreak != .numeric
    }

    /// Whether a scalar is of a script that is indexed by pairs.
    static func isPaired(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0E00...0x0EFF: true  // Thai, Lao
        case 0x1000...0x109F, 0x1780...0x17FF, 0xA9E0...0xA9FF, 0xAA60...0xAA7F: true  // Khmer
        case 0x1100...0x11FF, 0x3130...0x318F, 0xA960...0xA97F, 0xAC00...0xD7FF: true  // Hangul
        case 0x3005...0x3007, 0x3021...0x303C, 0x3040...0x30FF, 0x31F0...0x31FF: true  // kana
        case 0x3100...0x312F, 0x31A0...0x31BF, 0xFF66...0xFFDC: true  // Bopomofo, narrow forms
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x1AFF0...0x1B16F: true  // Han
        case 0x20000...0x3FFFF: true
        default: false
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
