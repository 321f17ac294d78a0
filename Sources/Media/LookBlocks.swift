// The parts of a `look` vector: brightness and colour, edges, texture. See Look.swift.

import Glibc

/// A picture as brightness and two colours against it.
struct OpponentPlanes {
    let brightness: Plane
    private let blue: Plane
    private let red: Plane

    private static let rows = 4
    private static let columns = 6

    init(_ picture: Picture) {
        let count = Picture.plane
        var brightness = [Float](repeating: 0, count: count)
        var blue = brightness
        var red = brightness
        unsafe picture.planes.withUnsafeBytes { planes in
            for pixel in stride(from: 0, to: count, by: 8) {
                func eight(_ plane: Int) -> SIMD8<Float> {
                    SIMD8(
                        unsafe planes.loadUnaligned(
                            fromByteOffset: plane * count + pixel, as: SIMD8<UInt8>.self))
                }
                let (g, b, r) = (eight(0), eight(1), eight(2))
                let y = (r + 2 * g + b) / 4
                brightness.store(y, pixel)
                blue.store(b - y, pixel)
                red.store(r - y, pixel)
            }
        }
        self.brightness = Plane(brightness)
        self.blue = Plane(blue)
        self.red = Plane(red)
    }

    /// 24 numbers: how bright places are against the whole, in its contrast.
    var brightnessLayout: [Float] {
        let mean = brightness.mean
        let spread = Plane(brightness.values.map { ($0 - mean) * ($0 - mean) }).mean.squareRoot()
        let grid = brightness.pooled(rows: Self.rows, columns: Self.columns)
        let (means, differences) = Mirrored.pairs(
            grid.map { ($0 - mean) / (spread + 8) }, columns: Self.columns)
        return means + differences
    }

    /// 48 numbers: which colours places have, in proportion to the whole's.
    var colourLayout: [Float] {
        [blue, red].flatMap { plane in
            let pairs = Mirrored.pairs(
                plane.pooled(rows: Self.rows, columns: Self.columns), columns: Self.columns)
            return pairs.means + pairs.differences
        }
    }

    /// 100 numbers: four steps of brightness by five of each colour, each pixel shared out between
    /// the steps it lies between.
    var histogram: [Float] {
        var counts = [Float](repeating: 0, count: 100)
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            unsafe Self.colourSteps.withUnsafeBufferPointer { steps in
                for pixel in 0..<Picture.plane {
                    let y = Step(brightness.values[pixel] / 255 * 3, steps: 4)
                    let b = unsafe steps[Self.quarters(blue.values[pixel])]
                    let r = unsafe steps[Self.quarters(red.values[pixel])]
                    let at = y.lower * 25 + b.lower * 5 + r.lower
                    let (dark, light) = (1 - y.share, y.share)
                    unsafe counts.share(dark * (1 - b.share), r.share, at)
                    unsafe counts.share(dark * b.share, r.share, at + 5)
                    unsafe counts.share(light * (1 - b.share), r.share, at + 25)
                    unsafe counts.share(light * b.share, r.share, at + 30)
                }
            }
        }
        return counts
    }

    /// The step of every colour there is, which are quarters from -255 to 255.
    private static let colourSteps = (-1_020...1_020).map { quarters in
        Step(place(Float(quarters) / 4), steps: 5)
    }

    /// A colour's place in `colourSteps`.
    private static func quarters(_ colour: Float) -> Int { Int(colour * 4) + 1_020 }

    /// Where a colour lies among five steps that are closer around grey.
    private static func place(_ colour: Float) -> Float {
        let root = (abs(colour) / 128).squareRoot() * 2.4
        return 2 + (colour < 0 ? -root : root)
    }
}

extension [Float] {
    /// Puts eight numbers to a place and behind it.
    fileprivate mutating func store(_ eight: SIMD8<Float>, _ place: Int) {
        unsafe withUnsafeMutableBytes {
            unsafe $0.storeBytes(of: eight, toByteOffset: 4 * place, as: SIMD8<Float>.self)
        }
    }
}

extension UnsafeMutableBufferPointer<Float> {
    /// Adds an amount to a place and the next one, of which the latter gets this share.
    fileprivate func share(_ amount: Float, _ share: Float, _ place: Int) {
        unsafe self[place] += amount * (1 - share)
        unsafe self[place + 1] += amount * share
    }
}

/// The step below a value, and how far it is on the way to the next.
struct Step {
    let lower: Int
    let share: Float

    init(_ value: Float, steps: Int) {
        lower = min(max(Int(value), 0), steps - 2)
        share = min(max(value - Float(lower), 0), 1)
    }
}

/// The edges of a picture: how strong, and in which of five directions from upright to level.
struct EdgePlanes {
    private static let directions = 5
    private static let rows = 4
    private static let columns = 6
    /// A plane for each direction, one behind the other.
    private var planes: [Float]
    private let width: Int
    private let height: Int
    /// 8 numbers: how many edges have which strength, in powers of two.
    private(set) var strengths = [Float](repeating: 0, count: 8)

    init(_ brightness: Plane) {
        (width, height) = (brightness.width, brightness.height)
        var planes = [Float](repeating: 0, count: Self.directions * brightness.values.count)
        var strengths = self.strengths
        unsafe planes.withUnsafeMutableBufferPointer { planes in
            unsafe strengths.withUnsafeMutableBufferPointer { strengths in
                unsafe brightness.values.withUnsafeBufferPointer { values in
                    unsafe Self.fill(planes, strengths, values, brightness.width)
                }
            }
        }
        self.planes = planes
        self.strengths = strengths
    }

    /// Puts the edges of rows of brightness into their directions, and counts their strengths.
    private static func fill(
        _ planes: UnsafeMutableBufferPointer<Float>,
        _ strengths: UnsafeMutableBufferPointer<Float>, _ values: UnsafeBufferPointer<Float>,
        _ width: Int
    ) {
        let height = values.count / width
        for row in 0..<height {
            let isInner = row > 0 && row < height - 1
            for column in 0..<width {
                let at = row * width + column
                let isBeside = column > 0 && column < width - 1
                let across = isBeside ? unsafe abs(values[at + 1] - values[at - 1]) : 0
                let down = isInner ? unsafe abs(values[at + width] - values[at - width]) : 0
                let strength = (across * across + down * down).squareRoot()
                // Shared out between the powers of two that it lies between.
                let power = min(strength + 1, 128)
                let isTop = power == 128
                unsafe strengths.share(
                    1, isTop ? 1 : power.significand - 1, isTop ? 6 : Int(power.exponent))
                guard strength > 0 else { continue }
                let direction = Step(Self.direction(across, down), steps: directions)
                let place = direction.lower * values.count + at
                unsafe planes[place] += strength * (1 - direction.share)
                unsafe planes[place + values.count] += strength * direction.share
            }
        }
    }

    /// The direction of an edge in steps from 0, upright, to 4, level: its angle, a hundredth of a
    /// step off at most.
    static func direction(_ across: Float, _ down: Float) -> Float {
        let slope = min(across, down) / max(across, down)
        let place = slope * (2 + 0.695 * (1 - slope))
        return down > across ? Float(directions - 1) - place : place
    }

    /// 60 numbers: how much edge of each direction lies in each pair of places.
    var directionLayout: [Float] {
        (0..<Self.directions).flatMap { direction in
            let first = direction * width * height
            let plane = Plane(
                Array(planes[first..<first + width * height]), width: width, height: height)
            let grid = plane.pooled(rows: Self.rows, columns: Self.columns)
            return Mirrored.pairs(grid, columns: Self.columns).means
        }
    }
}

/// How much of a picture is fine and how much is coarse.
enum Texture {
    /// 16 numbers: for each of four sizes of detail how much there is, at all and in three bands
    /// from the top to the bottom.
    static func energies(_ brightness: Plane) -> [Float] {
        var energies: [Float] = []
        var plane = brightness
        for _ in 0..<4 {
            let (width, height) = (plane.width / 2, plane.height / 2)
            var means = [Float](repeating: 0, count: width * height)
            var details = means
            for row in 0..<height {
                for column in 0..<width {
                    let at = 2 * row * plane.width + 2 * column
                    let square = SIMD4(
                        plane.values[at], plane.values[at + 1], plane.values[at + plane.width],
                        plane.values[at + plane.width + 1])
                    let mean = square.sum() / 4
                    let apart = square - mean
                    means[row * width + column] = mean
                    details[row * width + column] =
                        (abs(apart[0]) + abs(apart[1]) + abs(apart[2]) + abs(apart[3])) / 4
                }
            }
            let detail = Plane(details, width: width, height: height)
            energies.append(detail.mean)
            energies += detail.pooled(rows: 3, columns: 1)
            plane = Plane(means, width: width, height: height)
        }
        return energies
    }
}
