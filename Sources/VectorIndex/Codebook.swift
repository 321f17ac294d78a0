// A product quantiser: 16 centroids for each part of a vector, so that half a byte names what a
// part looks like (Jégou, Douze & Schmid, "Product quantization for nearest neighbor search",
// 2011).

import CKernels

/// The centroids of the parts.
@safe struct Codebook {
    static let centroidCount = Int(MSPD_CENTROIDS)
    /// Vectors that are enough to train from.
    static let sampleMax = 16_384
    private static let rounds = 10

    let parts: Int
    let width: Int
    /// For each part `width` rows of 16 numbers, one for each centroid.
    let centroids: AlignedMemory<Float>
    /// For each part and centroid minus half of its square.
    let halved: AlignedMemory<Float>

    /// Learns the centroids of padded vectors.
    init(_ layout: VectorLayout, from rows: VectorRows, _ random: inout SplitMix) {
        parts = layout.parts
        width = layout.width
        centroids = AlignedMemory(count: parts * width * Self.centroidCount)
        halved = AlignedMemory(count: parts * Self.centroidCount)
        let sample = unsafe random.sample(Self.sampleMax, below: rows.count)
        guard !sample.isEmpty else { return }
        for centroid in 0..<Self.centroidCount {
            let row = unsafe rows.row(sample[Int.random(in: sample.indices, using: &random)])
            for number in 0..<parts * width { unsafe set(centroid, number, row[number]) }
        }
        measure()
        for _ in 0..<Self.rounds { unsafe improve(rows, sample) }
    }

    /// A codebook that was read.
    init(parts: Int, width: Int, centroids: AlignedMemory<Float>) {
        precondition(centroids.count == parts * width * Self.centroidCount)
        self.parts = parts
        self.width = width
        self.centroids = centroids
        halved = AlignedMemory(count: parts * Self.centroidCount)
        measure()
    }

    /// Where a centroid's number for a dimension lies.
    private func place(_ centroid: Int, _ dimension: Int) -> Int {
        dimension * Self.centroidCount + centroid
    }

    private func set(_ centroid: Int, _ dimension: Int, _ value: Float) {
        unsafe centroids.base[place(centroid, dimension)] = value
    }

    private func measure() {
        for part in 0..<parts {
            for centroid in 0..<Self.centroidCount {
                var sum: Float = 0
                for number in part * width..<(part + 1) * width {
                    let value = unsafe centroids.base[place(centroid, number)]
                    sum += value * value
                }
                unsafe halved.base[part * Self.centroidCount + centroid] = -sum / 2
            }
        }
    }

    /// One round of k-means in all parts; a centroid without vectors stays where it is.
    private func improve(_ rows: VectorRows, _ sample: [Int]) {
        let sums = AlignedMemory<Float>(count: centroids.count)
        var counts = [Int32](repeating: 0, count: parts * Self.centroidCount)
        var code = [UInt8](repeating: 0, count: parts)
        for index in sample {
            let row = unsafe rows.row(index)
            unsafe encode(row, into: &code)
            for part in 0..<parts {
                let centroid = Int(code[part])
                counts[part * Self.centroidCount + centroid] += 1
                for number in part * width..<(part + 1) * width {
                    unsafe sums.base[place(centroid, number)] += row[number]
                }
            }
        }
        for part in 0..<parts {
            for centroid in 0..<Self.centroidCount {
                let count = counts[part * Self.centroidCount + centroid]
                guard count > 0 else { continue }
                for number in part * width..<(part + 1) * width {
                    let mean = unsafe sums.base[place(centroid, number)] / Float(count)
                    // Sums of the largest floats are none.
                    if mean.isFinite { set(centroid, number, mean) }
                }
            }
        }
        measure()
    }

    /// The nearest centroid of each part of a padded vector.
    @unsafe func encode(_ vector: UnsafePointer<Float>, into code: UnsafeMutablePointer<UInt8>) {
        unsafe mspd_vector_encode(
            vector, centroids.base, halved.base, parts, width, code)
    }

    /// How well coded vectors stand for vectors.
    func fit(_ rows: VectorRows) -> Fit {
        var code = [UInt8](repeating: 0, count: parts)
        var fit = Fit()
        for index in unsafe 0..<min(rows.count, Self.sampleMax) {
            let row = unsafe rows.row(index)
            unsafe encode(row, into: &code)
            for number in 0..<parts * width {
                let value = unsafe row[number]
                let coded = unsafe centroids.base[place(Int(code[number / width]), number)]
                fit.squares += Double(value * value)
                fit.products += Double(value * coded)
                fit.errors += Double((value - coded) * (value - coded))
            }
            fit.count += 1
        }
        return fit
    }

    /// Sums over vectors beside what their codes stand for.
    struct Fit {
        fileprivate(set) var count = 0
        fileprivate(set) var squares = 0.0
        fileprivate(set) var products = 0.0
        fileprivate(set) var errors = 0.0

        /// By how much products with coded vectors fall short of those with the vectors.
        var gain: Float { products > 0 ? Float(squares / products) : 1 }
        /// The mean square of what a code leaves out.
        var error: Float { Float(errors / Double(max(1, count))) }
    }

    /// Bytes taken.
    var bytes: Int { centroids.bytes + halved.bytes }
}
