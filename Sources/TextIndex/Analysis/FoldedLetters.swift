// Letters that are written one for the other, made alike: those that decomposition leaves whole
// although readers take them for a plain letter with something added, and in Arabic, Hebrew and
// Devanagari those whose choice is a habit of the writer, the keyboard or the place in the word.

import CUnicode

/// The last step of folding, for scalars that are decomposed and in lower case.
enum FoldedLetters {
    /// What stands for `scalar` in terms: one scalar, or two.
    static func fold(_ scalar: UInt32) -> (UInt32, UInt32?) {
        let digit = mspd_digit(scalar)
        if digit >= 0 { return (0x30 + UInt32(digit), nil) }
        switch scalar {
        case 0x00E0...0x0180: return latin(scalar)
        case 0x05DA...0x05E5: return (hebrew(scalar), nil)
        case 0x0629...0x06D5: return (arabic(scalar), nil)
        case 0x0901...0x0972: return (devanagari(scalar), nil)
        default: return (scalar, nil)
        }
    }

    /// Whether a decomposed scalar in lower case is a Latin letter that is made another.
    static func isLatin(_ scalar: UInt32) -> Bool {
        guard (0x00E0...0x0180).contains(scalar) else { return false }
        return latin(scalar) != (scalar, nil)
    }

    /// In lower case, a letter of its own that decomposition would take for another with a mark;
    /// nil for all others.
    static func whole(_ scalar: UInt32) -> UInt32? {
        switch scalar {
        case 0x0419, 0x0439: 0x0439  // short I
        case 0x0407, 0x0457: 0x0457  // Ukrainian YI
        case 0x040E, 0x045E: 0x045E  // Belarusian short U
        default: nil
        }
    }

    /// The letter that `scalar` and a mark behind it are, when `whole` knows it.
    static func whole(_ scalar: UInt32, with mark: UInt32) -> UInt32? {
        switch (scalar, mark) {
        case (0x0418, 0x0306), (0x0438, 0x0306): scalar + 1
        case (0x0406, 0x0308), (0x0456, 0x0308): scalar + 1
        case (0x0423, 0x0306): 0x040E
        case (0x0443, 0x0306): 0x045E
        default: nil
        }
    }

    private static func ascii(_ character: Unicode.Scalar) -> UInt32 { character.value }

    private static func latin(_ scalar: UInt32) -> (UInt32, UInt32?) {
        switch scalar {
        case 0x00E6: (ascii("a"), ascii("e"))  // ae
        case 0x0153: (ascii("o"), ascii("e"))  // oe
        case 0x00FE: (ascii("t"), ascii("h"))  // thorn
        case 0x00F0, 0x0111: (ascii("d"), nil)  // eth, d with stroke
        case 0x00F8: (ascii("o"), nil)  // o with stroke
        case 0x0127: (ascii("h"), nil)  // h with stroke
        case 0x0131: (ascii("i"), nil)  // i without dot: what I is in Turkish
        case 0x0142: (ascii("l"), nil)  // l with stroke
        case 0x0167: (ascii("t"), nil)  // t with stroke
        default: (scalar, nil)
        }
    }

    /// The forms that five letters have at the end of a word.
    private static func hebrew(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x05DA, 0x05DD, 0x05DF, 0x05E3, 0x05E5: scalar + 1
        default: scalar
        }
    }

    private static func arabic(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x0671: 0x0627  // alef wasla; the other alefs decompose
        case 0x0629, 0x06C1, 0x06BE, 0x06D5: 0x0647  // teh marbuta, Urdu and Persian forms of heh
        case 0x0649, 0x06CC, 0x06D2: 0x064A  // alef maksura, Persian yeh, Urdu yeh
        case 0x06A9: 0x0643  // Persian kaf
        default: scalar
        }
    }

    /// Vowels by their short forms, and the sign of a nasal as the letter that is written for it:
    /// Hindi itself is spelt both with it and with NA and virama.
    private static func devanagari(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x0901, 0x0902: 0x0928  // candrabindu, anusvara: NA
        case 0x0906, 0x0972: 0x0905  // AA, candra A
        case 0x0908: 0x0907  // II
        case 0x090A: 0x0909  // UU
        case 0x0960: 0x090B  // vocalic RR
        case 0x090D, 0x090E, 0x0910: 0x090F  // candra E, short E, AI
        case 0x0911, 0x0912, 0x0914: 0x0913  // candra O, short O, AU
        case 0x0940: 0x093F  // the signs of the same vowels
        case 0x0942: 0x0941
        case 0x0944: 0x0943
        case 0x0945, 0x0946, 0x0948: 0x0947
        case 0x0949, 0x094A, 0x094C: 0x094B
        default: scalar
        }
    }
}
