// Films made on the spot: headers, times of frames, and what is no film.

import Glibc
import Media
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct FilmTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try scratchDirectory("films") }

    private func times(_ path: String) throws -> [Int64] {
        let reader = try FrameReader(path, try FilmProbe.film(at: path), largeSeconds: 0.25)
        var times: [Int64] = []
        while let frame = try reader.next() { times.append(frame.time) }
        return times
    }

    private func refusal(_ path: String) -> FilmError? {
        do throws(FilmError) {
            _ = try ShotReader.shots(path, try FilmProbe.film(at: path))
            return nil
        } catch { return error }
    }

    @Test(arguments: ["24000/1001", "25", "30000/1001"])
    func framesStandWhereTheRateSays(rate: String) throws {
        // Matroska rounds times to milliseconds.
        for ending in ["mkv", "mp4"] {
            let path = scratch("rate.\(ending)")
            try FilmMaker.film(["testsrc2=d=2.5"], rate: rate, to: path)
            let exact = try #require(FrameRate(rate))
            #expect(try FilmProbe.film(at: path).rate == exact)
            let times = try times(path)
            #expect(times.count >= 59)
            #expect(
                times
                    == times.indices.map { Timecode.nanoseconds(ofFrame: Int64($0), rate: exact) })
        }
    }

    @Test func framesThatVaryKeepTheirOwnTimes() throws {
        let path = scratch("vary.mkv")
        // 30 frames in a second, then 20 in each.
        let places = "settb=1/1000,setpts='if(lt(N,30),N/30,1+(N-30)/20)/TB'"
        try FilmMaker.run([
            "-f", "lavfi", "-i", "testsrc2=r=30:d=3", "-vf", places, "-vsync", "passthrough",
            "-enc_time_base", "1:1000", "-c:v", "mpeg4", path,
        ])
        let found = try ShotReader.shots(path, try FilmProbe.film(at: path))
        #expect(found.rate == nil)
        #expect(abs(found.duration - 4_000_000_000) < 2_000_000)
        let times = try times(path)
        #expect(times.count == 90)
        for (index, time) in times.enumerated() {
            let wanted = index < 30 ? Double(index) / 30 : 1 + Double(index - 30) / 20
            #expect(abs(Double(time) / 1e9 - wanted) <= 0.0011)
        }
    }

    @Test(arguments: [
        ("30000/1001", "01:00:00;02", "01:00:00;02"), ("25", "10:00:00:00", "10:00:00:00"),
    ])
    func theFirstLabelIsTheFilms(rate: String, label: String, wanted: String) throws {
        let path = scratch("label.mov")
        try FilmMaker.film(["testsrc2=d=1"], rate: rate, options: ["-timecode", label], to: path)
        let film = try FilmProbe.film(at: path)
        #expect(film.start == wanted)
        #expect(film.rate == FrameRate(rate))
    }

    /// What has its label in two places may have it with `:` in one of them.
    @Test(arguments: [
        (["01:00:00:00", "01:00:00;00"], "30000/1001", "01:00:00;00"),
        (["01:00:00;00", "01:00:00:00"], "60000/1001", "01:00:00;00"),
        (["01:00:00:00", "02:00:00;00"], "30000/1001", "01:00:00:00"),
        (["01:00:00:00", "01:00:00;00"], "25/1", "01:00:00:00"),
        (["01:01:00:00", "01:01:00;00"], "30000/1001", "01:01:00:00"),
    ])
    func aLabelIsInDropFrameWhereItIsOnceSaid(
        labels: [String], rate: String, wanted: String
    ) throws {
        let header = """
            streams.stream.0.index=0
            streams.stream.0.codec_type="video"
            streams.stream.0.width=640
            streams.stream.0.r_frame_rate="\(rate)"
            streams.stream.0.tags.timecode="\(labels[0])"
            streams.stream.1.index=1
            streams.stream.1.codec_type="data"
            streams.stream.1.tags.timecode="\(labels[1])"
            """
        #expect(try FilmProbe.film(header: header).start == wanted)
    }

    /// A film with one line of subtitles.
    private func filmWithWords() throws -> String {
        let text = scratch("words.srt")
        let file = try RealFileSystem().open(text, .create)
        try file.write(Array("1\n00:00:00,500 --> 00:00:01,250\nWe have to go back.\n".utf8), at: 0)
        file.close()
        let path = scratch("words.mkv")
        try FilmMaker.run([
            "-f", "lavfi", "-i", "testsrc2=d=2:r=24", "-i", text, "-c:v", "mpeg4", "-c:s", "srt",
            "-metadata:s:s:0", "language=eng", path,
        ])
        return path
    }

    @Test func subtitlesInTheFilmAreFound() throws {
        let path = try filmWithWords()
        let film = try FilmProbe.film(at: path)
        let subtitles = try #require(film.subtitles.first)
        #expect(subtitles.language == "eng" && !subtitles.isPictures)
        let bytes = try EmbeddedSubtitles.srt(path, subtitles)
        let cues = try SubtitleReader.read(bytes, format: .srt).cues
        #expect(cues.map(\.text) == ["We have to go back."])
        #expect(cues.first?.start == 500_000_000)
    }

    @Test func namesMayHoldAnything() throws {
        let path = scratch("- it's \"odd\": $(rm) %d [1];#é\n.mkv")
        try FilmMaker.film(["testsrc2=d=0.5"], to: scratch("plain.mkv"))
        try RealFileSystem().rename(scratch("plain.mkv"), to: path)
        #expect(refusal(path) == nil)
    }

    @Test func soundAloneHasNoShots() throws {
        let path = scratch("sound.mp4")
        try FilmMaker.run(["-f", "lavfi", "-i", "sine=d=1", path])
        #expect(refusal(path) == .noPicture)
    }

    @Test func aFilmWithoutFramesIsAnError() throws {
        let path = scratch("none.mkv")
        try FilmMaker.run([
            "-f", "lavfi", "-i", "testsrc2=d=1", "-c:v", "mpeg4", "-frames:v", "0", path,
        ])
        let error = try #require(refusal(path))
        #expect(error == .noFrames)
    }

    @Test(arguments: ["mkv", "mp4"]) func aFilmThatWasCutOffIsAnError(ending: String) throws {
        let path = scratch("whole.\(ending)")
        try FilmMaker.film(["testsrc2=d=30"], to: path)
        let file = try RealFileSystem().open(path, .read)
        let half = try file.read(Int(try file.size()) / 2, at: 0)
        file.close()
        let cut = scratch("cut.\(ending)")
        let other = try RealFileSystem().open(cut, .create)
        try other.write(half, at: 0)
        other.close()
        switch try #require(refusal(cut)) {
        case .truncated(let end, let promised):
            #expect(end < promised && promised == 30_000_000_000)
        case .unreadable(let said): #expect(said.contains("moov"), "\(said)")
        case let error: Issue.record("\(error)")
        }
    }

    @Test(arguments: [("mkv", 0), ("webm", 0), ("wmv", 0), ("mkv", 100), ("mp4", 100)])
    func soundThatGoesOnOrALateBeginningCutsNothingOff(ending: String, late: Int) throws {
        let path = scratch("sound.\(ending)")
        let codec = ending == "webm" ? "libvpx" : ending == "wmv" ? "wmv2" : "mpeg4"
        #expect(
            try FilmMaker.run([
                "-f", "lavfi", "-i", "testsrc2=d=6:r=24:s=320x180", "-f", "lavfi", "-i",
                "sine=d=40",
                "-c:v", codec, "-output_ts_offset", "\(late)", path,
            ]) == 0)
        let found = try ShotReader.shots(path, try FilmProbe.film(at: path))
        #expect(abs(found.duration - 6_000_000_000) < 100_000_000, "\(found.duration)")
    }

    @Test func subtitlesThatGoOnCutNothingOff() throws {
        let text = scratch("long.srt")
        let file = try RealFileSystem().open(text, .create)
        try file.write(Array("1\n00:00:00,500 --> 00:01:00,000\nTo be continued.\n".utf8), at: 0)
        file.close()
        let path = scratch("long.mkv")
        try FilmMaker.run([
            "-f", "lavfi", "-i", "testsrc2=d=6:r=24", "-i", text, "-c:v", "mpeg4", "-c:s", "srt",
            path,
        ])
        let film = try FilmProbe.film(at: path)
        #expect(film.pictureDuration == 6_000_000_000 && film.duration == 60_000_000_000)
        #expect(refusal(path) == nil)
    }

    @Test(arguments: [
        ("3gp", "mpeg4"), ("asf", "wmv2"), ("flv", "flv1"), ("m2ts", "mpeg2video"),
        ("mpg", "mpeg2video"), ("ogv", "libtheora"), ("qt", "mpeg4"), ("vob", "mpeg2video"),
        ("wmv", "wmv2"), ("nut", "mpeg4"),
    ])
    func filmsOfManyKindsAreRead(ending: String, codec: String) throws {
        let path = scratch("film.\(ending)")
        try #require(FilmProbe.endings.contains(ending))
        let words = [
            "-f", "lavfi", "-i", "testsrc2=d=1:r=24:s=320x180", "-f", "lavfi", "-i",
            "smptebars=d=1:r=24:s=320x180", "-filter_complex", "concat=n=2", "-c:v", codec, "-q:v",
            "3",
        ]
        #expect(try FilmMaker.run(words + (ending == "qt" ? ["-f", "mov", path] : [path])) == 0)
        let found = try ShotReader.shots(path, try FilmProbe.film(at: path))
        #expect(found.shots.count == 2 && found.rate == FrameRate("24"))
    }

    @Test func whatIsNoFilmIsNamed() throws {
        let path = scratch("text.mkv")
        let file = try RealFileSystem().open(path, .create)
        try file.write(Array(repeating: 65, count: 10_000), at: 0)
        file.close()
        guard case .unreadable(let said)? = refusal(path) else {
            Issue.record("no error")
            return
        }
        #expect(said.contains("Invalid data") && !said.contains(path))
        #expect(refusal(scratch("missing.mkv")) == .unreadable(said: "No such file or directory"))
    }

    /// A list of pieces that lie elsewhere, under the name of a film.
    @Test func whatAFilmNamesElsewhereIsNotFetched() throws {
        let door = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        defer { close(door) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(door, address, size) == 0 && listen(door, 8) == 0
                    && getsockname(door, address, &size) == 0
            }
        }
        try #require(isOpen)
        let path = scratch("list.mkv")
        let piece = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))/piece.mkv"
        let file = try RealFileSystem().open(path, .create)
        let list = ["#EXTM3U", "#EXT-X-TARGETDURATION:9", "#EXTINF:9,", piece, "#EXT-X-ENDLIST"]
        try file.write(Array((list.joined(separator: "\n") + "\n").utf8), at: 0)
        file.close()
        #expect(refusal(path) == .playlist)
        // One without an end is waited for by ffprobe.
        let endless = scratch("endless.mkv")
        let other = try RealFileSystem().open(endless, .create)
        try other.write(Array((list.dropLast().joined(separator: "\n") + "\n").utf8), at: 0)
        other.close()
        #expect(refusal(endless) == .playlist)
        let film = try FilmProbe.film(at: try filmWithWords())
        let reader = try FrameReader(path, film, largeSeconds: 1)
        #expect(throws: FilmError.self) { try reader.next() }
        let subtitles = try #require(film.subtitles.first)
        #expect(throws: FilmError.self) { try EmbeddedSubtitles.srt(path, subtitles) }
        #expect(accept(door, nil, nil) < 0 && errno == EAGAIN)
    }

    @Test func aPictureIsReadByAProgramThatWaited() throws {
        let path = scratch("still.png")
        try FilmMaker.run(["-f", "lavfi", "-i", "smptebars", "-frames:v", "1", path])
        let file = try RealFileSystem().open(path, .read)
        let bytes = try file.read(Int(try file.size()), at: 0)
        file.close()
        let waiting = try WaitingStill()
        #expect(try waiting.picture(bytes, seconds: 20) == StillReader.picture(bytes))
        // What is no picture, it leaves to one that can say so.
        #expect(try WaitingStill().picture([1, 2, 3], seconds: 20) == nil)
        // Ones that were ended while they waited.
        for signal in [SIGKILL, SIGTERM] {
            let ended = try WaitingStill()
            kill(ended.process, signal)
            #expect(try ended.picture(bytes, seconds: 20) == nil)
        }
    }

    @Test func aProgramThatWaitsHoldsNothingOfOurs() throws {
        // As a client's socket is, with no mark that it goes when a program starts.
        var ends: [Int32] = [-1, -1]
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let waiting = try WaitingStill()
        let held = try descriptors(of: waiting.process)
        let ours = try descriptors(of: getpid())
        for end in ends { #expect(!held.values.contains(try #require(ours["\(end)"]))) }
        // Libraries that it opens while it starts are its own.
        let sockets = held.filter { $0.value.hasPrefix("socket:") }.keys.sorted()
        #expect(sockets == ["0", "1", "2"])
    }

    /// What each open descriptor of a process leads to, by its number.
    private func descriptors(of process: Int32) throws -> [String: String] {
        let folder = "/proc/\(process)/fd"
        var found: [String: String] = [:]
        for name in try RealFileSystem().list(folder) {
            var bytes = [CChar](repeating: 0, count: 256)
            let count = unsafe readlink("\(folder)/\(name)", &bytes, bytes.count)
            let target = bytes.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
            found[name] = String(decoding: target, as: UTF8.self)
        }
        return found
    }

    @Test func aPictureOfAnyFormatIsReadFromMemory() throws {
        for ending in ["png", "jpg", "webp", "gif", "tiff", "bmp"] {
            let path = scratch("still.\(ending)")
            try FilmMaker.run(["-f", "lavfi", "-i", "smptebars", "-frames:v", "1", path])
            let file = try RealFileSystem().open(path, .read)
            let bytes = try file.read(Int(try file.size()), at: 0)
            file.close()
            let picture = try StillReader.picture(bytes)
            // The first bar is grey, the last blue.
            #expect(picture.planes[0] > 150 && picture.planes[Picture.width - 1] < 60)
        }
        #expect(throws: FilmError.self) { try StillReader.picture([1, 2, 3]) }
        #expect(throws: FilmError.self) { try StillReader.picture([]) }
    }
}
