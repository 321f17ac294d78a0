// How what was typed last goes on in a text, in scripts without spaces: up to where the word ends
// that it is the beginning of, or, where it is a word, with the next one too.

import TextIndex

/// The last word of what is being typed, and what it may become.
struct TypedSpan {
    /// What was typed before it.
    let before: [UInt8]
    /// What finds the rows that may go on from it.
    let content: TextQuery.Content
    private let analyzer: Analyzer
    private let words: WordBounds
    /// Folded.
    private let typed: [UInt8]

    /// nil where the text does not end within a script without spaces.
    init?(_ text: [UInt8], _ analyzer: Analyzer) {
        let all = analyzer.tokens(text).filter { !$0.place.isOtherForm }
        guard let last = all.last, last.range.upperBound == text.count,
            [.lone, .pair, .bridge].contains(last.place.kind), let words = WordBounds()
        else { return nil }
        let start = words.bounds(of: text).last { $0 < text.count } ?? 0
        let typed = Array(text[start...])
        var found = Self.content(typed, analyzer)
        if case .terms(let terms, _)? = found, Self.isHangul(typed) {
            // The last syllable may be the beginning of another.
            let known = Array(terms.dropLast())
            found = known.count == 1 ? .prefix(known[0]) : .terms(known, slop: 0)
        }
        guard let content = found else { return nil }
        self.content = content
        before = Array(text[..<start])
        self.typed = analyzer.fold(typed)
        self.analyzer = analyzer
        self.words = words
    }

    /// What finds the rows that hold a span; nil when it holds no character.
    static func content(_ span: [UInt8], _ analyzer: Analyzer) -> TextQuery.Content? {
        let terms = analyzer.terms(span).map { TermKey.word($0) }
        guard let first = terms.first else { return nil }
        // A character alone begins pairs, and so does one whose last letters are not typed yet.
        return terms.count == 1 ? .prefix(first) : .terms(terms, slop: 0)
    }

    private static func isHangul(_ text: [UInt8]) -> Bool {
        let last = String(decoding: text.suffix(3), as: UTF8.self).unicodeScalars.last?.value ?? 0
        return (0x1100...0x11FF).contains(last) || (0x3131...0x318E).contains(last)
            || (0xAC00...0xD7A3).contains(last)
    }

    /// Where in a text it goes on, from words that begin with it or, if there are none, from
    /// anywhere; a place may come twice.
    func ranges(in text: [UInt8]) -> [Range<Int>] {
        let bounds = words.bounds(of: text)
        let atWords = bounds.flatMap { ranges(in: text, from: $0, bounds) }
        guard atWords.isEmpty else { return atWords }
        return text.indices.filter { text[$0] & 0xC0 != 0x80 }.flatMap {
            ranges(in: text, from: $0, bounds)
        }
    }

    private func ranges(in text: [UInt8], from start: Int, _ bounds: [Int]) -> [Range<Int>] {
        guard let end = end(in: text, from: start),
            let word = bounds.first(where: { $0 >= end })
        else { return [] }
        guard word == end, let next = bounds.first(where: { $0 > end }),
            analyzer.isOfRun(text, end)
        else { return [start..<word] }
        return [start..<end, start..<next]
    }

    /// Where the character ends with which all that was typed stands behind a place.
    private func end(in text: [UInt8], from start: Int) -> Int? {
        var folded: [UInt8] = []
        var end = start
        while folded.count < typed.count, end < text.count {
            let next = unsafe text.withUnsafeBufferPointer {
                unsafe analyzer.characterEnd($0, end)
            }
            folded += analyzer.fold(Array(text[end..<next]))
            guard folded.prefix(typed.count).elementsEqual(typed.prefix(folded.count)) else {
                return nil
            }
            end = next
        }
        let rest = folded.dropFirst(typed.count)
        return folded.count < typed.count || Self.voicings.contains(Array(rest)) ? nil : end
    }

    /// The marks that make another kana of one.
    private static let voicings = ["\u{3099}", "\u{309A}"].map { Array($0.utf8) }
}
