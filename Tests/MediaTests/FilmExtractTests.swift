// Pictures and sound that encoders are shown, out of films that ffmpeg itself makes.

import Glibc
import Media
import TestSupport
import Testing

@Suite struct FilmExtractTests {
    /// A film of 4 s: red for 2 s, then blue; a tone from 1 s on.
    ///
    /// Nil, with a note, without ffmpeg.
    private static let film: String? = {
        let path = "/tmp/mspd-extract-\(getpid()).mkv"
        let made = unsafe system(
            "ffmpeg -v error -y -f lavfi -i color=red:s=64x36:r=10:d=2"
                + " -f lavfi -i color=blue:s=64x36:r=10:d=2"
                + " -f lavfi -i 'aevalsrc=0.5*sin(2500*t)*gt(t\\,1):d=4'"
                + " -filter_complex '[0][1]concat[v]' -map '[v]' -map 2:a -c:v mpeg4 \(path)")
        if made == 0 { return path }
        print("skipped: no ffmpeg")
        return nil
    }()

    private func bytes(of path: String) -> [UInt8] {
        guard let file = unsafe fopen(path, "rb") else { return [] }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }

    @Test func `a clip shows what lies between two times`() throws {
        guard let film = Self.film else { return }
        let clip = "/tmp/mspd-clip-\(getpid()).mkv"
        defer { unsafe unlink(clip) }
        let extract = try FilmExtract(of: film)
        for (start, end, frames) in [(1.5, 2.6, 11), (3.7, 9, 3), (2.5, 2.5, 1)] {
            let bytes = try extract.clip(
                from: Int64(start * 1e9), to: Int64(end * 1e9))
            let file = unsafe fopen(clip, "wb")
            unsafe fwrite(bytes, 1, bytes.count, file)
            unsafe fclose(file)
            let reader = try FrameReader(clip, try FilmProbe.film(at: clip), largeSeconds: 1)
            var red: [Bool] = []
            while let frame = try reader.next() {
                red.append(frame.picture.planes[Picture.bytes - 1] > 128)
            }
            // Films of ten frames a second that are red for two seconds.
            let first = Int(start * 10)
            #expect(red == (first..<first + frames).map { $0 < 20 }, "from \(start) s")
        }
        #expect(throws: FilmError.self) { try FilmExtract(of: "/nowhere.mkv") }
    }

    @Test func `a picture is that of its time`() throws {
        guard let film = Self.film else { return }
        let extract = try FilmExtract(of: film)
        for (time, isRed) in [(500_000_000, true), (2_500_000_000, false)] as [(Int64, Bool)] {
            let picture = try extract.picture(at: time)
            #expect(picture.starts(with: [0xFF, 0xD8, 0xFF]))
            let small = try StillReader.picture(picture)
            #expect((small.planes[Picture.bytes - 1] > 128) == isRed)
            // What is cut off is not made up.
            let part = Array(picture.prefix(picture.count * 3 / 4))
            #expect(throws: FilmError.self) { try StillReader.picture(part) }
        }
        #expect(throws: FilmError.self) { try extract.picture(at: 9_000_000_000) }
    }

    @Test func `a film without an index shows what it showed, to its end`() throws {
        guard Self.film != nil else { return }
        // Key frames every two seconds; a brightness for each second.
        let path = "/tmp/mspd-stream-\(getpid()).ts"
        defer { unsafe unlink(path) }
        let source = "nullsrc=s=64x64:r=25:d=6,geq=lum='floor(T)*30+40':cb=128:cr=128"
        let made = try FilmMaker.run([
            "-f", "lavfi", "-i", source, "-c:v", "libx264", "-g", "50", path,
        ])
        guard made == 0 else { return print("skipped: no H.264 encoder") }
        var seen: [UInt8] = []
        let extract = try FilmExtract(of: path)
        for second in 0..<6 {
            let time = Int64(second) * 1_000_000_000 + 510_000_000
            seen.append(try StillReader.picture(extract.picture(at: time)).planes[0])
            let clip = try extract.clip(from: time, to: time + 40_000_000)
            #expect(!clip.isEmpty)
        }
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 + 20 < $1 }, "\(seen)")
    }

    @Test func `a clip without a picture is none`() throws {
        guard let film = Self.film else { return }
        #expect(throws: FilmError.nothing(at: 9_000_000_000)) {
            try FilmExtract(of: film).clip(from: 9_000_000_000, to: 10_000_000_000)
        }
    }

    @Test func `a clip is a picture a second`() throws {
        guard let film = Self.film else { return }
        let clip = bytes(of: film)
        let pictures = try FilmExtract.pictures(ofClip: clip, atMost: 16)
        #expect((4...5).contains(pictures.count))
        let small = try pictures.map { try StillReader.picture($0).planes[Picture.bytes - 1] > 128 }
        #expect(small.first == true && small.last == false)
        #expect(try FilmExtract.pictures(ofClip: clip, atMost: 2).count == 2)
    }

    @Test func `the file of a clip leaves no name behind, whoever is killed`() throws {
        try ClipFile.with(Array("clip".utf8)) { path throws(FilmError) in
            #expect(bytes(of: path) == Array("clip".utf8))
            var state = stat()
            #expect(unsafe stat(path, &state) == 0 && state.st_nlink == 0)
        }
    }

    private func loudest(_ sound: [UInt8]) -> Int {
        stride(from: 0, to: sound.count - 1, by: 2).map {
            Int(Int16(bitPattern: UInt16(sound[$0]) | UInt16(sound[$0 + 1]) << 8).magnitude)
        }.max() ?? 0
    }

    @Test func `sound goes from the beginning of the film to its end`() throws {
        guard let film = Self.film else { return }
        let sound = try SoundReader(of: film)
        #expect(abs((sound.seconds ?? 0) - 4) < 0.2)
        let first = try sound.next(16_000)
        #expect(first.count == 16_000 && loudest(first) < 500)
        #expect(try sound.next(32_000).count == 32_000)
        #expect(loudest(try sound.next(16_000)) > 10_000)
        let last = try sound.next(1 << 20)
        #expect(abs(last.count - 64_000) < 4_000)
        #expect(try sound.next(1 << 20).isEmpty)
        #expect(throws: FilmError.self) { try SoundReader(of: "/nowhere.mkv").next(2) }
    }

    @Test func `a film's header is asked once for its sound`() throws {
        guard Self.film != nil else { return }
        let path = "/tmp/mspd-once-\(getpid()).mkv"
        defer { unsafe unlink(path) }
        try FilmMaker.run([
            "-f", "lavfi", "-i", "smptebars=d=1", "-f", "lavfi", "-i", "sine=d=1", path,
        ])
        let watch = inotify_init1(Int32(IN_NONBLOCK))
        defer { close(watch) }
        let file = unsafe inotify_add_watch(watch, path, UInt32(IN_OPEN | IN_CLOSE_NOWRITE))
        try #require(file >= 0)
        #expect(try SoundReader(of: path).next(1 << 20).count > 30_000)
        var events = [inotify_event](repeating: inotify_event(), count: 64)
        let size = MemoryLayout<inotify_event>.size
        let count = unsafe read(watch, &events, size * events.count) / size
        let opened = events.prefix(count).count { $0.mask & UInt32(IN_OPEN) != 0 }
        // For its first bytes twice, by ffprobe, for its first frame, and for the sound; what is
        // opened twice before it is closed counts once.
        #expect(opened == 5)
    }

    /// Every kind of sound, whose frames and delays at the beginning differ.
    @Test(arguments: ["aac", "ac3", "mp2", "flac", "pcm_s16le"])
    func `half a minute of sound is half a minute`(_ codec: String) throws {
        guard Self.film != nil else { return }
        let path = "/tmp/mspd-sound-\(getpid())-\(codec).mkv"
        defer { unsafe unlink(path) }
        try FilmMaker.run(
            ["-f", "lavfi", "-i", "sine=d=33:r=44100", "-c:a", codec, path])
        let sound = try SoundReader(of: path)
        #expect(try sound.next(30 * 32_000).count == 30 * 32_000)
        #expect(abs(try sound.next(30 * 32_000).count - 3 * 32_000) < 4_000)
    }

    @Test func `sound that begins late is silent until then`() throws {
        guard Self.film != nil else { return }
        let path = "/tmp/mspd-late-\(getpid()).mkv"
        defer { unsafe unlink(path) }
        try FilmMaker.run([
            "-f", "lavfi", "-i", "color=s=64x36:r=10:d=4", "-itsoffset", "2", "-f", "lavfi", "-i",
            "sine=d=1,volume=8", "-c:v", "mpeg4", "-c:a", "aac", path,
        ])
        let sound = try SoundReader(of: path)
        #expect(loudest(try sound.next(60_000)) < 500)
        #expect(loudest(try sound.next(32_000)) > 5_000)
    }

    @Test(arguments: ["mkv", "jpg", "gif"])
    func `a clip of one frame has the vector of that frame`(_ ending: String) throws {
        guard Self.film != nil else { return }
        let path = "/tmp/mspd-one-\(getpid()).\(ending)"
        defer { unsafe unlink(path) }
        try FilmMaker.run(["-f", "lavfi", "-i", "smptebars=r=25", "-frames:v", "1", path])
        let clip = bytes(of: path)
        let picture = Look.vector(of: try StillReader.picture(clip))
        #expect(try ClipReader.vector(clip, seconds: 20) == picture)
        #expect(try FilmExtract.pictures(ofClip: clip, atMost: 16).count == 1)
    }

    @Test func `a film without sound is told so`() throws {
        guard Self.film != nil else { return }
        let path = "/tmp/mspd-mute-\(getpid()).mkv"
        defer { unsafe unlink(path) }
        try FilmMaker.film(["smptebars=d=1"], to: path)
        #expect(throws: FilmError.noSound) { try SoundReader(of: path).next(2) }
    }

    @Test func `a picture of any format becomes a PNG`() throws {
        guard let film = Self.film else { return }
        let jpeg = try FilmExtract(of: film).picture(at: 0)
        let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
        #expect(try FilmExtract.png(jpeg).starts(with: png))
        let path = "/tmp/mspd-still-\(getpid()).tiff"
        defer { unsafe unlink(path) }
        try FilmMaker.run(["-f", "lavfi", "-i", "smptebars", "-frames:v", "1", path])
        #expect(try FilmExtract.png(bytes(of: path)).starts(with: png))
        #expect(throws: FilmError.self) { try FilmExtract.png(Array("no picture".utf8)) }
    }
}
