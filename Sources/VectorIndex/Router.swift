// Which lists are near a vector: the lists' centroids are themselves scanned as codes, which takes a
// few microseconds for thousands of them.

import CKernels

/// The centroids of the lists, with codes of their own.
@safe final class Router: Sendable {
    /// Centroids whose exact distance is looked at to find the nearest one.
    private static let checkedCount = 24

    let centroids: Centroids
    private let layout: VectorLayout
    private let codebook: Codebook
    private let blocks: AlignedMemory<UInt8>

    init(_ centroids: Centroids, _ layout: VectorLayout, _ random: inout SplitMix) {
        self.centroids = centroids
        self.layout = layout
        let rows = unsafe VectorRows(
            base: centroids.values.base, count: centroids.count, stride: layout.stride)
        codebook = unsafe Codebook(layout, from: rows, &random)
        blocks = AlignedMemory(
            count: CodeBlocks.count(centroids.count) * CodeBlocks.bytes(layout.parts))
        var code = [UInt8](repeating: 0, count: layout.parts)
        for index in 0..<centroids.count {
            unsafe codebook.encode(centroids.row(index), into: &code)
            unsafe CodeBlocks.set(code, parts: layout.parts, at: index, in: blocks.base)
        }
    }

    /// Bytes taken: floats, codes and codebook.
    var bytes: Int { centroids.values.bytes + blocks.bytes + codebook.bytes }

    /// Lists.
    var count: Int { centroids.count }

    /// What a query needs to be routed.
    func room() -> Room { Room(layout, count: count) }

    /// Room for one query.
    @safe final class Room {
        fileprivate let tables: CodeTables
        fileprivate let hits: AlignedMemory<mspd_hit>
        fileprivate let best: AlignedMemory<mspd_hit>

        fileprivate init(_ layout: VectorLayout, count: Int) {
            tables = CodeTables(layout)
            hits = AlignedMemory(count: CodeBlocks.count(count) * CodeBlocks.size)
            best = AlignedMemory(count: Router.checkedCount)
        }
    }

    /// About the product of a padded query with each centroid, less half of the centroid's square
    /// when `byDistance`.
    @unsafe func products(
        _ query: UnsafePointer<Float>, byDistance: Bool, _ room: Room,
        into products: UnsafeMutablePointer<Float>
    ) {
        unsafe scan(query, byDistance: byDistance, room)
        let (low, step) = (room.tables.low, room.tables.step)
        for index in 0..<count {
            unsafe products[index] = low + step * Float(room.hits.base[index].sum)
        }
    }

    private func scan(_ query: UnsafePointer<Float>, byDistance: Bool, _ room: Room) {
        unsafe room.tables.build(query, codebook, byDistance: byDistance)
        var job = unsafe mspd_scan_job(
            codes: blocks.base, tables: room.tables.entries.base, allowed: nil,
            parts: UInt32(layout.parts), count: UInt32(count), first: 0, offset: 0, bar: 0)
        var block: UInt32 = 0
        _ = unsafe mspd_vector_scan(
            &job, &block, room.hits.base, UInt32(room.hits.count))
    }

    /// The list that a padded vector belongs to: that of the nearest centroid, or nearly so.
    @unsafe func nearest(_ vector: UnsafePointer<Float>, _ room: Room) -> Int {
        unsafe scan(vector, byDistance: true, room)
        let checked = best(of: room)
        var nearest = 0
        var most = -Float.infinity
        for place in 0..<checked {
            let index = unsafe Int(room.best.base[place].place)
            var product: Float = 0
            unsafe mspd_vector_dots(
                vector, centroids.row(index), 1, layout.stride, &product)
            let value = product + centroids.halved[index]
            guard value > most || (value == most && index < nearest) else { continue }
            most = value
            nearest = index
        }
        return nearest
    }

    /// Collects the hits with the largest sums, and says how many there are.
    private func best(of room: Room) -> Int {
        let (hits, best) = unsafe (room.hits.base, room.best.base)
        var filled = 0
        for index in 0..<count {
            let hit = unsafe hits[index]
            if filled == Self.checkedCount, unsafe hit.sum <= best[filled - 1].sum { continue }
            var place = filled < Self.checkedCount ? filled : filled - 1
            while place > 0, unsafe best[place - 1].sum < hit.sum {
                unsafe best[place] = best[place - 1]
                place -= 1
            }
            unsafe best[place] = hit
            if filled < Self.checkedCount { filled += 1 }
        }
        return filled
    }
}
