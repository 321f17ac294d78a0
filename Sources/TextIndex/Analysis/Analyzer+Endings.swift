// What a word is without what an apostrophe sets off: numbers before 's in any language; names
// before it too, but in English, whose stemmer knows of it; in Turkish any name before what is
// added to it; and names behind a letter, as in O'Brien. In texts it stands at the place of the
// word, as another form of it.

extension Analyzer {
    /// How many bytes of a folded word, without its marks, are what an ending is added to; 0 when
    /// there is no ending.
    func baseCount(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        guard let mark = unsafe endingMark(word) else { return 0 }
        return unsafe word[..<mark].count { !Self.isMark($0) }
    }

    /// Where in a folded word the apostrophe before its ending stands.
    private func endingMark(_ word: UnsafeBufferPointer<UInt8>) -> Int? {
        let apostrophe = UInt8(ascii: "'")
        if language == .tr {
            guard let mark = unsafe word.firstIndex(of: apostrophe), mark > 0 else { return nil }
            return mark
        }
        let mark = word.count - 2
        guard mark > 0, unsafe word[mark] == apostrophe, unsafe word[mark + 1] == UInt8(ascii: "s")
        else { return nil }
        if unsafe Self.digits.contains(word[mark - 1]) { return mark }
        guard language != .en, unsafe !isContracted(word, mark) else { return nil }
        return mark
    }

    /// Where in `range` of the text, which holds such a word, what an ending is added to ends.
    func baseEnd(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
        if language == .tr {
            var end = range.lowerBound
            while end < range.upperBound {
                let scalar = unsafe UTF8Scalar(text, at: end)
                let isApostrophe = scalar.value == 0x27 || Folding.isApostrophe(scalar.value)
                if isApostrophe, end > range.lowerBound { return end }
                end += scalar.length
            }
            return range.upperBound
        }
        var last = unsafe scalarBefore(text, range.upperBound, from: range.lowerBound)
        // Apostrophes behind the word are none of its own.
        while let mark = last, mark.isApostrophe {
            last = unsafe scalarBefore(text, mark.start, from: range.lowerBound)
        }
        guard let letter = last,
            let mark = unsafe scalarBefore(text, letter.start, from: range.lowerBound),
            mark.start > range.lowerBound
        else { return range.upperBound }
        return mark.start
    }

    /// Where in `range` of the text the name begins that a folded word, made from it, has behind a
    /// letter and an apostrophe, as O'Brien and D'Artagnan do; nil when there is none.
    func nameStart(
        _ word: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> Int? {
        guard word.count > 3, unsafe word[1] == UInt8(ascii: "'"),
            unsafe Self.isNamePrefix(word[0]), let mark = unsafe apostrophe(text, range),
            mark.lowerBound > range.lowerBound, mark.upperBound < range.upperBound
        else { return nil }
        // A small letter begins no name: o'clock.
        let first = unsafe UTF8Scalar(text, at: mark.upperBound)
        let isCapital = Unicode.Scalar(first.value)?.properties.isUppercase ?? false
        return isCapital ? mark.upperBound : nil
    }

    /// Whether an apostrophe joins a folded letter to a word or a name: O', D', L', M', N'.
    package static func isNamePrefix(_ letter: UInt8) -> Bool { "odlmn".utf8.contains(letter) }

    /// What is taken out of a folded word.
    static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"")
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// Whether the first bytes of a word are before 's that is short for is, has or us: no names,
    /// and frequent.
    private func isContracted(_ word: UnsafeBufferPointer<UInt8>, _ count: Int) -> Bool {
        guard count <= 5 else { return false }
        var packed: UInt64 = 0
        for index in 0..<count { packed = unsafe packed << 8 | UInt64(word[index]) }
        return Self.contracted.contains(packed)
    }

    private static let contracted = [
        "it", "that", "what", "he", "she", "let", "there", "here", "who", "where", "how", "when",
        "why",
    ].map { $0.utf8.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
}
