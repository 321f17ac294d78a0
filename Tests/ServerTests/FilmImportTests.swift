// Films as their users meet them: imported, known again, found by what they look like.

import Net
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct FilmImportTests {
    @Test func `a folder of films is imported, known again, and found by looks`() throws {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        let films = scratch("films")
        try RealFileSystem().createDirectory(films)
        try FilmMaker.film(
            ["smptebars=d=2", "testsrc2=d=2"], rate: "30000/1001",
            options: ["-timecode", "01:00:00;00"], to: "\(films)/one.mov")
        try FilmMaker.film(["testsrc=d=2", "smptebars=d=2"], to: "\(films)/two.mkv")
        try Command.write(Array("no film".utf8), to: "\(films)/three.mp4")
        try Command.write(
            Array("1\n00:00:01,000 --> 00:00:02,000\nLook at the bars.\n".utf8),
            to: "\(films)/two.en.srt")

        let done = try Command.run("import", films, server: server.socket)
        #expect(done.status == 3)
        #expect(done.error.contains("three.mp4: ffmpeg cannot read this"), "\(done.error)")
        #expect(done.output.contains("1 line and 4 shots from 3 of 4 files"), "\(done.output)")
        let titles = try server.ask("TITLE LIST")
        #expect(titles.contains("title=one\tfps=29.97\tstart=01:00:00;00"), "\(titles)")
        // Where the film lies, so that encoders can look into it.
        #expect(titles.contains("\tfile=/") && titles.contains("/films/one.mov\n"), "\(titles)")
        #expect(try server.ask("COUNT shots").contains("\n+ 4\n"))
        let shots = try server.ask("SEARCH shots title=two")
        #expect(shots.contains("in=00:00:02:00\tout=00:00:04:00\tkey=two.mkv#2"), "\(shots)")
        #expect(!shots.contains("thumb="))
        #expect(try server.ask("SEARCH shots thumb=1").contains("thumb=/9j/"))

        let again = try Command.run("import", "\(films)/two.mkv", server: server.socket)
        #expect(again.output.contains("there already, unchanged"), "\(again.output)")
        let anew = try Command.run("import", "--again", films, server: server.socket)
        #expect(anew.output.contains("4 shots"), "\(anew.output)")
        #expect(try server.ask("COUNT shots").contains("\n+ 4\n"))

        let sheet = scratch("sheet.png")
        let alike = try Command.run(
            "search", "--like", "one@01:00:01;00", "--not-title", "one", "--limit", "1",
            "--format", "table", "--sheet", sheet, server: server.socket)
        #expect(alike.output.contains("two    00:00:02:00"), "\(alike.output)\(alike.error)")
        let file = try RealFileSystem().open(sheet, .read)
        defer { file.close() }
        #expect(try file.read(4, at: 0) == [0x89, 0x50, 0x4E, 0x47])
        #expect(server.stop() == 0)
    }

    @Test func `a label with colons is in drop-frame where the film counts so`() throws {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        for (name, label) in [("drop", "01:00:00;00"), ("non", "01:00:00:00")] {
            try FilmMaker.film(
                ["testsrc2=d=1"], rate: "30000/1001", options: ["-timecode", label],
                to: scratch("\(name).mov"))
            for again in [false, true] {
                let done = try Command.run(
                    "import", scratch("\(name).mov"), "--fps", "29.97", "--start", "10:00:00:00",
                    server: server.socket)
                #expect(done.output.contains("there already") == again, "\(done.output)")
                #expect(
                    done.error.contains("--start 10:00:00:00 is taken as 10:00:00;00")
                        == (name == "drop"), "\(done.error)")
            }
        }
        let titles = try server.ask("TITLE LIST")
        #expect(titles.contains("title=drop\tfps=29.97\tstart=10:00:00;00"), "\(titles)")
        #expect(titles.contains("title=non\tfps=29.97\tstart=10:00:00:00"), "\(titles)")
        // An hour on is 107,892 frames in the one and 108,000 in the other.
        _ = try server.ask("TRACK CREATE notes text=en")
        for name in ["drop", "non"] {
            _ = try server.ask("PUT notes \(name) in=11:00:00:00 key=a text=hour")
        }
        #expect(try server.ask("GET notes drop key=a").contains("in=11:00:00;00\t"))
        #expect(try server.ask("GET notes non key=a").contains("in=11:00:00:00\t"))
        #expect(server.stop() == 0)
    }

    @Test func `what was interrupted goes on, and a film that changed replaces itself`() throws {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        let films = scratch("films")
        try RealFileSystem().createDirectory(films)
        for number in 1...6 {
            try FilmMaker.film(
                ["testsrc2=d=4", "smptebars=d=4"], to: "\(films)/film\(number).mkv")
        }
        let first = Command.mspd + " import \(films) --server \(server.socket)"
        // Ended as soon as the first film is there.
        let interrupted = try Command.run(
            "/bin/sh",
            [
                "-c",
                "\(first) & for i in $(seq 600); do printf 'COUNT shots\nQUIT\n'"
                    + " | nc -N -U \(server.socket) | grep -q '^+ [1-9]' && break; sleep 0.05;"
                    + " done; kill -9 $!; wait $! 2>/dev/null; true",
            ])
        #expect(interrupted.status == 0)
        let before = try server.ask("COUNT shots")
        #expect(!before.contains("\n+ 0\n"), "\(before)")
        let rest = try Command.run("import", films, server: server.socket)
        #expect(rest.output.contains("there already, unchanged"), "\(rest.output)")
        #expect(try server.ask("COUNT shots").contains("\n+ 12\n"))

        try FilmMaker.film(["testsrc2=d=9"], to: "\(films)/film3.mkv")
        let anew = try Command.run("import", films, server: server.socket)
        #expect(anew.output.contains("1 shot from 6 of 6 files"), "\(anew.output)")
        #expect(try server.ask("COUNT shots").contains("\n+ 11\n"))
        #expect(try server.ask("COUNT shots title=film3").contains("\n+ 1\n"))
        #expect(server.stop() == 0)
    }

    @Test func `a clip and a picture find their shot`() throws {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        try FilmMaker.film(
            ["testsrc2=d=2", "smptebars=d=2", "mandelbrot=end_scale=0.3,trim=end=2"],
            to: scratch("film.mkv"))
        #expect(try Command.run("import", scratch("film.mkv"), server: server.socket).status == 0)
        try FilmMaker.run(["-i", scratch("film.mkv"), "-ss", "4.4", "-t", "1", scratch("clip.mp4")])
        try FilmMaker.run([
            "-i", scratch("film.mkv"), "-ss", "3", "-frames:v", "1", scratch("a.jpg"),
        ])
        let client = try server.connect()
        func best(_ key: String, _ path: String) throws -> String? {
            let file = try RealFileSystem().open(path, .read)
            defer { file.close() }
            let bytes = try file.read(Int(try file.size()), at: 0)
            client.send(
                Array("SIMILAR shots limit=1 \(key)={\(bytes.count)}\n".utf8) + bytes + [10])
            try client.flush()
            return try client.readReply().rows.first?["key"]
        }
        #expect(try best("video", scratch("clip.mp4")) == "film.mkv#3")
        // The second one is read by a program that waited.
        for _ in 0..<3 { #expect(try best("image", scratch("a.jpg")) == "film.mkv#2") }
        // From the shell a clip is more than its first frame, which is often black.
        try FilmMaker.film(
            ["color=black:d=0.6", "mandelbrot=end_scale=0.3,trim=end=2"], to: scratch("dark.mkv"))
        let clip = try Command.run(
            "search", "--like", scratch("dark.mkv"), "--limit", "1", "--min-score", "0.9",
            "--format", "tsv", server: server.socket)
        #expect(clip.output.contains("film.mkv#3"), "\(clip.output)\(clip.error)")
        let alike = try Command.run(
            "search", "--like", scratch("a.jpg"), "--min-score", "0.99", "--format", "tsv",
            server: server.socket)
        #expect(alike.output.split(separator: "\n").count == 1, "\(alike.output)")
        #expect(server.stop() == 0)
    }

    @Test func `a terminal is told how far the import is and how long it goes on`() throws {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        let films = scratch("films")
        try RealFileSystem().createDirectory(films)
        for number in 1...3 {
            try FilmMaker.film(["testsrc2=d=4"], to: "\(films)/film\(number).mkv")
        }
        // Gives the program a terminal, and passes on what it writes there.
        let command = "env -u NO_COLOR \(Command.mspd) import \(films) --server \(server.socket)"
        let seen = try Command.run("/usr/bin/script", ["-qec", command, "/dev/null"])
        #expect(seen.status == 0)
        let bar = #/\r\[=* *\] (\d+) %  [^\r]* shots?, \d+:\d\d left /#
        let shares = seen.output.matches(of: bar).compactMap { Int($0.1) }
        #expect(!shares.isEmpty && shares == shares.sorted(), "\(seen.output)")
        #expect(shares.allSatisfy { (1...100).contains($0) })
        #expect(seen.output.contains(" s, ") && seen.output.contains(" minutes of film a minute"))
        #expect(server.stop() == 0)
    }

    @Test func `subtitles that name no film go to the one beside them, or to their folder`() throws
    {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        let cue = Array("1\n00:00:01,000 --> 00:00:02,000\nLook at the bars.\n".utf8)
        for folder in ["pilot", "reels", "alone"] {
            try RealFileSystem().createDirectory(scratch(folder))
            try Command.write(cue, to: scratch("\(folder)/captions.en.srt"))
        }
        try FilmMaker.film(["testsrc2=d=1"], to: scratch("pilot/the film.mkv"))
        for reel in ["one", "two"] {
            try FilmMaker.film(["testsrc2=d=1"], to: scratch("reels/\(reel).mkv"))
        }
        for (folder, title, why) in [
            ("pilot", "the-film", "the film beside it"), ("reels", "reels", "its folder"),
            ("alone", "alone", "its folder"),
        ] {
            let done = try Command.run(
                "import", scratch("\(folder)/captions.en.srt"), server: server.socket)
            #expect(done.status == 0 && !done.output.contains("problems"), "\(done.output)")
            #expect(
                done.error.contains("goes to title '\(title)', named after \(why)"), "\(done.error)"
            )
            #expect(try server.ask("COUNT dialogue title=\(title)").contains("\n+ 1\n"))
        }
        #expect(server.stop() == 0)
    }

    @Test func `what is nearly the same is shown once, with its picture where it is wanted`() throws
    {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        for (name, quality) in [("first", "2"), ("copy", "9")] {
            try FilmMaker.run([
                "-f", "lavfi", "-i", "testsrc2=d=2:r=24:s=640x360", "-c:v", "mpeg4", "-q:v",
                quality, scratch("\(name).mkv"),
            ])
        }
        try FilmMaker.film(["smptebars=d=2"], to: scratch("other.mkv"))
        for name in ["first", "copy", "other"] {
            let done = try Command.run(
                "import", scratch("\(name).mkv"), server: server.socket)
            #expect(done.status == 0, "\(done.error)")
        }
        func shown(_ keys: String) throws -> Int {
            try server.ask("SIMILAR shots like=other@1s \(keys)").matches(of: #/\n=/#).count
        }
        #expect(try shown("distinct=shot") == 1 && shown("") == 2)
        #expect(try shown("not_title=copy") == 1)
        // A table has a heading; a list for scripts has all there is.
        let table = ["search", "--like", "other@00:00:01:00"]
        for (words, count) in [
            (table, 2), (table + ["--repeats"], 3), (table + ["--format", "tsv"], 2),
        ] {
            let done = try Command.run(
                Command.mspd, words, server: server.socket)
            #expect(done.output.split(separator: "\n").count == count, "\(done.output)")
        }
        // As base64, of what was put as it is.
        let put = "PUT shots other in=1s key=own thumb={4}\n\u{1}\u{7F}\n "
        #expect(try server.ask(put).contains("+ ok"))
        #expect(try server.ask("GET shots other key=own").contains("thumb=AX8KIA=="))
        let alike = try server.ask("SIMILAR shots like=first@1s distinct=shot limit=1 thumb=1")
        #expect(alike.contains("\tthumb=/9j/"), "\(alike)")
        #expect(server.stop() == 0)
    }

    @Test func `a title keeps its rate and first label, whatever film comes to it`() throws {
        let scratch = try scratchDirectory("rates")
        let server = try ServerProcess(scratch)
        try FilmMaker.film(
            ["testsrc2=d=1"], rate: "25", options: ["-timecode", "10:00:00:00"],
            to: scratch("reel.mov"))
        try FilmMaker.film(["smptebars=d=1"], to: scratch("second.mov"))
        let first = try Command.run("import", scratch("reel.mov"), server: server.socket)
        #expect(first.status == 0, "\(first.error)")
        let second = try Command.run(
            "import", scratch("second.mov"), "--title", "reel", "--offset", "2s",
            server: server.socket)
        #expect(
            second.error.contains("runs at 24 frames a second; title 'reel' keeps its 25"),
            "\(second.error)")
        #expect(try server.ask("TITLE GET reel").contains("fps=25\tstart=10:00:00:00"))
        // The same film at another rate, which says no label.
        try FilmMaker.film(["testsrc2=d=1"], to: scratch("reel.mov"))
        let anew = try Command.run("import", scratch("reel.mov"), server: server.socket)
        #expect(anew.status == 0, "\(anew.error)")
        #expect(try server.ask("TITLE GET reel").contains("fps=24\tstart=10:00:00:00"))
    }

    @Test func `a sheet goes where its name leads, and takes nothing away`() throws {
        let scratch = try scratchDirectory("sheets")
        let server = try ServerProcess(scratch)
        try FilmMaker.film(["testsrc2=d=1"], to: scratch("film.mkv"))
        let done = try Command.run("import", scratch("film.mkv"), server: server.socket)
        #expect(done.status == 0, "\(done.error)")
        func sheet(_ name: String, _ more: String...) throws -> Command {
            let words = ["search", "--title", "film", "--track", "shots", "--sheet", scratch(name)]
            return try Command.run(Command.mspd, words + more, server: server.socket)
        }
        try Command.write([], to: scratch("there.png"))
        try RealFileSystem().createDirectory(scratch("folder"))
        let links = "cd $0 && ln -s there.png link.png && ln -s /dev/null none"
        #expect(try Command.run("/bin/sh", ["-c", links, scratch("")]).status == 0)
        #expect(try sheet("link.png").status == 0 && sheet("none").status == 0)
        #expect(try RealFileSystem().size(of: scratch("there.png")) ?? 0 > 100)
        #expect(try RealFileSystem().size(of: scratch("none")) == 0)
        let folder = try sheet("folder")
        #expect(folder.status == 2 && folder.error.contains("Is a directory"), "\(folder.error)")
        let both = try sheet("new.png", "--format", "tsv")
        #expect(both.status == 2 && both.error.contains("--sheet goes with the table"))
    }

    @Test func `two imports at once into an empty server both come`() throws {
        let scratch = try scratchDirectory("two")
        let server = try ServerProcess(scratch)
        // Tracks of words are made when both films have been read.
        try Command.write(
            Array("1\n00:00:00,000 --> 00:00:01,000\nHello.\n".utf8), to: scratch("words"))
        for name in ["one", "two"] {
            try FilmMaker.film(
                [FilmMaker.Subtitles(scratch("words"), tag: "eng")], to: scratch("\(name).mkv"))
        }
        let both = "$0 import $1/one.mkv & p=$!; $0 import $1/two.mkv; s=$?; wait $p && exit $s"
        let done = try Command.run(
            "/bin/sh", ["-c", both, Command.mspd, scratch(".")], server: server.socket)
        #expect(done.status == 0, "\(done.error)")
        #expect(try server.ask("COUNT shots").contains("\n+ 2\n"))
        #expect(try server.ask("COUNT dialogue").contains("\n+ 2\n"))
    }

    @Test func `no more than eight pictures are read at a time`() throws {
        let scratch = try scratchDirectory("slots")
        let server = try ServerProcess(scratch)
        try FilmMaker.film(["testsrc2=d=1"], to: scratch("film.mkv"))
        #expect(try Command.run("import", scratch("film.mkv"), server: server.socket).status == 0)
        // Which takes a while.
        try FilmMaker.run([
            "-f", "lavfi", "-i", "color=white:s=4000x4000", "-frames:v", "1", scratch("a.png"),
        ])
        let file = try RealFileSystem().open(scratch("a.png"), .read)
        defer { file.close() }
        let picture = try file.read(Int(try file.size()), at: 0)
        for _ in 0..<2 {
            let clients = try (0..<12).map { _ in try server.connect() }
            for client in clients {
                client.send(Array("SIMILAR shots image={\(picture.count)}\n".utf8))
                client.send(picture + [10])
                try client.flush()
            }
            let replies = try clients.map { try $0.readReply() }
            let busy = replies.filter { $0.code == "BUSY.encoder" }
            #expect((1...4).contains(busy.count), "\(busy.count)")
            #expect(busy.allSatisfy { $0.text?.contains("8 pictures are being read") == true })
            #expect(replies.count { $0.rows.count == 1 } == 12 - busy.count)
        }
        #expect(server.stop() == 0)
    }

    @Test func `without ffmpeg the way to it is told`() throws {
        let scratch = try scratchDirectory("films")
        let server = try ServerProcess(scratch)
        try Command.write([1, 2, 3], to: scratch("film.mkv"))
        let told = try Command.run(
            "/usr/bin/env",
            [
                "PATH=/nowhere", Command.mspd, "import", scratch("film.mkv"), "--server",
                server.socket,
            ])
        #expect(told.status == 3)
        #expect(told.error.contains("apt install ffmpeg"), "\(told.error)")
    }
}
