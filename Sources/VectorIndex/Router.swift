// Which lists are near a vector: the lists' centroids are themselves scanned as codes, which takes
// a few microseconds for thousands of them.
//
// In a wide list some vectors are much closer to a query than the centroid is. So a centroid's code
// has one more part, the radius of its list in 16 steps, and a query's tables give a bonus for it.

import CKernels

/// The centroids of the lists, with codes of their own.
@safe final class Router: Sendable {
    /// Centroids whose exact distance is looked at to find the nearest one.
    private static let checkedCount = 24
    /// The share of a list's radius that counts as its bonus.
    private static let spread: Float = 0.3
    private static let extraParts = Int(MSPD_PART_STEP)
    private static let steps = Codebook.centroidCount

    let centroids: Centroids
    private let layout: VectorLayout
    private let codebook: Codebook
    private let blocks: AlignedMemory<UInt8>
    /// The radius that each step stands for, and their mean.
    private let radii: [Float]
    private let listRadii: [Float]
    private let meanRadius: Float

    private var parts: Int { layout.parts + Self.extraParts }

    /// A router for lists with the given radii; nil when they are not known yet.
    init(
        _ centroids: Centroids, radii: [Float]? = nil, _ layout: VectorLayout,
        _ random: inout SplitMix
    ) {
        self.centroids = centroids
        self.layout = layout
        let rows = unsafe VectorRows(
            base: centroids.values.base, count: centroids.count, stride: layout.stride)
        codebook = unsafe Codebook(layout, from: rows, &random)
        let radii = radii ?? [Float](repeating: 0, count: centroids.count)
        listRadii = radii
        let (least, most) = (radii.min() ?? 0, radii.max() ?? 0)
        let step = (most - least) / Float(Self.steps - 1)
        self.radii = (0..<Self.steps).map { least + step * Float($0) }
        meanRadius = radii.reduce(0, +) / Float(max(1, radii.count))
        blocks = AlignedMemory(
            count: CodeBlocks.count(centroids.count)
                * CodeBlocks.bytes(layout.parts + Self.extraParts))
        var code = [UInt8](repeating: 0, count: parts)
        for index in 0..<centroids.count {
            unsafe codebook.encode(centroids.row(index), into: &code)
            code[layout.parts] = step > 0 ? UInt8(((radii[index] - least) / step).rounded()) : 0
            unsafe CodeBlocks.set(code, parts: parts, at: index, in: blocks.base)
        }
    }

    /// Bytes taken: floats, codes and codebook.
    var bytes: Int { centroids.values.bytes + blocks.bytes + codebook.bytes }

    /// Lists.
    var count: Int { centroids.count }

    /// What a query needs to be routed.
    func room() -> Room { Room(layout) }

    /// Room for one query.
    @safe final class Room {
        fileprivate let tables: CodeTables
        fileprivate let reservoir = Reservoir()

        fileprivate init(_ layout: VectorLayout) {
            tables = CodeTables(layout, extraParts: Router.extraParts)
        }
    }

    /// About the `count` lists that promise most to a padded query, in no order.
    @unsafe func lists(
        _ query: UnsafePointer<Float>, _ count: Int, _ room: Room,
        into lists: UnsafeMutablePointer<UInt32>
    ) {
        unsafe scan(query, keeping: count, bonus(query), byDistance: byDistance, room)
        for index in 0..<count { unsafe lists[index] = room.reservoir.hits[index].place }
    }

    /// What a list promises to a query of a length, by its score with the centroid: the product, or
    /// minus the squared distance.
    func promise(_ list: Int, score: Float, length: Float) -> Float {
        let bonus = Self.spread * listRadii[list]
        return byDistance ? bonus - max(0, -score).squareRoot() : score + bonus * length
    }

    private var byDistance: Bool { layout.shape.metric == .l2 }

    /// What each step of radius adds.
    ///
    /// To a product, a share of the radius and of the query's length. By distance, a list counts as
    /// nearer by a share of its radius; squared, beside a distance of about the mean radius.
    private func bonus(_ query: UnsafePointer<Float>) -> [Float] {
        if byDistance {
            return radii.map { Self.spread * $0 * (meanRadius + Self.spread * $0 / 2) }
        }
        var square: Float = 0
        for number in 0..<layout.stride { unsafe square += query[number] * query[number] }
        let share = Self.spread * square.squareRoot()
        return radii.map { $0 * share }
    }

    private func scan(
        _ query: UnsafePointer<Float>, keeping kept: Int, _ bonus: [Float], byDistance: Bool,
        _ room: Room
    ) {
        unsafe room.tables.build(query, codebook, byDistance: byDistance, extra: bonus)
        room.reservoir.begin(keeping: kept)
        var job = unsafe mspd_scan_job(
            codes: blocks.base, tables: room.tables.entries.base, allowed: nil, next: nil,
            parts: UInt32(parts), count: UInt32(count), first: 0, offset: 0, bar: 0)
        unsafe room.reservoir.scan(&job)
        room.reservoir.cut()
    }

    /// The list that a padded vector belongs to: that of the nearest centroid, or nearly so.
    @unsafe func nearest(_ vector: UnsafePointer<Float>, _ room: Room) -> Int {
        guard count > 1 else { return 0 }
        unsafe scan(vector, keeping: Self.checkedCount, [], byDistance: true, room)
        var nearest = 0
        var most = -Float.infinity
        for hit in 0..<room.reservoir.count {
            let index = unsafe Int(room.reservoir.hits[hit].place)
            var product: Float = 0
            unsafe mspd_vector_dots(vector, centroids.row(index), 1, layout.stride, &product)
            let value = product + centroids.halved[index]
            guard value > most || (value == most && index < nearest) else { continue }
            most = value
            nearest = index
        }
        return nearest
    }
}
