// Codes of languages as subtitles carry them, and words that are none.

import Media
import Testing

@Suite struct LanguageCodeTests {
    @Test func `all codes of a language are one`() {
        for (text, code) in [
            ("eng", "en"), ("EN", "en"), ("fre", "fr"), ("fra", "fr"), ("nob", "nb"), ("srp", "sr"),
            ("slo", "sk"), ("slk", "sk"), ("pt-BR", "pt"), ("zh_Hant", "zh"), ("haw", "haw"),
            ("English", "en"), ("tl", "tl"), ("zho", "zh"),
        ] {
            #expect(LanguageCode.known(text) == code, "\(text)")
        }
        for text in ["", "und", "sdh", "forced", "xx", "qya", "-", "e"] {
            #expect(LanguageCode.known(text) == nil, "\(text)")
        }
    }

    @Test func `a code that is not known is a language of its own`() {
        #expect(LanguageCode.said("qya") == "qya" && LanguageCode.said("xx-YY") == "xx")
        for text in ["und", "zxx", "mul", "", "Foo Bar", "7", "klingonese"] {
            #expect(LanguageCode.said(text) == nil, "\(text)")
        }
    }

    @Test func `a word at the end of a name is no language`() {
        for text in ["man", "day", "war", "may", "cat", "ben", "new", "english", "hrvatski"] {
            #expect(LanguageCode.common(text) == nil, "\(text)")
        }
        for (text, code) in [("en", "en"), ("ENG", "en"), ("hrv", "hr"), ("nob", "nb")] {
            #expect(LanguageCode.common(text) == code, "\(text)")
        }
    }

    @Test func `a folder is named after a language by its code or its name`() {
        let named = [
            ("fr", "fr"), ("zh-CN", "zh"), ("pt_BR", "pt"), ("sr-Latn", "sr"), ("GER", "de"),
            ("French", "fr"),
        ]
        for (text, code) in named { #expect(LanguageCode.folder(text) == code, "\(text)") }
        for text in ["", "-", "ice", "xx", "en-course", "films", "man", "de la mer", "-fr"] {
            #expect(LanguageCode.folder(text) == nil, "\(text)")
        }
    }

    @Test func `marks and names tell a film's dialogue from other subtitles`() {
        func rank(_ name: String?, _ marks: Film.Subtitles.Mark...) -> Int {
            Film.Subtitles(
                stream: 1, codec: "subrip", language: nil, name: name, marks: Set(marks)
            ).rank
        }
        let inOrder = [
            rank(nil, .shown), rank("English"), rank("SDH", .shown), rank(nil, .described),
            rank("Commentary"), rank("Signs & Songs", .shown), rank(nil, .forced),
        ]
        #expect(inOrder == inOrder.sorted() && inOrder[0] < inOrder[1])
    }
}
