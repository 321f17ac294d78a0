// Folding: the tables of what becomes what, and properties over all of Unicode.

import Testing
import TextIndex

extension String {
    /// The text in compatibility-decomposed form where it is Hangul: three jamo a syllable.
    var decomposed: String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            guard (0xAC00...0xD7A3).contains(scalar.value) else {
                result.append(scalar)
                continue
            }
            let index = scalar.value - 0xAC00  // Unicode 15.0, section 3.12
            var jamo = [0x1100 + index / 588, 0x1161 + index % 588 / 28]
            if index % 28 != 0 { jamo.append(0x11A7 + index % 28) }
            result.append(contentsOf: jamo.compactMap(Unicode.Scalar.init))
        }
        return String(result)
    }

    /// Strings compare by canonical equivalence; these do not.
    var scalars: [UInt32] { unicodeScalars.map(\.value) }
}

@Test(arguments: [
    ("ABC xyz 0-9 !?", "abc xyz 0-9 !?"),
    ("Ünïcödé ÀÉÎÕŬ Čž Ñ", "unicode aeiou cz n"),
    ("Straße ﬁn Ǆ", "strasse fin dz"),
    ("İstanbul ΟΔΟΣ ὀδός", "istanbul οδοσ οδοσ"),
    ("Ёлка Й И\u{306} І\u{308} Ў", "елка й й ї ў"),
    ("ＡＢＣ　１２３", "abc 123"),
    ("ｶﾞ ㍿ ①", "カ\u{3099} 株式会社 1"),
    ("‘a’ ʼ ʻ ‛ ′ ` ´ ＇", "'a' ' ' ' ' ' ' '"),
    ("שָׁלוֹם עו״ד ג׳", "שלומ עו\"ד ג'"),
    ("مُحَمَّدٌ", "محمد"),
    ("हिन्दी हिंदी", "हिनदि हिनदि"),
    ("ก็ไม่", "ก็ไม่"),
    ("한", "\u{1112}\u{1161}\u{11AB}"),
    ("so\u{AD}ft a\u{200D}b\u{200C}c\u{FEFF}d\u{2060}e", "soft abcde"),
    ("𝐀𝟙 𐐀", "a1 𐐨"),
    ("x² H₂O ™ №", "x2 h2o tm no"),
    ("¨", ""),
    ("ﷺ", "صلياللهعليهوسلم"),
    ("Łódź Øre", "lodz ore"),
])
func `folding makes alike what readers take for alike`(text: String, folded: String) {
    #expect(Analyzer().folded(text).scalars == folded.scalars)
}

@Test func `folding folded text changes nothing`() {
    let analyzer = Analyzer()
    var changed: [String] = []
    for value in UInt32(0)...0x10FFFF {
        guard let scalar = Unicode.Scalar(value) else { continue }
        let once = analyzer.fold(UTF8.encode(scalar).map(Array.init) ?? [])
        if analyzer.fold(once) != once { changed.append(String(value, radix: 16)) }
    }
    #expect(changed == [])
}

@Test func `canonically equal texts fold alike`() {
    // NFC and NFD spellings, as two sources of subtitles write them.
    for (composed, decomposed) in [
        ("é", "e\u{301}"), ("ệ", "e\u{323}\u{302}"), ("Å", "A\u{30A}"), ("が", "か\u{3099}"),
        ("각", "\u{1100}\u{1161}\u{11A8}"), ("ΐ", "ι\u{308}\u{301}"), ("क़", "क\u{93C}"),
    ] {
        #expect(Analyzer().folded(composed).scalars == Analyzer().folded(decomposed).scalars)
    }
}

/// The scalars below `limit` that the system's library and Swift's both know.
private func knownScalars(below limit: UInt32) -> [Unicode.Scalar] {
    (0..<limit).compactMap(Unicode.Scalar.init).filter(isKnown)
}

private func isKnown(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.age.map { $0.major * 100 + $0.minor <= analysisUnicodeVersion } ?? false
}

private func hexadecimal(_ scalars: [Unicode.Scalar]) -> [String] {
    scalars.map { String($0.value, radix: 16) }
}

@Test func `case never matters`() {
    let apart = knownScalars(below: 0x20000).filter { scalar in
        let upper = scalar.properties.uppercaseMapping
        return scalar != "ı"  // Its capital is the I of every other language.
            && upper.unicodeScalars.allSatisfy(isKnown)
            && Analyzer().folded(upper).scalars != Analyzer().folded(String(scalar)).scalars
    }
    #expect(hexadecimal(apart) == [])
}

@Test func `alphanumeric runs agree with the standard library's properties`() {
    let apart = knownScalars(below: 0x30000).filter { scalar in
        let category = scalar.properties.generalCategory
        // Which marks count as alphabetic changes between versions of Unicode.
        if category == .nonspacingMark || category == .spacingMark { return false }
        let isNumber = [.decimalNumber, .letterNumber, .otherNumber].contains(category)
        // The letters beside it keep the token from being empty when the scalar folds to nothing.
        let isJoined = Analyzer(.plain).terms(Array("a\(scalar)a".utf8)).count == 1
        return isJoined != (scalar.properties.isAlphabetic || isNumber)
    }
    #expect(hexadecimal(apart) == [])
}
