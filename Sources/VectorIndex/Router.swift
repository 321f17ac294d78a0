// Which lists are near a vector: the lists' centroids are themselves scanned as codes, which takes
// a few microseconds for thousands of them.
//
// In a wide list some vectors are much closer to a query than the centroid is. So a centroid's code
// has one more part, the radius of its list in 16 steps, and a query's tables give a bonus for it.

import CKernels

/// The centroids of the lists, with codes of their own.
@safe final class Router: Sendable {
    /// Centroids whose exact distance is looked at to find the nearest one, by bytes and by codes,
    /// and to find several.
    private static let checked = (bytes: 4, codes: 12, several: 20)
    /// The longest vectors, padded, that are held against all centroids to be placed.
    private static let bytesMax = 128
    /// Of these, how many are put in order.
    static let nearestCount = 8
    /// The share of a list's radius that counts as its bonus.
    private static let spread: Float = 0.3
    private static let extraParts = Int(MSPD_PART_STEP)
    private static let steps = Codebook.centroidCount

    let centroids: Centroids
    /// The root of the mean square of what lies between a list's vectors and its centroid.
    let listRadii: [Float]
    let codebook: Codebook
    private let layout: VectorLayout
    private let blocks: AlignedMemory<UInt8>
    private let bytesOfCentroids: CentroidBytes?
    /// The radius that each step stands for, and the mean of all radii.
    private let radii: [Float]
    private let meanRadius: Float

    private var parts: Int { layout.parts + Self.extraParts }

    /// A router for lists with the given radii; the codebook is learnt from the centroids when it
    /// is nil.
    init(
        _ centroids: Centroids, radii listRadii: [Float], codebook: Codebook? = nil,
        _ layout: VectorLayout, _ random: inout SplitMix
    ) {
        self.centroids = centroids
        self.layout = layout
        self.listRadii = listRadii
        let rows = unsafe VectorRows(
            base: centroids.values.base, count: centroids.count, stride: layout.stride)
        self.codebook = unsafe codebook ?? Codebook(layout, from: rows, &random)
        bytesOfCentroids = layout.stride <= Self.bytesMax ? CentroidBytes(centroids) : nil
        let (least, most) = (listRadii.min() ?? 0, listRadii.max() ?? 0)
        let step = (most - least) / Float(Self.steps - 1)
        radii = (0..<Self.steps).map { least + step * Float($0) }
        meanRadius = listRadii.reduce(0, +) / Float(max(1, listRadii.count))
        blocks = AlignedMemory(
            count: CodeBlocks.count(centroids.count)
                * CodeBlocks.bytes(layout.parts + Self.extraParts))
        var code = [UInt8](repeating: 0, count: parts)
        for index in 0..<centroids.count {
            unsafe self.codebook.encode(centroids.row(index), into: &code)
            let radius = step > 0 ? (listRadii[index] - least) / step : 0
            code[layout.parts] = UInt8(radius.whole(in: 0...Self.steps - 1))
            unsafe CodeBlocks.set(code, parts: parts, at: index, in: blocks.base)
        }
    }

    /// A router while radii are not known yet.
    convenience init(_ centroids: Centroids, _ layout: VectorLayout, _ random: inout SplitMix) {
        self.init(
            centroids, radii: .init(repeating: 0, count: centroids.count), layout, &random)
    }

    /// Bytes taken: floats, codes and codebook.
    var bytes: Int { centroids.values.bytes + blocks.bytes + codebook.bytes }

    /// Lists.
    var count: Int { centroids.count }

    /// Room for vectors to be placed.
    func room() -> Room { Room(layout) }

    /// Room for one query.
    @safe final class Room {
        fileprivate let tables: CodeTables
        fileprivate let reservoir = Reservoir()
        /// What `nearest` found, the nearest first.
        fileprivate(set) var found: [Nearest] = []

        fileprivate let query: AlignedMemory<UInt8>

        init(_ layout: VectorLayout) {
            query = AlignedMemory(count: layout.stride)
            tables = CodeTables(layout, extraParts: Router.extraParts)
        }
    }

    /// A list near a vector.
    struct Nearest {
        var list: Int
        /// The product of the vector with the centroid, less half of the centroid's square.
        var value: Float
    }

    /// About the `count` lists that promise most to a padded query, in no order; returns how many.
    @unsafe func lists(
        _ query: UnsafePointer<Float>, _ count: Int, _ room: Room,
        into lists: UnsafeMutablePointer<UInt32>
    ) -> Int {
        unsafe scan(query, keeping: count, bonus(query), byDistance: byDistance, room)
        for index in 0..<room.reservoir.count {
            unsafe lists[index] = room.reservoir.hits[index].place
        }
        return room.reservoir.count
    }

    /// What a list promises to a query of a length, by its score with the centroid: the product, or
    /// minus the squared distance.
    @inline(__always)
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
            codes: blocks.base, tables: room.tables.entries.base, next: nil,
            parts: UInt32(parts), count: UInt32(count), first: 0, offset: 0, bar: 0)
        unsafe room.reservoir.scan(&job)
        room.reservoir.cut()
    }

    /// Finds the list whose centroid is nearest to a padded vector, or nearly so, and with
    /// `several` those next to it.
    @unsafe func nearest(_ vector: UnsafePointer<Float>, several: Bool, _ room: Room) {
        room.found.removeAll(keepingCapacity: true)
        let wanted = several ? Self.nearestCount : 1
        if let bytesOfCentroids {
            room.reservoir.begin(keeping: several ? Self.checked.several : Self.checked.bytes)
            unsafe bytesOfCentroids.find(vector, room.query.base, into: room.reservoir)
            room.reservoir.cut()
        } else {
            let kept = several ? Self.checked.several : Self.checked.codes
            unsafe scan(vector, keeping: kept, [], byDistance: true, room)
        }
        for hit in 0..<room.reservoir.count {
            let index = unsafe Int(room.reservoir.hits[hit].place)
            var product: Float = 0
            unsafe mspd_vector_dots(vector, centroids.row(index), 1, layout.stride, &product)
            let value = product + centroids.halved[index]
            var place = room.found.count
            while place > 0,
                value > room.found[place - 1].value
                    || (value == room.found[place - 1].value && index < room.found[place - 1].list)
            { place -= 1 }
            guard place < wanted else { continue }
            if room.found.count == wanted { room.found.removeLast() }
            room.found.insert(Nearest(list: index, value: value), at: place)
        }
    }

    /// The list that a padded vector belongs to.
    @unsafe func home(_ vector: UnsafePointer<Float>, _ room: Room) -> Int {
        guard count > 1 else { return 0 }
        unsafe nearest(vector, several: false, room)
        return room.found.first?.list ?? 0
    }
}
