// The encoder that needs no download: what a frame looks like, as 256 numbers. Made for finding the
// same place, framing and mood again. Six blocks, each of length one and then weighted, so that the
// cosine of two vectors is a weighted mean of six likenesses:
//
//     numbers   what
//     24        layout of brightness, whatever its level and contrast
//     48        layout of colour, whatever its strength
//     100       how many pixels have which brightness and colour (absolute)
//     60        how much edge of which direction lies where
//     16        how coarse or fine what is seen is, and where
//     8         how strong its edges are
//
// A picture and its mirror image have the same vector: a place is described by the mean of itself
// and its mirror, and by how far the two differ. Places overlap broadly, so a crop moves little.
// What must always hold: the same picture gives the same bits, no vector is zero, its length is 1.

import Glibc

/// The built-in encoder of pictures.
package enum Look {
    /// Numbers of a vector.
    package static let dimension = 256
    /// The name by which tracks name it.
    package static let name = "look"

    private static let weights: [Float] = [0.05, 0.05, 0.20, 0.50, 0.18, 0.02]

    /// The vector of a picture, of length 1.
    package static func vector(of picture: Picture) -> [Float] {
        let planes = OpponentPlanes(picture)
        let edges = EdgePlanes(planes.brightness)
        let blocks = [
            normal(planes.brightnessLayout),
            normal(planes.colourLayout),
            normal(planes.histogram.map { $0.squareRoot() }),
            normal(edges.directionLayout.map { $0.squareRoot() }),
            normal(Texture.energies(planes.brightness).map { $0.squareRoot() }),
            normal(edges.strengths.map { $0.squareRoot() }),
        ]
        var vector: [Float] = []
        vector.reserveCapacity(dimension)
        for (block, weight) in zip(blocks, weights) {
            vector += block.map { $0 * weight.squareRoot() }
        }
        return normal(vector)
    }

    /// The vector of several pictures of one shot: the mean of theirs, of length 1.
    package static func mean(_ vectors: [[Float]]) -> [Float]? {
        guard var sum = vectors.first else { return nil }
        for vector in vectors.dropFirst() {
            for index in sum.indices { sum[index] += vector[index] }
        }
        return normal(sum)
    }

    private static func normal(_ numbers: [Float]) -> [Float] {
        let length = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard length > 1e-6 else { return numbers.map { _ in 0 } }
        return numbers.map { $0 / length }
    }
}

/// A plane of numbers, as large as a picture.
struct Plane {
    var values: [Float]
    let width: Int
    let height: Int

    init(_ values: [Float], width: Int = Picture.width, height: Int = Picture.height) {
        self.values = values
        self.width = width
        self.height = height
    }

    var mean: Float { values.reduce(0, +) / Float(values.count) }

    /// Means over places of a grid that overlap: a bell curve around each, row by row.
    func pooled(rows: Int, columns: Int) -> [Float] {
        let across = Bells.of(columns, width)
        let down = Bells.of(rows, height)
        var pooled = [Float](repeating: 0, count: rows * columns)
        for row in 0..<height {
            for column in 0..<columns {
                let narrow = Self.product(values, row * width, across, column * width, width)
                for place in 0..<rows {
                    pooled[place * columns + column] += down[place * height + row] * narrow
                }
            }
        }
        return pooled
    }

    /// The product of `count` numbers of two lists, in eight sums so that the order is fixed.
    private static func product(
        _ first: [Float], _ firstStart: Int, _ second: [Float], _ secondStart: Int, _ count: Int
    ) -> Float {
        var sums = SIMD8<Float>.zero
        var rest: Float = 0
        unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                var at = 0
                while at + 8 <= count {
                    let ours = unsafe first.loadUnaligned(
                        fromByteOffset: 4 * (firstStart + at), as: SIMD8<Float>.self)
                    let theirs = unsafe second.loadUnaligned(
                        fromByteOffset: 4 * (secondStart + at), as: SIMD8<Float>.self)
                    sums += ours * theirs
                    at += 8
                }
                while at < count {
                    let ours = unsafe first.loadUnaligned(
                        fromByteOffset: 4 * (firstStart + at), as: Float.self)
                    let theirs = unsafe second.loadUnaligned(
                        fromByteOffset: 4 * (secondStart + at), as: Float.self)
                    rest += ours * theirs
                    at += 1
                }
            }
        }
        return sums.sum() + rest
    }
}

/// Bell curves over places that lie side by side.
private enum Bells {
    private static let columns = make(6, Picture.width)
    private static let rows = make(4, Picture.height)

    /// Weights of `size` pixels for each of `count` places, a row a place.
    static func of(_ count: Int, _ size: Int) -> [Float] {
        switch (count, size) {
        case (6, Picture.width): return columns
        case (4, Picture.height): return rows
        default: return make(count, size)
        }
    }

    private static func make(_ count: Int, _ size: Int) -> [Float] {
        let step = Float(size) / Float(count)
        var bells: [Float] = []
        for place in 0..<count {
            let centre = (Float(place) + 0.5) * step
            let row = (0..<size).map { at in
                let distance = (Float(at) + 0.5 - centre) / (0.6 * step)
                return expf(-0.5 * distance * distance)
            }
            let sum = row.reduce(0, +)
            bells += row.map { $0 / sum }
        }
        return bells
    }
}

/// A grid of places made one with its mirror image.
enum Mirrored {
    /// The means of each place and its mirror, and how far the two are apart.
    static func pairs(_ grid: [Float], columns: Int) -> (means: [Float], differences: [Float]) {
        var means: [Float] = []
        var differences: [Float] = []
        for row in stride(from: 0, to: grid.count, by: columns) {
            for column in 0..<columns / 2 {
                let (left, right) = (grid[row + column], grid[row + columns - 1 - column])
                means.append((left + right) / 2)
                differences.append(abs(left - right) / 2)
            }
        }
        return (means, differences)
    }
}
