// The keys of a segment, title after title: a number for each annotation with a key, made of some
// bits of the key's hash and its place in the title. A lookup narrows a title down to the few
// documents whose keys may be the one, and reads their rows.
//
// In a title of n documents, of which some have keys, the numbers are hash * n + place, ascending;
// `hash` has 8 bits more than it takes to count to n, so that about one lookup in 256 of an absent
// key reads a row in vain.

import Storage

/// Bits of the hash that are kept in a title of `documents`.
private func hashBits(_ documents: UInt32) -> UInt64 {
    8 + UInt64(UInt32.bitWidth - documents.leadingZeroBitCount)
}

/// FNV-1a, 64 bits, its upper half folded in for the highest bits.
private func hash(_ key: UnsafeBufferPointer<UInt8>, bits: UInt64) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in key.indices {
        hash = (hash ^ UInt64(unsafe key[index])) &* 0x0000_0100_0000_01B3
    }
    return (hash ^ hash << 32) >> (64 - bits)
}

/// Gathers the keys of a segment.
struct KeyColumnWriter {
    private var column = PackedColumnWriter()
    private var title: [(hash: UInt64, place: UInt32)] = []

    /// Adds the key of the document at a place within the title at hand.
    mutating func add(_ key: UnsafeBufferPointer<UInt8>, _ place: UInt32) {
        title.append((unsafe hash(key, bits: 64), place))
    }

    /// Ends the title at hand, which has so many documents; returns how many had keys.
    mutating func endTitle(documents: UInt32) -> Int {
        let shift = 64 - hashBits(documents)
        let numbers = title.map { ($0.hash >> shift) * UInt64(documents) + UInt64($0.place) }
        for number in numbers.sorted() { column.append(Int64(number)) }
        title.removeAll(keepingCapacity: true)
        return numbers.count
    }

    /// The section's bytes.
    mutating func finish() -> [UInt8] { column.finish() }
}

/// The keys of one title in an open segment.
struct KeyColumn {
    let column: PackedColumn
    /// The title's entries.
    let entries: Range<Int>
    /// Documents of the title.
    let documents: UInt32

    /// The places within the title whose keys may be `key`.
    func candidates(_ key: [UInt8]) -> [UInt32] {
        let wanted = unsafe key.withUnsafeBufferPointer {
            unsafe hash($0, bits: hashBits(documents))
        }
        let first = Int64(wanted * UInt64(documents))
        var low = entries.lowerBound
        var high = entries.upperBound
        while low < high {
            let middle = (low + high) / 2
            if column[middle] < first { low = middle + 1 } else { high = middle }
        }
        var places: [UInt32] = []
        while low < entries.upperBound {
            // A column that does not ascend leads anywhere.
            let place = UInt64(bitPattern: column[low] &- first)
            guard place < UInt64(documents) else { break }
            places.append(UInt32(place))
            low += 1
        }
        return places
    }
}
