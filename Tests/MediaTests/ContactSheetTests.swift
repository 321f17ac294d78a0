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
