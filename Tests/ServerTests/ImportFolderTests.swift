// Folders as they are found: with links that lead nowhere or in circles, with what cannot be read,
// and with films of all kinds. One bad entry never costs the others.

import Net
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct ImportFolderTests {
    private let scratch: ScratchDirectory
    private let server: ServerProcess
    private let client: Client
    private let subtitles = Array("1\n00:00:01,000 --> 00:00:02,000\nStill here.\n".utf8)

    init() throws {
        scratch = try scratchDirectory("folders")
        server = try ServerProcess(scratch)
        client = try server.connect()
        try RealFileSystem().createDirectory(scratch("films"))
    }

    /// Runs lines of a shell in the folder of films; returns the status of the last.
    @discardableResult
    private func shell(_ lines: String) throws -> Int32 {
        try Command.run("/bin/sh", ["-c", "cd \"$0\" && { \(lines); }", scratch("films")]).status
    }

    private func imported(_ words: String...) throws -> Command {
        try Command.run(Command.mspd, ["import"] + words, server: server.socket)
    }

    @Test func `names that look alike are those of two files`() throws {
        // An accent in its letter, and behind it.
        let names = ["caf\u{E9}.mkv", "cafe\u{301}.mkv"]
        try FilmMaker.film(["testsrc2=d=1"], to: scratch("film.mkv"))
        try FilmMaker.film(["testsrc2=d=1", "smptebars=d=1"], to: scratch("other.mkv"))
        let files = RealFileSystem()
        try files.rename(scratch("film.mkv"), to: scratch("films/\(names[0])"))
        try files.rename(scratch("other.mkv"), to: scratch("films/\(names[1])"))
        for _ in 0..<2 {
            let done = try imported(scratch("films"))
            #expect(done.status == 3 && done.output.contains("1 of 2 files"), "\(done.output)")
            #expect(done.error.contains("title 'caf\u{E9}' is that of "), "\(done.error)")
        }
    }

    @Test func `what cannot be read is named, and the rest is imported`() throws {
        let folder = scratch("films")
        // The last name is no UTF-8.
        try shell(
            "ln -s nowhere.mp4 dead.mp4; ln -s round.srt round.srt; mkfifo pipe.srt pipe.mp4;"
                + " : > \"$(printf 'odd\\377.srt')\"")
        defer { _ = try? shell("rm -f odd*") }
        try Command.write(subtitles, to: "\(folder)/zz.srt")
        let done = try imported(folder)
        #expect(done.status == 3)
        #expect(done.output.contains("1 line from 1 of 6 files imported, 5 problems"))
        #expect(done.error.contains("dead.mp4: No such file"), "\(done.error)")
        #expect(done.error.contains("round.srt: Too many levels of symbolic links"))
        #expect(done.error.contains("pipe.srt: this is no file"))
        #expect(done.error.contains(".srt: its name is not UTF-8; give it another"))
        #expect(done.error.contains("mspd: 5 of 6 files were not imported"))
        #expect(try client.request("COUNT dialogue").words == "1")
    }

    @Test func `a folder named after a language has the lines of one, of the same titles`() throws {
        let folder = scratch("films")
        try shell("mkdir en zh-CN new")
        for language in ["en", "zh-CN"] {
            for name in ["one.srt", "two.srt", "three.fr.srt"] {
                try Command.write(subtitles, to: "\(folder)/\(language)/\(name)")
            }
        }
        try Command.write(subtitles, to: "\(folder)/new/one.srt")
        let done = try imported(folder)
        #expect(done.status == 3 && done.output.contains("6 lines from 6 of 7 files"))
        #expect(done.error.contains("three.fr.srt has the same name"), "\(done.error)")
        let told = "zh-CN/one.srt: taken to be in zh, after which its folder is named"
        #expect(done.error.contains(told), "\(done.error)")
        for (track, count) in [("dialogue.en", "2"), ("dialogue.zh", "2"), ("dialogue.fr", "1")] {
            #expect(try client.request("COUNT \(track)").words == count, "\(track)")
        }
        // In all languages, and in none.
        #expect(try client.request("COUNT dialogue title=one").words == "3")
        let again = try imported("\(folder)/en/one.srt", "--lang", "de")
        #expect(again.status == 0 && !again.error.contains("folder"), "\(again.error)")
        #expect(try client.request("COUNT dialogue.de").words == "1")
    }

    @Test func `files and folders as a shell names them cost each other nothing`() throws {
        try shell("mkdir none; ln -s nowhere.mp4 dead.mp4")
        try Command.write(subtitles, to: scratch("films/zz.srt"))
        let names = ["dead.mp4", "none", "zz.srt"].map { scratch("films/\($0)") }
        let done = try Command.run(Command.mspd, ["import"] + names, server: server.socket)
        #expect(done.status == 3 && done.output.contains("1 line from 1 of 2 files"))
        #expect(done.error.contains("lies below '\(names[1])'"), "\(done.error)")
        let none = try imported(names[1])
        #expect(none.status == 2 && none.error.contains("lies below"), "\(none.error)")
    }

    @Test func `a folder that may not be read is named, and the rest is imported`() throws {
        let folder = scratch("films")
        try RealFileSystem().createDirectory("\(folder)/closed")
        try Command.write(subtitles, to: "\(folder)/closed/inside.srt")
        try Command.write(subtitles, to: "\(folder)/zz.srt")
        defer { _ = try? shell("chmod 700 closed") }
        // Nothing is closed to who may do everything.
        guard try shell("chmod 0 closed; test ! -r closed") == 0 else { return }
        let done = try imported(folder)
        #expect(done.status == 3 && done.output.contains("1 line from 1 of 1 file imported"))
        #expect(done.error.contains("closed") && done.error.contains("1 folder could not be read"))
    }

    @Test(.timeLimit(.minutes(1))) func `links in circles are walked once`() throws {
        let folder = scratch("films")
        try RealFileSystem().createDirectory("\(folder)/sub")
        try shell("for link in again and sub/round; do ln -s \"$PWD\" $link; done")
        try Command.write(subtitles, to: "\(folder)/sub/film.srt")
        let done = try imported(folder)
        #expect(done.status == 0, "\(done.error)")
        #expect(done.output.contains("1 line from 1 of 1 file imported"), "\(done.output)")
    }

    @Test func `a name without an ending that says so is tried as a film`() throws {
        try FilmMaker.film(["testsrc2=d=1"], to: scratch("film.wmv"))
        try FilmMaker.run([
            "-f", "lavfi", "-i", "testsrc2=d=1:r=10:s=160x90", scratch("moving.gif"),
        ])
        try FilmMaker.film(["testsrc2=d=1"], options: ["-f", "matroska"], to: scratch("bare"))
        try Command.write(subtitles, to: scratch("words.txt"))
        try Command.write(Array("%PDF-1.7\n".utf8), to: scratch("page.pdf"))
        let done = try imported(
            scratch("film.wmv"), scratch("moving.gif"), scratch("bare"), scratch("words.txt"),
            scratch("page.pdf"))
        #expect(done.status == 3, "\(done.error)")
        #expect(done.output.contains("1 line and 3 shots from 4 of 5 files"), "\(done.output)")
        #expect(
            done.error.contains(
                "page.pdf: this is a PDF document, not a subtitle file, and ffmpeg cannot"),
            "\(done.error)")
    }

    @Test func `an import that fails leaves no operation open`() throws {
        try FilmMaker.film(["testsrc2=d=1", "smptebars=d=1"], to: scratch("film.mkv"))
        // Pictures are no numbers, so the server takes no shot.
        _ = try client.request(
            "TRACK CREATE shots vector=256 metric=cosine encoder=look shot:number film:keyword "
                + "thumb:number")
        try Command.write(subtitles, to: scratch("other.srt"))
        let done = try imported(scratch("film.mkv"), scratch("other.srt"))
        #expect(done.status == 3 && done.error.contains("film.mkv: mspd: the server says SYNTAX."))
        #expect(done.output.contains("1 line from 1 of 2 files"), "\(done.output)")
        let jobs = try client.request("JOBS").rows.filter { $0["kind"] == "operation" }
        #expect(jobs.isEmpty, "\(jobs)")
    }

    @Test func `a title's shots are listed in their order, with a sheet`() throws {
        try FilmMaker.film(
            ["testsrc2=d=1", "smptebars=d=1", "testsrc=d=1"], to: scratch("film.mkv"))
        #expect(try imported(scratch("film.mkv")).status == 0)
        func search(_ words: String...) throws -> Command {
            try Command.run(Command.mspd, ["search"] + words, server: server.socket)
        }
        let sheet = scratch("shots.png")
        let done = try search("--title", "film", "--track", "shots", "--sheet", sheet)
        #expect(done.status == 0 && done.error.contains("3 pictures in \(sheet)"), "\(done.error)")
        let places = done.output.matches(of: #/00:00:0(\d):00  00/#).map { String($0.1) }
        #expect(places == ["0", "1", "2"], "\(done.output)")
        #expect(try search("--track", "shots").status == 2)
        let none = try search("--title", "film")
        #expect(none.status == 3 || none.status == 1, "\(none.error)")
        let only = try search("--like", "-film@0.5s")
        #expect(only.status == 3 && only.error.contains("names only what is not wanted"))
    }
}
