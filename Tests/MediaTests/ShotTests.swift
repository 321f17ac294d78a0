// Shots of films made on the spot, whose changes are known to the frame; and of films whose cuts
// were counted by eye.

import Media
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct ShotTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try scratchDirectory("shots") }

    private func shots(_ path: String, rate: Double? = nil) throws -> [Shot] {
        try ShotReader.shots(path, try FilmProbe.film(at: path), framesPerSecond: rate).shots
    }

    /// The frames at which shots but the first begin.
    private func changes(_ shots: [Shot], _ rate: FrameRate) -> [Int64] {
        shots.dropFirst().map { Timecode.frame(at: $0.start, rate: rate) }
    }

    private let rate = FrameRate("24")

    /// A few frames of each shot are all there is.
    @Test(arguments: ["1", "2", "4"]) func cutsOfSlowFilmsAreFound(name: String) throws {
        let rate = try #require(FrameRate(name))
        let seconds = 4 * rate.denominator / rate.numerator + 1
        let path = scratch("slow.mkv")
        let sources = ["testsrc2", "mandelbrot", "smptebars", "testsrc", "rgbtestsrc"]
        try FilmMaker.film(
            sources.map { "\($0)=r=\(name),trim=end=\(seconds)" }, rate: name, to: path)
        let shots = try shots(path)
        let length = seconds * rate.numerator
        #expect(changes(shots, rate) == [length, 2 * length, 3 * length, 4 * length])
        #expect(shots.allSatisfy { $0.vector != nil && $0.thumbnail != nil })
    }

    @Test func cutsAreFoundToTheFrame() throws {
        let path = scratch("cuts.mkv")
        let sources = [
            "testsrc2=d=2", "mandelbrot=end_scale=0.3,trim=end=1.5", "smptebars=d=1",
            "life=s=320x180:mold=10:r=24:ratio=0.3:seed=7,trim=end=2", "rgbtestsrc=d=0.5",
        ]
        try FilmMaker.film(sources, to: path)
        let shots = try shots(path)
        #expect(changes(shots, try #require(rate)) == [48, 84, 108, 156])
        #expect(shots.map(\.number) == [1, 2, 3, 4, 5])
        #expect(shots.last?.end == 7_000_000_000)
        for (shot, next) in zip(shots, shots.dropFirst()) { #expect(shot.end == next.start) }
        #expect(shots.allSatisfy { $0.vector?.count == Look.dimension })
        #expect(shots.allSatisfy { $0.thumbnail?.starts(with: [0xFF, 0xD8]) == true })
    }

    /// What is shorter is a flash, or an effect, to people as well: it goes to the shot before or
    /// behind.
    @Test(arguments: [3, 6, 7, 10]) func aShotHasSevenFrames(frames: Int) throws {
        let path = scratch("short.mkv")
        let short = "smptebars=r=24,trim=end_frame=\(frames)"
        try FilmMaker.film(
            ["testsrc2=d=2:r=24", short, "mandelbrot=r=24:end_scale=0.3,trim=end=2"], to: path)
        let shots = try shots(path)
        let rate = try #require(rate)
        let ends = [48, 48 + Int64(frames)]
        let found = changes(shots, rate)
        #expect(frames < 7 ? found.count == 1 && ends.contains(found[0]) : found == ends)
        #expect(shots.allSatisfy { $0.vector != nil && $0.thumbnail != nil })
        #expect(shots.last?.end == Timecode.nanoseconds(ofFrame: 96 + Int64(frames), rate: rate))
    }

    @Test func aFadeIsOneChangeInTheBlack() throws {
        let path = scratch("fade.mkv")
        let sources = [
            "smptebars=d=3,fade=out:st=2:d=0.9", "color=black:d=0.5",
            "testsrc=d=3,fade=in:st=0:d=1",
        ]
        try FilmMaker.film(sources, to: path)
        let changes = changes(try shots(path), try #require(rate))
        #expect(changes.count == 1 && changes.allSatisfy { (69...86).contains($0) }, "\(changes)")
    }

    /// A title over a picture that comes out of the black, or goes into it, looks like one end of
    /// a mixture.
    @Test(arguments: ["in:st=0:d=1.4", "out:st=1.6:d=1.4"])
    func aTitleOverAFadeIsNoDissolve(fade: String) throws {
        let path = scratch("fade.mkv")
        let title = "drawbox=60:80:200:14:c=white:t=fill"
        let fading = "testsrc2=d=3:r=24,fade=\(fade),\(title):enable='between(t,0.2,2.8)'"
        let black = "color=black:d=0.5"
        try FilmMaker.film(
            ["smptebars=d=2.5", black, fading, black, "rgbtestsrc=d=2.5"], to: path)
        let changes = changes(try shots(path), try #require(rate))
        #expect(changes.count == 2, "\(changes)")
    }

    @Test func aDissolveIsOneChangeInItsMiddle() throws {
        let path = scratch("dissolve.mkv")
        try dissolve(from: "smptebars=d=3", to: "mandelbrot=end_scale=0.3,trim=end=3", path)
        let changes = changes(try shots(path), try #require(rate))
        #expect(changes.count == 1 && changes.allSatisfy { (54...66).contains($0) }, "\(changes)")
    }

    /// What a dissolve leaves dark and what becomes light soon behind it is one picture.
    @Test func aPictureThatFadesInBehindADissolveIsNoSecondOne() throws {
        let path = scratch("dissolve.mkv")
        let level = "min(1\\,0.2+max(0\\,T-1.5)*0.8)"
        let fading =
            "mandelbrot=end_scale=0.3,trim=end=5,format=yuv444p,geq=lum='16+(lum(X,Y)-16)*\(level)'"
            + ":cb='128+(cb(X,Y)-128)*\(level)':cr='128+(cr(X,Y)-128)*\(level)'"
        try dissolve(from: "smptebars=d=3", to: fading, path)
        let shots = try shots(path)
        let changes = changes(shots, try #require(rate))
        #expect(changes.count == 1 && changes.allSatisfy { (48...72).contains($0) }, "\(changes)")
    }

    /// A film of two pictures, of which the second takes the place of the first from 2 to 3 s.
    private func dissolve(from first: String, to second: String, _ path: String) throws {
        let mix = "xfade=transition=fade:duration=1:offset=2,format=yuv420p"
        let shape = "fps=24,scale=320:180,format=yuv420p,settb=1/24"
        try FilmMaker.run([
            "-f", "lavfi", "-i", first, "-f", "lavfi", "-i", second, "-filter_complex",
            "[0]\(shape)[a];[1]\(shape)[b];[a][b]\(mix)", "-c:v", "mpeg4", "-q:v", "3", path,
        ])
    }

    @Test func aFlashAndAMovingCameraAreNoChange() throws {
        let path = scratch("flash.mkv")
        let flash = "drawbox=c=white:t=fill:enable='eq(n,40)'"
        let pan = "scale=640:360,crop=320:180:'min(n*3,300)':20"
        try FilmMaker.film(
            ["testsrc2=d=4:r=24,\(flash)", "mandelbrot=r=24,trim=end=4,\(pan)"], to: path)
        #expect(changes(try shots(path), try #require(rate)) == [96])
    }

    /// Films lie between black bars more often than not: they look as if less changed.
    @Test(arguments: ["320:360:0:90", "320:600:0:210", "900:180:290:0"])
    func blackBarsHideNoCuts(bars: String) throws {
        let path = scratch("bars.mkv")
        let pan = "scale=640:360,crop=320:180:'min(n*2,300)':20"
        let sources = [
            "testsrc2=d=2:r=24", "mandelbrot=r=24:end_scale=0.3,trim=end=2,\(pan)",
            "testsrc2=d=2:r=24,hue=h=40,\(pan)", "testsrc=d=2:r=24,eq=brightness=-0.1",
        ]
        let pale = "eq=contrast=0.3:brightness=0.05,scale=320:180,pad=\(bars):black"
        try FilmMaker.film(sources.map { "\($0),\(pale)" }, to: path)
        #expect(changes(try shots(path), try #require(rate)) == [48, 96, 144])
    }

    @Test func blackAloneHasNoPicture() throws {
        let path = scratch("black.mkv")
        try FilmMaker.film(["color=black:d=2"], to: path)
        let shots = try shots(path)
        #expect(shots.count == 1 && shots[0].vector == nil && shots[0].thumbnail == nil)
    }

    @Test func theDarkPartOfAShotIsNotItsPicture() throws {
        let fading = scratch("fading.mkv")
        let lit = scratch("lit.mkv")
        try FilmMaker.film(["smptebars=d=4,fade=in:st=0:d=2"], to: fading)
        try FilmMaker.film(["smptebars=d=4"], to: lit)
        let dark = try StillReader.picture(try #require(try shots(fading)[0].thumbnail))
        let light = try StillReader.picture(try #require(try shots(lit)[0].thumbnail))
        let apart = zip(dark.planes, light.planes).map { abs(Int($0) - Int($1)) }.reduce(0, +)
        #expect(apart < 4 * Picture.bytes)
    }

    @Test func aShotShorterThanAPictureHasOneAllTheSame() throws {
        let path = scratch("short.mkv")
        // Pictures are taken of every 15th frame.
        let sources = ["testsrc2=r=60:d=2.05", "smptebars=r=60:d=0.15", "testsrc=r=60:d=2"]
        try FilmMaker.film(sources, rate: "60", to: path)
        let shots = try shots(path)
        #expect(changes(shots, try #require(FrameRate("60"))) == [123, 132])
        #expect(shots.allSatisfy { $0.vector != nil && $0.thumbnail != nil })
    }

    @Test func shotsAreDividedWhereMoreFramesAreWanted() throws {
        let path = scratch("parts.mkv")
        try FilmMaker.film(["testsrc2=d=3.25:r=24", "smptebars=d=0.5"], to: path)
        let shots = try shots(path, rate: 1)
        #expect(shots.map(\.number) == [1, 1, 1, 2])
        #expect(shots.map(\.part) == [1, 2, 3, 1])
        #expect(shots.map(\.start) == [0, 1_000_000_000, 2_000_000_000, 3_250_000_000])
        for (shot, next) in zip(shots, shots.dropFirst()) { #expect(shot.end == next.start) }
        #expect(shots.allSatisfy { $0.vector != nil && $0.thumbnail != nil })
    }

    @Test func aPartHasAFrameOfItsOwn() throws {
        let path = scratch("slides.mkv")
        // A frame every five seconds, as slides are.
        try FilmMaker.run([
            "-f", "lavfi", "-i", "testsrc2=d=6:r=1:s=320x180", "-vf", "settb=1/1000,setpts=N*5/TB",
            "-vsync", "passthrough", "-enc_time_base", "1:1000", "-c:v", "mpeg4", path,
        ])
        let shots = try shots(path, rate: 1)
        #expect(shots.map(\.start) == (0..<6).map { $0 * 5_000_000_000 })
        #expect(shots.dropLast().map(\.end) == shots.dropFirst().map(\.start))
        #expect(shots.allSatisfy { $0.vector != nil && $0.thumbnail != nil })
    }

    /// Recordings are joined as they are, and discs hold films of several pieces.
    @Test(arguments: ["ts", "mpg"], [0, 3_600]) func aFilmGoesOnWhereItsTimeStampsBeginAnew(
        ending: String, later: Int
    ) throws {
        let sources = [
            ["testsrc2=d=2", "smptebars=d=2"],
            ["mandelbrot=end_scale=0.3,trim=end=2", "rgbtestsrc=d=2"],
        ]
        var pieces: [String] = []
        for (number, sources) in sources.enumerated() {
            pieces.append(scratch("piece\(number).\(ending)"))
            let offset = ["-output_ts_offset", "\(number * later)"]
            try FilmMaker.film(
                sources, options: ["-c:v", "mpeg2video"] + offset, to: pieces[number])
        }
        let whole = try joined(pieces)
        let found = try ShotReader.shots(whole, try FilmProbe.film(at: whole))
        #expect(changes(found.shots, try #require(rate)) == [48, 96, 144])
        #expect(abs(found.duration - 8_000_000_000) < 100_000_000)
        #expect(found.jumps.count == 1 && abs(found.jumps[0] - 4_000_000_000) < 100_000_000)
        #expect(found.shots.allSatisfy { $0.thumbnail != nil })
        // One of another size cannot go on.
        let large = scratch("large.\(ending)")
        try FilmMaker.run(["-i", pieces[0], "-vf", "scale=640:360", "-c:v", "mpeg2video", large])
        let two = try joined([pieces[0], large])
        let film = try FilmProbe.film(at: two)
        #expect(throws: FilmError.self) { try ShotReader.shots(two, film) }
    }

    /// Films behind one another in one file, as they are.
    private func joined(_ pieces: [String]) throws -> String {
        var bytes: [UInt8] = []
        for piece in pieces {
            let file = try RealFileSystem().open(piece, .read)
            bytes += try file.read(Int(try file.size()), at: 0)
            file.close()
        }
        let path = pieces.joined(separator: "+").replacing("/", with: "-")
        let whole = scratch(String(path.suffix(40)))
        let file = try RealFileSystem().open(whole, .create)
        try file.write(bytes, at: 0)
        file.close()
        return whole
    }

    /// A part whose frames have no picture would be read again, by a program of its own.
    @Test(arguments: [1.0, 5, 7, 10, 12, 20]) func everyPartHasAFrameWithAPicture(
        rate: Double
    ) throws {
        let path = scratch("many.mkv")
        try FilmMaker.film(["testsrc2=d=3:r=24"], to: path)
        let film = try FilmProbe.film(at: path)
        let distance = ShotReader.largeSeconds(film, rate)
        let reader = try FrameReader(path, film, largeSeconds: distance)
        var pictured: Set<Int> = []
        while let frame = try reader.next() {
            if frame.large != nil { pictured.insert(Int(Double(frame.time) / 1e9 * rate + 1e-6)) }
        }
        #expect(pictured == Set(0..<Int(3 * rate)))
    }

    /// Rows are left out before the picture is made small; what is seen keeps its proportions.
    @Test(arguments: [
        ("800x332", "1", 432), ("1280x720", "1", 320), ("720x576", "64/45", 320),
        ("320x180", "1", 320), ("404x720", "1", 100), ("3840x16", "1", 43_200),
    ]) func picturesHaveSquarePixels(size: String, pixel: String, width: Int) throws {
        let path = scratch("wide.mkv")
        try FilmMaker.run([
            "-f", "lavfi", "-i", "testsrc2=d=1:r=24:s=\(size)", "-vf", "setsar=\(pixel)", "-c:v",
            "mpeg4", "-q:v", "3", path,
        ])
        let jpeg = try #require(try shots(path).first?.thumbnail)
        // The header of a progressive frame: its length, bits, rows and columns.
        let place = try #require(
            jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC2, 0, 17, 8]) })
        #expect(Int(jpeg[place + 5]) << 8 | Int(jpeg[place + 6]) == 180)
        #expect(Int(jpeg[place + 7]) << 8 | Int(jpeg[place + 8]) == width)
    }

    /// The frames of a film are pictures as stills are, whatever is left out of them.
    @Test(arguments: ["320x180", "640x360", "1280x720", "1920x1080"])
    func framesLookLikeStills(size: String) throws {
        let (film, still) = (scratch("film.mkv"), scratch("still.png"))
        let source = ["-f", "lavfi", "-i", "testsrc=d=0.2:r=24:s=\(size)"]
        try FilmMaker.run(source + ["-c:v", "ffv1", film])
        try FilmMaker.run(source + ["-frames:v", "1", still])
        let file = try RealFileSystem().open(still, .read)
        defer { file.close() }
        let whole = try StillReader.picture(try file.read(Int(try file.size()), at: 0))
        let reader = try FrameReader(film, try FilmProbe.film(at: film), largeSeconds: 1)
        let frame = try #require(try reader.next()).picture
        let (first, second) = (Look.vector(of: whole), Look.vector(of: frame))
        let cosine = zip(first, second).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        #expect(cosine > 0.99)
    }
}
