// Every version of the kernels for half precision, against the language's own halves and plain
// loops.

import CKernels
import TestSupport
import Testing

struct HalfKernelTests {
    /// The levels that this machine has.
    private static let levels = (MSPD_PORTABLE.rawValue...mspd_simd_best().rawValue).map {
        mspd_simd_level(rawValue: $0)
    }

    private func kernels(_ level: mspd_simd_level) throws -> mspd_vector_kernels {
        unsafe try #require(mspd_vector_at(level)).pointee
    }

    @Test(arguments: levels) func `every half comes back as it is`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let halves = (0...UInt16.max).map { $0 }
        var values = [Float](repeating: 0, count: halves.count)
        unsafe kernels.widen(halves, 1, halves.count, &values)
        for (half, value) in zip(halves, values) {
            let want = Float(Float16(bitPattern: half))
            #expect(value == want || (value.isNaN && want.isNaN))
            #expect(value.isNaN || value.sign == want.sign)
        }
        var back = [UInt16](repeating: 0, count: halves.count)
        unsafe kernels.narrow(values, values.count, &back)
        for (half, other) in zip(halves, back) {
            #expect(half == other || Float16(bitPattern: half).isNaN)
        }
    }

    @Test(arguments: levels) func `floats become the nearest half`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        var values = (0..<1 << 16).map { _ in
            Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
        }
        // Halfway between halves, and next to it.
        for place in 0..<1 << 15 {
            let half = Float16(bitPattern: UInt16(truncatingIfNeeded: random.next() & 0xFBFF))
            let middle = (Float(half) + Float(half.nextUp)) / 2
            values[place] = [middle, middle.nextUp, middle.nextDown, 65_519, 65_520][place % 5]
        }
        var halves = [UInt16](repeating: 0, count: values.count)
        unsafe kernels.narrow(values, values.count, &halves)
        for (value, half) in zip(values, halves) {
            let (found, want) = (Float16(bitPattern: half), Float16(value))
            #expect(
                found.bitPattern == want.bitPattern || (found.isNaN && want.isNaN),
                "\(value), seed \(seed)")
        }
    }

    @Test(arguments: levels) func `products and distances with halves`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for padded in [32, 64, 96, 256, 800, 4_096] {
            let total = 12
            let rows = (0..<padded * total).map { _ in
                Float16(Float.random(in: -1...1, using: &random))
            }
            let bits = rows.map(\.bitPattern)
            let factors = (0..<total).map { Float($0 + 1) / 4 }
            let query = (0..<padded).map { _ in Float.random(in: -1...1, using: &random) }
            for count in 0...9 {
                let places = (0..<count).map { _ in UInt32.random(in: 0..<12, using: &random) }
                for isPlaced in [false, true] {
                    func check(_ out: [Float], _ one: (Double, Double) -> Double) {
                        for item in 0..<count {
                            let row = isPlaced ? Int(places[item]) : item
                            let want = (0..<padded).reduce(0.0) {
                                let number = Double(rows[row * padded + $1])
                                return $0
                                    + one(
                                        Double(query[$1]), number * Double(factors[row]))
                            }
                            let room = 1e-5 * Double(padded)
                            #expect(abs(Double(out[item]) - want) < room, "seed \(seed)")
                        }
                    }
                    var out = [Float](repeating: 0, count: count)
                    unsafe places.withUnsafeBufferPointer { places in
                        let base = isPlaced ? places.baseAddress : nil
                        unsafe kernels.half_dots(
                            query, bits, factors, base, count, padded, &out)
                        check(out) { $0 * $1 }
                        unsafe kernels.half_distances(
                            query, bits, factors, base, count, padded, &out)
                        check(out) { ($0 - $1) * ($0 - $1) }
                    }
                }
            }
        }
    }

    // MARK: Near vectors

    /// Whole vectors in bytes with a query.
    private struct NearCase {
        static let scale: Float = 64
        let padded: Int
        let count: Int
        let query: [UInt8]
        private let vectors: [[Int8]]
        private let offsets: [Int32]
        private let numbers: [Float]

        init(_ count: Int, _ padded: Int, _ random: inout SeededRandom) {
            let room = (count + 15) / 16 * 16
            let isExtreme = random.oneIn(2)
            (self.count, self.padded) = (count, padded)
            vectors = (0..<count).map { _ in
                random.bytes(padded).map { byte in
                    isExtreme ? (byte & 1 == 0 ? Int8.min : .max) : Int8(bitPattern: byte)
                }
            }
            query = random.bytes(padded).map { isExtreme ? 127 : $0 & 127 }
            offsets = (0..<room).map { _ in Int32.random(in: -999_999...999_999, using: &random) }
            numbers = (0..<room).map { _ in Float.random(in: -100...100, using: &random) }
        }

        /// What each vector's sum must be.
        var sums: [Int32] {
            vectors.indices.map { vector in
                let products = (0..<padded).reduce(0) {
                    $0 + Int(query[$1]) * Int(vectors[vector][$1])
                }
                let own = Int((numbers[vector] * Self.scale).rounded(.toNearestOrEven))
                return Int32(products + Int(offsets[vector]) + own)
            }
        }

        /// The vectors in blocks of 16.
        private var rows: [Int8] {
            var rows = [Int8](repeating: 0, count: offsets.count * padded)
            for (vector, numbers) in vectors.enumerated() {
                let base = vector / 16 * 16 * padded + vector % 16 * 4
                for (place, number) in numbers.enumerated() {
                    rows[base + place / 4 * 64 + place % 4] = number
                }
            }
            return rows
        }

        /// All that a kernel writes, 20 at once at most.
        func run(_ kernels: mspd_vector_kernels, bar: Int32) -> [[Int32]] {
            var found: [[Int32]] = []
            unsafe rows.withUnsafeBufferPointer { rows in
                unsafe offsets.withUnsafeBufferPointer { offsets in
                    unsafe numbers.withUnsafeBufferPointer { numbers in
                        unsafe query.withUnsafeBufferPointer { query in
                            var job = unsafe mspd_near_job(
                                rows: rows.baseAddress, offsets: offsets.baseAddress,
                                numbers: numbers.baseAddress, query: query.baseAddress,
                                scale: Self.scale, padded: UInt32(padded),
                                count: UInt32(count), bar: bar)
                            var hits = [mspd_hit](
                                repeating: mspd_hit(place: 0, sum: 0), count: 20)
                            var block: UInt32 = 0
                            while Int(block) * 16 < count {
                                let written = unsafe kernels.near(&job, &block, &hits, 20)
                                found += hits[..<Int(written)].map { [Int32($0.place), $0.sum] }
                            }
                        }
                    }
                }
            }
            return found
        }
    }

    @Test(arguments: levels) func `near vectors are those whose sums reach the bar`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for (count, padded) in [(1, 32), (15, 64), (16, 32), (17, 96), (100, 128), (33, 4_096)] {
            let some = NearCase(count, padded, &random)
            let sums = some.sums
            for bar in [Int32.min, sums.sorted()[count / 2], sums.max() ?? 0, .max] {
                let want = sums.enumerated().filter { $0.element >= bar }.map {
                    [Int32($0.offset), $0.element]
                }
                #expect(
                    some.run(kernels, bar: bar) == want, "seed \(seed), \(count) of \(padded)")
            }
        }
    }

    // MARK: The highest

    @Test func `a few hits are kept in order`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let sums = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                Int32.random(in: -9...9, using: &random)
            }
            let wanted = Int.random(in: 1...32, using: &random)
            var hits = [mspd_hit](repeating: mspd_hit(place: 0, sum: 0), count: 300)
            var count: UInt32 = 0
            var next = 0
            while next < sums.count {
                let fresh = min(sums.count - next, Int.random(in: 1...40, using: &random))
                for item in 0..<fresh {
                    hits[Int(count) + item] = mspd_hit(
                        place: UInt32(next + item), sum: sums[next + item])
                }
                count = unsafe mspd_hits_insert(&hits, count, UInt32(fresh), UInt32(wanted))
                next += fresh
            }
            let want = sums.enumerated().sorted {
                ($1.element, $0.offset) < ($0.element, $1.offset)
            }
            let found = hits.prefix(Int(count)).map { Int($0.place) }
            #expect(found == want.prefix(wanted).map(\.offset), "seed \(seed)")
        }
    }

    /// The sums that a tally leaves of hits that come in runs of some size.
    private func kept(_ sums: [Int32], keeping kept: Int, run: Int) -> [Int32] {
        var hits = sums.prefix(kept).enumerated().map {
            mspd_hit(place: UInt32($0.offset), sum: $0.element)
        }
        guard hits.count == kept else { return sums }
        var tally = mspd_tally()
        unsafe mspd_tally_begin(&tally, hits, UInt32(kept), UInt32(kept))
        var next = kept
        while next < sums.count {
            let bar = tally.bar
            let fresh = (next..<min(sums.count, next + run)).filter { sums[$0] >= bar }.map {
                mspd_hit(place: UInt32($0), sum: sums[$0])
            }
            unsafe mspd_tally_add(&tally, fresh, UInt32(fresh.count))
            hits += fresh
            next += run
        }
        unsafe mspd_tally_begin(&tally, hits, UInt32(hits.count), UInt32(kept))
        let count = unsafe mspd_tally_cut(&tally, &hits, UInt32(hits.count))
        return hits.prefix(Int(count)).map(\.sum)
    }

    @Test func `a tally leaves the highest`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let count = Int.random(in: 1...2_000, using: &random)
            let wanted = Int.random(in: 1...300, using: &random)
            let range: Int32 = [0, 3, 500, 100_000, .max].randomElement(using: &random) ?? 0
            let sums = (0..<count).map { _ in Int32.random(in: -range...range, using: &random) }
            let run = Int.random(in: 1...200, using: &random)
            let found = kept(sums, keeping: wanted, run: run).sorted(by: >)
            let want = Array(sums.sorted(by: >).prefix(wanted))
            #expect(found.count == want.count, "seed \(seed)")
            // Within a step, any of them will do.
            let spread = Int(sums.max() ?? 0) - Int(sums.min() ?? 0)
            let step = max(1, spread * 2 / Int(MSPD_TALLY_STEPS) * 2)
            for (one, other) in zip(found, want) {
                #expect(Int(other) - Int(one) < step, "seed \(seed)")
            }
        }
    }
}
