// How far two frames' brightnesses are apart when what they show may have moved a little: each
// block of 4 by 4 is looked for within four pixels of its place, and the least difference counts.
// A cut changes everything and is found nowhere; a moving camera is found beside.

extension FrameTrace {
    /// How far blocks are looked for.
    private static let reach = 4
    private static let block = 4
    /// Below this difference of a block in its own place nothing is looked for.
    private static let still = 16 * 2

    /// The mean least difference, in steps a pixel.
    static func change(from first: [UInt8], to second: [UInt8]) -> Float {
        let wide = columns + 2 * reach
        let padded = padded(first)
        var total = 0
        unsafe padded.withUnsafeBufferPointer { first in
            unsafe second.withUnsafeBufferPointer { second in
                for row in stride(from: 0, to: rows, by: block) {
                    for column in stride(from: 0, to: columns, by: block) {
                        let theirs =
                            unsafe second.baseAddress.unsafelyUnwrapped
                            + row * columns + column
                        let ours = unsafe first.baseAddress.unsafelyUnwrapped + row * wide + column
                        unsafe total += least(theirs, ours, wide)
                    }
                }
            }
        }
        return Float(total) / Float(rows * columns)
    }

    /// The least difference of one block; `ours` begins `reach` above and left of its place.
    private static func least(
        _ theirs: UnsafePointer<UInt8>, _ ours: UnsafePointer<UInt8>, _ wide: Int
    ) -> Int {
        let lines = unsafe (
            line(theirs), line(theirs + columns), line(theirs + 2 * columns),
            line(theirs + 3 * columns)
        )
        let wanted = SIMD16<UInt8>(
            lowHalf: SIMD8(lowHalf: lines.0, highHalf: lines.1),
            highHalf: SIMD8(lowHalf: lines.2, highHalf: lines.3))
        var best = unsafe difference(wanted, ours + reach * wide + reach, wide)
        guard best > still else { return best }
        for down in 0...2 * reach {
            for right in 0...2 * reach {
                best = unsafe min(best, difference(wanted, ours + down * wide + right, wide))
            }
        }
        return best
    }

    private static func difference(
        _ wanted: SIMD16<UInt8>, _ from: UnsafePointer<UInt8>, _ wide: Int
    ) -> Int {
        let there = unsafe SIMD16<UInt8>(
            lowHalf: SIMD8(lowHalf: line(from), highHalf: line(from + wide)),
            highHalf: SIMD8(lowHalf: line(from + 2 * wide), highHalf: line(from + 3 * wide)))
        let apart = Bytes.apart(wanted, there)
        // Bytes beside one another are added first, then halves.
        let pairs = unsafe unsafeBitCast(apart, to: SIMD8<UInt16>.self)
        let eight = (pairs & 0xFF) &+ (pairs &>> 8)
        let four = eight.lowHalf &+ eight.highHalf
        let two = four.lowHalf &+ four.highHalf
        return Int(two[0] &+ two[1])
    }

    private static func line(_ from: UnsafePointer<UInt8>) -> SIMD4<UInt8> {
        unsafe UnsafeRawPointer(from).loadUnaligned(as: SIMD4<UInt8>.self)
    }

    /// The brightness with its edges repeated outwards.
    private static func padded(_ brightness: [UInt8]) -> [UInt8] {
        var padded: [UInt8] = []
        padded.reserveCapacity((rows + 2 * reach) * (columns + 2 * reach))
        for row in -reach..<rows + reach {
            let start = min(max(row, 0), rows - 1) * columns
            for _ in 0..<reach { padded.append(brightness[start]) }
            padded += brightness[start..<start + columns]
            for _ in 0..<reach { padded.append(brightness[start + columns - 1]) }
        }
        return padded
    }
}
