// Every version of the kernels over codes that this machine has, against loops over the codes.

import CKernels
import TestSupport
import Testing

struct CodeKernelTests {
    /// The levels that this machine has.
    private static let levels = (MSPD_PORTABLE.rawValue...mspd_simd_best().rawValue).map {
        mspd_simd_level(rawValue: $0)
    }

    /// Codes of ascending places, with what lies in the lower four bits, and their bytes.
    private func codes(
        _ random: inout SeededRandom, oneIn share: Int, upTo most: UInt16
    ) -> (codes: [UInt16], bytes: [UInt8]) {
        let codes = (0..<UInt16(4_096)).filter { _ in random.oneIn(share) }.map {
            $0 << 4 | UInt16.random(in: 0...most, using: &random)
        }
        return (codes, codes.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    }

    /// Checks the kernels of a level with codes of several densities.
    private func forEachDensity(
        _ level: mspd_simd_level, upTo most: UInt16 = 15,
        _ check: (mspd_codes_kernels, _ codes: [UInt16], _ bytes: [UInt8], Comment) -> Void
    ) throws {
        let kernels = unsafe try #require(mspd_codes_at(level)).pointee
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for share in [1, 20, 100, 400, 3_000] {
            let (codes, bytes) = codes(&random, oneIn: share, upTo: most)
            check(kernels, codes, bytes, "seed \(seed), one in \(share), up to \(most)")
        }
    }

    @Test(arguments: levels) func `codes before a place are counted`(
        level: mspd_simd_level
    ) throws {
        try forEachDensity(level) { kernels, codes, bytes, about in
            for place in [0, 1, 15, 2_047, 2_048, 4_095] + (codes.prefix(40).map { $0 >> 4 }) {
                let before = codes.count { $0 >> 4 < place }
                let found = unsafe kernels.before(bytes, codes.count, UInt32(place))
                #expect(found == before, "place \(place), \(about)")
            }
        }
    }

    @Test(arguments: levels) func `codes of what stands apart are counted`(
        level: mspd_simd_level
    ) throws {
        try forEachDensity(level) { kernels, codes, bytes, about in
            for count in [0, 1, 15, 16, 31, 32, 33, codes.count] where count <= codes.count {
                let apart = codes.prefix(count).count { $0 & 15 == 15 }
                #expect(unsafe kernels.apart(bytes, count) == apart, "\(count) codes, \(about)")
            }
        }
    }

    @Test(arguments: levels, [0, 14, 15] as [UInt16]) func `further occurrences are added up`(
        level: mspd_simd_level, most: UInt16
    ) throws {
        try forEachDensity(level, upTo: most) { kernels, codes, bytes, about in
            let isApart = codes.contains { $0 & 15 == 15 }
            let further = codes.reduce(0) { $0 + Int($1 & 15) + 1 }
            let found = unsafe kernels.further(bytes, codes.count)
            #expect(found == (isApart ? -1 : further), about)
        }
    }
}
