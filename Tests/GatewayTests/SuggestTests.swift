// What completes what is being typed, in scripts without spaces and behind an apostrophe.

import Segments
import Testing

@Suite struct SuggestTests {
    /// Texts with their rows, in memory and in a segment.
    private func check(
        _ language: String, _ texts: [String], _ wanted: [(typed: String, texts: [String])]
    ) throws {
        let talk = try Talk.lines(language, texts)
        for place in ["memory", "a segment"] {
            for (typed, texts) in wanted {
                let rows = try talk.ask("SUGGEST", ["dialogue"], text: typed).rows
                let found = rows.map { "\($0["text"] ?? "") \($0["rows"] ?? "")" }
                #expect(found == texts, "\(typed) in \(place)")
            }
            try talk.store.flush()
        }
    }

    @Test(arguments: ["ko", "auto"])
    func `Korean goes on up to a space`(language: String) throws {
        try check(
            language, ["한국어를 공부합니다", "공부하세요!", "공부합니다", "나는 공부", "내공부"],
            [
                ("공부", ["공부 5", "공부합니다 2", "공부하세요 1"]), ("한구", ["한국어를 1"]),
                ("나는 공부하", ["나는 공부합니다 2", "나는 공부하세요 1"]), ("공부 ", []), ("없", []),
            ])
    }

    @Test func `Thai, Japanese and Chinese go on up to where a word ends`() throws {
        try check(
            "th", ["ประเทศไทย", "ฉันรักประเทศ"],
            [("ประ", ["ประเทศ 2", "ประเทศไทย 1"]), ("ฉันรักประเทศไ", ["ฉันรักประเทศไทย 1"])])
        try check(
            "ja", ["コンピューターを使う", "新しいコンピューター", "コンサート", "ゴンドラ"],
            [("コン", ["コンピューター 2", "コンサート 1"]), ("新しいコンサ", ["新しいコンサート 1"])])
        try check(
            "zh", ["我们喜欢音乐", "我们的学校", "他喜欢中国", "中国人"],
            [
                ("喜", ["喜欢 2"]), ("我们喜", ["我们喜欢 2"]), ("中国", ["中国 2", "中国人 1"]),
                ("欢", ["欢中国 1", "欢音乐 1"]),
            ])
    }

    @Test func `behind an apostrophe words go on that are written with one`() throws {
        try check(
            "en",
            [
                "I don't", "they don't", "we don't know", "done", "dont", "don", "O'Brien",
                "obvious",
            ],
            [
                ("don'", ["don't 4"]), ("I don’", ["I don't 4"]), ("o'", ["O'Brien 1"]),
                ("don' ", []),
            ])
    }
}
