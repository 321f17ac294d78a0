// Every version of the vector kernels that this machine has, against plain loops: random numbers,
// the extremes, and every length of a last block.

import CKernels
import TestSupport
import Testing

struct VectorKernelTests {
    /// The levels that this machine has.
    private static let levels = (MSPD_PORTABLE.rawValue...mspd_simd_best().rawValue).map {
        mspd_simd_level(rawValue: $0)
    }

    private func kernels(_ level: mspd_simd_level) throws -> mspd_vector_kernels {
        unsafe try #require(mspd_vector_at(level)).pointee
    }

    // MARK: The scan

    /// What a scan is to find: (place, sum) of each vector that reaches the bar.
    private func expected(
        _ codes: [[UInt8]], _ tables: [UInt8], offset: Int32, bar: Int32
    ) -> [[Int32]] {
        codes.enumerated().compactMap { vector, code in
            let sum = code.enumerated().reduce(offset) { sum, part in
                sum + Int32(tables[part.offset * 16 + Int(part.element)])
            }
            return sum >= bar ? [Int32(vector) + 7, sum] : nil
        }
    }

    private func blocks(_ codes: [[UInt8]], parts: Int) -> [UInt8] {
        var blocks = [UInt8](repeating: 0, count: (codes.count + 31) / 32 * parts * 16)
        for (vector, code) in codes.enumerated() {
            let half = vector % 16
            let byte = half % 8 * 2 + half / 8
            let shift: UInt8 = vector % 32 < 16 ? 0 : 4
            for (part, value) in code.enumerated() {
                blocks[(vector / 32 * parts + part) * 16 + byte] |= value << shift
            }
        }
        return blocks
    }

    /// All that a scan writes, in as many calls as the room asks for.
    private func scan(
        _ kernels: mspd_vector_kernels, _ codes: [[UInt8]], _ tables: [UInt8], offset: Int32,
        bar: Int32, room: Int
    ) -> [[Int32]] {
        let parts = tables.count / 16
        var hits = [mspd_hit](repeating: mspd_hit(place: 0, sum: 0), count: room)
        var found: [[Int32]] = []
        var block: UInt32 = 0
        let blocks = blocks(codes, parts: parts)
        unsafe blocks.withUnsafeBufferPointer { blocks in
            unsafe tables.withUnsafeBufferPointer { tables in
                var job = unsafe mspd_scan_job(
                    codes: blocks.baseAddress, tables: tables.baseAddress,
                    next: blocks.baseAddress, parts: UInt32(parts), count: UInt32(codes.count),
                    first: 7, offset: offset, bar: bar)
                while Int(block) * 32 < codes.count {
                    let count = unsafe kernels.scan(&job, &block, &hits, UInt32(room))
                    found += hits[..<Int(count)].map { [Int32($0.place), $0.sum] }
                }
            }
        }
        return found
    }

    @Test(arguments: levels) func `a scan finds what reaches the bar`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for count in Array(1...70) + [1_000] {
            let parts = [4, 8, 12, 16, 20, 64, 100, 1_024].randomElement(using: &random) ?? 4
            let codes = (0..<count).map { _ in random.bytes(parts).map { $0 & 15 } }
            let tables = random.bytes(parts * 16).map { $0 & 63 }
            let offset = Int32.random(in: -9_000...9_000, using: &random)
            let middle = offset + Int32(parts) * 63 / 2
            let bars = [.min, offset, middle, middle + Int32(parts), middle + 99_999, .max]
            for bar in bars {
                let want = expected(codes, tables, offset: offset, bar: bar)
                let found = scan(
                    kernels, codes, tables, offset: offset, bar: bar,
                    room: random.oneIn(2) ? 32 : 100)
                #expect(found == want, "seed \(seed), \(count) of \(parts) parts, bar \(bar)")
            }
        }
    }

    @Test(arguments: levels, [UInt8(0), 15]) func `the largest sums do not overflow`(
        level: mspd_simd_level, value: UInt8
    ) throws {
        let kernels = try kernels(level)
        let parts = Int(MSPD_PARTS_MAX)
        let codes = [[UInt8]](repeating: .init(repeating: value, count: parts), count: 33)
        let tables = [UInt8](repeating: UInt8(MSPD_ENTRY_MAX), count: parts * 16)
        let most = Int32(parts) * Int32(MSPD_ENTRY_MAX)
        let found = scan(
            kernels, codes, tables, offset: 0, bar: most, room: 64)
        #expect(found == (0..<33).map { [$0 + 7, most] })
    }

    // MARK: Bytes

    @Test(arguments: levels) func `products and distances of bytes are exact`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for padded in [32, 64, 96, 256, 800, 4_096] {
            let limit = Int16(min(16_383, Int(Int32.max) / 128 / padded))
            let far = Int16(Float(Int(Int32.max) / padded).squareRoot()) - 129
            for count in 0...9 {
                let isExtreme = random.oneIn(2)
                let rows = random.bytes(padded * 12).map { byte in
                    isExtreme ? (byte & 1 == 0 ? Int8.min : .max) : Int8(bitPattern: byte)
                }
                let places = (0..<count).map { _ in UInt32.random(in: 0..<12, using: &random) }
                func query(_ limit: Int16) -> [Int16] {
                    (0..<padded).map { _ in
                        isExtreme
                            ? (random.oneIn(2) ? limit : -limit)
                            : Int16.random(in: -limit...limit, using: &random)
                    }
                }
                func check(
                    _ query: [Int16], _ one: (Int, Int) -> Int, _ measure: ([Int16]) -> [Int32]
                ) {
                    let want = places.map { place in
                        query.indices.reduce(0) {
                            $0 + one(Int(query[$1]), Int(rows[Int(place) * padded + $1]))
                        }
                    }
                    #expect(measure(query).map(Int.init) == want, "seed \(seed), \(padded)")
                }
                var out = [Int32](repeating: 0, count: count)
                check(query(limit), { $0 * $1 }) {
                    unsafe kernels.byte_dots($0, rows, places, count, padded, &out)
                    return out
                }
                check(query(far), { ($0 - $1) * ($0 - $1) }) {
                    unsafe kernels.byte_distances($0, rows, places, count, padded, &out)
                    return out
                }
            }
        }
    }

    // MARK: Floats

    private func floats(_ count: Int, _ random: inout SeededRandom) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    }

    @Test(arguments: levels) func `products of floats are those of doubles but for rounding`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for padded in [32, 64, 256, 800] {
            for count in 0...9 {
                let (query, rows) = (floats(padded, &random), floats(padded * count, &random))
                var out = [Float](repeating: 0, count: count)
                unsafe kernels.dots(query, rows, count, padded, &out)
                for row in 0..<count {
                    let want = (0..<padded).reduce(0.0) {
                        $0 + Double(query[$1]) * Double(rows[row * padded + $1])
                    }
                    #expect(abs(Double(out[row]) - want) < 1e-4, "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: levels) func `tables hold the products and codes name the largest`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for (parts, width) in [(4, 2), (8, 3), (64, 4), (12, 16)] {
            let query = floats(parts * width, &random)
            let centroids = floats(parts * width * 16, &random)
            let halved = floats(parts * 16, &random)
            func want(_ part: Int, _ centroid: Int, _ added: Bool) -> Double {
                (0..<width).reduce(added ? Double(halved[part * 16 + centroid]) : 0) { sum, row in
                    let place = (part * width + row) * 16 + centroid
                    return sum + Double(query[part * width + row]) * Double(centroids[place])
                }
            }
            var rows = [Float](repeating: 0, count: parts * 16)
            for isHalved in [false, true] {
                if isHalved {
                    unsafe kernels.products(query, centroids, halved, parts, width, &rows)
                } else {
                    unsafe kernels.products(query, centroids, nil, parts, width, &rows)
                }
                for place in rows.indices {
                    let value = want(place / 16, place % 16, isHalved)
                    #expect(abs(Double(rows[place]) - value) < 1e-5, "seed \(seed)")
                }
            }
            var codes = [UInt8](repeating: 99, count: parts)
            unsafe kernels.encode(query, centroids, halved, parts, width, &codes)
            for part in 0..<parts {
                let row = rows[part * 16..<part * 16 + 16]
                let most = row.max() ?? 0
                #expect(row[part * 16 + Int(codes[part])] > most - 1e-5, "seed \(seed)")
            }
            var entries = [UInt8](repeating: 99, count: parts * 16)
            var lows: Float = 0
            let step = unsafe kernels.quantise(rows, parts, &entries, &lows)
            var sum: Float = 0
            for part in 0..<parts {
                let row = rows[part * 16..<part * 16 + 16]
                let low = row.min() ?? 0
                sum += low
                for place in row.indices {
                    let back = low + step * Float(entries[place])
                    #expect(entries[place] <= UInt8(MSPD_ENTRY_MAX))
                    #expect(abs(back - rows[place]) <= step * 0.51, "seed \(seed)")
                }
            }
            #expect(abs(sum - lows) < 1e-3)
        }
    }

    @Test(arguments: levels) func `equal rows and equal centroids do no harm`(
        level: mspd_simd_level
    ) throws {
        let kernels = try kernels(level)
        let same = [Float](repeating: 0.25, count: 4 * 2 * 16)
        var codes = [UInt8](repeating: 99, count: 4)
        unsafe kernels.encode(same, same, same, 4, 2, &codes)
        #expect(codes == [0, 0, 0, 0])
        var entries = [UInt8](repeating: 99, count: 64)
        var lows: Float = 0
        let step = unsafe kernels.quantise(same, 4, &entries, &lows)
        #expect(step > 0 && lows == 1 && entries.allSatisfy { $0 == 0 })
    }

    // MARK: Levels

    @Test func `levels have names, and the chosen one is among those of the machine`() {
        let names = Self.levels.map { unsafe String(cString: mspd_simd_name($0)) }
        #expect(names.first == "portable")
        #expect(Set(names).count == names.count)
        #expect(mspd_simd().rawValue <= mspd_simd_best().rawValue)
    }
}
