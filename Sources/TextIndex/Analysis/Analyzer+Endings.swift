// What a word is without the ending that an apostrophe sets off: numbers before 's in any language;
// names before it too, but in English, whose stemmer knows of it; and in Turkish any name before
// what is added to it. In texts it stands at the place of the word, as another form of it.

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
        let before = unsafe word[..<mark]
        if unsafe Self.digits.contains(word[mark - 1]) { return mark }
        guard language != .en, !Self.contracted.contains(where: { unsafe $0.elementsEqual(before) })
        else { return nil }
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

    /// What is taken out of a folded word.
    static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"")
    }

    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// The words before 's that is short for is, has or us: no names, and frequent.
    private static let contracted = [
        "it", "that", "what", "he", "she", "let", "there", "here", "who", "where", "how", "when",
        "why",
    ].map { Array($0.utf8) }
}
