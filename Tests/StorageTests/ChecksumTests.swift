// CRC32C against published vectors, against its definition, and its twins against each other.

import Storage
import TestSupport
import Testing

struct ChecksumTests {
    /// The definition, one bit at a time.
    static func slow(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        var crc = ~seed
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
        }
        return ~crc
    }

    static let vectors: [(bytes: [UInt8], checksum: UInt32)] = [
        (Array("123456789".utf8), 0xE306_9283),
        ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
        ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
        ([UInt8](0..<32), 0x46DD_794E),
        ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
        ([], 0),
    ]

    @Test(arguments: vectors)
    func `the vectors of RFC 3720 hold`(_ bytes: [UInt8], _ expected: UInt32) {
        #expect(CRC32C.checksum(bytes.rawSpan) == expected)
        #expect(CRC32C.portable(bytes.rawSpan) == expected)
        #expect(Self.slow(bytes) == expected)
    }

    @Test func `both twins agree for every size and any alignment`() {
        print("checksums here: \(CRC32C.name)")
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let bytes = random.bytes(4200 + 64)
        for count in 0..<4200 {
            let start = Int.random(in: 0..<64, using: &random)
            let before = UInt32.random(in: .min ... .max, using: &random)
            let part = bytes.rawSpan.extracting(start..<start + count)
            let fast = CRC32C.checksum(part, seed: before)
            #expect(fast == CRC32C.portable(part, seed: before), "count \(count), seed \(seed)")
            let atPointer = unsafe part.withUnsafeBytes { buffer -> UInt32? in
                guard let base = buffer.baseAddress else { return nil }
                return unsafe CRC32C.checksum(base, buffer.count, seed: before)
            }
            #expect(atPointer == nil || atPointer == fast)
        }
    }

    @Test func `the twins agree with the definition on long inputs`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for count in [4079, 4080, 4081, 16384, 20_011] {
            let bytes = random.bytes(count)
            #expect(CRC32C.checksum(bytes.rawSpan) == Self.slow(bytes), "seed \(seed)")
        }
    }

    @Test func `a checksum can be continued`() {
        var random = SeededRandom(seed: 7)
        let bytes = random.bytes(9000)
        for cut in [0, 1, 7, 8, 383, 384, 4080, 8999, 9000] {
            let first = CRC32C.checksum(bytes.rawSpan.extracting(first: cut))
            let second = bytes.rawSpan.extracting(droppingFirst: cut)
            #expect(CRC32C.checksum(second, seed: first) == CRC32C.checksum(bytes.rawSpan))
        }
    }

    @Test func `a place is the checksum of its bytes`() {
        let bytes: [UInt8] = [8, 7, 6, 5, 4, 3, 2, 1]
        #expect(CRC32C.place(0x0102_0304_0506_0708) == Self.slow(bytes))
        #expect(CRC32C.place(0x0102_0304_0506_0708, seed: 5) == Self.slow(bytes, seed: 5))
    }
}
