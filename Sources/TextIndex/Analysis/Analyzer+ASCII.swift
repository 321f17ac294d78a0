// The way most text takes: ASCII alone, where one table look-up per byte says both what a byte
// folds to and what it does to a word. Must give what `forEachTokenOfUnicode` gives, byte for byte;
// a test holds the two against each other.

/// What each ASCII byte is to a token.
///
/// A byte of a word is the byte it folds to: a digit or a lower-case letter, all at or above
/// `firstOfWord`. Below are the classes of the rest, of which all but `boundary` may stand inside a
/// word.
private enum ASCIIClass {
    static let boundary: UInt8 = 0
    /// Joins letters: colon, grave accent.
    static let midLetter: UInt8 = 1
    /// Joins digits: comma, semicolon.
    static let midNumber: UInt8 = 2
    /// Joins either: full stop, apostrophe.
    static let midBoth: UInt8 = 3
    static let firstOfWord = UInt8(ascii: "0")

    nonisolated(unsafe) static let ofWords = unsafe table { byte in
        switch byte {
        case UInt8(ascii: ":"), UInt8(ascii: "`"): midLetter
        case UInt8(ascii: ","), UInt8(ascii: ";"): midNumber
        case UInt8(ascii: "."), UInt8(ascii: "'"): midBoth
        default: boundary
        }
    }

    nonisolated(unsafe) static let ofAlphanumerics = unsafe table { _ in boundary }

    /// 256 entries that live as long as the process; `rest` says what is no letter and no digit.
    private static func table(_ rest: (UInt8) -> UInt8) -> UnsafePointer<UInt8> {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        for byte in UInt8.min...UInt8.max {
            let entry =
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): byte
                case UInt8(ascii: "a")...UInt8(ascii: "z"): byte
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
                default: rest(byte)
                }
            unsafe (table + Int(byte)).initialize(to: entry)
        }
        return unsafe UnsafePointer(table)
    }

    @inline(__always)
    static func isLetter(_ entry: UInt8) -> Bool { entry >= UInt8(ascii: "a") }

    @inline(__always)
    static func isDigit(_ entry: UInt8) -> Bool {
        entry >= firstOfWord && entry <= UInt8(ascii: "9")
    }

    /// Whether punctuation of class `middle` joins the bytes on its two sides (WB6, 7, 11 and 12).
    @inline(__always)
    static func joins(_ before: UInt8, _ middle: UInt8, _ after: UInt8) -> Bool {
        if middle == boundary { return false }
        if isLetter(before) { return middle != midNumber && isLetter(after) }
        return isDigit(before) && middle != midLetter && isDigit(after)
    }
}

extension Analyzer {
    /// Whether every byte of `text` is below 0x80.
    @inline(__always)
    func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let bytes = UnsafeRawBufferPointer(text)
        var seen: UInt64 = 0
        var position = 0
        while position + 8 <= bytes.count {
            seen |= unsafe bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            position += 8
        }
        while position < bytes.count {
            seen |= unsafe UInt64(bytes[position])
            position += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    /// `forEachToken` for a text of ASCII alone.
    @inline(__always)
    func forEachTokenOfASCII(
        _ text: UnsafeBufferPointer<UInt8>,
        _ body: (_ term: UnsafeBufferPointer<UInt8>, _ place: TokenPlace) -> Void
    ) {
        let classes =
            unsafe language == .plain ? ASCIIClass.ofAlphanumerics : ASCIIClass.ofWords
        unsafe withTermBuffer { term in
            var state = TokenState()
            var position = 0
            while position < text.count {
                var entry = unsafe classes[Int(text[position])]
                guard entry >= ASCIIClass.firstOfWord else {
                    position += 1
                    continue
                }
                // Each byte of the token gives one of the term, at the same place; what is over the
                // longest term is written to the byte past it, and not kept.
                let start = position
                var isPlain = state.parts == 0
                var joint = 0
                while true {
                    unsafe term[min(position - start, Analyzer.termByteCountMax)] = entry
                    position += 1
                    guard position < text.count else { break }
                    let next = unsafe classes[Int(text[position])]
                    if next >= ASCIIClass.firstOfWord {
                        entry = next
                        continue
                    }
                    guard position + 1 < text.count else { break }
                    let after = unsafe classes[Int(text[position + 1])]
                    let isPossessive = unsafe next > 0 && possessive(text, position) > 0
                    guard ASCIIClass.joins(entry, next, after) || isPossessive else { break }
                    joint = unsafe ASCIIClass.isLetter(entry) ? self.joint(text, position) : 0
                    if joint > 0 { break }
                    isPlain = false
                    unsafe term[min(position - start, Analyzer.termByteCountMax)] =
                        text[position] == UInt8(ascii: "`") ? UInt8(ascii: "'") : text[position]
                    position += 1
                    entry = after
                    if isPossessive {
                        unsafe term[min(position - start, Analyzer.termByteCountMax)] = entry
                        position += 1
                        break
                    }
                }
                if joint == 0 { joint = unsafe mark(text, position, ASCIIClass.isDigit(entry)) }
                let count = min(position - start, Analyzer.termByteCountMax)
                if isPlain, joint == 0 {
                    unsafe body(
                        UnsafeBufferPointer(start: term, count: count),
                        TokenPlace(kind: .word, position: state.position, range: start..<position))
                    state.position += 1
                } else {
                    unsafe finish(term, count, text, start..<position, joint, &state, body)
                }
            }
            if state.parts > 0 { unsafe endCompound(term, text, &state, body) }
        }
    }
}

extension Analyzer {
    /// Room for the longest term and the longest folded scalar after it.
    static let termCapacity = Analyzer.termByteCountMax + Folding.byteCountMax

    /// Calls `body` with room for a term and, behind it, a joined one.
    @inline(__always)
    func withTermBuffer(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        let capacity = 2 * Analyzer.termCapacity
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { buffer in
            if let start = buffer.baseAddress { unsafe body(start) }
        }
    }
}
