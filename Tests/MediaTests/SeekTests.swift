// Pictures and clips out of films are those of their times to the frame, however a film's frames
// are ordered in it: also shortly before a key frame, which is stored before frames that are shown
// before it.

import Glibc
import Media
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct SeekTests {
    /// A film's codec and container, and its frames a second.
    struct Kind: CustomTestStringConvertible, Sendable {
        let codec: String
        let ending: String
        var rate = 25
        var options: [String] = []
        var testDescription: String { "\(codec) \(rate) \(ending) \(options)" }
    }

    static let kinds = [
        Kind(codec: "mpeg4", ending: "mp4"),
        Kind(codec: "mpeg4", ending: "mp4", options: ["-use_editlist", "0"]),
        Kind(codec: "mpeg4", ending: "mp4", rate: 1, options: ["-use_editlist", "0"]),
        Kind(codec: "mpeg4", ending: "mkv"), Kind(codec: "mpeg4", ending: "avi"),
        Kind(codec: "mpeg2video", ending: "mxf"), Kind(codec: "mpeg2video", ending: "mpg"),
        Kind(codec: "libx264", ending: "mp4", options: ["-use_editlist", "0"]),
    ]

    private static let made = Atomic(0)

    /// How bright a frame is: another one than those near it.
    private func level(_ frame: Int) -> Int { frame % 11 * 20 + 20 }

    private func level(_ jpeg: [UInt8]) throws -> Int {
        // The film's black is 16 and its white 235; those of a JPEG are 0 and 255.
        let seen = Int(try StillReader.picture(jpeg).planes[0]) * 219 / 255 + 16
        return (seen + 10) / 20 * 20
    }

    @Test(arguments: kinds)
    func `a frame is found by its time on both sides of a key frame`(_ kind: Kind) throws {
        let number = Self.made.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "/tmp/mspd-seek-\(getpid())-\(number).\(kind.ending)"
        defer { unsafe unlink(path) }
        let source = "nullsrc=s=64x64:r=\(kind.rate),geq=lum='mod(N,11)*20+20':cb=128:cr=128"
        let made = try FilmMaker.run(
            [
                "-f", "lavfi", "-i", source, "-frames:v", "90", "-c:v", kind.codec, "-bf", "3",
                "-b_strategy", "0", "-sc_threshold", "1000000000", "-g", "25", "-q:v", "1",
            ] + kind.options + [path])
        guard made == 0 else { return print("skipped: no encoder \(kind.codec)") }
        let extract = try FilmExtract(of: path)
        for frame in [0, 1] + Array(47..<53) + [89] {
            // A quarter of a frame before it, as for rows.
            let time = max(0, (4 * Int64(frame) - 1) * 250_000_000 / Int64(kind.rate))
            let picture = try level(extract.picture(at: time))
            #expect(picture == level(frame), "picture of frame \(frame)")
            guard frame == 49 || frame == 50 else { continue }
            let clip = try extract.clip(from: time, to: time)
            let first = try FilmExtract.pictures(ofClip: clip, atMost: 1)
            #expect(try level(first[0]) == level(frame), "clip from frame \(frame)")
        }
    }
}
