// A frame rate as an exact fraction of frames per second, in lowest terms.
//
// The names editors use ("23.976", "29.97") are rounded; the rates behind them are not: 23.976 is
// 24000/1001. So a name is looked up in a short table, never read as a decimal, and any other
// decimal is refused: nobody can say which fraction was meant by it.
// What must always hold: 1 <= numerator / denominator <= 1000, both at most `largestTerm`, no
// common factor. Timecode's arithmetic relies on these bounds.

/// A frame rate: `numerator / denominator` frames per second, between 1 and 1000.
package struct FrameRate: Sendable, Hashable, CustomStringConvertible {
    /// Frames in `denominator` seconds, in lowest terms.
    package let numerator: Int64
    /// The seconds in which `numerator` frames pass, in lowest terms.
    package let denominator: Int64

    /// The frames counted in one second of a timecode label: the rate rounded up (30 for 29.97).
    package let nominal: Int64

    /// The largest numerator or denominator accepted.
    package static let largestTerm: Int64 = 1_000_000_000

    /// Makes the rate `numerator / denominator`; nil outside 1...1000 frames per second.
    package init?(numerator: Int64, denominator: Int64) {
        let terms = 1...FrameRate.largestTerm
        guard terms.contains(numerator), terms.contains(denominator) else { return nil }
        guard numerator >= denominator, numerator <= 1000 * denominator else { return nil }
        self.init(reducing: numerator, denominator)
    }

    private init(reducing numerator: Int64, _ denominator: Int64) {
        let divisor = greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
        self.nominal = (numerator + denominator - 1) / denominator
    }

    /// Reads a name of a rate ("24", "23.976", "23.98", "59.94") or a fraction ("30000/1001").
    ///
    /// Nil for any other decimal, for anything outside 1...1000 and for anything else.
    package init?(_ text: String) {
        if let named = FrameRate.names.first(where: { $0.name == text }) {
            self = named.rate
            return
        }
        let terms = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard terms.count <= 2, let first = terms.first, let last = terms.last else { return nil }
        guard let numerator = FrameRate.integer(first) else { return nil }
        guard let denominator = terms.count == 2 ? FrameRate.integer(last) : 1 else { return nil }
        self.init(numerator: numerator, denominator: denominator)
    }

    /// The name that reads back as this rate: "24", "23.976", or "125/3" where there is none.
    package var description: String {
        if let named = FrameRate.names.first(where: { $0.rate == self }) { return named.name }
        return denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
    }

    /// Whether SMPTE ST 12-1 defines drop-frame labels at this rate: 29.97 and 59.94 only.
    package var allowsDropFrame: Bool { droppedPerMinute > 0 }

    /// The label numbers drop-frame counting skips at the start of a minute; 0 where there is none.
    var droppedPerMinute: Int64 {
        guard denominator == 1001 else { return 0 }
        switch numerator {
        case 30000: return 2
        case 60000: return 4
        default: return 0
        }
    }

    /// The rates with names, slowest first: those of cameras and edit suites.
    package static let all: [FrameRate] = [
        FrameRate(reducing: 24000, 1001), FrameRate(reducing: 24, 1), FrameRate(reducing: 25, 1),
        FrameRate(reducing: 30000, 1001), FrameRate(reducing: 30, 1),
        FrameRate(reducing: 48000, 1001), FrameRate(reducing: 48, 1), FrameRate(reducing: 50, 1),
        FrameRate(reducing: 60000, 1001), FrameRate(reducing: 60, 1),
    ]

    /// Decimal names; the first one of a rate is the one printed.
    private static let names: [(name: String, rate: FrameRate)] = [
        ("23.976", FrameRate(reducing: 24000, 1001)), ("23.98", FrameRate(reducing: 24000, 1001)),
        ("29.97", FrameRate(reducing: 30000, 1001)),
        ("47.952", FrameRate(reducing: 48000, 1001)), ("47.95", FrameRate(reducing: 48000, 1001)),
        ("59.94", FrameRate(reducing: 60000, 1001)),
    ]

    /// Reads 1 to 10 digits and nothing else.
    private static func integer(_ digits: Substring.UTF8View) -> Int64? {
        guard (1...10).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for byte in digits {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        return value
    }
}

/// Euclid's algorithm; both numbers are positive.
private func greatestCommonDivisor(_ first: Int64, _ second: Int64) -> Int64 {
    var (a, b) = (first, second)
    while b != 0 { (a, b) = (b, a % b) }
    return a
}
