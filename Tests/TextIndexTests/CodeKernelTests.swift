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

    @Test(arguments: levels) func `codes before a place are counted`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try #require(mspd_codes_at(level)).pointee
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for share in [1, 20, 100, 400, 3_000] {
            let (codes, bytes) = codes(&random, oneIn: share, upTo: 15)
            for place in [0, 1, 15, 2_047, 2_048, 4_095] + (codes.prefix(40).map { $0 >> 4 }) {
                let before = codes.count { $0 >> 4 < place }
                #expect(
                    unsafe kernels.before(bytes, codes.count, UInt32(place)) == before,
                    "seed \(seed), one in \(share), place \(place)")
            }
        }
    }

    @Test(arguments: levels) func `codes of what stands apart are counted`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try #require(mspd_codes_at(level)).pointee
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for share in [1, 20, 100, 400, 3_000] {
            let (codes, bytes) = codes(&random, oneIn: share, upTo: 15)
            for count in [0, 1, 15, 16, 31, 32, 33, codes.count] where count <= codes.count {
                let apart = codes.prefix(count).count { $0 & 15 == 15 }
                #expect(
                    unsafe kernels.apart(bytes, count) == apart,
                    "seed \(seed), one in \(share), \(count) codes")
            }
        }
    }

    @Test(arguments: levels) func `further occurrences are added up`(
        level: mspd_simd_level
    ) throws {
        let kernels = unsafe try #require(mspd_codes_at(level)).pointee
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for share in [1, 20, 100, 400, 3_000] {
            for most: UInt16 in [0, 14, 15] {
                let (codes, bytes) = codes(&random, oneIn: share, upTo: most)
                let isApart = codes.contains { $0 & 15 == 15 }
                let further = codes.reduce(0) { $0 + Int($1 & 15) + 1 }
                #expect(
                    unsafe kernels.further(bytes, codes.count) == (isApart ? -1 : further),
                    "seed \(seed), one in \(share), up to \(most)")
            }
        }
    }
}
