// Films in several languages, imported and searched as their editors would: other forms of a word,
// other accents, parts of what is written without spaces.

import Storage
import TestSupport
import Testing

@Suite struct LanguageTests {
    /// The rows that a query finds, with what matched marked.
    private func lines(_ query: String, _ track: String, _ server: ServerProcess) throws -> String {
        try server.ask("SEARCH \(track) \(query) highlight=1 limit=1000")
    }

    @Test func `lines of a film are found in the languages of its subtitles`() throws {
        guard let demo = SharedData.folder("data/demo") else { return }
        let scratch = try scratchDirectory("languages")
        let server = try ServerProcess(scratch)
        let dream = "\(demo)/elephants-dream/captions."
        for code in ["ar", "en", "ja", "ru", "sv"] {
            let done = try Command.run(
                "import", dream + "\(code).vtt", "--title", "dream", "--lang", code,
                server: server.socket)
            #expect(done.status == 0, "\(done.error)")
        }
        for code in ["fr", "zh-CN"] {
            let done = try Command.run(
                "import", "\(demo)/hf-course/\(code)", "--lang", code, server: server.socket)
            #expect(done.status == 0, "\(done.error)")
        }
        let wanted = [
            ("en", "hurting", "Are you [[hurt]]?"),
            ("en", "dont think", "I [[don't]] [[think]] so."),
            ("sv", "huvudkapare", "...[[huvudkaparna]]."),
            ("sv", "saker", "[[Säker]]"),
            ("ru", "порядка", "в полном [[порядке]]."),
            ("ja", "首刈り", "…[[首刈り]]機"),
            ("ja", "\"安全だ\"", "[[安全だ]]"),
            ("ar", "الشِّمال", "[[الشمال]]"),
            ("zh-CN", "课内容", "本节[[课内容]]是"),
            ("fr", "fonctions", "La [[fonction]] pipeline."),
            ("fr", "bibliotheques", "[[bibliothèque]]"),
            ("fr", "api", "l'[[API]]"),
        ]
        for (code, query, line) in wanted {
            let found = try lines(query, "dialogue.\(code)", server)
            #expect(found.contains(line), "\(code) \(query): \(found.prefix(600))")
        }
        #expect(try lines("=hurting", "dialogue.en", server).contains("hits=0"))
        #expect(server.stop() == 0)
        // The language is kept with the track: what comes after a restart is stemmed as before.
        let again = try ServerProcess(scratch)
        try Command.write(
            Array("1\n00:00:01,000 --> 00:00:02,000\nIls mangeaient des bibliothèques.\n".utf8),
            to: scratch("later.srt"))
        let done = try Command.run(
            "import", scratch("later.srt"), "--lang", "fr", server: again.socket)
        #expect(done.status == 0, "\(done.error)")
        #expect(try lines("manger", "dialogue.fr", again).contains("Ils [[mangeaient]]"))
        #expect(again.stop() == 0)
    }

    @Test func `a language that is not known is refused with those that are`() throws {
        let scratch = try scratchDirectory("languages")
        let server = try ServerProcess(scratch)
        let answer = try server.ask("TRACK CREATE a text=klingon")
        #expect(answer.contains("text=klingon is no language"))
        #expect(answer.contains("sv, "))
        #expect(server.stop() == 0)
    }
}
