// How well `look` finds again in real films. What is measured here stands in docs/BENCHMARKS.md.

import Media
import Storage
import TestSupport
import Testing

@Suite(.enabled(if: FilmMaker.isAvailable)) struct LookFigureTests {
    /// A frame of a film, and how it looks.
    private struct Sample {
        let film: Int
        let shot: Int
        let seconds: Double
        let vector: [Float]
        let isBlank: Bool
    }

    /// What is done to a frame before it is looked for.
    private static let changes: [(name: String, filter: String)] = [
        ("cropped in the middle", "crop=iw*0.9:ih*0.9"),
        ("cropped in a corner", "crop=iw*0.9:ih*0.9:0:0"), ("mirrored", "hflip"),
        ("rescaled", "scale=160:-2"),
        (
            "regraded warm",
            "eq=contrast=1.25:brightness=0.04:saturation=0.7:gamma=1.15,colorbalance=rm=.12:bm=-.12"
        ),
        (
            "regraded cold",
            "eq=contrast=0.8:brightness=-0.06:saturation=1.3:gamma=0.85,colorbalance=rm=-.1:bm=.1"
        ),
    ]

    /// Excerpts of one film are one film: the same places are in all of them.
    private static let films = ["popeye", "big-buck-bunny"]

    private let scratch: ScratchDirectory

    init() throws { scratch = try scratchDirectory("look") }

    /// The pictures of a film made small, changed by a filter.
    private func pictures(_ path: String, _ filter: String = "null") throws -> [Picture] {
        let raw = scratch("raw")
        let small = "\(filter),scale=96:72:flags=area,format=gbrp"
        let status = try FilmMaker.run([
            "-i", path, "-vf", small, "-vsync", "passthrough", "-f", "rawvideo", raw,
        ])
        try #require(status == 0)
        let file = try RealFileSystem().open(raw, .read)
        defer { file.close() }
        let bytes = try file.read(Int(try file.size()), at: 0)
        return try stride(from: 0, to: bytes.count, by: Picture.bytes).map {
            try #require(Picture(planes: Array(bytes[$0..<$0 + Picture.bytes])))
        }
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Float {
        var sum: Float = 0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }

    private func isBlank(_ picture: Picture) -> Bool {
        let green = picture.planes[..<(Picture.width * Picture.height)]
        let mean = green.reduce(0) { $0 + Int($1) } / green.count
        let squares = green.reduce(0) { $0 + (Int($1) - mean) * (Int($1) - mean) }
        return squares / green.count < 64
    }

    @Test func framesFindTheirFilmAndTheirShot() throws {
        guard let folder = SharedData.folder("data/demo") else { return }
        var samples: [Sample] = []
        var changed = [[[Float]]](repeating: [], count: Self.changes.count + 1)
        for (number, counted) in CountedCuts.all.enumerated() {
            // One frame a second, without loss, so that what is changed is changed once.
            let clip = scratch("clip.nut")
            let rate = Double(counted.rate.0) / Double(counted.rate.1)
            let step = Int(rate.rounded())
            try FilmMaker.run([
                "-i", "\(folder)/\(counted.path)", "-an", "-sn", "-vf",
                "select='not(mod(n,\(step)))',scale=480:-2", "-vsync", "passthrough", "-c:v",
                "ffv1", clip,
            ])
            let name = counted.path.split(separator: "/")[0]
            let film = Self.films.firstIndex { $0 == name }.map { -1 - $0 } ?? number
            let edges = counted.cuts + counted.dissolves.map { ($0.lowerBound + $0.upperBound) / 2 }
            for (index, picture) in try pictures(clip).enumerated() {
                let shot = edges.count { $0 <= index * step }
                samples.append(
                    Sample(
                        film: film, shot: number * 1_000 + shot,
                        seconds: Double(index * step) / rate, vector: Look.vector(of: picture),
                        isBlank: isBlank(picture)))
            }
            for (place, change) in Self.changes.enumerated() {
                changed[place] += try pictures(clip, change.filter).map { Look.vector(of: $0) }
            }
            let worse = scratch("worse.mkv")
            try FilmMaker.run(["-i", clip, "-c:v", "mpeg4", "-q:v", "24", worse])
            changed[Self.changes.count] += try pictures(worse).map { Look.vector(of: $0) }
        }
        expectFilms(samples)
        for (place, vectors) in changed.enumerated() {
            let name = place < Self.changes.count ? Self.changes[place].name : "re-encoded"
            expectShots(samples, vectors, name)
        }
    }

    /// The nearest frame of another shot, five seconds away or more, is of the same film.
    private func expectFilms(_ samples: [Sample]) {
        var (right, all) = (0, 0)
        for own in samples where !own.isBlank {
            let others = samples.filter { other in
                let isSame = other.shot / 1_000 == own.shot / 1_000
                return !other.isBlank && other.shot != own.shot
                    && !(isSame && abs(other.seconds - own.seconds) <= 5)
            }
            guard others.contains(where: { $0.shot / 1_000 == own.shot / 1_000 }) else { continue }
            let nearest = others.max {
                cosine($0.vector, own.vector) < cosine($1.vector, own.vector)
            }
            all += 1
            if nearest?.film == own.film { right += 1 }
        }
        print("look: the nearest frame is of the same film for \(right) of \(all)")
        #expect(right * 100 >= 90 * all)
    }

    /// The nearest frame of a changed one is of its shot.
    private func expectShots(_ samples: [Sample], _ vectors: [[Float]], _ name: String) {
        var (right, all) = (0, 0)
        for (own, vector) in zip(samples, vectors) where !own.isBlank {
            var best = (score: Float(-2), shot: -1)
            for other in samples {
                let score = cosine(other.vector, vector)
                if score > best.score { best = (score, other.shot) }
            }
            all += 1
            if best.shot == own.shot { right += 1 }
        }
        print("look: \(name), finds its shot first for \(right) of \(all)")
        #expect(vectors.count == samples.count && right * 100 >= 95 * all)
    }
}
