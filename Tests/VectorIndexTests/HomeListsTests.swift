// Which of a filter's vectors lie in some lists, held against a look into these lists.

import TestSupport
import Testing
import VectorIndex

struct HomeListsTests {
    @Test func `what passes is told by either of its lists`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let count = Int.random(in: 1...700, using: &random)
            let lists = lists(of: count, &random)
            let documents = AlignedMemory<UInt32>(count: lists.reduce(0) { $0 + $1.count })
            for (place, vector) in lists.joined().enumerated() { documents[place] = vector }
            let starts = lists.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
            let homes = try #require(HomeLists(starts, MemoryRun(documents), count: count))
            var filter = VectorFilter(documents: count)
            let kept = [1, 3, 40].randomElement(using: &random) ?? 1
            for vector in 0..<count where random.oneIn(kept) { filter.insert(vector) }
            let chosen = lists.map { _ in UInt8(random.oneIn(3) ? 1 : 0) }
            let wanted = Set(
                zip(lists, chosen).flatMap { $1 == 1 ? $0 : [] }
                    .filter { filter.contains(Int($0)) })
            let found = AlignedMemory<UInt32>(count: filter.count + 1)
            let written = unsafe homes.write(filter, chosen: chosen, into: found.base)
            #expect((0..<written).map { found[$0] } == wanted.sorted(), "seed \(seed)")
        }
    }

    @Test func `more lists than half of a number holds are not told apart`() {
        let documents = AlignedMemory<UInt32>(count: 1)
        let starts = [0] + [Int](repeating: 1, count: 65_536)
        #expect(HomeLists(starts, MemoryRun(documents), count: 1) != nil)
        #expect(HomeLists(starts + [1], MemoryRun(documents), count: 1) == nil)
    }

    /// Up to 30 lists with each of `count` vectors in one or two of them.
    private func lists(of count: Int, _ random: inout SeededRandom) -> [[UInt32]] {
        var lists = [[UInt32]](repeating: [], count: Int.random(in: 1...30, using: &random))
        for vector in 0..<UInt32(count) {
            let first = Int.random(in: lists.indices, using: &random)
            let second = Int.random(in: lists.indices, using: &random)
            lists[first].append(vector)
            if second != first, random.oneIn(2) { lists[second].append(vector) }
        }
        return lists
    }
}
