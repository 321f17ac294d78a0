// Where a frame stands in time. Containers round times to ticks (a thousandth of a second in
// Matroska), so a film of a constant rate would drift by what is rounded; its frames are put back
// into their places. Where frames vary, each keeps the time that its tick says.

/// Turns the ticks of one stream into times from its first frame.
struct FrameClock {
    private let rate: FrameRate?
    /// A tick in nanoseconds, as a fraction.
    private let top: Int128
    private let bottom: Int128
    private var first: Int64?
    private var frames = 0
    private var misplaced = 0

    /// Whether the frames stand where the rate says, but for one in a hundred.
    var isSteady: Bool { rate != nil && misplaced * 100 <= frames }

    /// A clock of ticks that last `numerator / denominator` seconds.
    init(numerator: Int64, denominator: Int64, rate: FrameRate?) {
        top = Int128(numerator) * 1_000_000_000
        bottom = Int128(denominator)
        self.rate = rate
    }

    /// The first frame's own time in the file, in nanoseconds; what goes with the picture, such as
    /// subtitles, is as much later or earlier.
    var origin: Int64 { first.map(nanoseconds) ?? 0 }

    /// The time of a frame from the first one, in nanoseconds.
    mutating func time(ofTick tick: Int64) -> Int64 {
        let first = self.first ?? tick
        self.first = first
        let time = nanoseconds(tick - first)
        guard let rate else { return time }
        // Half a tick each for the frame and the first one are lost at most.
        let slack = Int64(clamping: (top + bottom - 1) / bottom)
        let half = Timecode.nanoseconds(ofFrame: 1, rate: rate) / 2
        let frame = Timecode.frame(at: time + half, rate: rate)
        let place = Timecode.nanoseconds(ofFrame: frame, rate: rate)
        frames += 1
        guard abs(place - time) > slack else { return place }
        misplaced += 1
        return time
    }

    private func nanoseconds(_ ticks: Int64) -> Int64 {
        let product = Int128(ticks) * top
        let (whole, rest) = product.quotientAndRemainder(dividingBy: bottom)
        return Int64(clamping: whole + (2 * rest >= bottom ? 1 : 0))
    }
}
