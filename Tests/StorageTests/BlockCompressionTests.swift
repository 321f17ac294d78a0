// Packing and unpacking of blocks, with sound and with damaged input.

import Storage
import TestSupport
import Testing

struct BlockCompressionTests {
    private static func text(_ count: Int) -> [UInt8] {
        let words = "to be or not to be that is the question ".utf8
        return Array((0..<count / words.count + 1).flatMap { _ in words }.prefix(count))
    }

    @Test(arguments: Codec.allCases, [0, 1, 15, 16, 255, 16384, 100_000])
    func `blocks survive the round trip`(_ codec: Codec, _ count: Int) {
        var random = SeededRandom(seed: UInt64(count))
        for block in [Self.text(count), random.bytes(count)] {
            let (used, packed) = BlockCompression.compress(block.rawSpan, with: codec)
            #expect(used == codec || used == .raw)
            let unpacked = BlockCompression.decompress(
                packed.rawSpan, codec: used, rawCount: count)
            #expect(unpacked == block)
        }
    }

    @Test(arguments: [Codec.lz4, .zstd])
    func `what packs well is packed and what does not is left alone`(_ codec: Codec) {
        let (used, packed) = BlockCompression.compress(Self.text(16384).rawSpan, with: codec)
        #expect(used == codec)
        #expect(packed.count < 1000)
        var random = SeededRandom(seed: 1)
        let noise = random.bytes(16384)
        let (other, same) = BlockCompression.compress(noise.rawSpan, with: codec)
        #expect(other == .raw)
        #expect(same == noise)
    }

    @Test(arguments: Codec.allCases)
    func `a wrong count is damage`(_ codec: Codec) {
        let block = Self.text(1000)
        let (used, packed) = BlockCompression.compress(block.rawSpan, with: codec)
        for count in [-1, 0, 999, 1001, 1 << 20] {
            let unpacked = BlockCompression.decompress(
                packed.rawSpan, codec: used, rawCount: count)
            #expect(unpacked == nil)
        }
    }

    @Test(arguments: [Codec.lz4, .zstd])
    func `damaged blocks unpack to nothing or to the declared count`(_ codec: Codec) {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let (_, packed) = BlockCompression.compress(Self.text(5000).rawSpan, with: codec)
        for _ in 0..<2_000 {
            var damaged = packed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                damaged[place] = UInt8.random(in: 0...255, using: &random)
            }
            if random.oneIn(3) {
                damaged.removeLast(Int.random(in: 0...damaged.count, using: &random))
            }
            let unpacked = BlockCompression.decompress(
                damaged.rawSpan, codec: codec, rawCount: 5000)
            #expect(unpacked == nil || unpacked?.count == 5000, "seed \(seed)")
        }
    }

    @Test func `unpacking into memory fills it or says no`() {
        let block = Self.text(300)
        let (codec, packed) = BlockCompression.compress(block.rawSpan, with: .lz4)
        var target = [UInt8](repeating: 0, count: 300)
        let isGood = unsafe target.withUnsafeMutableBytes {
            unsafe BlockCompression.decompress(packed.rawSpan, codec: codec, into: $0)
        }
        #expect(isGood)
        #expect(target == block)
        let isTooSmall = unsafe target.withUnsafeMutableBytes {
            unsafe BlockCompression.decompress(
                packed.rawSpan, codec: codec,
                into: UnsafeMutableRawBufferPointer(start: $0.baseAddress, count: 299))
        }
        #expect(!isTooSmall)
    }

    @Test(arguments: [Codec.raw, .lz4, .zstd])
    func `a block is not given the memory that it asks for unless it can fill it`(codec: Codec) {
        let (used, packed) = BlockCompression.compress(
            [UInt8](repeating: 7, count: 10_000).rawSpan, with: codec)
        #expect(used == codec)
        // No machine has so much: without a look at the block first this would end the process.
        for rawCount in [1 << 45, 1 << 60] {
            #expect(
                BlockCompression.decompress(packed.rawSpan, codec: codec, rawCount: rawCount) == nil
            )
        }
        #expect(
            BlockCompression.decompress(packed.rawSpan, codec: codec, rawCount: 10_000)?.count
                == 10_000)
    }
}
