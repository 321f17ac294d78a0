// Bit packing of every width against a plain loop over bits.

import CKernels
import TestSupport
import Testing

struct BitPackingTests {
    /// Bit by bit: value i in lane i % 4, the lanes' 32-bit words in turn.
    private func packed(_ values: [UInt32], _ width: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 16 * width)
        for (index, value) in values.enumerated() {
            for bit in 0..<width where value >> UInt32(bit) & 1 == 1 {
                let place = index / 4 * width + bit
                let word = place / 32 * 4 + index % 4
                bytes[word * 4 + place % 32 / 8] |= 1 << UInt8(place % 8)
            }
        }
        return bytes
    }

    @Test(arguments: 0...32) func `a block of every width is packed and unpacked`(width: Int) {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let most = width == 0 ? 0 : UInt32.max >> UInt32(32 - width)
        for round in 0..<40 {
            let values: [UInt32] = (0..<128).map { _ in
                switch round {
                case 0: return most
                case 1: return 0
                default: return UInt32.random(in: 0...most, using: &random)
                }
            }
            let expected = packed(values, width)
            // What lies around the block stays as it is.
            var bytes = [UInt8](repeating: 0xA5, count: 16 * width + 16)
            unsafe mspd_pack128(values, Int32(width), &bytes)
            #expect(Array(bytes.prefix(16 * width)) == expected, "seed \(seed)")
            #expect(bytes.suffix(16).allSatisfy { $0 == 0xA5 })
            var unpacked = [UInt32](repeating: 7, count: 130)
            unsafe mspd_unpack128(expected, Int32(width), &unpacked)
            #expect(unpacked == values + [7, 7], "seed \(seed)")
            let base = random.oneIn(2) ? 0 : UInt32.max - 3
            unsafe mspd_unpack128_sum(expected, Int32(width), base, &unpacked)
            var sum = base
            let sums = values.map { value in
                sum &+= value
                return sum
            }
            #expect(unpacked == sums + [7, 7], "seed \(seed)")
            for level in [MSPD_PORTABLE, MSPD_AVX2]
            where level.rawValue <= mspd_simd_best().rawValue {
                unpacked = [UInt32](repeating: 7, count: 130)
                unsafe mspd_unpack128_sum_at(level)(expected, Int32(width), base, &unpacked)
                #expect(unpacked == sums + [7, 7], "seed \(seed)")
            }
        }
    }

    @Test func `the smallest width holds the largest value`() {
        for width in 0...32 {
            for place in [0, 63, 127] {
                var values = [UInt32](repeating: 0, count: 128)
                values[place] = width == 0 ? 0 : 1 << UInt32(width - 1)
                #expect(unsafe mspd_bits128(values) == Int32(width))
            }
        }
    }
}
