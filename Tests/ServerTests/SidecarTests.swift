// Files of subtitles and the films that they go with: whatever lies where and comes in which order,
// a title has each line once.

import Net
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct SidecarTests {
    private let scratch: ScratchDirectory
    private let server: ServerProcess
    private let client: Client

    init() throws {
        scratch = try scratchDirectory("sidecars")
        server = try ServerProcess(scratch)
        client = try server.connect()
        for folder in ["films", "films/Subs"] {
            try RealFileSystem().createDirectory(scratch(folder))
        }
    }

    private func write(_ lines: String..., to path: String) throws {
        let cues = lines.enumerated().map { number, line in
            "\(number + 1)\n00:00:0\(number),000 --> 00:00:0\(number),900\n\(line)\n\n"
        }
        try Command.write(Array(cues.joined().utf8), to: scratch(path))
    }

    /// A film with the line "The sword is mine." in each of these languages.
    private func film(_ path: String, _ tags: String...) throws {
        if (try? RealFileSystem().size(of: scratch("line"))) == nil {
            try write("The sword is mine.", to: "line")
        }
        try FilmMaker.film(
            tags.map { FilmMaker.Subtitles(scratch("line"), tag: $0) }, to: scratch(path))
    }

    private func imported(_ words: String...) throws -> Command {
        let words = words.map { $0.hasPrefix("--") || !$0.contains("/") ? $0 : scratch($0) }
        return try Command.run(Command.mspd, ["import"] + words, server: server.socket)
    }

    private func count(_ words: String) throws -> String {
        try client.request("COUNT \(words)").words
    }

    @Test func `a file that does not say its language is in that of its film`() throws {
        try film("films/m.mkv", "eng")
        #expect(try imported("films/m.mkv").status == 0)
        try write("The sword is yours.", to: "films/m.srt")
        let notes = "does not say its language, and is taken to be in en, as the subtitles in m.mkv"
        for words in [["films/m.srt"], ["films/"], ["films/", "--again"]] {
            let done = try Command.run(
                Command.mspd, ["import"] + words.map { $0.hasPrefix("-") ? $0 : scratch($0) },
                server: server.socket)
            #expect(done.status == 0 && done.error.contains("m.srt: \(notes)"), "\(done.error)")
            #expect(try count("dialogue sword") == "1" && count("dialogue.en yours") == "1")
        }
        // Where the film is in several, nobody knows.
        try film("films/m.mkv", "eng", "fre")
        let done = try imported("films/", "--again")
        #expect(done.error.contains("m.srt: does not say its language; --lang says it"))
        #expect(try count("dialogue yours") == "1" && count("dialogue.en yours") == "0")
        #expect(try count("dialogue.en") == "1" && count("dialogue.fr") == "1")
        // It is told, or another file has that language already.
        #expect(try imported("films/", "--again", "--lang", "fr").status == 0)
        #expect(try count("dialogue.fr yours") == "1" && count("dialogue sword") == "2")
        try film("films/m.mkv", "eng")
        try write("The sword is ours.", to: "films/m.en.srt")
        #expect(try imported("films/", "--again").status == 0)
        #expect(try count("dialogue.en ours") == "1" && count("dialogue.en") == "1")
    }

    @Test func `a file that is gone makes place for the lines in its film`() throws {
        try film("films/m.mkv", "eng")
        try write("The sword is yours.", "It is.", to: "films/m.en.srt")
        #expect(try imported("films/").status == 0)
        #expect(try count("dialogue.en") == "2")
        // In a folder beside it the file is still there.
        let files = RealFileSystem()
        try files.rename(scratch("films/m.en.srt"), to: scratch("films/Subs/m.en.srt"))
        let there = try imported("films/m.mkv", "--again")
        #expect(there.error.contains("stream 1 are left out: m.en.srt has"), "\(there.error)")
        #expect(try count("dialogue.en") == "2")
        try files.remove(scratch("films/Subs/m.en.srt"))
        #expect(try imported("films/m.mkv").status == 0)
        #expect(try count("dialogue.en") == "2")
        let gone = try imported("films/m.mkv", "--again")
        #expect(
            gone.error.contains(
                "m.en.srt lies beside it no more, so what it brought goes (2 lines)"),
            "\(gone.error)")
        #expect(try count("dialogue.en") == "1" && count("dialogue.en mine") == "1")
    }

    @Test(arguments: ["Alpha", "deep"], ["", ".en"])
    func `files in a folder beside films are theirs`(
        title: String, language: String
    ) throws {
        try film("films/\(title).mkv", "eng")
        try write("The sword is yours.", to: "films/Subs/\(title)\(language).srt")
        for words in [["films/"], ["films/", "--again"], ["films/Subs/"]] {
            let done = try Command.run(
                Command.mspd, ["import"] + words.map { $0.hasPrefix("-") ? $0 : scratch($0) },
                server: server.socket)
            #expect(done.status == 0, "\(done.error)")
            #expect(try count("dialogue sword") == "1" && count("dialogue.en yours") == "1")
        }
    }

    @Test func `of several files of a title in a language one is imported`() throws {
        for name in ["walk.eng.srt", "walk.en.srt", "walk.en.vtt", "walk.fr.srt"] {
            try write("The sword is in \(name).", to: "films/\(name)")
        }
        try write("The sword is there.", to: "films/Subs/walk.english.en.srt")
        try write("Another.", to: "films/Subs/walk_en.srt")
        let done = try imported("films/")
        #expect(done.status == 0 && done.output.contains("3 lines from 3 of 3"), "\(done.output)")
        for name in ["walk.eng.srt", "walk.en.vtt", "walk_en.srt"] {
            #expect(
                done.error.contains(
                    "\(name): left out, for walk.en.srt has the lines of title 'walk' in the same "
                        + "language, en; import it by its name to have both"), "\(done.error)")
        }
        #expect(try count("dialogue.en title=walk") == "1")
        #expect(try imported("films/walk.eng.srt").status == 0)
        #expect(try count("dialogue.en title=walk") == "2")
    }

    @Test func `lines that do not say their language stay beside those of a file that does`() throws
    {
        try film("films/m.mkv", "und")
        #expect(try imported("films/").status == 0)
        try write("Das Schwert.", to: "films/m.de.srt")
        for words in ["--quiet", "--again"] {
            let done = try imported("films/", words)
            #expect(done.status == 0 && !done.error.contains("takes the place"), "\(done.error)")
            #expect(
                done.error.contains("do not say their language")
                    && done.error.contains("--again --lang says it"), "\(done.error)")
            #expect(try count("dialogue") == "2" && count("dialogue sword") == "1")
        }
        // Told to be in another language, and then in that of the file.
        #expect(try imported("films/", "--again", "--lang", "en").status == 0)
        #expect(try count("dialogue.en sword") == "1" && count("dialogue") == "2")
        #expect(try imported("films/", "--again", "--lang", "de").status == 0)
        #expect(try count("dialogue") == "1" && count("dialogue.de schwert") == "1")
    }

    @Test func `a part of the dialogue takes no whole one's place`() throws {
        try film("films/forced.mkv", "eng")
        #expect(try imported("films/").status == 0)
        try write("A sign.", to: "films/forced.en.forced.srt")
        for words in ["--quiet", "--again"] {
            let done = try imported("films/", words)
            #expect(done.status == 0 && !done.error.contains("place of"), "\(done.error)")
            #expect(try count("dialogue.en") == "2" && count("dialogue.en sword") == "1")
        }
        // A film's own name says nothing of the kind, and the whole comes first.
        try write("The sword is yours.", to: "films/forced.english.sdh.srt")
        let whole = try imported("films/", "--again")
        #expect(
            whole.error.contains("forced.en.forced.srt: left out, for forced.english.sdh.srt has"),
            "\(whole.error)")
        #expect(try count("dialogue.en yours") == "1" && count("dialogue.en mine") == "0")
    }

    @Test func `a file of another name has the lines of the only film beside it, too`() throws {
        try film("films/m.mkv", "eng")
        try write("The sword is yours.", to: "films/captions.en.srt")
        for words in [["m.mkv"], [""], ["m.mkv", "--again"], ["", "--again"]] {
            let done = try Command.run(
                Command.mspd, ["import", scratch("films/" + words[0])] + words.dropFirst(),
                server: server.socket)
            #expect(done.status == 0, "\(done.error)")
            #expect(try count("dialogue sword") == "1", "\(words)")
        }
        #expect(try count("dialogue.en yours") == "1")
        // A second reel has lines at other times.
        try film("films/Subs/two.mkv", "eng")
        let reel = ["films/Subs/two.mkv", "--title", "m", "--offset", "5s", "--again"]
        for _ in 0..<2 {
            #expect(try imported(reel[0], reel[1], reel[2], reel[3], reel[4], reel[5]).status == 0)
            #expect(try imported("films/m.mkv", "--again").status == 0)
            #expect(try count("dialogue.en mine") == "1" && count("dialogue.en yours") == "1")
        }
    }

    @Test func `lines that were told to be a film's take the place of those in it`() throws {
        try film("films/m.mkv", "eng")
        try write("The sword is yours.", to: "films/captions.srt")
        // Which come before their film.
        for path in ["films/captions.srt", "films/m.mkv", "films/"] {
            #expect(try imported(path, "--again").status == 0)
            #expect(try count("dialogue sword") == "1" && count("dialogue.en yours") == "1")
        }
        try film("films/Subs/n.mkv", "eng")
        try write("The sword is ours.", to: "line.en.srt")
        #expect(try imported("films/Subs/n.mkv").status == 0)
        for words in [
            ["line.en.srt", "--title", "n"], ["films/Subs/n.mkv", "--again", "--quiet"],
        ] {
            let done = try Command.run(
                Command.mspd, ["import", scratch(words[0])] + words.dropFirst(),
                server: server.socket)
            #expect(done.status == 0, "\(done.error)")
            #expect(try count("dialogue title=n") == "1" && count("dialogue.en ours") == "1")
        }
    }
}
