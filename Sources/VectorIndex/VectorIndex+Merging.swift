// Indexes of one epoch made one: lists are joined, codes and bytes copied, and what was deleted is
// left out. No vector is looked at.

extension VectorIndex {
    /// The new number of a vector that is left out.
    package static let dropped = UInt32.max

    /// Joins indexes of one epoch.
    ///
    /// `numbers` has for each vector of an index its number in the new one, or `dropped`; the
    /// numbers of all are those from 0 on, each once.
    package convenience init(merging parts: [(index: VectorIndex, numbers: [UInt32])]) {
        guard let first = parts.first?.index else { preconditionFailure("nothing to merge") }
        precondition(parts.allSatisfy { $0.index.epoch.identity == first.epoch.identity })
        precondition(parts.allSatisfy { $0.index.count == $0.numbers.count })
        let count = Self.count(parts.map(\.numbers))
        let layout = first.epoch.layout
        let rows = AlignedMemory<Int8>(count: count * layout.stride)
        for (index, numbers) in parts {
            for (old, new) in numbers.enumerated() where new != Self.dropped {
                unsafe (rows.base + Int(new) * layout.stride).update(
                    from: index.rows.base + old * layout.stride, count: layout.stride)
            }
        }
        let lists = MergedLists(parts, of: first.epoch)
        let largest = parts.max { $0.index.count < $1.index.count }?.index ?? first
        self.init(
            first.epoch, count: count, sizes: lists.sizes, calibration: largest.calibration,
            codes: MemoryRun(lists.codes), rows: MemoryRun(rows),
            documents: MemoryRun(lists.documents))
    }

    /// How many numbers there are, which must be those from 0 on.
    private static func count(_ numbers: [[UInt32]]) -> Int {
        let count = numbers.reduce(0) { $0 + $1.count { $0 != dropped } }
        var isSeen = [Bool](repeating: false, count: count)
        for number in numbers.joined() where number != dropped {
            precondition(Int(number) < count && !isSeen[Int(number)], "numbers are not one each")
            isSeen[Int(number)] = true
        }
        return count
    }
}

/// The lists of several indexes, joined.
@safe private struct MergedLists {
    let sizes: [Int]
    let codes: AlignedMemory<UInt8>
    let documents: AlignedMemory<UInt32>

    init(_ parts: [(index: VectorIndex, numbers: [UInt32])], of epoch: VectorEpoch) {
        var sizes = [Int](repeating: 0, count: epoch.router.count)
        for (index, numbers) in parts {
            for list in sizes.indices {
                for place in index.starts[list]..<index.starts[list + 1]
                where numbers[Int(index.documents[place])] != VectorIndex.dropped {
                    sizes[list] += 1
                }
            }
        }
        self.sizes = sizes
        let places = ListPlaces(sizes)
        documents = AlignedMemory(count: places.count)
        codes = AlignedMemory(count: places.blocks * CodeBlocks.bytes(epoch.layout.parts))
        for list in sizes.indices {
            var place = places.starts[list]
            for (index, numbers) in parts {
                copy(list, of: index, numbers, places, to: &place)
            }
        }
    }

    /// Copies what is left of one list of one index, from a place on.
    private func copy(
        _ list: Int, of index: VectorIndex, _ numbers: [UInt32], _ places: ListPlaces,
        to place: inout Int
    ) {
        let parts = index.epoch.layout.parts
        let bytes = CodeBlocks.bytes(parts)
        var code = [UInt8](repeating: 0, count: parts)
        let from = unsafe index.codes.base + index.blockStarts[list] * bytes
        let to = unsafe codes.base + places.blockStarts[list] * bytes
        let start = index.starts[list]
        for old in start..<index.starts[list + 1] {
            let number = numbers[Int(index.documents[old])]
            guard number != VectorIndex.dropped else { continue }
            unsafe CodeBlocks.get(from, parts: parts, at: old - start, into: &code)
            unsafe CodeBlocks.set(code, parts: parts, at: place - places.starts[list], in: to)
            documents[place] = number
            place += 1
        }
    }
}
