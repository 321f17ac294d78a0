// What a scalar becomes in a term. Folding maps scalar by scalar, so a text folds the same whole or
// in parts: compatibility decomposition and full case folding (UAX #15, Unicode 15.0 section 3.13),
// then accents off, the many apostrophes made one, digits of every script made ASCII, and letters
// that people write one for the other made alike (FoldedLetters).
//
// Three Cyrillic letters are no others with a mark, though they decompose so: й, ї and ў stay.
// Marks that only decorate or help pronunciation go: diacritics, Hebrew points, Arabic harakat.
// Marks that spell, such as Thai vowels and kana voicing marks, stay.

import CUnicode

/// The mapping from one scalar to the UTF-8 it contributes to a folded text.
enum Folding {
    /// No scalar folds to more bytes than this; the longest is U+FDFA, Arabic, with 31.
    static let byteCountMax = 64

    private static let scalarCountMax = 32

    /// Writes the folded form of `scalar` at `out`, which must have room for `byteCountMax` bytes,
    /// and returns its length: 0 when the scalar is dropped.
    ///
    /// Accents may be kept, behind their letters, and with them Latin letters that do not decompose
    /// although readers take them for others with something added.
    static func fold(
        _ scalar: UInt32, into out: UnsafeMutablePointer<UInt8>, withAccents: Bool = false
    ) -> Int {
        if let letter = FoldedLetters.whole(scalar) {
            return unsafe UTF8Scalar.encode(letter, into: out)
        }
        if let quote = foldedQuote(scalar) {
            unsafe out[0] = quote
            return 1
        }
        return unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: scalarCountMax) {
            scalars in
            let count = unsafe Int(
                mspd_fold(scalar, scalars.baseAddress, Int32(scalarCountMax)))
            guard count >= 0 else { return unsafe UTF8Scalar.encode(scalar, into: out) }
            var length = 0
            for index in 0..<count {
                let folded = unsafe scalars[index]
                // A spacing accent decomposes to a space and a mark: that space separates nothing.
                if folded == 0x20 && count > 1 { continue }
                guard length + 8 <= byteCountMax else { break }
                if withAccents, isAccent(folded) || FoldedLetters.isLatin(folded) {
                    length += unsafe UTF8Scalar.encode(folded, into: out + length)
                    continue
                }
                if isDropped(folded) { continue }
                if let quote = foldedQuote(folded) {
                    unsafe out[length] = quote
                    length += 1
                    continue
                }
                let (first, second) = FoldedLetters.fold(folded)
                length += unsafe UTF8Scalar.encode(first, into: out + length)
                if let second { length += unsafe UTF8Scalar.encode(second, into: out + length) }
            }
            return length
        }
    }

    /// Whether a scalar beyond ASCII stands for an apostrophe.
    static func isApostrophe(_ scalar: UInt32) -> Bool {
        foldedQuote(scalar) == UInt8(ascii: "'")
    }

    /// What people type, and what text recognition reads, for an apostrophe; and the Hebrew marks
    /// for which ASCII quotes are commonly typed.
    private static func foldedQuote(_ scalar: UInt32) -> UInt8? {
        switch scalar {
        case 0x60, 0xB4: UInt8(ascii: "'")  // grave and acute accent
        case 0x02BB, 0x02BC: UInt8(ascii: "'")  // modifier letters: okina, apostrophe
        case 0x2018, 0x2019, 0x201B, 0x2032: UInt8(ascii: "'")  // quotation marks, prime
        case 0x05F3: UInt8(ascii: "'")  // geresh
        case 0x05F4, 0x201D: UInt8(ascii: "\"")  // gershayim, and what is typed for it
        default: nil
        }
    }

    /// Whether a scalar is a combining diacritical mark.
    private static func isAccent(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x0300...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF: true
        default: false
        }
    }

    private static func isDropped(_ scalar: UInt32) -> Bool {
        switch scalar {
        case _ where isAccent(scalar): true
        case 0x20D0...0x20FF, 0xFE20...0xFE2F: true  // ... for symbols, and half marks
        case 0x0591...0x05BD, 0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7: true  // Hebrew points
        case 0x0610...0x061A, 0x064B...0x065F, 0x0670: true  // Arabic harakat
        case 0x06D6...0x06DC, 0x06DF...0x06E4, 0x06E7, 0x06E8, 0x06EA...0x06ED: true  // Quranic
        case 0x0898...0x089F, 0x08CA...0x08E1, 0x08E3...0x08FF: true  // Quranic, extended
        case 0x0640: true  // tatweel, which only stretches
        // Nukta, virama and what else Devanagari is written with or without; nukta elsewhere.
        case 0x093C, 0x094D, 0x09BC, 0x0A3C, 0x0ABC, 0x0B3C, 0x0CBC: true
        default: false
        }
    }
}
