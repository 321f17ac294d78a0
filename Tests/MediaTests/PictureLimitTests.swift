// Pictures that are large: read up to a limit, and refused beyond it whoever reads them.

import Glibc
import Media
import TestSupport
import Testing

@Suite struct PictureLimitTests {
    /// A picture of so many columns and rows, in a file that is small; nil without ffmpeg.
    private func picture(_ size: String, _ ending: String = "png") throws -> [UInt8]? {
        guard FilmMaker.isAvailable else { return nil }
        let path = "/tmp/mspd-large-\(getpid())-\(size).\(ending)"
        defer { unsafe unlink(path) }
        try FilmMaker.run([
            "-f", "lavfi", "-i", "color=white:s=\(size)", "-pix_fmt", "monob", "-frames:v", "1",
            path,
        ])
        guard let file = unsafe fopen(path, "rb") else { return nil }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 22)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }

    @Test func `what is large is read`() throws {
        guard let large = try picture("5000x4000") else { return }
        #expect(try StillReader.picture(large).planes[0] > 200)
        #expect(try FilmExtract.png(large).count > 100)
    }

    @Test func `what is larger than the limit is told so`() throws {
        guard let huge = try picture("10001x10000") else { return }
        #expect(huge.count < 1 << 20)
        #expect(throws: FilmError.tooLarge) { try StillReader.picture(huge) }
        #expect(throws: FilmError.tooLarge) { try FilmExtract.png(huge) }
        #expect(throws: FilmError.tooLarge) { try ClipReader.vector(huge, seconds: 20) }
        #expect(throws: FilmError.tooLarge) {
            try FilmExtract.pictures(ofClip: huge, atMost: 1)
        }
        #expect(try WaitingStill().picture(huge, seconds: 20) == nil)
        #expect("\(FilmError.tooLarge)".contains("more than 100 million pixels"))
    }
}
