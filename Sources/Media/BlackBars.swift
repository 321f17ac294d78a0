// The black bars that a film's picture may lie between, above and below it, at its sides, or both.
// Nothing changes there: what is measured over whole frames says less of the picture the larger the
// bars are.
//
// Bars are what was black in every frame so far. That the rest is a picture, and not a title on
// black, is known once a frame was lit along all its edges.

/// The bars of one film, as its frames so far tell.
struct BlackBars {
    /// The brightness up to which a pixel is black.
    private static let darkest: UInt8 = 24
    private static let rows = FrameTrace.rows
    private static let columns = FrameTrace.columns

    /// Where anything was lit.
    private var lit: (rows: ClosedRange<Int>, columns: ClosedRange<Int>)?
    /// Where nothing was, in each row.
    private var bars: [Range<Int>] = []
    private var isPicture = false

    /// The share of a frame that the picture takes, as far as is known.
    var picture: Float {
        guard isPicture, let lit else { return 1 }
        return Float(lit.rows.count * lit.columns.count) / Float(Self.rows * Self.columns)
    }

    /// Learns from the brightness of the next frame.
    mutating func learn(_ brightness: [UInt8]) {
        if lit == nil || bars.contains(where: { Self.isLit(brightness[$0]) }) { grow(brightness) }
        guard !isPicture, !bars.isEmpty, let lit else { return }
        isPicture =
            [lit.rows.lowerBound, lit.rows.upperBound].allSatisfy {
                2 * Self.litInRow($0, brightness) > lit.columns.count
            }
            && [lit.columns.lowerBound, lit.columns.upperBound].allSatisfy {
                2 * Self.litInColumn($0, brightness) > lit.rows.count
            }
    }

    /// Takes what is lit in a frame to what was lit before.
    private mutating func grow(_ brightness: [UInt8]) {
        let rows = (0..<Self.rows).filter { Self.litInRow($0, brightness) > 0 }
        let columns = (0..<Self.columns).filter { Self.litInColumn($0, brightness) > 0 }
        guard let top = rows.first, let bottom = rows.last, let left = columns.first,
            let right = columns.last
        else { return }
        let known = lit ?? (top...bottom, left...right)
        let all = (
            rows: min(top, known.rows.lowerBound)...max(bottom, known.rows.upperBound),
            columns: min(left, known.columns.lowerBound)...max(right, known.columns.upperBound)
        )
        lit = all
        bars = (0..<Self.rows).flatMap { row in
            let start = row * Self.columns
            let end = start + Self.columns
            guard all.rows.contains(row) else { return [start..<end] }
            return [
                start..<start + all.columns.lowerBound, start + all.columns.upperBound + 1..<end,
            ]
        }.filter { !$0.isEmpty }
    }

    /// Makes what lies in the bars as black as can be.
    func blacken(_ brightness: inout [UInt8]) {
        guard isPicture else { return }
        for pixel in bars.joined() { brightness[pixel] = 0 }
    }

    private static func isLit(_ pixels: ArraySlice<UInt8>) -> Bool {
        pixels.contains { $0 > darkest }
    }

    private static func litInRow(_ row: Int, _ brightness: [UInt8]) -> Int {
        brightness[row * columns..<(row + 1) * columns].count { $0 > darkest }
    }

    private static func litInColumn(_ column: Int, _ brightness: [UInt8]) -> Int {
        (0..<rows).count { brightness[$0 * columns + column] > darkest }
    }
}
