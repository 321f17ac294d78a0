// ENCODER keeps encoders; ENRICH has them fill tracks: from texts, pictures, whole lanes and sound,
// one operation a title, by itself where that is asked for.

import Gateway
import Glibc
import Segments
import Synchronization
import Testing

@Suite("ENCODER and ENRICH")
struct EnrichTests {
    /// A gateway with lines in two of three titles, and a track for vectors of them.
    private func prepared() throws -> EncoderTalk {
        let talk = try EncoderTalk()
        for title in ["a", "b", "c"] { try talk.ask("TITLE SET \(title)") }
        try talk.ask("TRACK CREATE lines text=en")
        try talk.ask("TRACK CREATE meaning vector=8 encoder=letters")
        try talk.ask("ENCODER SET letters command=letters accepts=text,image dim=8")
        for number in 0..<70 {
            try talk.ask("PUT lines a in=\(number)s out=\(number + 1)s key=k\(number) text=abba")
        }
        try talk.ask("PUT lines b in=1s out=2s key=one", ("text", "a cab"))
        return talk
    }

    @Test("keep, show and drop encoders, but none that is built in")
    func catalog() throws {
        let talk = try EncoderTalk()
        #expect(talk.refusal("ENCODER SET x command=a/b accepts=text dim=8") == "SYNTAX.value")
        #expect(talk.refusal("ENCODER SET x command=.. accepts=text dim=8") == "SYNTAX.value")
        #expect(talk.refusal("ENCODER SET x command=x dim=8") == "SYNTAX.missing")
        #expect(talk.refusal("ENCODER SET x command=x accepts=smell dim=8") == "SYNTAX.value")
        #expect(talk.refusal("ENCODER SET x command=x accepts=text dim=7") == "SYNTAX.value")
        #expect(talk.refusal("ENCODER SET look command=x accepts=text dim=8") == "EXISTS.encoder")
        #expect(talk.refusal("ENCODER DROP look") == "EXISTS.encoder")
        #expect(talk.refusal("ENCODER GET x") == "NOTFOUND.encoder")
        try talk.ask("ENCODER SET x command=prog accepts=video,text dim=8 seconds=5 forks=1")
        let rows = try talk.ask("ENCODER LIST").rows
        #expect(rows.map { $0["encoder"] } == ["look", "x"])
        #expect(rows[0]["built_in"] == "1")
        #expect(rows[1]["accepts"] == "text,video")
        #expect(rows[1]["seconds"] == "5" && rows[1]["forks"] == "1")
        #expect(talk.encoders.forgotten.withLock { $0 } == ["x"])
        try talk.ask("ENCODER DROP x")
        #expect(try talk.ask("ENCODER LIST").rows.count == 1)
    }

    @Test("make a vector for each line, a few at a time, where there are none yet")
    func texts() throws {
        let talk = try prepared()
        let done = try talk.ask("ENRICH meaning from=lines")
        #expect(done.summary == ["titles": "2", "rows": "71", "missed": "0", "failed": "0"])
        #expect(talk.encoders.asked.withLock { $0.map(\.count) } == [4, 8, 16, 32, 10, 1])
        let near = try talk.ask("SIMILAR meaning text=cab limit=1").rows
        #expect(near.first?["title"] == "b" && near.first?["key"] == "one")
        #expect(near.first?["in"] == "00:00:01.000" && near.first?["out"] == "00:00:02.000")
        #expect(try talk.ask("ENRICH meaning from=lines").summary["titles"] == "0")
        let again = try talk.ask("ENRICH meaning from=lines redo=1 title=b")
        #expect(again.summary == ["titles": "1", "rows": "1", "missed": "0", "failed": "0"])
        #expect(try talk.ask("COUNT meaning").summary["done"] == "71")
    }

    @Test("miss the rows alone that an encoder cannot bear, and name the first")
    func unbearable() throws {
        let talk = try prepared()
        try talk.ask("PUT lines a in=90s out=91s text=bad")
        // A vector without a direction.
        try talk.ask("PUT lines a in=95s out=96s text=zzz")
        try talk.ask("PUT lines b in=4s out=5s text=fall")
        try talk.ask("PUT lines b in=6s out=7s text=fall")
        try talk.ask("PUT lines b in=8s out=9s text=cab")
        let done = try talk.ask("ENRICH meaning from=lines")
        #expect(done.summary == ["titles": "2", "rows": "72", "missed": "4", "failed": "0"])
        #expect(done.rows.map { $0["missed"] } == ["2", "2"])
        #expect(
            done.rows.first == [
                "title": "a", "error": "ENCODER.refused", "missed": "2",
                "text": "the first at 00:01:30.000: bad is bad",
            ])
        #expect(done.rows.last?["error"] == "ENCODER.exited")
    }

    @Test("name the title that failed, leave its lane alone, and go on")
    func failures() throws {
        let talk = try prepared()
        try talk.ask("ENRICH meaning from=lines title=a")
        // An encoder that ends three times in a row would at anything.
        for start in 90...92 { try talk.ask("PUT lines a in=\(start)s out=93s text=fall") }
        // One that refuses all there is.
        try talk.ask("PUT lines c in=1s out=2s text=bad")
        let done = try talk.ask("ENRICH meaning from=lines redo=1")
        #expect(done.summary == ["titles": "1", "rows": "1", "missed": "0", "failed": "2"])
        #expect(
            done.rows == [
                ["title": "a", "error": "ENCODER.exited", "text": "it fell"],
                ["title": "c", "error": "ENCODER.refused", "text": "bad is bad"],
            ])
        #expect(try talk.ask("COUNT meaning title=a").summary["done"] == "70")
        #expect(try talk.ask("JOBS").rows.isEmpty)
    }

    @Test("make a vector for the picture in the middle of each row")
    func pictures() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET eyes command=eyes accepts=image dim=8")
        try talk.ask("TRACK CREATE shots note:text")
        try talk.ask("PUT shots b in=0s out=4s key=s")
        let unknown = try talk.ask("ENRICH meaning encoder=eyes from=shots")
        #expect(unknown.rows.first?["error"] == "NOTFOUND.file")
        try talk.ask("TITLE SET b file=/films/b.mkv")
        try talk.ask("ENRICH meaning encoder=eyes from=shots")
        let found = try talk.ask("SIMILAR meaning text=ccc limit=1").rows
        #expect(found.first?["key"] == "s" && found.first?["score"]?.hasPrefix("1") == true)
    }

    @Test("keep what can be had where the film does not show all rows")
    func missed() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET eyes command=eyes accepts=image dim=8")
        try talk.ask("TRACK CREATE shots film:keyword")
        try talk.ask("TITLE SET c file=/films/c.mkv fps=25")
        try talk.ask("PUT shots c in=0s out=4s key=whole film=c.mkv:1:2:0")
        // A shot of one frame, which begins at 2 s.
        try talk.ask("PUT shots c in=2s out=2.04s key=frame")
        // A second reel.
        try talk.ask("PUT shots c in=5s out=6s key=other film=d.mkv:1:2:5000000000")
        for start in 60..<100 { try talk.ask("PUT shots c in=\(start)s out=\(start + 1)s") }
        let done = try talk.ask("ENRICH meaning encoder=eyes from=shots")
        #expect(done.summary == ["titles": "1", "rows": "2", "missed": "41", "failed": "0"])
        #expect(done.rows.first?["missed"] == "41" && done.rows.first?["error"] == "FILM.other")
        #expect(done.rows.first?["text"]?.contains("00:00:05.000: it is of 'd.mkv") == true)
        #expect(talk.films.pictures.withLock { $0.prefix(2) } == [1_990_000_000, 1_990_000_000])
        // Where there is nothing at all the title fails, after a few rows.
        try talk.ask("TITLE SET b file=/films/b.mkv")
        for start in 60..<130 { try talk.ask("PUT shots b in=\(start)s out=\(start + 1)s") }
        let failed = try talk.ask("ENRICH meaning encoder=eyes from=shots title=b")
        #expect(failed.summary == ["titles": "0", "rows": "0", "missed": "0", "failed": "1"])
        #expect(talk.films.pictures.withLock { $0.count } == 42 + 32)
    }

    @Test("show no encoder the shots in which nothing is seen", arguments: [false, true])
    func blank(isFlushed: Bool) throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET eyes command=eyes accepts=image dim=8")
        try talk.ask("TRACK CREATE shots vector=8 film:keyword")
        try talk.ask("TITLE SET c file=/films/c.mkv")
        let film = "film=c.mkv:1:2:0"
        try talk.ask("PUT shots c in=0s out=2s key=c#1 \(film) vec=1,0,0,0,0,0,0,0")
        try talk.ask("PUT shots c in=2s out=4s key=c#2 \(film)")
        try talk.ask("PUT shots c in=4s out=6s key=c#3 \(film) vec=0,1,0,0,0,0,0,0")
        // A row that somebody drew by hand is no shot of an import.
        try talk.ask("PUT shots c in=6s out=7s key=mine")
        if isFlushed { try talk.store.flush() }
        let done = try talk.ask("ENRICH meaning encoder=eyes from=shots")
        #expect(done.summary == ["titles": "1", "rows": "3", "missed": "1", "failed": "0"])
        #expect(done.rows.first?["error"] == "FILM.blank")
        #expect(done.rows.first?["text"]?.contains("00:00:02.000: it is all black") == true)
        let seen: [Int64] = [1_000_000_000, 5_000_000_000, 6_500_000_000]
        #expect(talk.films.pictures.withLock { $0 } == seen)
    }

    @Test("make a vector for the clip of each row")
    func clips() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET films command=films accepts=video dim=8")
        try talk.ask("TRACK CREATE shots note:text")
        try talk.ask("TITLE SET b file=/films/b.mkv")
        for start in 1...5 {
            try talk.ask("PUT shots b in=\(start)s out=\(start + 3)s key=s\(start)")
        }
        try talk.ask("ENRICH meaning encoder=films from=shots")
        let shown = talk.encoders.asked.withLock { $0.flatMap { $0 } }
        #expect(shown.map(\.kind) == Array(repeating: .video, count: 5))
        #expect(shown.first?.bytes == Array("bcd".utf8))
        // Clips are large, so few are held at once.
        #expect(talk.encoders.asked.withLock { $0.map(\.count) } == [2, 2, 1])
        let found = try talk.ask("SIMILAR meaning text=efg limit=1").rows
        #expect(found.first?["key"] == "s4")
    }

    @Test("hear a film in pieces that end where it is quiet")
    func sound() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET ears command=ears accepts=audio")
        try talk.ask("TITLE SET c file=/films/c.mkv")
        try talk.ask("TRACK CREATE heard text=en")
        let done = try talk.ask("ENRICH heard encoder=ears")
        #expect(done.summary == ["titles": "1", "rows": "3", "missed": "0", "failed": "0"])
        let pieces = talk.encoders.asked.withLock { $0.flatMap { $0 } }
        #expect(pieces.allSatisfy { $0.bytes.starts(with: Array("RIFF".utf8)) })
        // Nothing is lost between pieces, nor heard twice.
        #expect(pieces.reduce(0) { $0 + $1.bytes.count - 44 } == 75 * 32_000)
        // Of a quiet second its last fifth, in the middle.
        let rows = try talk.ask("SEARCH heard sort=time").rows
        #expect(rows.map { $0["in"] } == ["00:00:00.500", "00:00:26.400", "00:00:51.400"])
        #expect(rows.map { $0["out"] } == ["00:00:25.900", "00:00:50.900", "00:01:15.000"])
        // One piece that cannot be heard costs the others nothing.
        talk.encoders.deafAt.store(5, ordering: .relaxed)
        let again = try talk.ask("ENRICH heard encoder=ears redo=1")
        #expect(again.summary == ["titles": "1", "rows": "2", "missed": "1", "failed": "0"])
        #expect(again.rows.first?["text"] == "the first at 00:00:25.900: too loud")
    }

    @Test("make rows of a lane's rows")
    func lanes() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET echo command=echo accepts=annotations")
        try talk.ask("TRACK CREATE echoes text=en")
        try talk.ask("ENRICH echoes encoder=echo from=lines title=b")
        let rows = try talk.ask("SEARCH echoes sort=time").rows
        #expect(rows.map { $0["text"] } == ["so: a cab"])
        #expect(rows.first?["key"] == "one" && rows.first?["in"] == "00:00:01.000")
    }

    @Test("refuse what does not go together")
    func refusals() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET wide command=w accepts=text dim=16")
        try talk.ask("ENCODER SET ears command=ears accepts=audio")
        #expect(talk.refusal("ENRICH meaning") == "SYNTAX.missing")
        #expect(talk.refusal("ENRICH lines from=lines") == "SYNTAX.missing")
        #expect(talk.refusal("ENRICH meaning encoder=wide from=lines") == "ENCODER.dimension")
        #expect(talk.refusal("ENRICH lines encoder=letters from=lines") == "ENCODER.dimension")
        #expect(talk.refusal("ENRICH lines encoder=ears from=lines") == "ENCODER.kind")
        #expect(talk.refusal("ENRICH meaning encoder=none from=lines") == "NOTFOUND.encoder")
        #expect(talk.refusal("ENRICH nothing from=lines") == "NOTFOUND.track")
        #expect(talk.refusal("ENRICH meaning from=lines title=z") == "NOTFOUND.title")
    }

    @Test("show how far a title is, and end at once when told to")
    func cancelled() throws {
        let talk = try prepared()
        // The encoder is silent on the third request.
        talk.encoders.silentFrom.store(3, ordering: .relaxed)
        let answer = try #require(try talk.begin("ENRICH meaning from=lines title=a"))
        while talk.encoders.asked.withLock({ $0.count }) < 3 { usleep(1_000) }
        let job = try #require(try talk.ask("JOBS").rows.first)
        // 4 and 8 of 70 rows.
        #expect(job["kind"] == "enrich" && job["percent"] == "17")
        try talk.ask("CANCEL \(try #require(job["job"]))")
        guard case .failure(let error) = answer.wait({ $0 }) else {
            Issue.record("it came to its end")
            return
        }
        #expect(error.code == "CONFLICT.cancelled")
        #expect(try talk.ask("COUNT meaning").summary["done"] == "0")
    }

    @Test("take what came last first, once it grows no more, and leave alone what failed")
    func order() {
        typealias Lane = EnrichmentWatch.Lane
        let old = ["a", "b", "c"].map { Lane(track: "t", title: $0) }
        let new = Lane(track: "t", title: "z")
        var watch = EnrichmentWatch()
        var missing = Dictionary(uniqueKeysWithValues: old.map { ($0, UInt64(5)) })
        watch.see(missing, now: 0)
        #expect(watch.isIdle && !watch.isSettled(now: 0))
        watch.see(missing, now: 5)
        #expect(watch.next() == old[0])
        missing[old[0]] = nil
        missing[new] = 1
        watch.see(missing, now: 10)
        #expect(watch.next() == old[1])
        missing[new] = 2
        watch.see(missing, now: 15)
        watch.see(missing, now: 20)
        #expect(watch.next() == new)
        watch.leave(new, until: 100)
        watch.see(missing, now: 25)
        #expect([watch.next(), watch.next(), watch.next()] == [old[1], old[2], nil])
        watch.see([new: 2], now: 99)
        #expect(watch.isIdle && watch.isSettled(now: 99) && !watch.isSettled(now: 100))
        watch.see([new: 2], now: 100)
        #expect(watch.next() == new)
    }

    @Test("fill what comes, once it is told to, until it is told not to")
    func automatic() throws {
        let talk = try prepared()
        try talk.ask("ENRICH meaning from=lines auto=1")
        func expectCount(_ count: String) throws {
            for _ in 0..<5_000 {
                if try talk.ask("COUNT meaning").summary["done"] == count { return }
                usleep(2_000)
            }
            Issue.record("\(try talk.ask("COUNT meaning").summary) after: \(talk.log)")
        }
        try expectCount("71")
        try talk.ask("PUT lines c in=1s out=2s text=dada")
        try expectCount("72")
        try talk.ask("ENRICH meaning auto=0")
        try talk.ask("TITLE SET d")
        try talk.ask("PUT lines d in=1s out=2s text=dada")
        usleep(200_000)
        #expect(try talk.ask("COUNT meaning").summary["done"] == "72")
    }
}
