// Text to terms: where words begin and end, and how they are folded so that what is typed finds
// what was said. The same analysis serves lines, queries and keyword attributes, or they would not
// meet.
//
// Always: analysis is a function of the bytes alone; it takes any bytes (what is not UTF-8 reads as
// U+FFFD); positions ascend, but that another form comes behind what it is of; terms hold 1 to 255
// bytes of valid UTF-8; nothing is allocated for a text or a token that is indexed.

/// Splits text into tokens and folds them into terms.
package struct Analyzer: Sendable, Equatable {
    /// No term is longer, in bytes; a longer one is cut between scalars.
    package static let termByteCountMax = 255

    /// The language of the text.
    package let language: Language
    let elided: [[UInt8]]

    /// An analyzer of texts in the given language.
    package init(_ language: Language = .auto) {
        self.language = language
        elided = language.elided
    }

    /// Calls `body` for each token of `text` in order, with its term (valid during the call only)
    /// and where it stands.
    @inline(__always)
    package func forEachToken(
        _ text: UnsafeBufferPointer<UInt8>,
        _ body: (_ term: UnsafeBufferPointer<UInt8>, _ place: TokenPlace) -> Void
    ) {
        if unsafe isASCII(text) {
            unsafe forEachTokenOfASCII(text, body)
        } else {
            unsafe forEachTokenOfUnicode(text, body)
        }
    }

    /// What a query of `text` looks for: its words with their stems; or all that a line of it has.
    package func tokens(_ text: [UInt8], ofLine: Bool = false) -> [Token] {
        let stemmer = Stemmer(language)
        let written = WrittenForm(language)
        var tokens: [Token] = []
        unsafe text.withUnsafeBufferPointer { bytes in
            unsafe forEachToken(bytes) { term, place in
                guard ofLine || !place.isOfLine else { return }
                var token = unsafe Token(term: Array(term), place: place)
                unsafe stemmer?.forEachStem(of: term, bytes, place.range) { stem in
                    if token.stem == nil {
                        unsafe token.stem = Array(stem)
                    } else if ofLine {
                        unsafe token.otherStems.append(Array(stem))
                    }
                }
                if let form = unsafe written.form(of: term, bytes, place.range) {
                    unsafe token.written = Array(form)
                }
                tokens.append(token)
            }
        }
        if !ofLine, tokens.last?.place.kind == .tail { tokens.removeLast() }
        return tokens
    }

    /// The terms of `text` in order, as a phrase of them is looked for.
    package func terms(_ text: [UInt8]) -> [[UInt8]] {
        tokens(text).filter { !$0.place.isOtherForm }.map(\.term)
    }

    /// All of `text` folded as terms are, spaces and punctuation included: how keyword attributes
    /// are compared.
    package func fold(_ text: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(text.count)
        unsafe text.withUnsafeBufferPointer { unsafe fold($0, into: &folded) }
        return folded
    }

    /// Appends what `fold` gives of a text.
    package func fold(_ text: UnsafeBufferPointer<UInt8>, into folded: inout [UInt8]) {
        let table = ScalarTable.shared
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Folding.byteCountMax) {
            scratch in
            guard let start = scratch.baseAddress else { return }
            var position = 0
            while position < text.count {
                let scalar = unsafe UTF8Scalar(text, at: position)
                let length = unsafe table.fold(scalar.value, into: start)
                for index in 0..<length { folded.append(unsafe start[index]) }
                position += scalar.length
            }
        }
    }
}
