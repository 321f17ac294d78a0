// Every version of the window kernels that this machine has, against loops over bits.

import CKernels
import TestSupport
import Testing

struct WindowKernelTests {
    /// The levels that this machine has.
    private static let levels = (MSPD_PORTABLE.rawValue...mspd_simd_best().rawValue).map {
        mspd_simd_level(rawValue: $0)
    }

    private func kernels(_ level: mspd_simd_level) throws -> mspd_window_kernels {
        unsafe try #require(mspd_window_at(level)).pointee
    }

    private func window(_ random: inout SeededRandom, _ share: Int) -> [UInt64] {
        (0..<64).map { _ in
            (0..<64).reduce(UInt64(0)) { word, bit in
                random.oneIn(share) ? word | 1 << UInt64(bit) : word
            }
        }
    }

    private func holds(_ window: [UInt64], _ place: Int) -> Bool {
        window[place / 64] >> UInt64(place % 64) & 1 == 1
    }

    @Test(arguments: levels) func `windows are kept dropped and counted`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for share in [1, 2, 3, 50, 5_000] {
            let (one, other) = (window(&random, 2), window(&random, share))
            var kept = one
            unsafe kernels.keep(&kept, other)
            #expect(kept == zip(one, other).map { $0 & $1 }, "seed \(seed)")
            var dropped = one
            unsafe kernels.drop(&dropped, other)
            #expect(dropped == zip(one, other).map { $0 & ~$1 }, "seed \(seed)")
            let count = (0..<4_096).count { holds(other, $0) }
            #expect(unsafe Int(kernels.count(other)) == count)
            for bit in [0, 1, 63, 64, 65, 127, 300, 447, 448, 511] {
                let before = (0..<bit).count { holds(other, $0) }
                #expect(unsafe Int(kernels.rank(other, UInt32(bit))) == before, "seed \(seed)")
            }
        }
    }

    @Test(arguments: levels) func `documents whose items weigh enough are kept`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for count in 0...18 {
            let items = (0..<count).map { _ in window(&random, 2) }
            // Heavy ones among them, so that sums come to the largest byte.
            let weights = (0..<count).map { _ in
                UInt8.random(in: 0...(random.oneIn(4) ? 255 : 40), using: &random)
            }
            for least in [1, 2, 60, 254, 255] {
                let start = window(&random, random.oneIn(2) ? 2 : 300)
                var kept = start
                let copies = UnsafeMutablePointer<UInt64>.allocate(capacity: 64 * count + 1)
                defer { unsafe copies.deallocate() }
                for (index, item) in items.enumerated() {
                    for (at, word) in item.enumerated() {
                        unsafe (copies + index * 64 + at).initialize(to: word)
                    }
                }
                var pointers: [UnsafePointer<UInt64>?] = unsafe []
                for index in 0..<count {
                    unsafe pointers.append(UnsafePointer(copies + index * 64))
                }
                unsafe kernels.reach(&kept, pointers, weights, Int32(count), Int32(least))
                for place in 0..<4_096 {
                    let sum = zip(items, weights).reduce(0) {
                        $0 + (holds($1.0, place) ? Int($1.1) : 0)
                    }
                    #expect(
                        holds(kept, place) == (holds(start, place) && sum >= least),
                        "seed \(seed), \(count) items, \(least)")
                }
            }
        }
    }

    @Test(arguments: levels) func `numbers are found among others`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        func ascending(_ count: Int, below end: UInt32) -> [UInt32] {
            Set((0..<count).map { _ in UInt32.random(in: 0..<end, using: &random) }).sorted()
        }
        for round in 0..<300 {
            // Numbers that a signed comparison would take for negative ones too.
            let end: UInt32 = random.oneIn(3) ? .max : 400
            var numbers = ascending(Int.random(in: 1...140, using: &random), below: end)
            // Whole blocks are looked through in a way of their own.
            if random.oneIn(3) { numbers = Array(ascending(400, below: end).prefix(128)) }
            let from = Int.random(in: 0..<numbers.count, using: &random)
            let wanted = UInt32.random(in: 0..<end, using: &random)
            let place = numbers[from...].firstIndex { $0 >= wanted } ?? numbers.count - 1
            #expect(
                unsafe kernels.place(numbers, from, numbers.count, wanted) == place,
                "seed \(seed), round \(round)")
            var list = ascending(Int.random(in: 1...60, using: &random), below: end)
            list += random.oneIn(2) ? numbers.filter { _ in random.oneIn(3) } : []
            list = Set(list).sorted()
            let asked = list.prefix { $0 <= numbers[numbers.count - 1] }
            let held = asked.filter { numbers.contains($0) }
            var (alone, places) = (list, [UInt32](repeating: 0, count: list.count))
            let met = unsafe kernels.meet(
                numbers, numbers.count, &list, list.count, &places, mspd_window_met())
            _ = unsafe kernels.meet(
                numbers, numbers.count, &alone, list.count, nil, mspd_window_met())
            #expect(met.seen == asked.count, "seed \(seed), round \(round)")
            let latest = asked.last.flatMap { last in numbers.firstIndex { $0 >= last } } ?? 0
            #expect(met.place == latest, "seed \(seed), round \(round)")
            #expect(Array(list.prefix(met.kept)) == held, "seed \(seed), round \(round)")
            #expect(Array(alone.prefix(met.kept)) == held, "seed \(seed), round \(round)")
            #expect(
                places.prefix(met.kept).map { numbers[Int($0)] } == held,
                "seed \(seed), round \(round)")
        }
    }

    @Test(arguments: levels) func `blocks that end before a number are counted`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let end: UInt32 = random.oneIn(2) ? .max : 40
            let ends = (0..<8).map { _ in UInt32.random(in: 0...end, using: &random) }.sorted()
            let entries = ends.flatMap { number in
                [number] + (0..<3).map { _ in UInt32.random(in: 0...end, using: &random) }
            }
            for target in ends + [0, end, UInt32.random(in: 0...end, using: &random)] {
                let before = ends.count { $0 < target }
                #expect(unsafe Int(kernels.ends(entries, target)) == before, "seed \(seed)")
            }
        }
    }

    @Test(arguments: levels) func `numbers whose bit is set are kept`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try kernels(level)
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for count in [0, 1, 15, 16, 17, 128, 300] {
            let bits = (0..<512).map { _ in UInt8.random(in: 0...255, using: &random) }
            let size = UInt32.random(in: 0...128, using: &random) * 32
            let first = UInt32.random(in: 0...(.max - 4_096), using: &random)
            var list = (0..<count).map { _ in first + UInt32.random(in: 0..<4_096, using: &random) }
            // Some are behind the bits, some before them.
            for at in list.indices where random.oneIn(9) {
                list[at] = UInt32.random(in: 0 ... .max, using: &random)
            }
            let held = list.filter {
                guard $0 >= first, $0 - first < size else { return false }
                return bits[Int(($0 - first) / 8)] >> (($0 - first) % 8) & 1 == 1
            }
            let kept = unsafe kernels.set(bits, first, size, &list, count)
            #expect(Array(list.prefix(kept)) == held, "seed \(seed), \(count) numbers")
        }
    }

    @Test func `documents of a block that repeat a word are marked`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for share in [1, 3, 40] {
            // Some lie before the window, some behind it.
            let documents = (0..<UInt32(128)).map { 8_000 + 40 * $0 }
            let from = documents.firstIndex { $0 >= 8_192 } ?? 0
            let to = documents.firstIndex { $0 >= 8_192 + 4_096 } ?? 128
            let places = (0..<128).filter { _ in random.oneIn(share) }
            let codes = places.flatMap { [UInt8($0) | (random.oneIn(2) ? 128 : 0), UInt8(7)] }
            var bits = [UInt64](repeating: 0, count: 64)
            let marked = unsafe mspd_window_mark(
                documents, from, to, codes, places.count, 8_192, &bits)
            let inWindow = places.filter { (from..<to).contains($0) }
            #expect(marked == inWindow.count, "seed \(seed), one in \(share)")
            let held = (0..<4_096).filter { holds(bits, $0) }
            #expect(held == inWindow.map { Int(documents[$0]) - 8_192 }, "seed \(seed)")
        }
    }

    @Test func `documents and codes become bits`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for share in [1, 3, 40, 1_000] {
            let places = (0..<UInt32(4_096)).filter { _ in random.oneIn(share) }
            let expected = places.reduce(into: [UInt64](repeating: 0, count: 64)) { bits, place in
                bits[Int(place / 64)] |= 1 << UInt64(place % 64)
            }
            var bits = [UInt64](repeating: 0, count: 64)
            let documents = places.map { $0 + 8_192 }
            // A window's documents come in parts, as blocks have them.
            let first = Int.random(in: 0...documents.count, using: &random)
            unsafe mspd_window_scatter(documents, first, 8_192, &bits)
            let rest = Array(documents[first...])
            unsafe mspd_window_scatter(rest, rest.count, 8_192, &bits)
            #expect(bits == expected, "seed \(seed), one in \(share)")
            bits = [UInt64](repeating: 0, count: 64)
            let codes = places.flatMap { place in
                let code = UInt16(place) << 4 | UInt16.random(in: 0..<16, using: &random)
                return [UInt8(code & 255), UInt8(code >> 8)]
            }
            unsafe mspd_window_scatter_codes(codes, places.count, &bits)
            #expect(bits == expected, "seed \(seed), one in \(share)")
        }
    }

    @Test func `the portable version is there, and the chosen one has a name`() {
        let portable = unsafe String(cString: mspd_window_at(MSPD_PORTABLE).pointee.name)
        #expect(portable == "portable")
        let chosen = unsafe String(cString: mspd_window_chosen().pointee.name)
        #expect(["portable", "avx2", "avx512"].contains(chosen))
    }
}
