// Stems by Snowball's libstemmer. It wants words in lower case with their accents, composed, and
// their apostrophes; what it gives is folded like any term. Words that are not of letters alone are
// their own stems.

import CStemmer
import CUnicode

/// The stemmer of one language; not thread safe.
@safe package final class Stemmer {
    private let stemmer: OpaquePointer
    private let dotlessI: Bool
    private let word: UnsafeMutablePointer<UInt8>
    private let scratch: UnsafeMutablePointer<UInt8>
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
        dotlessI = language == .tr
    }

    deinit {
        unsafe sb_stemmer_delete(stemmer)
        unsafe word.deallocate()
        unsafe scratch.deallocate()
    }

    /// Calls `body` with the folded stem of the token whose term was made from `range` of `text`.
    @inline(__always)
    package func withStem(
        of term: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>,
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let count = unsafe stem(term, text, range)
        unsafe body(count > 0 ? UnsafeBufferPointer(start: scratch, count: count) : term)
    }

    /// Puts the folded stem into `scratch` and returns its length; 0 when the term is its own stem.
    private func stem(
        _ term: UnsafeBufferPointer<UInt8>, _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> Int {
        guard range.count <= Self.wordByteCountMax,
            unsafe !term.contains(where: { $0 < UInt8(ascii: "A") })
        else { return 0 }
        let count = unsafe lowerCased(text, range)
        guard count > 0, let stem = unsafe sb_stemmer_stem(stemmer, word, Int32(count)) else {
            return 0
        }
        return unsafe fold(UnsafeBufferPointer(start: stem, count: Int(sb_stemmer_length(stemmer))))
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
        guard !isASCII else { return count }
        let length = unsafe Int(
            mspd_casefold(word, Int32(count), scratch, Int32(Self.capacity)))
        guard length > 0, length <= Self.wordByteCountMax * 3 else { return 0 }
        unsafe word.update(from: scratch, count: length)
        return length
    }

    /// Folds a stem into `scratch`, without apostrophes, and returns its length.
    private func fold(_ stem: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        var position = 0
        while position < stem.count, count <= Analyzer.termByteCountMax {
            let byte = unsafe stem[position]
            if byte < 0x80 {
                position += 1
                guard byte != UInt8(ascii: "'") else { continue }
                unsafe scratch[count] = byte
                count += 1
                continue
            }
            let scalar = unsafe UTF8Scalar(stem, at: position)
            position += scalar.length
            count += unsafe ScalarTable.shared.fold(scalar.value, into: scratch + count)
        }
        return count <= Analyzer.termByteCountMax ? count : 0
    }
}
