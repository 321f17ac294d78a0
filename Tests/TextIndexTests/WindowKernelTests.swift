// Every version of the window kernels that this machine has, against loops over bits.

import CKernels
import TestSupport
import Testing

struct WindowKernelTests {
    private static let versions = ["portable", "avx2", "avx512"]

    private func kernels(_ name: String) -> mspd_window_kernels? {
        unsafe mspd_window_named(name)?.pointee
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

    @Test(arguments: versions) func `windows are kept dropped and counted`(name: String) {
        guard let kernels = unsafe kernels(name) else { return }
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
            for bit in [0, 1, 63, 64, 65, 127, 300, 511] {
                let before = (0..<bit).count { holds(other, $0) }
                #expect(unsafe Int(kernels.rank(other, UInt32(bit))) == before, "seed \(seed)")
            }
        }
    }

    @Test(arguments: versions)
    func `documents whose items weigh enough are kept`(name: String) {
        guard let kernels = unsafe kernels(name) else { return }
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

    @Test func `a machine has the portable version and a name for its own`() {
        #expect(unsafe mspd_window_named("portable") != nil)
        #expect(unsafe mspd_window_named("other") == nil)
        let chosen = unsafe String(cString: mspd_window_chosen().pointee.name)
        #expect(Self.versions.contains(chosen))
    }
}
