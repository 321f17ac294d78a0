// What the detector of shots keeps of a frame: its brightness in a quarter of the pixels, how its
// colours are distributed, how they lie on a coarse grid, and how much it differs from the frame
// before when things may have moved a little. All are as they would be without the film's black
// bars.

/// A frame, reduced to what tells shots apart.
struct FrameTrace {
    /// Brightness: 36 rows of 48.
    static let rows = 36
    static let columns = 48
    /// Colours in six steps for each of red, green and blue.
    static let colours = 216
    /// Means of green, blue and red in 9 rows of 12 cells of 8 by 8 pixels.
    static let cells = 3 * 9 * 12

    let brightness: [UInt8]
    /// The share of the frame that is not black bars.
    let share: Float
    /// How many pixels have each colour.
    let histogram: [UInt16]
    let grid: [UInt8]
    /// Mean and standard deviation of the brightness.
    let mean: Float
    let contrast: Float
    /// How far the brightness is from that of the frame before, in steps a pixel, where blocks may
    /// have moved by four pixels.
    let change: Float
    /// How alike the two are whatever their brightness and contrast: 1 for a change of light.
    private(set) var likeness: Float

    /// Whether a frame is as good as one flat black or white.
    var isBlank: Bool { contrast < 6 && (mean < 26 || mean > 232) }

    init(_ picture: Picture, after previous: FrameTrace? = nil) {
        var bars = BlackBars()
        self.init(picture, after: previous, &bars)
    }

    /// The next frame of a film of whose bars so much is known.
    init(_ picture: Picture, after previous: FrameTrace?, _ bars: inout BlackBars) {
        var brightness = Self.brightness(picture)
        bars.learn(brightness)
        bars.blacken(&brightness)
        (self.brightness, share) = (brightness, bars.picture)
        histogram = Self.histogram(picture)
        grid = Self.grid(picture)
        let count = Float(brightness.count) * share
        let mean = Float(Bytes.sum(brightness)) / count
        self.mean = mean
        let squares = Float(Bytes.product(brightness, brightness))
        contrast = max(0, squares / count - mean * mean).squareRoot()
        change =
            previous.map { Self.change(from: $0.brightness, to: brightness) / bars.picture } ?? 0
        likeness = 1
        if let previous { likeness = likeness(to: previous) }
    }

    /// The share of pixels that would have to change colour, from 0 to 1.
    func colourDistance(_ other: FrameTrace) -> Float {
        var sum = 0
        for index in 0..<Self.colours {
            sum += abs(Int(histogram[index]) - Int(other.histogram[index]))
        }
        return Float(sum) / (Float(2 * Picture.plane) * max(share, other.share))
    }

    /// The mean difference of the grids' values.
    func gridDistance(_ other: FrameTrace) -> Float {
        Float(Bytes.distance(grid, other.grid))
            / (Float(Self.cells) * max(share, other.share))
    }

    /// The correlation of the two brightnesses.
    func likeness(to other: FrameTrace) -> Float {
        let sum = Bytes.product(other.brightness, brightness)
        let common = Float(sum) / (Float(brightness.count) * share) - mean * other.mean
        return common / max(contrast * other.contrast, 0.5)
    }

    // MARK: Reductions

    private static func brightness(_ picture: Picture) -> [UInt8] {
        let (green, blue, red) = (0, Picture.plane, 2 * Picture.plane)
        let width = Picture.width
        var values = [UInt8](repeating: 0, count: rows * columns)
        unsafe picture.planes.withUnsafeBufferPointer { planes in
            for row in 0..<rows {
                for column in 0..<columns {
                    let pixel = 2 * row * width + 2 * column
                    let sum =
                        unsafe 2 * square(planes, green + pixel) + square(planes, blue + pixel)
                        + square(planes, red + pixel)
                    values[row * columns + column] = UInt8(sum / 16)
                }
            }
        }
        return values
    }

    /// The sum of four pixels.
    private static func square(_ planes: UnsafeBufferPointer<UInt8>, _ at: Int) -> Int {
        unsafe Int(planes[at]) + Int(planes[at + 1]) + Int(planes[at + Picture.width])
            + Int(planes[at + Picture.width + 1])
    }

    private static func histogram(_ picture: Picture) -> [UInt16] {
        // In turn into two, since adding twice to one place waits for the first.
        var counts = [UInt16](repeating: 0, count: 2 * colours)
        unsafe counts.withUnsafeMutableBufferPointer { counts in
            unsafe picture.planes.withUnsafeBytes { planes in
                for pixel in stride(from: 0, to: Picture.plane, by: 16) {
                    func steps(_ plane: Int) -> SIMD16<UInt16> {
                        let values = unsafe planes.loadUnaligned(
                            fromByteOffset: plane * Picture.plane + pixel, as: SIMD16<UInt8>.self)
                        return (SIMD16<UInt16>(truncatingIfNeeded: values) &* 6) &>> 8
                    }
                    let places = steps(2) &* 36 &+ steps(0) &* 6 &+ steps(1)
                    for pair in 0..<8 {
                        unsafe counts[Int(places[2 * pair])] &+= 1
                        unsafe counts[colours + Int(places[2 * pair + 1])] &+= 1
                    }
                }
            }
        }
        return zip(counts[..<colours], counts[colours...]).map { $0 + $1 }
    }

    private static func grid(_ picture: Picture) -> [UInt8] {
        var grid: [UInt8] = []
        grid.reserveCapacity(cells)
        unsafe picture.planes.withUnsafeBufferPointer { planes in
            for plane in 0..<3 {
                for row in 0..<9 {
                    for column in 0..<12 {
                        let corner = plane * Picture.plane + row * 8 * Picture.width + column * 8
                        var sums = SIMD8<UInt16>.zero
                        for line in 0..<8 {
                            let at = corner + line * Picture.width
                            sums &+= unsafe SIMD8<UInt16>(
                                truncatingIfNeeded: UnsafeRawPointer(
                                    planes.baseAddress.unsafelyUnwrapped + at
                                )
                                .loadUnaligned(as: SIMD8<UInt8>.self))
                        }
                        let sum = Int(sums.wrappedSum())
                        grid.append(UInt8(sum / 64))
                    }
                }
            }
        }
        return grid
    }
}
