// Indexes written and read again, indexes merged, and bytes that are no index.

import TestSupport
import Testing
import VectorIndex

/// The sections of an index and of its epoch.
struct WrittenIndex {
    let layout: VectorLayout
    let count: Int
    var sections: [VectorSection: [UInt8]]

    init(_ index: VectorIndex) {
        layout = index.epoch.layout
        count = index.count
        var sections: [VectorSection: [UInt8]] = [:]
        for section in VectorIndex.sections {
            var bytes: [UInt8] = []
            index.write(section) { bytes += $0.array }
            sections[section] = bytes
        }
        var bytes: [UInt8] = []
        index.epoch.write { bytes += $0.array }
        sections[.epoch] = bytes
        self.sections = sections
    }

    func bytes(_ section: VectorSection) -> VectorBytes {
        VectorBytes(copying: sections[section] ?? [])
    }

    func read() throws -> VectorIndex {
        let epoch = try VectorEpoch(layout, bytes(.epoch))
        return try read(epoch)
    }

    func read(_ epoch: VectorEpoch) throws(VectorDamage) -> VectorIndex {
        try VectorIndex(epoch, count: count) { section in bytes(section) }
    }
}

struct VectorSectionTests {
    private static let effort = VectorEffort(scanned: 0.3, ranked: 60)

    private func answers(
        _ index: VectorIndex, _ stored: StoredVectors, _ queries: [[Float]]
    ) -> [[VectorHit]] {
        let searcher = VectorSearcher()
        return queries.map {
            searcher.search(index, over: stored, $0, limit: 10, Self.effort)
        }
    }

    @Test(arguments: Metric.allCases, [(1, Float(1)), (40, 1), (1, 0.8), (40, 0.8)])
    func `an index that was read answers alike`(
        metric: Metric, of: (lists: Int, fading: Float)
    ) throws {
        var random = SeededRandom(seed: 21)
        let (lists, fading) = of
        let sample = try VectorSample(
            metric, count: 2_000, queries: 20, fading: fading, &random)
        let plain = sample.index(lists: lists)
        let index = VectorIndex(
            plain, calibration: VectorCalibration(plain, over: sample.stored))
        let written = WrittenIndex(index)
        let back = try written.read()
        #expect(back.epoch.identity == index.epoch.identity)
        #expect(back.calibration == index.calibration)
        #expect(
            try VectorIndex.epochIdentity(lists: written.bytes(.lists)) == index.epoch.identity)
        #expect(
            answers(back, sample.stored, sample.queries)
                == answers(index, sample.stored, sample.queries))
        #expect(WrittenIndex(back).sections == written.sections)
    }

    @Test func `another epoch has another identity, and is refused`() throws {
        var random = SeededRandom(seed: 22)
        let sample = try VectorSample(.cosine, count: 500, queries: 1, &random)
        let (one, other) = (sample.index(lists: 4, seed: 1), sample.index(lists: 4, seed: 2))
        #expect(one.epoch.identity != other.epoch.identity)
        #expect(throws: VectorDamage.self) { try WrittenIndex(one).read(other.epoch) }
    }

    // MARK: Merging

    @Test(arguments: Metric.allCases) func `a merged index answers as one made anew`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 3_000, queries: 40, &random)
        let epoch = VectorEpoch(learning: VectorSource(sample.stored), lists: 30)
        // Three parts, of which a third is deleted, put together in a new order.
        let bounds = [0, 700, 701, 3_000]
        let kept = (0..<3_000).filter { _ in !random.oneIn(3) }.shuffled(using: &random)
        var numbers = [UInt32](repeating: VectorIndex.dropped, count: 3_000)
        for (new, old) in kept.enumerated() { numbers[old] = UInt32(new) }
        let parts = zip(bounds, bounds.dropFirst()).map { start, end in
            let source = VectorSource(
                sample.stored.layout, [(sample.stored, (start..<end).map { UInt32($0) })])
            return (index: VectorIndex(epoch, source), numbers: Array(numbers[start..<end]))
        }
        let merged = VectorIndex(merging: parts)
        let source = VectorSource(
            sample.stored.layout, [(sample.stored, kept.map { UInt32($0) })])
        let anew = VectorIndex(epoch, source)
        let left = VectorSample(
            sample.shape, kept.map { sample.numbers[$0] }, queries: sample.queries)
        #expect(merged.count == kept.count)
        // Ties of codes may fall another way.
        let whole = VectorEffort(scanned: 1, ranked: 3_000)
        let searcher = VectorSearcher()
        for query in sample.queries {
            let hits = searcher.search(merged, over: left.stored, query, limit: 10, whole)
            #expect(
                hits == searcher.search(anew, over: left.stored, query, limit: 10, whole),
                "seed \(seed)")
        }
        let recall = left.recall {
            searcher.search(merged, over: left.stored, $0, limit: 10, whole)
        }
        #expect(recall > 0.98, "seed \(seed)")
        // What was merged can be written and read.
        let back = try WrittenIndex(merged).read()
        #expect(
            answers(back, left.stored, sample.queries)
                == answers(merged, left.stored, sample.queries))
    }

    @Test func `all may be deleted`() throws {
        var random = SeededRandom(seed: 23)
        let sample = try VectorSample(.dot, count: 100, queries: 1, &random)
        let index = sample.index(lists: 4)
        let gone = [UInt32](repeating: VectorIndex.dropped, count: 100)
        let merged = VectorIndex(merging: [(index, gone)])
        #expect(merged.count == 0)
        let none = VectorSample(sample.shape, [], queries: [])
        #expect(answers(merged, none.stored, sample.queries) == [[]])
        #expect(try WrittenIndex(merged).read().count == 0)
    }

    // MARK: Drift

    @Test(arguments: Metric.allCases) func `an epoch suits what it was learnt from`(
        metric: Metric
    ) throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        let sample = try VectorSample(metric, count: 24_000, queries: 1, &random)
        let half = (0..<12_000).map { UInt32($0) }
        let layout = sample.stored.layout
        let epoch = VectorEpoch(
            learning: VectorSource(layout, [(sample.stored, half)]), lists: 256)
        let rest = VectorSource(
            layout, [(sample.stored, (12_000..<24_000).map { UInt32($0) })])
        let drift = epoch.drift(of: rest)
        #expect(drift > 0.8 && drift < 1.15, "seed \(seed)")
        #expect(epoch.suits(count: 24_000, drift: drift))
        #expect(!epoch.suits(count: 100, drift: drift))
        #expect(!epoch.suits(count: 10_000_000, drift: drift))
        // Vectors around other centres.
        let others = try VectorSample(metric, count: 4_000, queries: 1, &random)
        let far = epoch.drift(of: VectorSource(others.stored))
        #expect(far > 1.3, "seed \(seed)")
        #expect(!epoch.suits(count: 24_000, drift: far))
    }

    // MARK: Damage

    /// Asks an index for things; any answer will do that names vectors there are.
    private func use(_ index: VectorIndex, _ sample: VectorSample) {
        let searcher = VectorSearcher()
        var filter = VectorFilter(documents: sample.count)
        for number in 0..<sample.count where number % 2 == 0 { filter.insert(number) }
        for chosen in [nil, filter] {
            let effort = index.calibration.effort(recall: 0.9)
            let hits = searcher.search(
                index, over: sample.stored, sample.queries[0], limit: 5, effort, filter: chosen)
            #expect(hits.allSatisfy { Int($0.document) < sample.count })
            #expect(hits.count <= 5)
        }
    }

    @Test(arguments: Metric.allCases) func `a damaged byte is an error or an answer`(
        metric: Metric
    ) throws {
        var random = SeededRandom(seed: 24)
        let sample = try VectorSample(
            metric, dimension: 8, count: 80, centres: 5, queries: 1, &random)
        let written = WrittenIndex(sample.index(lists: 3))
        let epoch = try written.read().epoch
        for (section, bytes) in written.sections {
            var refused = 0
            for place in bytes.indices {
                for change in [UInt8(1), 0x80, 0xFF] {
                    var damaged = written
                    damaged.sections[section]?[place] ^= change
                    do {
                        let index =
                            try section == .epoch ? damaged.read() : damaged.read(epoch)
                        use(index, sample)
                    } catch is VectorDamage { refused += 1 }
                }
            }
            // Rows may be anything, and a code is always some code.
            #expect(refused > 0 || [.rows, .codes].contains(section), "\(section)")
        }
    }

    @Test func `a damaged epoch gives answers all the same`() throws {
        let seed = SeededRandom.fresh()
        var random = SeededRandom(seed: seed)
        for metric in Metric.allCases {
            let sample = try VectorSample(
                metric, dimension: 8, count: 80, centres: 5, queries: 1, &random)
            let index = sample.index(lists: 3)
            let written = WrittenIndex(index)
            let size = written.sections[.epoch]?.count ?? 0
            for _ in 0..<300 {
                var damaged = written
                for _ in 0..<random.next() % 8 {
                    let extreme: Float =
                        random.oneIn(2) ? .greatestFiniteMagnitude : -.leastNormalMagnitude
                    let place = Int.random(in: 4..<size / 4, using: &random) * 4
                    for byte in 0..<4 {
                        damaged.sections[.epoch]?[place + byte] =
                            UInt8(truncatingIfNeeded: extreme.bitPattern >> UInt32(byte * 8))
                    }
                }
                guard let epoch = try? VectorEpoch(written.layout, damaged.bytes(.epoch))
                else { continue }
                use(VectorIndex(epoch, VectorSource(sample.stored)), sample)
                _ = epoch.drift(of: VectorSource(sample.stored))
            }
        }
    }

    @Test func `sections that are cut or too long are refused`() throws {
        var random = SeededRandom(seed: 25)
        let sample = try VectorSample(.cosine, dimension: 8, count: 40, queries: 1, &random)
        let written = WrittenIndex(sample.index(lists: 2))
        for (section, bytes) in written.sections {
            for count in Array(0..<bytes.count) + [bytes.count + 1, bytes.count + 64] {
                var damaged = written
                damaged.sections[section] = Array(
                    (bytes + .init(repeating: 0, count: 64)).prefix(count))
                #expect(throws: VectorDamage.self) { try damaged.read() }
            }
        }
    }
}
