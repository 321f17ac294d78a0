// The hash table of memtables against a dictionary, with hashes that many numbers share.

import TestSupport
import Testing
import TextIndex

struct HashTableTests {
    @Test func `a table finds the newest number of every key`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let table = HashTable()
        var keys: [Int] = []
        var newest: [Int: UInt32] = [:]
        func hash(_ key: Int) -> UInt32 { UInt32(key % 5_000) &* 0x9E37_79B9 }
        for number in 0..<UInt32(30_000) {
            let key = Int.random(in: 0..<20_000, using: &random)
            keys.append(key)
            let found = table.find(hash(key)) { keys[Int($0)] == key }
            #expect(found == newest[key], "seed \(seed)")
            if let found {
                table.replace(hash(key), found, with: number)
            } else {
                table.insert(hash(key), number)
            }
            newest[key] = number
        }
        #expect(table.count == newest.count)
        for key in 0..<20_000 {
            #expect(table.find(hash(key)) { keys[Int($0)] == key } == newest[key], "seed \(seed)")
        }
    }

    @Test func `signatures tell strings of up to 16 bytes apart`() {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        func signature(_ label: UInt32, _ bytes: [UInt8]) -> ByteSignature {
            unsafe bytes.withUnsafeBufferPointer { unsafe ByteSignature(label, $0) }
        }
        func hash(_ label: UInt32, _ bytes: [UInt8]) -> UInt32 {
            unsafe bytes.withUnsafeBufferPointer { unsafe ByteSignature(label, $0).hash($0) }
        }
        for count in 0...40 {
            let bytes = random.bytes(count)
            #expect(signature(1, bytes) == signature(1, Array(bytes)))
            #expect(signature(1, bytes) != signature(2, bytes))
            #expect(signature(1, bytes) != signature(1, bytes + [0]))
            #expect(hash(1, bytes) != hash(2, bytes), "seed \(seed)")
            for place in 0..<count {
                var changed = bytes
                changed[place] ^= UInt8.random(in: 1...255, using: &random)
                #expect(hash(1, bytes) != hash(1, changed), "seed \(seed), \(count), \(place)")
                if count <= 16 { #expect(signature(1, bytes) != signature(1, changed)) }
            }
        }
    }
}
