// An index as sections of a file, and an index from sections that nobody vouches for.

import Storage

extension VectorIndex {
    /// The sections that an index has, beside its vectors' and its epoch's.
    package static let sections: [VectorSection] = [.lists, .codes, .rows, .documents]

    /// Hands the bytes of one of the index's sections on.
    package func write<E>(
        _ section: VectorSection, to sink: (RawSpan) throws(E) -> Void
    ) throws(E) {
        switch section {
        case .lists: try listBytes.write(to: sink)
        case .codes: try codes.write(to: sink)
        case .rows: try rows.write(to: sink)
        case .documents: try documents.write(to: sink)
        case .vectors, .epoch: break
        }
    }

    private var listBytes: [UInt8] {
        var writer = ByteWriter()
        epoch.layout.write(to: &writer)
        writer.u32(UInt32(epoch.router.count))
        writer.u64(epoch.identity)
        writer.u64(UInt64(count))
        calibration.write(to: &writer)
        for size in sizes { writer.u32(UInt32(size)) }
        return writer.bytes
    }

    /// The epoch that an index with such a section of lists belongs to.
    package static func epochIdentity(lists: VectorBytes) throws(VectorDamage) -> UInt64 {
        try lists.withSpan { (span) throws(VectorDamage) in
            var reader = ByteReader(span)
            for _ in 0..<4 { _ = try reader.number(.lists) }
            return try reader.long(.lists)
        }
    }

    /// An index of the sections that `bytes` gives, over `count` vectors.
    ///
    /// Throws what is wrong with them. Rows are taken as they are: any bytes are some vector's.
    package convenience init(
        _ epoch: VectorEpoch, count: Int,
        _ bytes: (VectorSection) throws(VectorDamage) -> VectorBytes
    ) throws(VectorDamage) {
        let layout = epoch.layout
        let lists = try bytes(.lists).withSpan { (span) throws(VectorDamage) in
            try Lists(epoch, count: count, span)
        }
        let places = ListPlaces(lists.sizes)
        let codes = try bytes(.codes).run(
            .codes, of: UInt8.self, count: places.blocks * CodeBlocks.bytes(layout.parts))
        let rows = try bytes(.rows).run(.rows, of: Int8.self, count: count * layout.stride)
        let documents = try bytes(.documents).run(
            .documents, of: UInt32.self, count: places.count)
        try Self.check(documents, count: count)
        self.init(
            epoch, count: count, sizes: lists.sizes, calibration: lists.calibration, codes: codes,
            rows: rows, documents: documents)
    }

    /// Throws unless each of `count` vectors has one place or two.
    private static func check(
        _ documents: MemoryRun<UInt32>, count: Int
    ) throws(VectorDamage) {
        var uses = [UInt8](repeating: 0, count: count)
        var unused = count
        for place in 0..<documents.count {
            let document = Int(documents[place])
            guard document < count, uses[document] < 2 else {
                throw VectorDamage(
                    .documents,
                    "has vector \(document) of \(count) at place \(place), or a third time")
            }
            if uses[document] == 0 { unused -= 1 }
            uses[document] += 1
        }
        guard unused == 0 else {
            throw VectorDamage(.documents, "has no place for \(unused) of \(count) vectors")
        }
    }

    /// What the section of lists says.
    private struct Lists {
        let sizes: [Int]
        let calibration: VectorCalibration

        init(_ epoch: VectorEpoch, count: Int, _ span: RawSpan) throws(VectorDamage) {
            var reader = ByteReader(span)
            try epoch.layout.check(&reader, .lists)
            let lists = Int(try reader.number(.lists))
            let identity = try reader.long(.lists)
            let vectors = try reader.long(.lists)
            guard identity == epoch.identity, lists == epoch.router.count else {
                throw VectorDamage(.lists, "is of epoch \(identity), not \(epoch.identity)")
            }
            guard count >= 0, count <= StoredVectors.countMax, vectors == UInt64(count) else {
                throw VectorDamage(.lists, "is of \(vectors) vectors, not \(count)")
            }
            calibration = try VectorCalibration(&reader)
            guard reader.remaining == lists * 4 else {
                throw VectorDamage(.lists, "has \(reader.remaining) bytes for \(lists) sizes")
            }
            var sizes: [Int] = []
            sizes.reserveCapacity(lists)
            var places = 0
            for _ in 0..<lists {
                let size = Int(try reader.number(.lists))
                places += size
                guard places <= 2 * count else {
                    throw VectorDamage(.lists, "has more than twice \(count) places")
                }
                sizes.append(size)
            }
            self.sizes = sizes
        }
    }
}
