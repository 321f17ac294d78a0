// An epoch as bytes, and an epoch from bytes that nobody vouches for: every number has to be finite
// and every count in its range, so that whatever comes of them is an answer.

import Storage

extension VectorEpoch.Learnt {
    /// Hands the bytes on, a few megabytes at once at most: a head, then runs of numbers.
    func write<E>(_ layout: VectorLayout, to sink: (RawSpan) throws(E) -> Void) throws(E) {
        var head = ByteWriter()
        layout.write(to: &head)
        head.u32(UInt32(router.count))
        head.u32(UInt32(permutation.count))
        for number in [gain, spillFloor, closeness.spread, closeness.error] {
            head.u32(number.bitPattern)
        }
        try head.bytes.write(to: sink)
        try permutation.write(to: sink)
        try Array(scale.low.prefix(layout.coded)).write(to: sink)
        try Array(scale.step.prefix(layout.coded)).write(to: sink)
        try MemoryRun(codebook.centroids).write(to: sink)
        try MemoryRun(router.codebook.centroids).write(to: sink)
        try router.listRadii.write(to: sink)
        try MemoryRun(router.centroids.values).write(to: sink)
    }

    /// Reads it; throws what is wrong with the bytes.
    init(_ layout: VectorLayout, _ span: RawSpan) throws(VectorDamage) {
        var reader = ByteReader(span)
        let most = Float.greatestFiniteMagnitude
        try layout.check(&reader, .epoch)
        let lists = Int(try reader.number(.epoch))
        let ordered = Int(try reader.number(.epoch))
        let coded = layout.coded
        let book = coded * Codebook.centroidCount
        let numbers = 4 + ordered + 2 * coded + 2 * book + lists + lists * layout.stride
        guard lists >= 1, lists <= VectorEpoch.listsMax, reader.remaining == numbers * 4 else {
            throw VectorDamage(
                .epoch, "has \(reader.remaining) bytes of numbers for \(lists) lists")
        }
        gain = try reader.float(.epoch, in: 0...most)
        spillFloor = try reader.float(.epoch, in: 0...(.infinity))
        closeness = .init(
            spread: try reader.float(.epoch, in: 0...most),
            error: try reader.float(.epoch, in: 0...most))
        permutation = try Permutation(layout, count: ordered, &reader)
        let low = try reader.floats(coded, in: -most...most)
        let step = try reader.floats(coded, in: .leastNormalMagnitude...most)
        scale = ByteScale(layout, low: low, step: step)
        codebook = Codebook(
            parts: layout.parts, width: layout.width, centroids: try reader.memory(book))
        let routing = Codebook(
            parts: layout.parts, width: layout.width, centroids: try reader.memory(book))
        let radii = try reader.floats(lists, in: 0...most)
        let values = try reader.memory(lists * layout.stride)
        let centroids = Centroids(count: lists, stride: layout.stride, values: values)
        var random = SplitMix(seed: 0)
        router = Router(centroids, radii: radii, codebook: routing, layout, &random)
    }
}

/// Makes one number of many bytes, whose count is a multiple of 4.
struct EpochHash {
    private(set) var value: UInt64 = 0x6D73_7064_2D76_6563

    /// Adds bytes behind those before.
    mutating func add(_ bytes: RawSpan) {
        for offset in stride(from: 0, to: bytes.byteCount - 3, by: 4) {
            let word = unsafe bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt32.self)
            value = (value ^ UInt64(word)) &* 0x9E37_79B9_7F4A_7C15
            value ^= value >> 32
        }
    }
}

extension VectorLayout {
    /// Writes what the layout follows from.
    func write(to writer: inout ByteWriter) {
        writer.u32(UInt32(shape.dimension))
        writer.u32(UInt32(Metric.allCases.firstIndex(of: shape.metric) ?? 0))
        writer.u32(UInt32(width))
    }

    /// Throws unless bytes name this layout.
    func check(
        _ reader: inout ByteReader, _ section: VectorSection
    ) throws(VectorDamage) {
        let (dimension, metric, width) = try reader.three(section)
        guard dimension == shape.dimension, width == self.width,
            Int(metric) == Metric.allCases.firstIndex(of: shape.metric)
        else {
            throw VectorDamage(
                section,
                "is of \(dimension) dimensions, metric \(metric), parts of \(width), "
                    + "not of the track's shape")
        }
    }
}

extension ByteReader {
    /// Reads a number of 32 bits.
    mutating func number(_ section: VectorSection) throws(VectorDamage) -> UInt32 {
        do { return try u32() } catch { throw VectorDamage(section, "ends early: \(error)") }
    }

    /// Reads a number of 64 bits.
    mutating func long(_ section: VectorSection) throws(VectorDamage) -> UInt64 {
        do { return try u64() } catch { throw VectorDamage(section, "ends early: \(error)") }
    }

    fileprivate mutating func three(
        _ section: VectorSection
    ) throws(VectorDamage) -> (UInt32, UInt32, UInt32) {
        (try number(section), try number(section), try number(section))
    }

    /// Reads a float of a range.
    mutating func float(
        _ section: VectorSection, in range: ClosedRange<Float>
    ) throws(VectorDamage) -> Float {
        let value = Float(bitPattern: try number(section))
        guard range.contains(value) else {
            throw VectorDamage(section, "has \(value), which is not in \(range)")
        }
        return value
    }

    /// Reads floats of a range.
    fileprivate mutating func floats(
        _ count: Int, in range: ClosedRange<Float>
    ) throws(VectorDamage) -> [Float] {
        var floats: [Float] = []
        floats.reserveCapacity(count)
        for _ in 0..<count { floats.append(try float(.epoch, in: range)) }
        return floats
    }

    /// Reads floats of any finite size.
    fileprivate mutating func memory(_ count: Int) throws(VectorDamage) -> AlignedMemory<Float> {
        let memory = AlignedMemory<Float>(count: count)
        let most = Float.greatestFiniteMagnitude
        for index in 0..<count {
            unsafe memory.base[index] = try float(.epoch, in: -most...most)
        }
        return memory
    }
}

extension VectorEpoch {
    /// Lists that an epoch may have.
    static let listsMax = 1 << 20

    /// An epoch of a section; throws what is wrong with the bytes.
    package convenience init(_ layout: VectorLayout, _ bytes: VectorBytes) throws(VectorDamage) {
        self.init(
            layout,
            try bytes.withSpan { (span) throws(VectorDamage) in try Learnt(layout, span) })
    }

    /// Hands the section's bytes on.
    package func write<E>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        try learnt.write(layout, to: sink)
    }
}
