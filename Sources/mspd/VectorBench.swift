// Times the vector index on one thread: how long it takes to build, how much it keeps, and how many
// queries a second it answers at which recall. Seconds are the thread's own, as the processor
// counts them, so that what else the machine does matters less.

import Gateway
import Glibc
import VectorIndex

/// One set of vectors with the exact answers to its queries.
struct VectorSet {
    static let limit = 10
    /// How much less than the score of the last true neighbour still counts as found.
    static let tolerance: Float = 2e-4

    let shape: VectorShape
    let vectors: StoredVectors
    let queries: [[Float]]
    /// The numbers of the base file, from which recall is measured.
    private let numbers: [Float]
    /// For each query the score of its last true neighbour.
    private let floors: [Float]

    /// Reads base.npy, query.npy and gt_ids.npy from a folder whose name ends in the metric.
    init(_ folder: String) throws(Failure) {
        let metrics: [String: Metric] = ["cos": .cosine, "dot": .dot, "l2": .l2]
        let ending = folder.trimming("/").split(separator: "-").last.map(String.init)
        guard let metric = metrics[ending ?? ""] else {
            throw Failure(.usage, "mspd: \(folder) ends in none of -cos, -dot and -l2")
        }
        let base = try NumpyFile("\(folder)/base.npy")
        let asked = try NumpyFile("\(folder)/query.npy")
        let truth = try NumpyFile("\(folder)/gt_ids.npy")
        guard let shape = VectorShape(dimension: base.columns, metric: metric) else {
            throw Failure(.usage, "mspd: vectors of \(base.columns) numbers are out of range")
        }
        guard asked.columns == base.columns, truth.rows == asked.rows, truth.columns >= Self.limit,
            let ids = truth.integers, ids.allSatisfy({ (0..<base.rows).contains($0) })
        else { throw Failure(.usage, "mspd: the files in \(folder) do not belong together") }
        self.shape = shape
        let (numbers, questions, size) = (base.floats, asked.floats, base.columns)
        let queries = (0..<asked.rows).map { Array(questions[$0 * size..<($0 + 1) * size]) }
        floors = queries.indices.map { query in
            let last = ids[query * truth.columns + Self.limit - 1]
            return shape.score(queries[query], Array(numbers[last * size..<(last + 1) * size]))
        }
        let vectors = GrowingVectors(VectorLayout(shape), capacity: base.rows)
        for row in 0..<base.rows { vectors.append(Array(numbers[row * size..<(row + 1) * size])) }
        self.vectors = vectors.prefix(base.rows)
        (self.numbers, self.queries) = (numbers, queries)
    }

    private func vector(_ document: UInt32) -> [Float] {
        let start = Int(document) * shape.dimension
        return Array(numbers[start..<start + shape.dimension])
    }

    /// The share of answers that are no worse than the last true neighbour.
    func recall(_ answers: [[UInt32]]) -> Double {
        var found = 0
        for (query, answer) in answers.enumerated() {
            let asked = queries[query]
            let floor = floors[query] - abs(floors[query]) * Self.tolerance
            found += answer.count {
                shape.score(asked, vector($0)) >= floor
            }
        }
        return Double(found) / Double(max(1, answers.count * Self.limit))
    }
}

/// Builds an index of a set, and tries settings.
struct VectorBench {
    private static let wanted = [0.9, 0.95, 0.99]
    private static let shares: [Float] = [
        0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.4, 0.6, 1,
    ]
    private static let ranked = [20, 40, 80, 160, 320, 640, 1_280]
    private static let rounds = 3
    /// Shares tried between two of the above, where a recall is reached in between.
    private static let steps = 4
    /// Shares of the vectors that filters leave, all without any, and queries whose answers are
    /// then checked.
    private static let kept = [1, 0.5, 0.01, 0.0001]
    private static let checkedQueries = 100

    /// A setting with what it reached.
    private struct Row {
        var effort: VectorEffort
        var recall: Double
        var rate: Double
        var answers: [[UInt32]]

        var json: String {
            """
            {"param": "(\(effort.scanned), \(effort.ranked))", \
            "recall": \((recall * 10_000).rounded() / 10_000), "qps": \(Int(rate))}
            """
        }
    }

    private let set: VectorSet
    private let index: VectorIndex
    private let searcher = VectorSearcher()
    private let buildSeconds: Double
    private let queries: [[Float]]
    private let isBatch: Bool

    /// Builds the index; with `isBatch` the queries are handed over together.
    ///
    /// That makes no difference but to what the figures say of themselves: a batch is answered one
    /// query after the other.
    init(_ set: VectorSet, isBatch: Bool = false) {
        self.set = set
        self.isBatch = isBatch
        let started = Self.seconds
        let epoch = VectorEpoch(learning: VectorSource(set.vectors))
        Terminal.error("trained after \(Self.seconds - started) s")
        let plain = VectorIndex(epoch, VectorSource(set.vectors))
        Terminal.error("filled after \(Self.seconds - started) s")
        index = VectorIndex(
            plain, calibration: VectorCalibration(plain, over: set.vectors))
        buildSeconds = Self.seconds - started
        queries = set.queries
        Terminal.error("built after \(buildSeconds) s")
    }

    /// Seconds that this thread has had the processor.
    private static var seconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// What the efforts reach that the index itself chooses for a recall.
    private func calibrate() -> [String] {
        Self.wanted.map { want in
            let row = measure(index.calibration.effort(recall: Float(want)))
            Terminal.error("for \(want): \(row.json)")
            return "{\"wanted\": \(want), \"reached\": \(row.json)}"
        }
    }

    /// The figures as JSON, and the answers as the bytes of a .npy file.
    func run() -> (json: String, answers: [UInt8]) {
        let calibrated = calibrate()
        let filtered = filter()
        let coarse = sweep()
        let rows = coarse + Self.wanted.flatMap { refined(coarse, recall: $0) }
        var reached: [String] = []
        var ids: [Int32] = []
        for want in Self.wanted {
            let best = rows.filter { $0.recall >= want }.max { $0.rate < $1.rate }
            reached.append("\"\(want)\": \(best.map { "\(Int($0.rate))" } ?? "null")")
            for query in queries.indices {
                let answer = best?.answers[query].map { Int32($0) } ?? []
                ids += answer + .init(repeating: -1, count: VectorSet.limit - answer.count)
            }
        }
        let vectors = Double(max(1, index.count))
        let storedBytes = index.count * StoredVectors.bytesPerVector(set.vectors.layout)
        let allBytes = index.residentBytes + index.rankingBytes + storedBytes
        func perVector(_ bytes: Int) -> Double { (Double(bytes) / vectors * 10).rounded() / 10 }
        let json = """
            {"mspd": {"version": "\(Gateway.version)", \
            "queries_at_once": \(isBatch ? queries.count : 1), \
            "build_s": \((buildSeconds * 10).rounded() / 10), \
            "bytes_per_vector": \(perVector(allBytes)), \
            "resident_bytes_per_vector": \(perVector(index.residentBytes)),
            "calibrated": [\(calibrated.joined(separator: ",\n "))],
            "filtered": [\(filtered.joined(separator: ",\n "))],
            "qps_at_recall": {\(reached.joined(separator: ", "))},
            "sweep": [\(rows.map(\.json).joined(separator: ",\n "))]}}

            """
        return (
            json, NumpyFile.bytes(ids, shape: [Self.wanted.count, queries.count, VectorSet.limit])
        )
    }

    /// What searches reach that a filter leaves a share of the vectors, and those without one.
    private func filter() -> [String] {
        let effort = index.calibration.effort(recall: 0.95)
        let exact = ExactSearcher()
        return Self.kept.map { kept in
            let filter =
                kept < 1 ? Self.filter(of: set.vectors.count, kept: kept) : nil
            var best = Double.infinity
            var answers: [[VectorHit]] = []
            for _ in 0..<Self.rounds {
                let started = Self.seconds
                answers = queries.map { query in
                    searcher.search(
                        index, over: set.vectors, query, limit: VectorSet.limit, effort,
                        filter: filter)
                }
                best = min(best, Self.seconds - started)
            }
            var (found, all) = (0, 0)
            for (query, answer) in zip(queries, answers).prefix(Self.checkedQueries) {
                let truth = exact.search(
                    set.vectors, query, limit: VectorSet.limit, filter: filter)
                let floor = truth.last.map { $0.score - abs($0.score) * VectorSet.tolerance } ?? 0
                found += answer.count { $0.score >= floor }
                all += truth.count
            }
            let recall = (Double(found) / Double(max(1, all)) * 10_000).rounded() / 10_000
            let rate = Int(Double(queries.count) / max(best, 1e-9))
            let text =
                "{\"kept\": \(kept), \"vectors\": \(filter?.count ?? index.count), "
                + "\"recall\": \(recall), "
                + "\"qps\": \(rate)}"
            Terminal.error("with a filter: \(text)")
            return text
        }
    }

    /// A filter that lets a share of the vectors through, here and there, and ten at least.
    private static func filter(of count: Int, kept: Double) -> VectorFilter {
        var filter = VectorFilter(documents: count)
        var state: UInt64 = 1
        let wanted = min(count, max(VectorSet.limit, Int(Double(count) * kept)))
        while filter.count < wanted {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            filter.insert(Int((state >> 33) % UInt64(count)))
        }
        return filter
    }

    /// Tries settings from cheap to dear, until nearly all is found.
    private func sweep() -> [Row] {
        var rows: [Row] = []
        for share in Self.shares {
            var last = 0.0
            for ranked in Self.ranked {
                let row = tried(VectorEffort(scanned: share, ranked: ranked))
                rows.append(row)
                if row.recall > 0.998 { return rows }
                if row.recall < last + 0.002 { break }
                last = row.recall
            }
        }
        return rows
    }

    /// Settings between the cheapest share that reaches a recall and the one before.
    private func refined(_ rows: [Row], recall: Double) -> [Row] {
        guard let best = rows.filter({ $0.recall >= recall }).max(by: { $0.rate < $1.rate }),
            let below = Self.shares.last(where: { $0 < best.effort.scanned })
        else { return [] }
        let growth = best.effort.scanned / below
        return (1..<Self.steps).flatMap { step in
            let share = below * powf(growth, Float(step) / Float(Self.steps))
            let ranked = [best.effort.ranked, best.effort.ranked * 2]
            return ranked.map { tried(VectorEffort(scanned: share, ranked: $0)) }
        }
    }

    private func tried(_ effort: VectorEffort) -> Row {
        let row = measure(effort)
        Terminal.error(row.json)
        return row
    }

    private func search(_ query: [Float], _ effort: VectorEffort) -> [VectorHit] {
        searcher.search(index, over: set.vectors, query, limit: VectorSet.limit, effort)
    }

    private func measure(_ effort: VectorEffort) -> Row {
        var answers: [[UInt32]] = []
        var best = Double.infinity
        for query in queries.prefix(20) { _ = search(query, effort) }
        for _ in 0..<Self.rounds {
            answers.removeAll(keepingCapacity: true)
            let started = Self.seconds
            for query in queries {
                answers.append(search(query, effort).map(\.document))
            }
            best = min(best, Self.seconds - started)
        }
        return Row(
            effort: effort, recall: set.recall(answers),
            rate: Double(queries.count) / max(best, 1e-9), answers: answers)
    }
}

extension String {
    fileprivate func trimming(_ end: Character) -> Substring {
        var rest = self[...]
        while rest.last == end { rest.removeLast() }
        return rest
    }
}
