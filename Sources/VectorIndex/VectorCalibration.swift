// How much effort reaches which recall: found out by asking an index for the neighbours of some of
// its own vectors, each left out of its own answer, and comparing with the exact search. So nobody
// has to choose how many lists to look into.

import Storage

/// The cheapest efforts found for some recalls.
package struct VectorCalibration: Sendable, Equatable {
    private static let recalls: [Float] = [0.8, 0.9, 0.95, 0.98, 0.99, 0.995]
    /// The share of what is missed that is asked for on top, since queries that are no vectors of
    /// the index find a little less.
    private static let margin: Float = 0.1
    static let ranked = [20, 40, 80, 160, 320, 640, 1_280]
    private static let effortsMax = 32

    /// An effort with the recall that it reached.
    package struct Trial: Sendable, Equatable {
        /// The recall asked for.
        package var recall: Float
        /// The cheapest effort that reached it.
        package var effort: VectorEffort
    }

    /// The cheapest effort for each of some recalls, ascending.
    package let efforts: [Trial]
    /// Whether they follow from queries that were seen.
    package let isLearnt: Bool

    /// What does for most data: for indexes that were not asked.
    package static let cautious = VectorCalibration(
        efforts: [
            Trial(recall: 0.9, effort: VectorEffort(scanned: 0.05, ranked: 160)),
            Trial(recall: 0.95, effort: VectorEffort(scanned: 0.1, ranked: 320)),
        ], isLearnt: false)

    private init(efforts: [Trial], isLearnt: Bool) {
        self.efforts = efforts
        self.isLearnt = isLearnt
    }

    /// Tries efforts on an index over the vectors that it was made from, with the last of some
    /// queries that were seen or, when there are none, with vectors of its own.
    ///
    /// Queries that are unlike the vectors need more than the vectors do.
    package init(
        _ index: VectorIndex, over stored: StoredVectors, asking queries: [[Float]] = [],
        seed: UInt64 = 1
    ) {
        self.init(index, over: stored, asking: queries, seed: seed) {}
    }

    /// Tries efforts; `check` is called all the time, and may throw to end it.
    package init<E>(
        _ index: VectorIndex, over stored: StoredVectors, asking queries: [[Float]] = [],
        seed: UInt64 = 1, check: () throws(E) -> Void
    ) throws(E) {
        let trial = try CalibrationTrial(index, stored, asking: queries, seed: seed, check)
        let efforts = Self.recalls.map {
            Trial(recall: $0, effort: trial.cheapest(recall: $0 + (1 - $0) * Self.margin))
        }
        self.init(efforts: efforts, isLearnt: !queries.isEmpty)
    }

    /// The most that can be done.
    package static var most: VectorEffort {
        VectorEffort(scanned: 1, ranked: ranked.last ?? 0)
    }

    /// An effort that reached a recall, 0 to 1, or the nearest above it.
    package func effort(recall: Float) -> VectorEffort {
        efforts.first { $0.recall >= recall }?.effort ?? Self.most
    }

    /// For each recall the larger share and number of this and what was learnt from queries.
    package func atLeast(_ learnt: VectorCalibration) -> VectorCalibration {
        let efforts = efforts.map { trial in
            let floor = learnt.effort(recall: trial.recall)
            let effort = VectorEffort(
                scanned: max(trial.effort.scanned, floor.scanned),
                scannedOfFew: max(trial.effort.scannedOfFew, floor.scannedOfFew),
                ranked: max(trial.effort.ranked, floor.ranked))
            return Trial(recall: trial.recall, effort: effort)
        }
        return VectorCalibration(efforts: efforts, isLearnt: true)
    }

    // MARK: Bytes

    func write(to writer: inout ByteWriter) {
        writer.u32(UInt32(efforts.count))
        writer.u32(isLearnt ? 1 : 0)
        for trial in efforts {
            writer.u32(trial.recall.bitPattern)
            writer.u32(trial.effort.scanned.bitPattern)
            writer.u32(trial.effort.scannedOfFew.bitPattern)
            writer.u32(UInt32(trial.effort.ranked))
        }
    }

    init(_ reader: inout ByteReader) throws(VectorDamage) {
        let count = Int(try reader.number(.lists))
        let learnt = try reader.number(.lists)
        guard count <= Self.effortsMax, learnt <= 1 else {
            throw VectorDamage(.lists, "has \(count) efforts, learnt or not: \(learnt)")
        }
        var efforts: [Trial] = []
        for _ in 0..<count {
            let recall = try reader.float(.lists, in: 0...1)
            let scanned = try reader.float(.lists, in: 0...1)
            let scannedOfFew = try reader.float(.lists, in: 0...1)
            let ranked = Int(try reader.number(.lists))
            guard (1...1 << 20).contains(ranked), recall >= efforts.last?.recall ?? 0 else {
                throw VectorDamage(.lists, "has an effort of \(ranked) for recall \(recall)")
            }
            let effort = VectorEffort(
                scanned: scanned, scannedOfFew: scannedOfFew, ranked: ranked)
            efforts.append(Trial(recall: recall, effort: effort))
        }
        self.init(efforts: efforts, isLearnt: learnt == 1)
    }
}

/// What things cost, in nanoseconds of a common machine: only ratios are of use.
enum VectorCost {
    /// Scanning the codes of so many vectors.
    static func scan(_ layout: VectorLayout, _ vectors: Double) -> Double {
        vectors * Double(layout.codeBytes) / 20
    }

    /// Turning to so many lists.
    static func lists(_ count: Double) -> Double { count * 60 }

    /// Asking a filter about so many vectors.
    static func filter(_ vectors: Double) -> Double { vectors * 0.5 }

    /// Ranking so many vectors, here and there in memory, by their bytes.
    static func rank(_ layout: VectorLayout, _ vectors: Double) -> Double {
        vectors * (20 + Double(layout.stride) / 16)
    }

    /// Ranking so many vectors in the order in which they lie.
    static func rankAll(_ layout: VectorLayout, _ vectors: Double) -> Double {
        vectors * (5 + Double(layout.stride) / 16)
    }
}
