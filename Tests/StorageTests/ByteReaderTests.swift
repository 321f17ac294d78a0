// What ByteWriter writes, ByteReader reads; what nobody wrote ends in an error and not in a trap.

import Storage
import TestSupport
import Testing

struct ByteReaderTests {
    @Test func `every kind of value survives the round trip`() throws {
        let numbers: [UInt64] = [0, 1, 127, 128, 16383, 16384, 1 << 32, .max - 1, .max]
        var writer = ByteWriter()
        for number in numbers {
            writer.u8(UInt8(truncatingIfNeeded: number))
            writer.u16(UInt16(truncatingIfNeeded: number))
            writer.u32(UInt32(truncatingIfNeeded: number))
            writer.u64(number)
            writer.varint(number)
            writer.zigzag(Int64(bitPattern: number))
        }
        writer.lengthPrefixed([1, 2, 3])
        writer.bytes([4, 5].rawSpan)
        writer.bytes([6])
        let bytes = writer.bytes
        var reader = ByteReader(bytes.rawSpan)
        for number in numbers {
            #expect(try reader.u8() == UInt8(truncatingIfNeeded: number))
            #expect(try reader.u16() == UInt16(truncatingIfNeeded: number))
            #expect(try reader.u32() == UInt32(truncatingIfNeeded: number))
            #expect(try reader.u64() == number)
            #expect(try reader.varint() == number)
            #expect(try reader.zigzag() == Int64(bitPattern: number))
        }
        #expect(try reader.lengthPrefixed() == [1, 2, 3])
        #expect(try reader.array(3) == [4, 5, 6])
        try reader.expectEnd()
    }

    @Test func `integers are little-endian and patches land`() {
        var writer = ByteWriter()
        writer.u32(0)
        writer.u16(0x0102)
        writer.patch(u32: 0xA1B2_C3D4, at: 0)
        writer.pad(to: 8)
        #expect(writer.bytes == [0xD4, 0xC3, 0xB2, 0xA1, 2, 1, 0, 0])
        #expect(writer.count == 8)
    }

    @Test(arguments: [
        (Int64(0), UInt64(0)), (-1, 1), (1, 2), (-2, 3), (.max, .max - 1), (.min, .max),
    ])
    func `zigzag keeps small magnitudes small`(_ value: Int64, _ expected: UInt64) throws {
        var writer = ByteWriter()
        writer.zigzag(value)
        let bytes = writer.bytes
        var reader = ByteReader(bytes.rawSpan)
        #expect(try reader.varint() == expected)
    }

    @Test func `a short input names the place and what was missing`() {
        let bytes: [UInt8] = [1, 2, 3]
        var reader = ByteReader(bytes.rawSpan)
        #expect(throws: Never.self) { try reader.skip(1) }
        let error = #expect(throws: DecodeError.self) { _ = try reader.u32() }
        #expect(error == DecodeError(offset: 1, expected: "a 32-bit number"))
        #expect(reader.position == 1)
        #expect(reader.remaining == 2)
        #expect(throws: DecodeError.self) { _ = try reader.array(3) }
        #expect(throws: DecodeError.self) { _ = try reader.array(-1) }
        #expect(throws: DecodeError.self) { try reader.skip(3) }
        #expect(throws: DecodeError.self) { try reader.expectEnd() }
    }

    @Test func `a count larger than what follows is refused before anything is reserved`() throws {
        var writer = ByteWriter()
        writer.varint(1 << 60)
        writer.u8(0)
        let huge = writer.bytes
        var reader = ByteReader(huge.rawSpan)
        #expect(throws: DecodeError.self) { _ = try reader.lengthPrefixed() }
        let three: [UInt8] = [3, 0, 0, 0, 0, 0]
        reader = ByteReader(three.rawSpan)
        #expect(throws: DecodeError.self) { _ = try reader.count(ofAtLeast: 2) }
        reader = ByteReader(three.rawSpan)
        #expect(try reader.count(ofAtLeast: 1) == 3)
    }

    @Test(arguments: [
        [], [0x80], [UInt8](repeating: 0xFF, count: 10),
        [UInt8](repeating: 0x80, count: 9) + [0x02], [UInt8](repeating: 0x80, count: 11),
    ])
    func `a varint without an end or beyond 64 bits is an error`(_ bytes: [UInt8]) {
        var reader = ByteReader(bytes.rawSpan)
        #expect(throws: DecodeError.self) { _ = try reader.varint() }
        #expect(reader.position == 0)
        #expect(Self.pointerVarint(bytes) == nil)
    }

    @Test func `the pointer reader agrees with the span reader`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<20_000 {
            var bytes = random.bytes(Int.random(in: 0...11, using: &random))
            if random.oneIn(2) { bytes = bytes.map { $0 | 0x80 } }
            if random.oneIn(2) { bytes.append(UInt8.random(in: 0...3, using: &random)) }
            var reader = ByteReader(bytes.rawSpan)
            let value = try? reader.varint()
            let other = Self.pointerVarint(bytes)
            #expect(other?.value == value, "seed \(seed)")
            if let other { #expect(other.length == reader.position, "seed \(seed)") }
        }
    }

    @Test func `random bytes never trap the reader`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let bytes = random.bytes(Int.random(in: 0...40, using: &random))
            var reader = ByteReader(bytes.rawSpan)
            var failures = 0
            while !reader.isAtEnd && failures < 9 {
                let before = reader.position
                do throws(DecodeError) {
                    switch Int.random(in: 0..<6, using: &random) {
                    case 0: _ = try reader.u16()
                    case 1: _ = try reader.u64()
                    case 2: _ = try reader.varint()
                    case 3: _ = try reader.lengthPrefixed()
                    case 4: _ = try reader.bytes(Int.random(in: -1...50, using: &random))
                    default: _ = try reader.u8()
                    }
                } catch {
                    failures += 1
                }
                #expect(reader.position >= before && reader.remaining >= 0, "seed \(seed)")
            }
        }
    }

    private static func pointerVarint(_ bytes: [UInt8]) -> (value: UInt64, length: Int)? {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var next = unsafe base
            guard let value = unsafe readVarint(&next, end: base + buffer.count) else {
                #expect(unsafe next == base)
                return nil
            }
            return (value, unsafe next - base)
        }
    }
}
