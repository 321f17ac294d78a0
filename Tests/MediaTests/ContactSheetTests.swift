// Contact sheets, and clips that someone searches by.

import Media
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct ContactSheetTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try scratchDirectory("sheets") }

    private func bytes(_ path: String) throws -> [UInt8] {
        let file = try RealFileSystem().open(path, .read)
        defer { file.close() }
        return try file.read(Int(try file.size()), at: 0)
    }

    @Test func picturesLieSideBySideWithWhateverStandsBelow() throws {
        let path = scratch("bars.jpg")
        try FilmMaker.run(["-f", "lavfi", "-i", "smptebars", "-frames:v", "1", path])
        let lines = ["it's 100 % [a]; b, c:\\d", "", "%{pts} ' \" {}", "日本", "01:00:00;02"]
        let tiles = try lines.map {
            ContactSheet.Tile(
                jpeg: try bytes(path), lines: [$0, String(repeating: "x", count: 99)])
        }
        let broken = ContactSheet.Tile(jpeg: [1, 2, 3], lines: ["broken"])
        let sheet = try ContactSheet.png(tiles + [broken], columns: 3)
        #expect(sheet.bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        // Three columns of 320 and two rows of 220, with 8 between: big-endian in the header.
        #expect(Array(sheet.bytes[16..<24]) == [0, 0, 3, 224, 0, 0, 1, 208])
    }

    /// The pixels of a sheet in one plane of bytes, and its columns.
    private func grey(_ sheet: [UInt8]) throws -> [UInt8] {
        let (png, raw) = (scratch("sheet.png"), scratch("sheet.gray"))
        let file = try RealFileSystem().open(png, .create)
        try file.write(sheet, at: 0)
        file.close()
        try FilmMaker.run(["-i", png, "-pix_fmt", "gray", "-f", "rawvideo", raw])
        return try bytes(raw)
    }

    /// With more pictures than get their lines at once, and of several proportions.
    @Test(arguments: [false, true]) func eachPictureHasItsOwnLines(hasBroken: Bool) throws {
        var jpegs: [[UInt8]] = []
        for (place, size) in ["320x180", "240x180", "434x180"].enumerated() {
            let path = scratch("grey\(place).jpg")
            let colour = "color=0x\(String(repeating: "\(place * 3 + 2)0", count: 3)):s=\(size)"
            try FilmMaker.run(["-f", "lavfi", "-i", colour, "-frames:v", "1", path])
            jpegs.append(try bytes(path))
        }
        let all = (0..<(hasBroken ? 8 : 57)).map { place in
            let jpeg = hasBroken && place == 6 ? [0xFF, 0xD8, 1] : jpegs[place % 3]
            return ContactSheet.Tile(jpeg: jpeg, lines: place % 4 == 1 ? ["MMMM", "MMMM"] : [])
        }
        let sheet = try ContactSheet.png(all)
        let pixels = try grey(sheet.bytes)
        let wide = 5 * 328 + 8
        for place in all.indices {
            let corner = (8 + place / 5 * 228) * wide + 8 + place % 5 * 328
            let wanted = hasBroken && place == 6 ? 64 : place % 3 * 48 + 32
            let middle: Int = Int(pixels[corner + 90 * wide + 160])
            #expect(abs(middle - wanted) < 8, "picture \(place)")
            var hasWords = false
            for line in 183..<200 {
                let start: Int = corner + line * wide
                hasWords = hasWords || pixels[start..<start + 320].contains { $0 > 200 }
            }
            #expect(hasWords == (sheet.hasLines && place % 4 == 1), "lines of \(place)")
        }
    }

    @Test func aClipLooksLikeWhatItShows() throws {
        let path = scratch("clip.mp4")
        try FilmMaker.film(["smptebars=d=2,fade=in:st=0:d=0.5"], to: path)
        let still = scratch("still.png")
        try FilmMaker.run(["-f", "lavfi", "-i", "smptebars", "-frames:v", "1", still])
        let clip = try ClipReader.vector(try bytes(path), seconds: 20)
        let picture = Look.vector(of: try StillReader.picture(try bytes(still)))
        #expect(zip(clip, picture).reduce(0) { $0 + $1.0 * $1.1 } > 0.97)
        #expect(throws: FilmError.self) { try ClipReader.vector([1, 2, 3], seconds: 20) }
    }

    @Test func aClipOfSoundAloneHasNoPicture() throws {
        let path = scratch("sound.mka")
        try FilmMaker.run(["-f", "lavfi", "-i", "sine=d=1", "-c:a", "pcm_s16le", path])
        #expect(throws: FilmError.noPicture) { try ClipReader.vector(try bytes(path), seconds: 20) }
    }
}
