// Which numbers of a vector share a part of its code. Each part has half a byte, so codes say most
// when no part has much more to say than others. Of vectors whose first numbers vary most, as
// principal components do, some parts would say all and the rest nothing.
//
// An order does not change products or distances. So lists, codes and bytes of an index are of
// vectors in the order of their epoch; only the vectors themselves are as they were put.

import Glibc
import Storage

/// The order in which the numbers of vectors are coded.
@safe struct Permutation: Sendable {
    /// Which number comes to each place of a padded vector, -1 for zero; empty for the order in
    /// which they come.
    private let numbers: [Int32]
    private let stride: Int

    private init(_ layout: VectorLayout, _ numbers: [Int32] = []) {
        self.numbers = numbers
        stride = layout.stride
    }

    /// Whether numbers stay where they are.
    var isNone: Bool { numbers.isEmpty }

    /// Writes a padded vector's numbers in order.
    @unsafe func order(_ vector: UnsafePointer<Float>, into ordered: UnsafeMutablePointer<Float>) {
        if isNone { return unsafe ordered.update(from: vector, count: stride) }
        for (place, number) in numbers.enumerated() {
            unsafe ordered[place] = number < 0 ? 0 : vector[Int(number)]
        }
    }

    /// Puts padded vectors that lie one after the other into order.
    @unsafe func order(_ vectors: UnsafeMutablePointer<Float>, count: Int) {
        if isNone { return }
        let ordered = AlignedMemory<Float>(count: stride)
        for place in 0..<count {
            let vector = unsafe vectors + place * stride
            unsafe order(vector, into: ordered.base)
            unsafe vector.update(from: ordered.base, count: stride)
        }
    }

    /// Bytes taken.
    var bytes: Int { numbers.count * MemoryLayout<Int32>.size }
}

// MARK: Learning

extension Permutation {
    /// Vectors from which an order is learnt at least.
    private static let leastCount = 1_000
    /// The share of the codes' error that an order leaves at most, to be worth it.
    private static let worth: Float = 0.9
    /// The share of the mean variance below which a number does not count.
    private static let negligible: Float = 1e-4

    /// The order that suits what is coded of some padded vectors.
    ///
    /// They stay as they come, or their variance is spread over the parts (Ge, He, Ke & Sun,
    /// "Optimized product quantization", 2014, but without turning vectors to their principal axes:
    /// codes of these err less in the mean, and yet find less). A codebook learnt for each says by
    /// how much its codes err.
    init(_ layout: VectorLayout, for rows: VectorRows, _ random: inout SplitMix) {
        self.init(layout)
        guard unsafe rows.count >= Self.leastCount, layout.parts > 1 else { return }
        let variances = unsafe Self.variances(rows, count: layout.shape.dimension)
        let spread = Permutation(layout, Self.spread(variances, layout))
        let memory = unsafe AlignedMemory<Float>(count: rows.count * layout.stride)
        unsafe memory.base.update(from: rows.base, count: memory.count)
        unsafe spread.order(memory.base, count: rows.count)
        let ordered = unsafe VectorRows(base: memory.base, count: rows.count, stride: rows.stride)
        let error = unsafe Codebook(layout, from: rows, &random).fit(rows).error
        let less = unsafe Codebook(layout, from: ordered, &random).fit(ordered).error
        if less < error * Self.worth { self = spread }
    }

    private static func variances(_ rows: VectorRows, count: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: count)
        var squares = sums
        for index in unsafe 0..<rows.count {
            let row = unsafe rows.row(index)
            for number in 0..<count {
                let value = unsafe Double(row[number])
                sums[number] += value
                squares[number] += value * value
            }
        }
        let all = unsafe Double(rows.count)
        return zip(sums, squares).map { sum, square in
            Float(max(0, square / all - (sum / all) * (sum / all)))
        }
    }

    /// The places that numbers go to so that the products of the variances in all parts are about
    /// alike: what varies most first, each to the part that has least so far.
    private static func spread(_ variances: [Float], _ layout: VectorLayout) -> [Int32] {
        let floor = variances.reduce(0, +) / Float(max(1, variances.count)) * negligible
        let weights = variances.map { floor > 0 ? logf(max(1, $0 / floor)) : 0 }
        var parts = [(weight: Float, numbers: [Int32])](repeating: (0, []), count: layout.parts)
        for number in variances.indices.sorted(by: { (weights[$1], $0) < (weights[$0], $1) }) {
            let free = parts.indices.filter { parts[$0].numbers.count < layout.width }
            guard let part = free.min(by: { parts[$0].weight < parts[$1].weight }) else { break }
            parts[part].numbers.append(Int32(number))
            parts[part].weight += weights[number]
        }
        var order = [Int32](repeating: -1, count: layout.stride)
        for (part, taken) in parts.enumerated() {
            order.replaceSubrange(
                part * layout.width..<part * layout.width + taken.numbers.count, with: taken.numbers
            )
        }
        return order
    }
}

// MARK: As bytes

extension Permutation {
    /// How many numbers of 32 bits a section has of it, behind that count.
    var count: Int { numbers.count }

    /// Hands them on.
    func write<E>(to sink: (RawSpan) throws(E) -> Void) throws(E) {
        var writer = ByteWriter()
        for number in numbers { writer.u32(UInt32(bitPattern: number)) }
        try writer.bytes.write(to: sink)
    }

    /// An order of `count` numbers of a section; throws what is wrong with it.
    init(
        _ layout: VectorLayout, count: Int, _ reader: inout ByteReader
    ) throws(VectorDamage) {
        guard count == 0 || count == layout.stride else {
            throw VectorDamage(.epoch, "has an order of \(count) of \(layout.stride) numbers")
        }
        var numbers: [Int32] = []
        for _ in 0..<count {
            let number = Int32(bitPattern: try reader.number(.epoch))
            guard number >= -1, number < layout.shape.dimension else {
                throw VectorDamage(.epoch, "has number \(number) in its order")
            }
            numbers.append(number)
        }
        self.init(layout, numbers)
    }
}
