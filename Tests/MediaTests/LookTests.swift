// The built-in encoder: what must always hold, and how well it finds again on real films.

import Media
import TestSupport
import Testing

@Suite struct LookTests {
    private func picture(_ seed: UInt64) throws -> Picture {
        var random = SeededRandom(seed: seed)
        var planes = [UInt8](repeating: 0, count: Picture.bytes)
        for _ in 0..<40 {
            let x = Int.random(in: 0..<90, using: &random)
            let y = Int.random(in: 0..<66, using: &random)
            let w = Int.random(in: 1..<40, using: &random)
            let h = Int.random(in: 1..<40, using: &random)
            let colour = (0..<3).map { _ in UInt8.random(in: 0...255, using: &random) }
            for row in y..<min(y + h, Picture.height) {
                for column in x..<min(x + w, Picture.width) {
                    for plane in 0..<3 {
                        planes[plane * 6_912 + row * Picture.width + column] = colour[plane]
                    }
                }
            }
        }
        return try #require(Picture(planes: planes))
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test func aMirrorImageLooksTheSame() throws {
        for seed in 1...5 as ClosedRange<UInt64> {
            let picture = try picture(seed)
            var mirrored: [UInt8] = []
            for row in stride(from: 0, to: Picture.bytes, by: Picture.width) {
                mirrored += picture.planes[row..<row + Picture.width].reversed()
            }
            let other = Look.vector(of: try #require(Picture(planes: mirrored)))
            let own = Look.vector(of: picture)
            #expect(zip(own, other).allSatisfy { abs($0 - $1) < 1e-4 }, "seed \(seed)")
        }
    }

    @Test func vectorsHaveLengthOneAndAreNoOthers() throws {
        let flat = [0, 128, 255].map { [UInt8](repeating: $0, count: Picture.bytes) }
        var pictures = try flat.map { try #require(Picture(planes: $0)) }
        pictures += try (1...5 as ClosedRange<UInt64>).map(picture)
        for picture in pictures {
            let vector = Look.vector(of: picture)
            #expect(vector.count == Look.dimension && vector.allSatisfy(\.isFinite))
            #expect(abs(cosine(vector, vector) - 1) < 1e-4)
            #expect(Look.vector(of: picture) == vector)
        }
        #expect(Look.mean([]) == nil)
        #expect(Picture(planes: [1, 2]) == nil)
    }
}
