// Sums over lists of bytes, beside the plain loops.

import Media
import TestSupport
import Testing

@Suite struct BytesTests {
    @Test func sumsAreThoseOfPlainLoops() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for count in Array(0...40) + [324, 1_728, 65_536] {
            // Extreme bytes as often as others, and lists of nothing else.
            func list(_ only: UInt8?) -> [UInt8] {
                (0..<count).map { _ in
                    only ?? [0, 255, UInt8.random(in: 0...255, using: &random)]
                        .randomElement(using: &random) ?? 0
                }
            }
            for (first, second) in [
                (list(nil), list(nil)), (list(255), list(255)), (list(0), list(255)),
            ] {
                let pairs = zip(first, second).map { (Int($0), Int($1)) }
                #expect(Bytes.sum(first) == pairs.reduce(0) { $0 + $1.0 }, "seed \(seed)")
                let product = pairs.reduce(0) { $0 + $1.0 * $1.1 }
                #expect(Bytes.product(first, second) == product, "seed \(seed)")
                let distance = pairs.reduce(0) { $0 + abs($1.0 - $1.1) }
                #expect(Bytes.distance(first, second) == distance, "seed \(seed)")
            }
        }
    }
}
