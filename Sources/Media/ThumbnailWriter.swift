// Writes a frame that ffmpeg made small as a JPEG (ITU-T T.81, baseline). Many frames may become a
// shot's picture and few do, so they come as they are and are made JPEGs here once they are chosen:
// ffmpeg would have to make one of each, or be started again.
//
// One table of steps and one pair of Huffman tables serve brightness and colours alike.

/// Writes JPEGs of frames that are planes of brightness, blue and red.
///
/// The colours are half as wide and high; values are in the steps of video: 16 to 235, and 16 to
/// 240.
package struct ThumbnailWriter {
    /// Rows of every picture.
    package static let rows = 180
    /// What any reader of JPEGs takes.
    private static let widthMax = 65_500
    /// Bytes of one column of all planes.
    private static let columnBytes = rows + rows / 2

    /// By how much coefficients are divided, in the order of the file: ffmpeg's at quality 4.
    private static let steps: [UInt8] = [
        8, 8, 8, 9, 8, 9, 11, 11, 11, 11, 11, 11, 13, 12, 13, 13, 13, 13, 13, 13, 13, 13, 13, 13,
        13, 13, 14, 14, 14, 17, 17, 17, 14, 14, 14, 13, 13, 14, 14, 16, 16, 17, 17, 18, 19, 18, 17,
        17, 17, 17, 19, 19, 20, 20, 20, 24, 24, 23, 23, 28, 28, 29, 34, 34, 41,
    ]

    private static let brightness = BlockCosines(
        steps: steps, order: order, lowest: 16, range: 219, middle: 128)
    private static let colour = BlockCosines(
        steps: steps, order: order, lowest: 128, range: 224, middle: 0)

    /// The place of each coefficient in its block, row by row, in the order of the file.
    private static let order: [Int] = {
        let places = (0..<64).map { (row: $0 / 8, column: $0 % 8) }
        // Diagonal by diagonal, every other one upwards.
        return places.sorted { first, second in
            let (one, other) = (first.row + first.column, second.row + second.column)
            guard one == other else { return one < other }
            return one % 2 == 0 ? first.row > second.row : first.row < second.row
        }.map { $0.row * 8 + $0.column }
    }()

    private var bits = HuffmanBits()

    /// The JPEG of a frame's planes one behind the other; nil where they are none.
    package static func jpeg(_ planes: [UInt8]) -> [UInt8]? {
        let width = planes.count / columnBytes
        guard width > 0, width % 2 == 0, width * columnBytes == planes.count, width <= widthMax
        else { return nil }
        var writer = ThumbnailWriter()
        return header(width) + writer.scan(planes, width) + [0xFF, 0xD9]
    }

    private mutating func scan(_ planes: [UInt8], _ width: Int) -> [UInt8] {
        let (half, halfRows) = (width / 2, Self.rows / 2)
        let size = width * Self.rows
        let y = BlockPlane(planes[..<size], width, of: 16)
        let blue = BlockPlane(planes[size..<size + half * halfRows], half, of: 8)
        let red = BlockPlane(planes[(size + half * halfRows)...], half, of: 8)
        var last = (y: 0, blue: 0, red: 0)
        for row in 0..<blue.blockRows {
            for column in 0..<blue.blockColumns {
                for place in 0..<4 {
                    let block = y.block(2 * row + place / 2, 2 * column + place % 2)
                    bits.write(Self.brightness.coefficients(block), &last.y, Self.order)
                }
                let blues = Self.colour.coefficients(blue.block(row, column))
                bits.write(blues, &last.blue, Self.order)
                let reds = Self.colour.coefficients(red.block(row, column))
                bits.write(reds, &last.red, Self.order)
            }
        }
        return bits.finish()
    }

    private static func header(_ width: Int) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8 & 255), UInt8(value & 255)] }
        func part(_ mark: UInt8, _ content: [UInt8]) -> [UInt8] {
            [0xFF, mark] + number(content.count + 2) + content
        }
        // Version 1.1, square pixels, no picture inside.
        let name = part(0xE0, Array("JFIF".utf8) + [0, 1, 1, 0, 0, 1, 0, 1, 0, 0])
        // Each component's number, how many of its blocks stand in a square, its table of steps.
        let frame = part(
            0xC0, [8] + number(rows) + number(width) + [3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0])
        let tables = part(
            0xC4, [0] + HuffmanBits.means.header + [0x10] + HuffmanBits.others.header)
        return [0xFF, 0xD8] + name + part(0xDB, [0] + steps) + frame + tables
            + part(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0])
    }
}

/// A plane whose last column and row are repeated until it is made of whole blocks.
private struct BlockPlane {
    private let values: [UInt8]
    private let width: Int
    var blockColumns: Int { width / 8 }
    var blockRows: Int { values.count / width / 8 }

    /// Both sides become multiples of `unit`.
    init(_ plane: ArraySlice<UInt8>, _ width: Int, of unit: Int) {
        let whole = (width + unit - 1) / unit * unit
        var values: [UInt8] = []
        for start in stride(from: plane.startIndex, to: plane.endIndex, by: width) {
            values += plane[start..<start + width]
            values += repeatElement(plane[start + width - 1], count: whole - width)
        }
        let last = values[(values.count - whole)...]
        while values.count / whole % unit != 0 { values += last }
        self.values = values
        self.width = whole
    }

    /// Eight rows of eight.
    func block(_ row: Int, _ column: Int) -> InlineArray<8, SIMD8<Float>> {
        let corner = row * 8 * width + column * 8
        var block = InlineArray<8, SIMD8<Float>>(repeating: .zero)
        unsafe values.withUnsafeBytes { values in
            for line in 0..<8 {
                let eight = unsafe values.loadUnaligned(
                    fromByteOffset: corner + line * width, as: SIMD8<UInt8>.self)
                block[line] = SIMD8(eight)
            }
        }
        return block
    }
}

/// Turns blocks into how much of which wave is in them.
private struct BlockCosines {
    /// The first half of each wave, scaled so that the length of a whole one is 1: the second half
    /// is the same backwards, or its opposite.
    private let halves: InlineArray<32, Float>
    /// Row n has the nth place of all waves.
    private let places: InlineArray<8, SIMD8<Float>>
    /// By what a coefficient is multiplied, row by row.
    private let factors: InlineArray<8, SIMD8<Float>>
    /// What is taken off the first coefficient, since samples do not lie around 0.
    private let shift: SIMD8<Float>

    /// For samples from `lowest` on, of which `range` steps are 255 in the file, where `middle` is
    /// taken off.
    init(steps: [UInt8], order: [Int], lowest: Float, range: Float, middle: Float) {
        // The cosines of sixteenths of half a turn.
        let cosines: [Float] = [
            1, 0.980_785_25, 0.923_879_5, 0.831_469_6, 0.707_106_77, 0.555_570_24, 0.382_683_43,
            0.195_090_32, 0,
        ]
        func wave(_ number: Int, _ place: Int) -> Float {
            let angle = number * (2 * place + 1) % 32
            let half = angle > 16 ? 32 - angle : angle
            let value = half > 8 ? -cosines[16 - half] : cosines[half]
            return value * (number == 0 ? 0.353_553_38 : 0.5)
        }
        halves = InlineArray { wave($0 / 4, $0 % 4) }
        var places = InlineArray<8, SIMD8<Float>>(repeating: .zero)
        var factors = places
        for row in 0..<8 {
            for column in 0..<8 { places[row][column] = wave(column, row) }
        }
        for (place, step) in zip(order, steps) {
            factors[place / 8][place % 8] = 255 / range / Float(step)
        }
        (self.places, self.factors) = (places, factors)
        shift = SIMD8(lowHalf: [8 * (lowest + middle * range / 255), 0, 0, 0], highHalf: .zero)
    }

    /// The coefficients of a block, divided by their steps and rounded, row by row.
    func coefficients(_ block: InlineArray<8, SIMD8<Float>>) -> InlineArray<8, SIMD8<Int32>> {
        var coefficients = InlineArray<8, SIMD8<Int32>>(repeating: .zero)
        // Beyond this number there are no fractions, which rounds.
        let whole: Float = 12_582_912
        for row in 0..<8 {
            let sign: Float = row % 2 == 0 ? 1 : -1
            var down = SIMD8<Float>.zero
            for line in 0..<4 {
                down += (block[line] + sign * block[7 - line]) * halves[4 * row + line]
            }
            var result = row == 0 ? -shift : .zero
            for column in 0..<8 { result += places[column] * down[column] }
            let rounded = result * factors[row] + whole
            coefficients[row] =
                unsafe unsafeBitCast(rounded, to: SIMD8<Int32>.self)
                &- Int32(bitPattern: whole.bitPattern)
        }
        return coefficients
    }
}

/// Writes coefficients as bits, often met ones as few (T.81, annexes F and K).
private struct HuffmanBits {
    /// A Huffman table: how many codes have each length, and what they stand for in their order.
    struct Table {
        let header: [UInt8]
        /// The code of each value, and how many bits it has.
        private(set) var codes = [(code: UInt32, length: Int)](repeating: (0, 0), count: 256)

        init(_ counts: [UInt8], _ values: [UInt8]) {
            header = counts + values
            var rest = values[...]
            var code: UInt32 = 0
            for (length, count) in counts.enumerated() {
                for value in rest.prefix(Int(count)) {
                    codes[Int(value)] = (code, length + 1)
                    code += 1
                }
                rest = rest.dropFirst(Int(count))
                code <<= 1
            }
        }
    }

    /// For how far a block's mean is from the one before.
    static let means = Table([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], Array(0...11))
    /// For all else: how many zeros come before, and how many bits follow.
    static let others = Table(
        [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125],
        [
            0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51,
            0x61, 0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1,
            0x15, 0x52, 0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18,
            0x19, 0x1A, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A,
        ] + rare)
    /// What is so rare that its order follows from its number.
    private static let rare: [UInt8] = (3...15).flatMap { zeros -> [UInt8] in
        let least = [3: 4, 14: 1, 15: 1][zeros] ?? (zeros < 9 ? 3 : 2)
        return (least...10).map { UInt8(zeros << 4 | $0) }
    }

    private var bytes: [UInt8] = []
    private var waiting: UInt64 = 0
    private var count = 0

    /// Writes a block; `last` is the mean of the one before.
    mutating func write(
        _ block: InlineArray<8, SIMD8<Int32>>, _ last: inout Int, _ order: [Int]
    ) {
        let mean = Int(block[0][0])
        let change = mean - last
        last = mean
        put(0, change, Self.means)
        var zeros = 0
        unsafe withUnsafeBytes(of: block) { block in
            for index in 1..<64 {
                let value = unsafe block.load(fromByteOffset: 4 * order[index], as: Int32.self)
                guard value != 0 else {
                    zeros += 1
                    continue
                }
                while zeros > 15 {
                    put(Self.others.codes[0xF0])
                    zeros -= 16
                }
                put(zeros, Int(value), Self.others)
                zeros = 0
            }
        }
        if zeros > 0 { put(Self.others.codes[0]) }
    }

    /// The last byte is filled with ones.
    mutating func finish() -> [UInt8] {
        put((0x7F, 7))
        return bytes
    }

    /// Writes how many bits a value has and how many zeros come before it, and its bits.
    private mutating func put(_ zeros: Int, _ value: Int, _ table: Table) {
        let size = Int.bitWidth - value.magnitude.leadingZeroBitCount
        let code = table.codes[zeros << 4 | size]
        let bits = (value < 0 ? value - 1 : value) & ((1 << size) - 1)
        put((code.code << UInt32(size) | UInt32(bits), code.length + size))
    }

    private mutating func put(_ code: (code: UInt32, length: Int)) {
        waiting = waiting << UInt64(code.length) | UInt64(code.code)
        count += code.length
        while count >= 8 {
            count -= 8
            let byte = UInt8(truncatingIfNeeded: waiting >> UInt64(count))
            bytes.append(byte)
            // What looks like a mark is none with a zero behind it.
            if byte == 0xFF { bytes.append(0) }
        }
    }
}
