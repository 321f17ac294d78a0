// Which title a film comes into, and what is refused so that two films never mix in one.

import Net
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct ImportTitleTests {
    private let scratch: ScratchDirectory
    private let server: ServerProcess
    private let client: Client

    init() throws {
        scratch = try scratchDirectory("titles")
        server = try ServerProcess(scratch)
        client = try server.connect()
    }

    /// A film of so many shots, in a folder that is made when it is not there.
    private func film(_ path: String, shots: Int = 1) throws {
        if path.contains("/"), let folder = path.split(separator: "/").first {
            try? RealFileSystem().createDirectory(scratch(String(folder)))
        }
        let sources = ["testsrc2=d=1", "smptebars=d=1", "testsrc=d=1"]
        try FilmMaker.film(Array(sources.prefix(shots)), to: scratch(path))
    }

    private func line(_ text: String, _ path: String) throws {
        try Command.write(
            Array("1\n00:00:00,100 --> 00:00:00,900\n\(text)\n".utf8), to: scratch(path))
    }

    private func imported(_ paths: String..., options: [String] = []) throws -> Command {
        try Command.run(
            Command.mspd, ["import"] + paths.map { scratch($0) } + options, server: server.socket)
    }

    private func count(_ words: String) throws -> String {
        try client.request("COUNT \(words)").words
    }

    @Test func `of two films with one title the second is refused by name`() throws {
        try film("s1/ep1.mkv", shots: 2)
        try film("s2/ep1.mkv")
        try line("The first.", "s1/ep1.en.srt")
        try line("The second.", "s2/ep1.en.srt")
        #expect(try imported("s1").output.contains("1 line and 2 shots from 2 of 2 files"))
        let first = scratch("s1/ep1.mkv"), second = scratch("s2/ep1.mkv")
        #expect(try count("shots title=ep1") == "2" && count("dialogue first") == "1")
        // A folder, a film by itself, and its subtitles.
        for words in ["s2", "s2/ep1.mkv", "s2/ep1.en.srt"] {
            let refused = try imported(words)
            #expect(refused.status == 3 && refused.error.contains("is that of \(first)"))
            #expect(
                words == "s2/ep1.en.srt"
                    || refused.error.contains(
                        "\(second): title 'ep1' is that of \(first); --title gives"),
                "\(refused.error)")
        }
        #expect(try count("dialogue second") == "0")
        // Both together: the first has its title already.
        let all = try imported("s2", "s1")
        #expect(all.status == 0, "\(all.error)")
        #expect(all.error.contains("\(second): comes to title 's2/ep1'"), "\(all.error)")
        #expect(try count("shots title=ep1") == "2" && count("shots title=s2/ep1") == "1")
        #expect(try count("dialogue second title=s2/ep1") == "1")
        let titled = try imported("s2", options: ["--title", "s2-ep1"])
        #expect(titled.status == 0, "\(titled.error)")
        #expect(try count("shots title=s2-ep1") == "1")
        #expect(try count("shots title=ep1") == "2" && count("dialogue first") == "1")
    }

    @Test func `films of one name have their folders in their titles`() throws {
        for folder in ["card", "card/day 1", "card/day2", "card/b", "card/b/day2"] {
            try? RealFileSystem().createDirectory(scratch(folder))
        }
        let paths = ["card/day 1/A001", "card/day2/A001", "card/b/day2/A001", "card/day2/A002"]
        for (number, path) in paths.enumerated() {
            try FilmMaker.film(["testsrc2=d=1"], to: scratch("\(path).mkv"))
            try line("Line \(number).", "\(path).en.srt")
        }
        let titles = ["day-1/A001", "card/day2/A001", "b/day2/A001", "A002"]
        for round in 0..<2 {
            let done = try imported("card")
            #expect(done.status == 0, "\(done.error)")
            #expect(done.error.contains("films in other folders have its name") == (round == 0))
            for (number, title) in titles.enumerated() {
                #expect(try count("shots title=\(title)") == "1", "\(title)")
                #expect(try count("dialogue line title=\(title)") == "1", "\(title)")
                #expect(try count("dialogue \(number) title=\(title)") == "1", "\(title)")
            }
            #expect(try count("shots") == "4" && count("dialogue line") == "4")
        }
        // One of them by itself, and its subtitles, are where they were.
        try RealFileSystem().remove(scratch("card/b/day2/A001.en.srt"))
        try line("Another.", "card/b/day2/A001.en.srt")
        for path in ["card/day2/A001.mkv", "card/b/day2/A001.en.srt"] {
            let again = try imported(path)
            #expect(again.status == 0, "\(again.error)")
        }
        #expect(try count("dialogue another title=b/day2/A001") == "1")
        #expect(try count("shots") == "4" && count("dialogue line") == "3")
    }

    @Test func `a film keeps its whole name, and its subtitles go with it`() throws {
        for name in ["toy-de", "toy-en", "Dr_No", "subs", "é-fr"] { try film("films/\(name).mkv") }
        try line("Spielzeug.", "films/toy-de.en.srt")
        try line("No.", "films/Dr_No.srt")
        try line("Oui.", "films/é-fr_fr.srt")
        // Of several in one language those with the shortest name.
        try line("No. (sighs)", "films/Dr_No.sdh.srt")
        let done = try imported("films")
        #expect(done.status == 0, "\(done.error)")
        #expect(done.error.contains("Dr_No.sdh.srt: left out, for Dr_No.srt has"), "\(done.error)")
        for name in ["toy-de", "toy-en", "Dr_No", "subs", "é-fr"] {
            #expect(try count("shots title=\(name)") == "1", "\(name)")
        }
        #expect(try client.request("TITLE LIST").rows.count == 5)
        #expect(try count("dialogue.en title=toy-de") == "1")
        #expect(try count("dialogue.fr title=é-fr") == "1")
        #expect(try count("dialogue title=Dr_No") == "1")
        // By its name all the same.
        #expect(try imported("films/Dr_No.sdh.srt").status == 0)
        #expect(try count("dialogue sighs title=Dr_No") == "1")
    }

    @Test(arguments: [("z.mkv", "z.mp4"), ("Movie The.mkv", "Movie, The.mkv")])
    func `films whose names differ by what titles have not do not mix`(
        first: String, second: String
    ) throws {
        try film(first)
        try film(second)
        let done = try imported(first, second)
        #expect(done.status == 3 && done.error.contains("is that of "), "\(done.error)")
        #expect(done.output.contains("1 shot from 1 of 2 files"), "\(done.output)")
    }

    @Test func `what is no film leaves its title to one that is`() throws {
        try Command.write(Array("no film".utf8), to: scratch("a.mkv"))
        try film("a.mp4")
        let done = try imported("a.mkv", "a.mp4")
        #expect(done.status == 3 && done.output.contains("1 shot from 1 of 2"), "\(done.error)")
    }

    @Test func `a film that was moved or named anew takes its own place`() throws {
        try film("one/pilot.mkv", shots: 2)
        #expect(try imported("one").status == 0)
        let files = RealFileSystem()
        try files.rename(scratch("one/pilot.mkv"), to: scratch("pilot.mkv"))
        let moved = try imported("pilot.mkv")
        #expect(moved.status == 0 && moved.output.contains("there already"), "\(moved.error)")
        // One of another name, in place of one that is gone.
        try files.rename(scratch("pilot.mkv"), to: scratch("one/new.mkv"))
        let anew = try imported("one/new.mkv", options: ["--title", "pilot"])
        #expect(anew.status == 0 && anew.error.contains("which is gone"), "\(anew.error)")
        #expect(try count("shots title=pilot") == "2")
        // A link to it is the same film.
        _ = try Command.run("/bin/ln", ["-s", scratch("one/new.mkv"), scratch("pilot.mkv")])
        #expect(try imported("pilot.mkv").status == 0)
        #expect(try client.request("TITLE GET pilot").rows[0]["file"] == scratch("one/new.mkv"))
    }

    @Test func `a film in a folder that was renamed is told from another of its name`() throws {
        try film("s1/ep1.mkv", shots: 2)
        try line("The first.", "s1/ep1.en.srt")
        #expect(try imported("s1").status == 0)
        let files = RealFileSystem()
        try files.rename(scratch("s1"), to: scratch("season1"))
        try film("s2/ep1.mkv")
        try line("The second.", "s2/ep1.en.srt")
        let refused = try imported("s2")
        #expect(refused.status == 3, "\(refused.output)")
        for name in ["ep1.mkv", "ep1.en.srt"] {
            let said = "\(scratch("s2/\(name)")): title 'ep1' is that of \(scratch("s1/ep1.mkv")), "
            #expect(refused.error.contains(said + "which is gone"), "\(refused.error)")
        }
        let said = refused.error.split(separator: "\n")
        #expect(Set(said).count == said.count, "\(refused.error)")
        #expect(try count("shots") == "2" && count("dialogue first") == "1")
        let moved = try imported("season1")
        #expect(moved.status == 0 && moved.output.contains("there already"), "\(moved.error)")
        #expect(try client.request("TITLE GET ep1").rows[0]["file"] == scratch("season1/ep1.mkv"))
        // It takes the place of the first on purpose, with all that came with that.
        try files.rename(scratch("season1"), to: scratch("away"))
        try files.remove(scratch("s2/ep1.en.srt"))
        let put = try imported("s2/ep1.mkv", options: ["--title", "ep1"])
        #expect(put.status == 0, "\(put.error)")
        #expect(put.error.contains("takes the place of \(scratch("season1/ep1.mkv"))"))
        #expect(put.error.contains("with it goes what ep1.en.srt brought: 1 line"), "\(put.error)")
        #expect(try count("shots title=ep1") == "1" && count("dialogue") == "0")
    }

    @Test func `a second reel comes into the title of the first on purpose`() throws {
        try film("reels/film.mkv")
        try film("reels/second.mkv", shots: 2)
        try film("other/film.mkv")
        #expect(try imported("reels/film.mkv").status == 0)
        let reel = ["--title", "film", "--offset", "1s"]
        for _ in 0..<2 {
            let done = try imported("reels/second.mkv", options: reel)
            #expect(done.status == 0, "\(done.error)")
            #expect(try count("shots title=film") == "3")
        }
        #expect(
            try client.request("TITLE GET film").rows[0]["file"] == scratch("reels/film.mkv"))
        // Its name would have it replace the first.
        let same = try imported("other/film.mkv", options: reel)
        #expect(same.status == 3 && same.error.contains("needs another file name"), "\(same.error)")
        #expect(try count("shots title=film") == "3")
    }

    @Test func `options for a film are not for the subtitles beside it`() throws {
        try film("cut.mkv")
        try line("Cut.", "cut.en.srt")
        try line("Schnitt.", "cut.de.srt")
        let done = try imported("cut.mkv", options: ["--title", "mycut", "--track", "pics"])
        #expect(done.status == 0, "\(done.error)")
        #expect(done.output.contains("2 lines and 1 shot from 3 of 3 files imported\n"))
        #expect(try count("pics title=mycut") == "1")
        #expect(try count("dialogue.en title=mycut") == "1")
        #expect(try count("dialogue.de title=mycut") == "1")
        #expect(try client.request("TITLE LIST").rows.count == 1)
        try line("Elsewhere.", "other.srt")
        let two = try imported("cut.mkv", "other.srt", options: ["--title", "mycut"])
        #expect(two.status == 2 && two.error.contains("there are 2 files"), "\(two.error)")
        let pictures = try imported("other.srt", options: ["--track", "pics"])
        #expect(pictures.status == 3)
        #expect(pictures.error.contains("track 'pics' has no text"), "\(pictures.error)")
    }

    @Test func `subtitles of one name and title do not replace each other`() throws {
        for folder in ["s1", "s2"] {
            try RealFileSystem().createDirectory(scratch(folder))
            try line("In \(folder).", "\(folder)/ep1.en.srt")
        }
        let done = try imported("s1", "s2")
        #expect(done.status == 3 && done.error.contains("has the same name"), "\(done.error)")
        #expect(try count("dialogue s1") == "1" && count("dialogue s2") == "0")
    }
}
