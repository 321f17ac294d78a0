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

    /// What begins the terms that may come behind its last one.
    let next: [UInt8]
    /// The terms of what was typed; none of a character alone.
    private let terms: [[UInt8]]

    /// nil where the text does not end within a script without spaces.
    init?(_ text: [UInt8], _ analyzer: Analyzer) {
        let all = analyzer.tokens(text).filter { !$0.place.isOtherForm }
        guard let last = all.last, last.range.upperBound == text.count,
            [.lone, .pair, .bridge].contains(last.place.kind), let words = WordBounds()
        else { return nil }
        let start = words.bounds(of: text).last { $0 < text.count } ?? 0
        let typed = Array(text[start...])
        var known = analyzer.terms(typed).map { TermKey.word($0) }
        guard let first = known.first else { return nil }
        terms = Self.terms(typed, analyzer)
        // The last syllable may be the beginning of another.
        if known.count > 1, Self.isHangul(typed) { known.removeLast() }
        content = known.count == 1 ? .prefix(first) : .terms(known, slop: 0)
        before = Array(text[..<start])
        next = TermKey.word(analyzer.fold(Self.lastCharacter(typed, analyzer)))
        self.typed = analyzer.fold(typed)
        self.analyzer = analyzer
        self.words = words
    }

    /// What finds the rows that go on from it with a term.
    func content(with term: [UInt8]) -> TextQuery.Content { .terms(terms + [term], slop: 0) }

    /// The terms that stand side by side where a span does; none of a character alone.
    static func terms(_ span: [UInt8], _ analyzer: Analyzer) -> [[UInt8]] {
        let tokens = analyzer.tokens(span).filter { !$0.place.isOtherForm }
        return tokens.first?.place.kind == .lone ? [] : tokens.map { TermKey.word($0.term) }
    }

    private static func lastCharacter(_ text: [UInt8], _ analyzer: Analyzer) -> [UInt8] {
        unsafe text.withUnsafeBufferPointer { text in
            var start = 0
            while true {
                let end = unsafe analyzer.characterEnd(text, start)
                guard end < text.count else { return unsafe Array(text[start...]) }
                start = end
            }
        }
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
