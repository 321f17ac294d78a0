// Stems by Snowball's libstemmer. It wants words in lower case with their accents, composed, and
// their apostrophes; what it gives is folded like any term. Words that are not of letters alone are
// their own stems.
//
// A stem is not that of the word without its accents: of "créée" it is "cre", of "creee" "cree".
// So a word with accents has, beside its own stem, those that it is typed as without them. And an
// Arabic noun with its article behind "and" or "so" has the stem that it has without that.

import CStemmer
import CUnicode

/// The stemmer of one language; not thread safe.
@safe package final class Stemmer {
    private let stemmer: OpaquePointer
    private let dotlessI: Bool
    private let isArabic: Bool
    private let word: UnsafeMutablePointer<UInt8>
    private let scratch: UnsafeMutablePointer<UInt8>
    /// A word without its accents.
    private let plain: UnsafeMutablePointer<UInt8>
    /// Another stem than that in `scratch`.
    private let other: UnsafeMutablePointer<UInt8>
    /// Bytes in `word`.
    private var wordCount = 0
    /// Whether what is in `word` is not of ASCII alone.
    private var isAccented = false
    private static let capacity = 2048
    /// Longer words have no stem but themselves.
    private static let wordByteCountMax = 255

    /// nil when the language has no stemmer.
    package init?(_ language: Language) {
        guard let name = language.stemmer, let made = unsafe sb_stemmer_new(name, nil) else {
            return nil
        }
        unsafe stemmer = made
        unsafe word = .allocate(capacity: Self.capacity)
        unsafe scratch = .allocate(capacity: Self.capacity)
        unsafe plain = .allocate(capacity: Self.capacity)
        unsafe other = .allocate(capacity: Self.capacity)
        dotlessI = language == .tr
        isArabic = language == .ar
    }

    deinit {
        unsafe sb_stemmer_delete(stemmer)
        unsafe word.deallocate()
        unsafe scratch.deallocate()
        unsafe plain.deallocate()
        unsafe other.deallocate()
    }

    /// Calls `body` with the folded stem of the token whose term was made from `range` of `text`,
    /// which is what a query asks for; and then with others that find it.
    @inline(__always)
    package func forEachStem(
        of term: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let count = unsafe stem(term, text, range)
        guard count > 0 else { return unsafe body(term) }
        let own = unsafe UnsafeBufferPointer(start: scratch, count: count)
        unsafe body(own)
        if isArabic {
            unsafe withArabicNoun(behind: own, body)
        } else if isAccented {
            unsafe forEachOther(than: own, body)
        }
    }

    /// Calls `body` with the stem of what is behind waw or feh in `word`, where that is an article
    /// and three letters at least.
    private func withArabicNoun(
        behind own: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let whole = unsafe UnsafeBufferPointer(start: word, count: wordCount)
        guard whole.count >= 2 + 4 + 6,
            unsafe whole.starts(with: "\u{648}".utf8)
                || whole.starts(with: "\u{641}".utf8),
            unsafe whole.dropFirst(2).starts(with: "\u{627}\u{644}".utf8)
        else { return }
        let stem = unsafe otherStem(of: UnsafeBufferPointer(rebasing: whole.dropFirst(2)))
        if unsafe !stem.isEmpty && !stem.elementsEqual(own) { unsafe body(stem) }
    }

    /// Calls `body` with the stems of the word in `word` without its accents, and of its own stem
    /// without them, as far as they are others; of scripts beyond Latin there are none.
    private func forEachOther(
        than own: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let count = unsafe fold(
            UnsafeBufferPointer(start: word, count: wordCount), into: plain, marks: true)
        let bare = unsafe UnsafeBufferPointer(start: plain, count: count)
        guard count > 0, unsafe !bare.contains(where: { $0 >= 0x80 }) else { return }
        let first = unsafe otherStem(of: bare)
        if unsafe !first.isEmpty && !first.elementsEqual(own) { unsafe body(first) }
        // What was the first is no longer needed but to be compared.
        unsafe plain.update(from: other, count: first.count)
        let known = unsafe UnsafeBufferPointer(start: plain, count: first.count)
        let second = unsafe otherStem(of: own)
        guard !second.isEmpty, unsafe !second.elementsEqual(own),
            unsafe !second.elementsEqual(known)
        else { return }
        unsafe body(second)
    }

    /// Puts the folded stem of a word in lower case into `other`; none when there is none.
    private func otherStem(of word: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        guard let stem = unsafe sb_stemmer_stem(stemmer, word.baseAddress, Int32(word.count)) else {
            return unsafe UnsafeBufferPointer(start: other, count: 0)
        }
        let length = unsafe Int(sb_stemmer_length(stemmer))
        let count = unsafe fold(UnsafeBufferPointer(start: stem, count: length), into: other)
        return unsafe UnsafeBufferPointer(start: other, count: count)
    }

    /// Puts the folded stem into `scratch` and returns its length; 0 when the term is its own stem.
    private func stem(
        _ term: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> Int {
        guard range.count <= Self.wordByteCountMax,
            unsafe !term.contains(where: { $0 < UInt8(ascii: "A") })
        else { return 0 }
        wordCount = unsafe lowerCased(text, range)
        guard wordCount > 0, let stem = unsafe sb_stemmer_stem(stemmer, word, Int32(wordCount))
        else { return 0 }
        let length = unsafe Int(sb_stemmer_length(stemmer))
        return unsafe fold(UnsafeBufferPointer(start: stem, count: length), into: scratch)
    }

    /// Puts what the stemmer is to see into `word` and returns its length.
    private func lowerCased(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
        var count = 0
        var position = range.lowerBound
        var isASCII = true
        while position < range.upperBound {
            let byte = unsafe text[position]
            if byte < 0x80 {
                position += 1
                switch byte {
                case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"):
                    continue
                case UInt8(ascii: "'"), UInt8(ascii: "`"):
                    // Those at the ends are none of the word's.
                    if count == 0 || position == range.upperBound { continue }
                    unsafe word[count] = UInt8(ascii: "'")
                case UInt8(ascii: "I") where dotlessI:
                    count += unsafe UTF8Scalar.encode(0x131, into: word + count)
                    continue
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): unsafe word[count] = byte | 0x20
                default: unsafe word[count] = byte
                }
                count += 1
                continue
            }
            isASCII = false
            let scalar = unsafe UTF8Scalar(text, at: position)
            position += scalar.length
            switch scalar.value {
            case 0x2010, 0x2011: continue
            case 0x0130 where dotlessI: unsafe word[count] = UInt8(ascii: "i")
            default:
                guard Folding.isApostrophe(scalar.value) else {
                    count += unsafe UTF8Scalar.encode(scalar.value, into: word + count)
                    continue
                }
                unsafe word[count] = UInt8(ascii: "'")
            }
            count += 1
        }
        isAccented = false
        guard !isASCII else { return count }
        let length = unsafe Int(
            mspd_casefold(word, Int32(count), scratch, Int32(Self.capacity)))
        guard length > 0, length <= Self.wordByteCountMax * 3 else { return 0 }
        unsafe word.update(from: scratch, count: length)
        isAccented = unsafe UnsafeBufferPointer(start: word, count: length).contains { $0 >= 0x80 }
        return length
    }

    /// Folds a stem, without apostrophes unless told otherwise, and returns its length.
    private func fold(
        _ stem: UnsafeBufferPointer<UInt8>, into out: UnsafeMutablePointer<UInt8>,
        marks: Bool = false
    ) -> Int {
        var count = 0
        var position = 0
        while position < stem.count, count <= Analyzer.termByteCountMax {
            let byte = unsafe stem[position]
            if byte < 0x80 {
                position += 1
                guard marks || byte != UInt8(ascii: "'") else { continue }
                unsafe out[count] = byte
                count += 1
                continue
            }
            let scalar = unsafe UTF8Scalar(stem, at: position)
            position += scalar.length
            count += unsafe ScalarTable.shared.fold(scalar.value, into: out + count)
        }
        return count <= Analyzer.termByteCountMax ? count : 0
    }
}
