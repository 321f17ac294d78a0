// From a folded word to tokens: what its apostrophes, thousands separators and hyphens do to it.
// Most words have none of these and never come here.

/// What is remembered from one token of a text to the next.
struct TokenState {
    /// The position of the next token.
    var position = 0
    /// Parts so far of a word in which a hyphen was met; 0 outside.
    var parts = 0
    /// The bytes of those parts.
    var compound = 0..<0
    /// The position of the first.
    var compoundPosition = 0
}

extension Analyzer {
    /// What takes a text's tokens.
    typealias TokenBody = (_ term: UnsafeBufferPointer<UInt8>, _ place: TokenPlace) -> Void

    /// Hands on the folded word `term`, made from `range` of `text`: without the apostrophes and
    /// underscores at its ends, split where a word is elided, and after it the joined form of a
    /// hyphenated word that it ends.
    func finish(
        _ term: UnsafeMutablePointer<UInt8>, _ count: Int, _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>, _ state: inout TokenState, _ body: TokenBody
    ) {
        let next = unsafe state.compound.upperBound + hyphen(text, state.compound.upperBound)
        if state.parts > 0, next != range.lowerBound {
            unsafe endCompound(term, text, &state, body)
        }
        func isTrimmed(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "'") || byte == UInt8(ascii: "_")
        }
        var lower = 0
        var upper = count
        while lower < upper, unsafe isTrimmed(term[lower]) { lower += 1 }
        while lower < upper, unsafe isTrimmed(term[upper - 1]) { upper -= 1 }
        guard lower < upper else { return }
        var start = range.lowerBound
        let word = unsafe UnsafeBufferPointer(start: term + lower, count: upper - lower)
        if let length = unsafe elidedCount(word),
            let mark = unsafe apostrophe(text, range), mark.lowerBound > start,
            mark.upperBound < range.upperBound
        {
            let elided = unsafe UnsafeBufferPointer(rebasing: word[..<length])
            unsafe body(
                elided,
                TokenPlace(kind: .word, position: state.position, range: start..<mark.lowerBound))
            state.position += 1
            start = mark.upperBound
            lower += length + 1
        }
        let length = unsafe removeMarks(term + lower, upper - lower)
        guard length > 0 else { return }
        unsafe body(
            UnsafeBufferPointer(start: term + lower, count: length),
            TokenPlace(kind: .word, position: state.position, range: start..<range.upperBound))
        unsafe follow(start..<range.upperBound, term, text, &state, body)
        state.position += 1
    }

    /// Begins, continues or ends a hyphenated word with the part at `range`.
    private func follow(
        _ range: Range<Int>, _ term: UnsafeMutablePointer<UInt8>,
        _ text: UnsafeBufferPointer<UInt8>, _ state: inout TokenState, _ body: TokenBody
    ) {
        guard language != .plain else { return }
        let goesOn = unsafe hyphen(text, range.upperBound) > 0
        if state.parts > 0 {
            state.parts += 1
            state.compound = state.compound.lowerBound..<range.upperBound
            if !goesOn { unsafe endCompound(term, text, &state, body) }
        } else if goesOn {
            state.parts = 1
            state.compound = range
            state.compoundPosition = state.position
        }
    }

    /// Hands on the joined form of a word of several parts that are all letters.
    func endCompound(
        _ term: UnsafeMutablePointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>,
        _ state: inout TokenState, _ body: TokenBody
    ) {
        let parts = state.parts
        state.parts = 0
        guard parts > 1 else { return }
        let joined = unsafe term + Analyzer.termCapacity
        var count = 0
        var position = state.compound.lowerBound
        while position < state.compound.upperBound {
            let skipped = unsafe hyphen(text, position)
            if skipped > 0 {
                position += skipped
                continue
            }
            let scalar = unsafe UTF8Scalar(text, at: position)
            position += scalar.length
            let length = unsafe foldLetter(scalar.value, into: joined + count)
            guard length >= 0, count + length <= Analyzer.termByteCountMax else { return }
            count += length
        }
        unsafe body(
            UnsafeBufferPointer(start: joined, count: count),
            TokenPlace(
                kind: .joined, position: state.compoundPosition, span: parts, range: state.compound)
        )
    }

    /// Folds a scalar of a joined form: nothing for an apostrophe, -1 for what is no letter.
    private func foldLetter(_ scalar: UInt32, into out: UnsafeMutablePointer<UInt8>) -> Int {
        switch scalar {
        case 0x61...0x7A: unsafe out[0] = UInt8(truncatingIfNeeded: scalar)
        case 0x41...0x5A: unsafe out[0] = UInt8(truncatingIfNeeded: scalar) | 0x20
        case 0x27, 0x60: return 0
        case 0..<0x80: return -1
        default:
            if Folding.isApostrophe(scalar) { return 0 }
            let properties = ScalarTable.shared.properties(of: scalar)
            let isLetter = properties.isLetterOrNumber && properties.wordBreak != .numeric
            guard isLetter || properties.wordBreak.isIgnored else { return -1 }
            return unsafe ScalarTable.shared.fold(scalar, into: out)
        }
        return 1
    }

    /// The length of the hyphen at `position`; 0 when there is none.
    @inline(__always)
    func hyphen(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
        guard position < text.count else { return 0 }
        if unsafe text[position] == UInt8(ascii: "-") { return 1 }
        guard unsafe text[position] == 0xE2, position + 2 < text.count,
            unsafe text[position + 1] == 0x80, unsafe text[position + 2] & 0xFE == 0x90
        else { return 0 }
        return 3  // U+2010 and U+2011
    }

    /// How many bytes of a folded word are an elided one before its apostrophe; nil when none.
    private func elidedCount(_ word: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let mark = unsafe word.firstIndex(of: UInt8(ascii: "'")), mark + 1 < word.count,
            unsafe Analyzer.vowels.contains(word[mark + 1]),
            elided.contains(where: { unsafe $0.elementsEqual(word[..<mark]) })
        else { return nil }
        return mark
    }

    private static let vowels = Array("aeiouyh".utf8)

    /// The first apostrophe in a range of the text.
    private func apostrophe(
        _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> Range<Int>? {
        var position = range.lowerBound
        while position < range.upperBound {
            let scalar = unsafe UTF8Scalar(text, at: position)
            let next = position + scalar.length
            if scalar.value == 0x27 || Folding.isApostrophe(scalar.value) { return position..<next }
            position = next
        }
        return nil
    }

    /// Takes apostrophes out of a folded word, and commas before groups of three digits; returns
    /// what is left of its length.
    private func removeMarks(_ term: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        let hasGroups = unsafe isGrouped(term, count)
        var kept = 0
        for index in 0..<count {
            let byte = unsafe term[index]
            if byte == UInt8(ascii: "'") || hasGroups && byte == UInt8(ascii: ",") { continue }
            unsafe term[kept] = byte
            kept += 1
        }
        return kept
    }

    /// Whether a word is a number with commas every three digits, as in 1,000,000.50.
    private func isGrouped(_ term: UnsafeMutablePointer<UInt8>, _ count: Int) -> Bool {
        var groups = 0
        var digits = 0
        for index in 0..<count {
            switch unsafe term[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: ","):
                guard groups == 0 ? (1...3).contains(digits) : digits == 3 else { return false }
                groups += 1
                digits = 0
            case UInt8(ascii: "."): return groups > 0 && digits == 3
            default: return false
            }
        }
        return groups > 0 && digits == 3
    }
}
