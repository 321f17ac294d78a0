// What encoders made is made again when what it was made of has changed, once, and nothing else is;
// and rows that encoders wrote say which one it was.

import Gateway
import Glibc
import Segments
import Synchronization
import Testing

@Suite("ENRICH, of what is there already,")
struct EnrichAgainTests {
    /// A gateway with two titles, whose lines have vectors.
    private func prepared() throws -> EncoderTalk {
        let talk = try EncoderTalk()
        try talk.ask("TRACK CREATE lines text=en")
        try talk.ask("TRACK CREATE other text=en")
        try talk.ask("TRACK CREATE meaning vector=8 encoder=letters")
        try talk.ask("ENCODER SET letters command=letters accepts=text dim=8")
        for title in ["a", "b"] {
            try talk.ask("TITLE SET \(title)")
            try load(talk, title, ["abba", "cab", "dad"])
        }
        let done = try talk.ask("ENRICH meaning from=lines")
        #expect(done.summary["rows"] == "6")
        return talk
    }

    /// Puts lines of a second each in the place of those that a title has.
    private func load(_ talk: EncoderTalk, _ title: String, _ texts: [String]) throws {
        let operation = try #require(try talk.ask("BEGIN lines \(title)").summary["op"])
        for (start, text) in texts.enumerated() {
            try talk.ask(
                "PUT lines \(title) op=\(operation) in=\(start)s key=\(title)\(start) text=\(text)")
        }
        try talk.ask("COMMIT \(operation)")
    }

    private func rows(_ talk: EncoderTalk, _ track: String) throws -> [String] {
        try talk.ask("SEARCH \(track) sort=time limit=100").rows.map {
            "\($0["title"] ?? "")\($0["key"] ?? "") \($0["source"] ?? "-")"
        }.sorted()
    }

    /// What a request to fill the track filled.
    private func filled(_ talk: EncoderTalk, _ more: String = "") throws -> [String?] {
        let done = try talk.ask("ENRICH meaning from=lines\(more)")
        #expect(done.summary["failed"] == "0", "\(done)")
        return [done.summary["titles"], done.summary["rows"]]
    }

    @Test("makes a lane anew when its source was replaced, once")
    func replaced() throws {
        let talk = try prepared()
        #expect(try filled(talk) == ["0", "0"])
        try load(talk, "a", ["abba", "egg"])
        #expect(try filled(talk) == ["1", "2"])
        #expect(
            try rows(talk, "meaning")
                == ["aa0 letters", "aa1 letters", "bb0 letters", "bb1 letters", "bb2 letters"])
        #expect(try talk.ask("SIMILAR meaning text=egg limit=1").rows.first?["key"] == "a1")
        #expect(try filled(talk) == ["0", "0"])
        // A line more, and one less.
        try talk.ask("PUT lines b in=9s key=b9 text=face")
        #expect(try filled(talk) == ["1", "4"])
        try talk.ask("DELETE lines b key=b0")
        #expect(try filled(talk) == ["1", "3"])
        #expect(try filled(talk) == ["0", "0"])
    }

    @Test("leaves alone what others put there, and does nothing for other tracks' sake")
    func settled() throws {
        let talk = try prepared()
        try talk.ask("PUT meaning a in=20s key=mine vec=[1,0,0,0,0,0,0,0]")
        try talk.ask("PUT meaning a in=0s key=a0 vec=[1,0,0,0,0,0,0,0]")
        try talk.ask("PUT other a in=1s text=abba")
        #expect(try filled(talk) == ["0", "0"])
        // A lane that no encoder made is its owner's, whatever comes to the source.
        try talk.ask("TITLE SET c")
        try talk.ask("PUT meaning c in=0s key=own vec=[1,0,0,0,0,0,0,0]")
        try load(talk, "c", ["abba"])
        #expect(try filled(talk) == ["0", "0"])
        #expect(try filled(talk, " title=c redo=1") == ["1", "1"])
    }

    @Test("empties a lane of whose source nothing can be made any more")
    func emptied() throws {
        let talk = try prepared()
        let operation = try #require(try talk.ask("BEGIN lines a").summary["op"])
        try talk.ask("PUT lines a op=\(operation) in=0s key=mute")
        try talk.ask("COMMIT \(operation)")
        #expect(try filled(talk) == ["1", "0"])
        #expect(try talk.ask("COUNT meaning title=a").summary["done"] == "0")
    }

    @Test("refuses to store what was made of rows that are gone")
    func changedMeanwhile() throws {
        let talk = try prepared()
        // At the third request the source is changed.
        let asked = Atomic(0)
        let store = talk.store
        let track = try #require(
            try Catalog(store.view.catalog).tracks["lines"]
        ).id
        talk.encoders.work.withLock { work in
            work = {
                guard asked.wrappingAdd(1, ordering: .relaxed).newValue == 1 else { return }
                var rows = RowBatch()
                var row = Annotation(title: Array("a".utf8), start: 5, end: 6, key: [1])
                row.text = Array("cab".utf8)
                rows.append(row)
                _ = try? store.write([.put(track: track, rows: rows)])
            }
        }
        let done = try talk.ask("ENRICH meaning from=lines title=a redo=1")
        #expect(done.rows.first?["error"] == "CONFLICT.changed", "\(done)")
        #expect(try talk.ask("COUNT meaning title=a").summary["done"] == "3")
        #expect(try filled(talk) == ["1", "4"])
    }

    @Test("hears a film anew when another was imported in its place, once")
    func heardAnew() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET ears command=ears accepts=audio")
        try talk.ask("TRACK CREATE heard text=en")
        for track in ["shots", "frames"] { try talk.ask("TRACK CREATE \(track) film:keyword") }
        try talk.ask("TITLE SET c file=/films/c.mkv")
        func show(_ film: String, _ track: String = "shots", key: String = "c.mkv#1") throws {
            try talk.ask("PUT \(track) c in=0s key=\(key) film=\(film)")
        }
        func heard(_ more: String = "") throws -> [String?] {
            let done = try talk.ask("ENRICH heard encoder=ears\(more)")
            #expect(done.summary["failed"] == "0", "\(done)")
            return [done.summary["titles"], done.summary["rows"]]
        }
        try show("c.mkv:10:5:0")
        #expect(try heard() == ["1", "3"])
        #expect(try heard() == ["0", "0"])
        // The same film divided otherwise, one of another name, and lines that were put there.
        try show("c.mkv:10:5:0:2", "frames", key: "c.mkv#1.1")
        try show("d.mkv:11:6:9", key: "d.mkv#1")
        try talk.ask("PUT heard c in=9s key=mine text=abba")
        try talk.ask("DELETE frames c")
        #expect(try heard() == ["0", "0"])
        try show("c.mkv:11:6:0")
        #expect(try heard() == ["1", "3"])
        #expect(try heard() == ["0", "0"])
        try show("c.mkv:12:7:0", "frames")
        #expect(try heard() == ["1", "3"])
        // A lane that no encoder made is its owner's.
        try talk.ask("DELETE heard c")
        try talk.ask("PUT heard c in=0s key=own text=cab")
        try show("c.mkv:13:8:0")
        #expect(try heard() == ["0", "0"])
        #expect(try heard(" redo=1") == ["1", "3"])
    }

    @Test("refuses to store what was heard of a film in whose place another came")
    func filmChangedMeanwhile() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET ears command=ears accepts=audio")
        try talk.ask("TRACK CREATE heard text=en")
        try talk.ask("TRACK CREATE shots film:keyword")
        try talk.ask("TITLE SET c file=/films/c.mkv")
        let store = talk.store
        let track = try #require(try Catalog(store.view.catalog).tracks["shots"]).id
        talk.encoders.work.withLock { work in
            work = {
                var rows = RowBatch()
                var row = Annotation(
                    title: Array("c".utf8), start: 0, end: 6, key: Array("c.mkv#1".utf8))
                row.attributes = [
                    Attribute(
                        name: Array("film".utf8), type: .keyword, value: Array("c.mkv:1:2:0".utf8))
                ]
                rows.append(row)
                _ = try? store.write([.put(track: track, rows: rows)])
            }
        }
        let done = try talk.ask("ENRICH heard encoder=ears")
        #expect(done.rows.first?["error"] == "CONFLICT.changed", "\(done)")
        #expect(done.rows.first?["text"]?.contains("the film of 'c' was changed") == true)
        #expect(try talk.ask("COUNT heard title=c").summary["done"] == "0")
    }

    @Test("does by itself what was replaced, and comes to rest, also where tracks feed each other")
    func automatic() throws {
        let talk = try prepared()
        try talk.ask("TRACK CREATE echoes text=en")
        try talk.ask("ENCODER SET echo command=echo accepts=annotations")
        try talk.ask("ENRICH meaning from=lines auto=1")
        try talk.ask("ENRICH echoes encoder=echo from=lines auto=1")
        try talk.ask("TRACK CREATE again text=en")
        try talk.ask("ENRICH again encoder=echo from=echoes auto=1")
        try talk.ask("ENRICH other encoder=echo from=again auto=1")
        try talk.ask("ENRICH again encoder=echo from=other")
        try load(talk, "a", ["egg", "face", "bad", "cab", "dad"])
        func count(_ track: String) throws -> String? {
            try talk.ask("COUNT \(track) title=a").summary["done"]
        }
        func waits(_ isDone: () throws -> Bool) rethrows -> Bool {
            for _ in 0..<5_000 {
                if try isDone() { return true }
                usleep(2_000)
            }
            return false
        }
        let tracks = ["meaning", "echoes", "again", "other"]
        // Of "bad" there is no vector.
        let isDone = try waits { try tracks.map { try count($0) } == ["4", "5", "5", "5"] }
        let counts = try tracks.map { try count($0) }
        #expect(isDone, "\(counts) after: \(talk.log)")
        // Nothing is asked again, however often is looked.
        _ = try waits { try talk.ask("JOBS").rows.isEmpty }
        usleep(100_000)
        let asked = talk.encoders.asked.withLock { $0.count }
        talk.clock.advance(60)
        try talk.ask("TITLE SET z")
        usleep(300_000)
        #expect(talk.encoders.asked.withLock { $0.count } == asked, "\(talk.log)")
    }

    @Test("names the encoder in what it wrote, whatever that says itself")
    func sources() throws {
        let talk = try prepared()
        try talk.ask("ENCODER SET echo command=echo accepts=annotations")
        try talk.ask("ENCODER SET ears command=ears accepts=audio")
        try talk.ask("TRACK CREATE heard text=en")
        try talk.ask("TITLE SET c file=/films/c.mkv")
        try talk.ask("PUT lines c in=1s key=k text=abba source=c.srt")
        try talk.ask("ENRICH other encoder=echo from=lines title=c")
        #expect(try rows(talk, "other") == ["ck echo"])
        try talk.ask("ENRICH heard encoder=ears title=c")
        #expect(try Set(rows(talk, "heard")) == ["c ears"])
        #expect(try talk.ask("DELETE heard c source=ears").summary["deleted"] == "3")
    }

    @Test("ends when the track that is filled is dropped, also what waits for it")
    func dropped() throws {
        let talk = try prepared()
        talk.encoders.silentFrom.store(0, ordering: .relaxed)
        let first = try #require(try talk.begin("ENRICH meaning from=lines redo=1"))
        for _ in 0..<5_000 where try talk.ask("JOBS").rows.first?["percent"] == nil {
            usleep(1_000)
        }
        try talk.ask("TRACK CREATE looks vector=8 encoder=letters")
        let second = try #require(try talk.begin("ENRICH meaning from=lines"))
        let third = try #require(try talk.begin("ENRICH looks from=lines"))
        try talk.ask("TRACK DROP meaning")
        for answer in [first, second] {
            guard case .failure(let error) = answer.wait(milliseconds: 60_000, { $0 }) else {
                Issue.record("it goes on")
                return
            }
            #expect(error.code == "CONFLICT.cancelled")
        }
        #expect(try talk.ask("JOBS").rows.map { $0["track"] } == ["looks"])
        try talk.ask("TRACK DROP looks")
        #expect(third.wait(milliseconds: 60_000, { $0 }) != nil)
    }

    @Test("and a query refuse a vector without a direction; an example without one is named")
    func directionless() throws {
        let talk = try prepared()
        #expect(talk.refusal("SIMILAR meaning text=zzz") == "ENCODER.answer")
        try talk.ask("PUT lines a in=0s key=a0 text=abba")
        try talk.ask("TITLE SET c")
        try talk.ask("TRACK CREATE shots vector=8 shot:number")
        try talk.ask("PUT shots c in=0s out=4s shot=1")
        func told(_ place: String) -> String {
            do { return "\(try talk.ask("SIMILAR shots like=\(place)"))" } catch {
                return (error as? GatewayError)?.text ?? "\(error)"
            }
        }
        #expect(told("c@2s").hasPrefix("what lies in 'shots' at c@2s has no vector"))
        #expect(told("c@0s").hasPrefix("what lies in 'shots' at c@0s has no vector"))
        #expect(told("c@4s").hasPrefix("nothing in 'shots' lies at c@4s"))
        // Times as programs print them.
        #expect(told("c@3.3333333333333335s").contains("has no vector"))
    }
}
