// From a folded word to tokens: what its apostrophes, full stops, thousands separators and hyphens
// do to it. Most words have none of these and never come here.

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
    /// Where the next part begins, if one does.
    var next = 0
}

extension Analyzer {
    /// What takes a text's tokens.
    typealias TokenBody = (_ term: UnsafeBufferPointer<UInt8>, _ place: TokenPlace) -> Void

    /// Hands on the folded word `term`, made from `range` of `text`, with a joint of so many bytes
    /// behind it: without the apostrophes at its ends, split where a word is elided, and after it
    /// its other forms and the joined form of a hyphenated word that it ends.
    func finish(
        _ term: UnsafeMutablePointer<UInt8>, _ count: Int, _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>, _ joint: Int, _ state: inout TokenState, _ body: TokenBody
    ) {
        if state.parts > 0, state.next != range.lowerBound {
            unsafe endCompound(term, text, &state, body)
        }
        let mark = UInt8(ascii: "'")
        var lower = 0
        var upper = count
        while lower < upper, unsafe term[lower] == mark { lower += 1 }
        while lower < upper, unsafe term[upper - 1] == mark { upper -= 1 }
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
        let rest = start..<range.upperBound
        guard unsafe handOn(term + lower, upper - lower, text, rest, state.position, body) else {
            return
        }
        unsafe follow(rest, joint, term, text, &state, body)
        state.position += 1
    }

    /// Hands on a word without its marks, and behind it an abbreviation with its full stops, what
    /// stands before 's or behind O', or a number as English has it; false when nothing is left.
    private func handOn(
        _ term: UnsafeMutablePointer<UInt8>, _ count: Int, _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>, _ position: Int, _ body: TokenBody
    ) -> Bool {
        let base = unsafe baseCount(UnsafeBufferPointer(start: term, count: count))
        let name = unsafe nameStart(UnsafeBufferPointer(start: term, count: count), text, range)
        var length = unsafe removeMarks(term, count)
        let dotted = unsafe term + Analyzer.termCapacity
        let dottedCount = length
        unsafe dotted.update(from: term, count: length)
        length = unsafe removeStops(term, length)
        guard length > 0 else { return false }
        unsafe body(
            UnsafeBufferPointer(start: term, count: length),
            TokenPlace(kind: .word, position: position, range: range))
        if length < dottedCount {
            unsafe body(
                UnsafeBufferPointer(start: dotted, count: dottedCount),
                TokenPlace(kind: .joined, position: position, range: range))
            return true
        }
        var whole = range
        if base > 0 {
            length = base
            whole = unsafe range.lowerBound..<baseEnd(text, range)
            unsafe body(
                UnsafeBufferPointer(start: term, count: length),
                TokenPlace(kind: .base, position: position, range: whole))
        } else if unsafe Self.isDigit(term[0]) {
            let word = unsafe UnsafeBufferPointer(start: term, count: length)
            let count = unsafe plainNumber(word, into: dotted)
            guard count > 0 else { return true }
            unsafe body(
                UnsafeBufferPointer(start: dotted, count: count),
                TokenPlace(kind: .joined, position: position, range: range))
        }
        if let name, name < whole.upperBound {
            unsafe body(
                UnsafeBufferPointer(start: term + 1, count: length - 1),
                TokenPlace(kind: .base, position: position, range: name..<whole.upperBound))
        }
        return true
    }

    /// Begins, continues or ends a hyphenated word with the part at `range`.
    private func follow(
        _ range: Range<Int>, _ joint: Int, _ term: UnsafeMutablePointer<UInt8>,
        _ text: UnsafeBufferPointer<UInt8>, _ state: inout TokenState, _ body: TokenBody
    ) {
        guard language != .plain else { return }
        let goesOn = joint > 0
        state.next = range.upperBound + joint
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

    /// Hands on the joined form of a word of several parts that are letters and digits, but of
    /// digits alone only where spaces part them: a number.
    func endCompound(
        _ term: UnsafeMutablePointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>,
        _ state: inout TokenState, _ body: TokenBody
    ) {
        let parts = state.parts
        state.parts = 0
        guard parts > 1 else { return }
        let joined = unsafe term + Analyzer.termCapacity
        var count = 0
        var hasLetter = false
        var spaces = 0
        var position = state.compound.lowerBound
        while position < state.compound.upperBound {
            let scalar = unsafe UTF8Scalar(text, at: position)
            position += scalar.length
            let length = unsafe foldPart(scalar.value, into: joined + count)
            guard length > 0 else { continue }
            switch unsafe joined[count] {
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"):
                // Between digits it is not left out.
                if unsafe count > 0 && Self.isDigit(joined[count - 1]) { return }
                continue
            case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: ":"), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                continue
            case UInt8(ascii: " "):
                spaces += 1
                continue
            case let first: hasLetter = hasLetter || !Self.isDigit(first)
            }
            guard count + length <= Analyzer.termByteCountMax else { return }
            count += length
        }
        guard hasLetter || spaces == parts - 1 else { return }
        unsafe body(
            UnsafeBufferPointer(start: joined, count: count),
            TokenPlace(
                kind: .joined, position: state.compoundPosition, span: parts, range: state.compound)
        )
    }

    /// Folds a scalar of a joined form: the hyphens beyond ASCII to nothing.
    private func foldPart(_ scalar: UInt32, into out: UnsafeMutablePointer<UInt8>) -> Int {
        guard scalar >= 0x80 else {
            let byte = UInt8(truncatingIfNeeded: scalar)
            let isCapital = (0x41...0x5A).contains(byte)
            unsafe out[0] = isCapital ? byte | 0x20 : byte == 0x60 ? UInt8(ascii: "'") : byte
            return 1
        }
        if scalar == 0x2010 || scalar == 0x2011 { return 0 }
        return unsafe ScalarTable.shared.fold(scalar, into: out)
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
    func apostrophe(
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

    /// Takes apostrophes and Hebrew quotes out of a folded word, and commas before groups of three
    /// digits; returns what is left of its length.
    private func removeMarks(_ term: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        let hasGroups = unsafe isGrouped(term, count)
        return unsafe remove(from: term, count) { byte, _ in
            Self.isMark(byte) || hasGroups && byte == UInt8(ascii: ",")
        }
    }

    /// Takes the full stops out of an abbreviation; those between digits stay.
    private func removeStops(_ term: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        unsafe remove(from: term, count) { byte, before in
            byte == UInt8(ascii: ".") && !Self.isDigit(before)
        }
    }

    /// Takes some bytes out, each told with the one before it.
    private func remove(
        from term: UnsafeMutablePointer<UInt8>, _ count: Int,
        _ isRemoved: (_ byte: UInt8, _ before: UInt8) -> Bool
    ) -> Int {
        var kept = 0
        var before: UInt8 = 0
        for index in 0..<count {
            let byte = unsafe term[index]
            if !isRemoved(byte, before) {
                unsafe term[kept] = byte
                kept += 1
            }
            before = byte
        }
        return kept
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
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
