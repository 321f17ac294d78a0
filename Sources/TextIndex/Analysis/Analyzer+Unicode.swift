// The way of any text: UAX #29 segments, folded scalar by scalar; and runs of scripts that are
// written without spaces, or searched by parts of words, as overlapping pairs of characters. Pairs
// go on over spaces and punctuation, which stand wherever a line was full: so a phrase of pairs is
// any substring, with or without them. Only in Korean, where a space tells words apart, a pair over
// it has one too. The character before a word or the end is there alone, so that every character
// begins a term; and so is the first one, which may be all that a phrase has behind a word.

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
                    position = unsafe forEachPair(text, from: start, segments, term, &state, body)
                    continue
                } else {
                    let segment = segments.segment(from: start)
                    position = segment.end
                    guard segment.holdsWord else { continue }
                    position = unsafe runStart(text, start..<position, table)
                    position += unsafe possessive(text, position)
                }
                unsafe forEachPart(text, start..<position, table, term, &state, body)
            }
            if state.parts > 0 { unsafe endCompound(term, text, &state, body) }
        }
    }

    /// Hands on what is between the joints of a segment.
    private func forEachPart(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ table: ScalarTable,
        _ term: UnsafeMutablePointer<UInt8>, _ state: inout TokenState, _ body: TokenBody
    ) {
        var start = range.lowerBound
        while start < range.upperBound {
            let joint = unsafe nextJoint(text, start..<range.upperBound)
            if joint.lowerBound > start {
                let part = start..<joint.lowerBound
                var length = joint.count
                if joint.isEmpty {
                    length = unsafe hyphen(text, part.upperBound)
                    if length == 0 { length = unsafe thousands(text, part.upperBound) }
                }
                let count = unsafe fold(text, part, table, into: term)
                unsafe finish(term, count, text, part, length, &state, body)
            }
            start = max(joint.upperBound, start + 1)
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

    /// Hands on the pairs of the run that begins at `start`, and of those behind it with no word
    /// between; returns where they end.
    private func forEachPair(
        _ text: UnsafeBufferPointer<UInt8>, from start: Int, _ segments: WordSegments,
        _ term: UnsafeMutablePointer<UInt8>, _ state: inout TokenState, _ body: TokenBody
    ) -> Int {
        let table = ScalarTable.shared
        var first = unsafe start..<characterEnd(text, start)
        var isFirst = true
        while true {
            let next = unsafe nextOfRun(text, first.upperBound, segments, table)
            var kind = isFirst ? TokenPlace.Kind.lone : .tail
            var range = first
            var second: Range<Int>?
            let length = unsafe fold(text, first, table, into: term)
            var count = length
            if let start = next.start {
                kind = start == first.upperBound ? .pair : .bridge
                let other = unsafe start..<characterEnd(text, start)
                if kind == .bridge,
                    unsafe isHangul(text, first.lowerBound) || isHangul(text, start)
                {
                    unsafe term[count] = UInt8(ascii: " ")
                    count += 1
                }
                count = unsafe fold(text, other, table, into: term, behind: count)
                range = first.lowerBound..<other.upperBound
                second = other
            }
            if length > 0 {
                unsafe body(
                    UnsafeBufferPointer(start: term, count: count),
                    TokenPlace(kind: kind, position: state.position, range: range))
                if isFirst, second != nil {
                    unsafe body(
                        UnsafeBufferPointer(start: term, count: length),
                        TokenPlace(kind: .head, position: state.position, range: first))
                }
                state.position += 1
                isFirst = false
            }
            guard let second else { return next.end }
            first = second
        }
    }

    /// Where the next character of a run stands with no word before it, if one does; and how far
    /// was looked.
    private func nextOfRun(
        _ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ segments: WordSegments,
        _ table: ScalarTable
    ) -> (start: Int?, end: Int) {
        var end = position
        while end < text.count {
            if unsafe isOfRun(text, end, table) { return (end, end) }
            let segment = segments.segment(from: end)
            if segment.holdsWord { break }
            end = segment.end
        }
        return (nil, end)
    }

    /// Whether what is at `position` is a letter of a script that is indexed by pairs; not at the
    /// end.
    package func isOfRun(_ text: [UInt8], _ position: Int) -> Bool {
        guard position < text.count else { return false }
        return unsafe text.withUnsafeBufferPointer { unsafe isOfRun($0, position, .shared) }
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

    /// Folds `range` of `text` into `term`, behind so many bytes, as far as it fits, and returns
    /// the term's length.
    private func fold(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ table: ScalarTable,
        into term: UnsafeMutablePointer<UInt8>, behind count: Int = 0
    ) -> Int {
        var count = count
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
