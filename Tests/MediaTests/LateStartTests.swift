// Films whose picture begins behind their sound, in containers that count time each in its own way:
// what encoders see and hear of them counts from the first frame, as shots do.

import Glibc
import Media
import Synchronization
import TestSupport
import Testing

@Suite("A film whose picture begins late") struct LateStartTests {
    /// A container, and what its times are moved by.
    struct Kind: CustomTestStringConvertible, Sendable {
        let ending: String
        var options: [String] = []
        var testDescription: String { ([ending] + options).joined(separator: " ") }
    }

    static let kinds = [
        Kind(ending: "mkv"), Kind(ending: "mkv", options: ["-output_ts_offset", "50"]),
        Kind(ending: "mp4"), Kind(ending: "ts"),
        Kind(ending: "ts", options: ["-output_ts_offset", "1000"]),
        Kind(ending: "ts", options: ["-muxdelay", "0", "-muxpreload", "0"]),
    ]

    private static let made = Atomic(0)

    /// A picture of 16 s that is brighter every 4 s, so many seconds behind the beginning of a tone
    /// that is heard for half a second in five; nil without ffmpeg.
    private func film(_ kind: Kind, late picture: Double, _ sound: Double) throws -> String? {
        guard FilmMaker.isAvailable else { return nil }
        let number = Self.made.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "/tmp/mspd-start-\(getpid())-\(number).\(kind.ending)"
        let status = try FilmMaker.run(
            [
                "-itsoffset", "\(picture)", "-f", "lavfi", "-i",
                "nullsrc=s=64x64:r=25:d=16,geq=lum='floor(T/4)*50+40':cb=128:cr=128",
                "-itsoffset", "\(sound)", "-f", "lavfi", "-i",
                "aevalsrc='0.5*sin(2500*t)*lt(mod(t\\,5)\\,0.5)':d=18", "-vsync", "passthrough",
                "-c:v", "mpeg4", "-bf", "2", "-g", "50", "-c:a", "aac",
            ] + kind.options + [path])
        #expect(status == 0)
        return path
    }

    @Test(arguments: kinds)
    func `shows what it shows at a time from its first frame on`(_ kind: Kind) throws {
        guard let path = try film(kind, late: 3, 0) else { return }
        defer { unsafe unlink(path) }
        let extract = try FilmExtract(of: path)
        for frame in [0, 100, 290, 350] {
            // A quarter of a frame before it, as for rows.
            let time = max(0, Int64(frame) * 40_000_000 - 10_000_000)
            let level = 50 * (frame / 100) + 40
            let still = try StillReader.picture(try extract.picture(at: time)).planes[0]
            #expect(abs(Int(still) - level) < 20, "picture of frame \(frame)")
            let clip = try extract.clip(from: time, to: time + 80_000_000)
            let first = try FilmExtract.pictures(ofClip: clip, atMost: 1)
            let seen = try StillReader.picture(first[0]).planes[0]
            #expect(abs(Int(seen) - level) < 20, "clip from frame \(frame)")
        }
    }

    @Test(arguments: kinds)
    func `has its own picture of a shot that is too short for one`(_ kind: Kind) throws {
        guard FilmMaker.isAvailable else { return }
        let number = Self.made.wrappingAdd(1, ordering: .relaxed).newValue
        let path = "/tmp/mspd-short-\(getpid())-\(number).mkv"
        let late = "/tmp/mspd-start-\(getpid())-\(number).\(kind.ending)"
        defer { for path in [path, late] { unsafe unlink(path) } }
        // Pictures are taken of every 15th frame.
        let sources = ["testsrc2=r=60:d=2.05", "smptebars=r=60:d=0.15", "testsrc=r=60:d=2"]
        try FilmMaker.film(sources, rate: "60", to: path)
        let made = try FilmMaker.run(
            [
                "-itsoffset", "3", "-i", path, "-f", "lavfi", "-i", "sine=d=7", "-map", "0", "-map",
                "1", "-c:v", "mpeg4", "-q:v", "3", "-c:a", "aac",
            ] + kind.options + [late])
        try #require(made == 0)
        let shots = try ShotReader.shots(late, try FilmProbe.film(at: late)).shots
        #expect(shots.count == 3)
        for shot in shots {
            let picture = Look.vector(of: try StillReader.picture(try #require(shot.thumbnail)))
            let likeness = zip(picture, try #require(shot.vector)).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(likeness > 0.9, "shot \(shot.number)")
        }
    }

    /// The tenths of a second in which something is heard.
    private func heard(_ path: String) throws -> [Int] {
        let sound = try SoundReader(of: path).next(1 << 20)
        return stride(from: 0, to: sound.count - 3_200, by: 3_200).filter { start in
            stride(from: start, to: start + 3_200, by: 2).contains { sample in
                Int16(bitPattern: UInt16(sound[sample]) | UInt16(sound[sample + 1]) << 8) > 5_000
            }
        }.map { $0 / 3_200 }
    }

    private func isNear(_ tenths: [Int], _ seconds: [Int]) -> Bool {
        let starts = tenths.filter { !tenths.contains($0 - 1) }
        return starts.count == seconds.count
            && zip(starts, seconds).allSatisfy { abs($0 - $1 * 10) <= 1 }
    }

    @Test(arguments: kinds)
    func `is heard from its first frame on`(_ kind: Kind) throws {
        guard let path = try film(kind, late: 3, 0) else { return }
        defer { unsafe unlink(path) }
        let tenths = try heard(path)
        #expect(isNear(tenths, [2, 7, 12]), "\(tenths)")
    }

    @Test func `is heard from its beginning on where its picture cannot be read`() throws {
        guard let path = try film(Kind(ending: "mp4"), late: 3, 0) else { return }
        let strange = path + ".mov"
        defer { for path in [path, strange] { unsafe unlink(path) } }
        try FilmMaker.run(["-i", path, "-c", "copy", "-tag:v", "zzzz", "-strict", "-2", strange])
        #expect(throws: FilmError.self) { try FilmExtract(of: strange) }
        let tenths = try heard(strange)
        #expect(isNear(tenths, [0, 5, 10, 15]), "\(tenths)")
    }

    @Test(arguments: kinds)
    func `is silent where its sound begins later still`(_ kind: Kind) throws {
        guard let path = try film(kind, late: 0, 2) else { return }
        defer { unsafe unlink(path) }
        let tenths = try heard(path)
        #expect(isNear(tenths, [2, 7, 12, 17]), "\(tenths)")
    }
}
