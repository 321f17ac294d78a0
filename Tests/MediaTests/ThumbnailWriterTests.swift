// JPEGs that are made here, beside those that ffmpeg makes of the same frames: as near to the
// frame; and of what no film has they are right too.

import Media
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct ThumbnailWriterTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try scratchDirectory("thumbnails") }

    private func bytes(_ path: String) throws -> [UInt8] {
        let file = try RealFileSystem().open(path, .read)
        defer { file.close() }
        return try file.read(Int(try file.size()), at: 0)
    }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try? RealFileSystem().remove(path)
        let file = try RealFileSystem().open(path, .create)
        try file.write(bytes, at: 0)
        file.close()
    }

    /// The planes of a JPEG as ffmpeg reads them, in steps of 0 to 255.
    private func planes(ofJPEG path: String) throws -> [UInt8] {
        let raw = scratch("seen.raw")
        #expect(
            try FilmMaker.run(
                ["-i", path, "-pix_fmt", "yuvj420p", "-f", "rawvideo", raw]) == 0)
        return try bytes(raw)
    }

    private func error(_ first: [UInt8], _ second: [UInt8]) -> Double {
        #expect(first.count == second.count)
        return zip(first, second).reduce(0) { $0 + Double((Int($1.0) - Int($1.1)).magnitude) }
            / Double(max(1, first.count))
    }

    @Test(arguments: [
        ("testsrc2", 434), ("mandelbrot", 320), ("testsrc2", 2), ("smptebars", 100),
        ("testsrc", 1_000),
    ]) func picturesAreAsGoodAsOthers(source: String, width: Int) throws {
        let (raw, whole, theirs, ours) = (
            scratch("frame.raw"), scratch("whole.raw"), scratch("theirs.jpg"), scratch("ours.jpg")
        )
        let frame = ["-f", "lavfi", "-i", "\(source)=s=\(width)x180", "-frames:v", "1"]
        try FilmMaker.run(frame + ["-pix_fmt", "yuv420p", "-f", "rawvideo", raw])
        let input = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "\(width)x180", "-i", raw]
        try FilmMaker.run(input + ["-pix_fmt", "yuvj420p", "-f", "rawvideo", whole])
        try FilmMaker.run(input + ["-pix_fmt", "yuvj420p", "-q:v", "4", theirs])
        let jpeg = try #require(ThumbnailWriter.jpeg(try bytes(raw)))
        try write(jpeg, ours)
        let wanted = try bytes(whole)
        let (own, other) = (
            error(try planes(ofJPEG: ours), wanted), error(try planes(ofJPEG: theirs), wanted)
        )
        #expect(own < other + 0.1, "\(own) beside \(other)")
        let size = try bytes(theirs).count
        #expect(jpeg.count < size + size / 3 + 1_000, "\(jpeg.count) bytes beside \(size)")
    }

    /// Noise and edges of all strengths have coefficients of all sizes.
    @Test func whatNoFilmHasIsRightToo() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for width in [2, 16, 18, 190] {
            for strength in [0, 1, 40, 219] {
                let count = width * 180
                let planes = (0..<count + count / 2).map { place in
                    let range = place < count ? strength : strength / 2
                    let lowest = place < count ? 16 : 128 - range / 2
                    return UInt8(lowest + Int(random.next() % UInt64(range + 1)))
                }
                let path = scratch("noise.jpg")
                try write(try #require(ThumbnailWriter.jpeg(planes)), path)
                let wanted = planes.enumerated().map { place, value in
                    let own = Double(value)
                    return place < count
                        ? UInt8((own - 16) * 255 / 219 + 0.5)
                        : UInt8((own - 128) * 255 / 224 + 128.5)
                }
                let own = error(try self.planes(ofJPEG: path), wanted)
                #expect(own < 6, "seed \(seed): \(own), width \(width), strength \(strength)")
            }
        }
    }

    @Test func blackAndWhiteAreWhole() throws {
        for (value, wanted) in [(UInt8(16), UInt8(0)), (235, 255), (0, 0), (255, 255)] {
            let planes =
                [UInt8](repeating: value, count: 20 * 180)
                + [UInt8](repeating: 128, count: 20 * 90)
            try write(try #require(ThumbnailWriter.jpeg(planes)), scratch("flat.jpg"))
            let seen = try self.planes(ofJPEG: scratch("flat.jpg"))
            #expect(seen[..<3_600].allSatisfy { $0 == wanted })
            #expect(seen[3_600...].allSatisfy { $0 == 128 })
        }
    }

    @Test func whatIsNoFrameIsNone() {
        for count in [0, 1, 269, 270, 541, 270 * 3] {
            #expect(ThumbnailWriter.jpeg([UInt8](repeating: 16, count: count)) == nil)
        }
    }
}
