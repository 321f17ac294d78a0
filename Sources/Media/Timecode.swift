// Timecode: the names of frames, and where frames stand in time. Time is integer nanoseconds from
// a title's first frame; labels such as 01:00:02:05 exist only at the edge, for people.
//
// Two countings (SMPTE ST 12-1) give a frame its label:
//   non-drop (HH:MM:SS:FF)  counts the nominal rate N: at 29.97 a label hour lasts 3603.6 s;
//   drop-frame (HH:MM:SS;FF) skips the first D numbers of each minute, except each tenth one, so
//                            that labels stay near the clock. No frame is lost, only numbers.
// What must always hold: frame -> label -> frame and frame -> nanoseconds -> frame are exact for
// every frame of a label day. All arithmetic is in integers; products that could pass 64 bits are
// made in 128.

/// Frame numbers, SMPTE labels and nanoseconds, turned into one another.
package enum Timecode {
    /// The time at which `frame` begins, rounded up to a whole nanosecond.
    ///
    /// Rounding up makes `frame(at:rate:)` give the same frame back. A result that does not fit is
    /// held at the nearest value that does (some 292 years).
    package static func nanoseconds(ofFrame frame: Int64, rate: FrameRate) -> Int64 {
        let product = Int128(frame) * Int128(rate.denominator * nanosecondsPerSecond)
        return Int64(clamping: -floorDivide(-product, Int128(rate.numerator)))
    }

    /// The frame shown at a time: the last one that has begun.
    package static func frame(at nanoseconds: Int64, rate: FrameRate) -> Int64 {
        let product = Int128(nanoseconds) * Int128(rate.numerator)
        let divisor = Int128(rate.denominator * nanosecondsPerSecond)
        return Int64(clamping: floorDivide(product, divisor))
    }

    /// The label of a frame number, in two digits a field (three or more for frames above 100 fps).
    ///
    /// Labels start again after 24 hours of labels, also below zero. `dropFrame` means nothing at a
    /// rate that has no drop-frame counting.
    package static func label(frames: Int64, rate: FrameRate, dropFrame: Bool) -> String {
        let dropped = dropFrame ? rate.droppedPerMinute : 0
        let wrapped = floorModulo(frames, framesPerDay(rate, dropped: dropped))
        return label(wrapped: wrapped, rate: rate, dropped: dropped)
    }

    /// The label of the frame shown at a time, where the title's first frame is number `start`.
    package static func label(
        nanoseconds: Int64, rate: FrameRate, start: Int64, dropFrame: Bool
    ) -> String {
        let dropped = dropFrame ? rate.droppedPerMinute : 0
        let day = framesPerDay(rate, dropped: dropped)
        let shown = floorModulo(frame(at: nanoseconds, rate: rate), day)
        let wrapped = (shown + floorModulo(start, day)) % day
        return label(wrapped: wrapped, rate: rate, dropped: dropped)
    }

    /// A time as `HH:MM:SS.mmm`, rounded to the nearest millisecond, halves up.
    ///
    /// Hours grow beyond 99; a time before zero has a minus sign.
    package static func clock(nanoseconds: Int64) -> String {
        let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000)
        let roundsUp = nanoseconds < 0 ? rest > 500_000 : rest >= 500_000
        let milliseconds = Int64(whole) + (roundsUp ? 1 : 0)
        var text = LabelText()
        if nanoseconds < 0, milliseconds > 0 { text.append(UInt8(ascii: "-")) }
        text.append(milliseconds / 3_600_000, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(milliseconds / 60_000 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(milliseconds / 1000 % 60, digits: 2)
        text.append(UInt8(ascii: "."))
        text.append(milliseconds % 1000, digits: 3)
        return text.string
    }

    static let nanosecondsPerSecond: Int64 = 1_000_000_000

    /// The frames that get a label before labels start again.
    static func framesPerDay(_ rate: FrameRate, dropped: Int64) -> Int64 {
        24 * 6 * (600 * rate.nominal - 9 * dropped)
    }

    /// The label of a frame number below `framesPerDay`.
    static func label(wrapped frames: Int64, rate: FrameRate, dropped: Int64) -> String {
        let number = frames + skippedNumbers(before: frames, rate: rate, dropped: dropped)
        let (seconds, frame) = number.quotientAndRemainder(dividingBy: rate.nominal)
        return label(
            hours: seconds / 3600, minutes: seconds / 60 % 60, seconds: seconds % 60, frame: frame,
            style: LabelStyle(rate: rate, dropFrame: dropped > 0))
    }

    /// How many label numbers drop-frame counting has skipped up to a frame.
    ///
    /// Ten minutes hold `600N - 9D` frames: one whole minute of 60N, then nine of `60N - D`.
    private static func skippedNumbers(before frame: Int64, rate: FrameRate, dropped: Int64)
        -> Int64
    {
        guard dropped > 0 else { return 0 }
        let perTenMinutes = 600 * rate.nominal - 9 * dropped
        let perShortMinute = 60 * rate.nominal - dropped
        let (tens, rest) = frame.quotientAndRemainder(dividingBy: perTenMinutes)
        let shortMinutes = max(0, rest - dropped) / perShortMinute
        return dropped * (9 * tens + shortMinutes)
    }
}

/// How a label is written: what stands before the frames, and in how many digits they follow.
struct LabelStyle {
    let separator: UInt8
    let frameDigits: Int

    init(rate: FrameRate, dropFrame: Bool) {
        separator = dropFrame ? UInt8(ascii: ";") : UInt8(ascii: ":")
        frameDigits = rate.nominal <= 100 ? 2 : 3
    }
}

extension Timecode {
    /// A label from its fields.
    static func label(
        hours: Int64, minutes: Int64, seconds: Int64, frame: Int64, style: LabelStyle
    ) -> String {
        var text = LabelText()
        text.append(hours, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(minutes, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(seconds, digits: 2)
        text.append(style.separator)
        text.append(frame, digits: style.frameDigits)
        return text.string
    }
}

/// A short ASCII text under construction: at most 24 bytes, and no label or clock has more than 19.
private struct LabelText {
    private var bytes = InlineArray<24, UInt8>(repeating: 0)
    private var count = 0

    var string: String {
        guard let text = try? UTF8Span(validating: bytes.span.extracting(first: count)) else {
            preconditionFailure("a label is ASCII")
        }
        return String(copying: text)
    }

    mutating func append(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
    }

    /// Appends a number that is not negative, with leading zeros up to `digits`.
    mutating func append(_ number: Int64, digits: Int) {
        if digits > 1 || number >= 10 { append(number / 10, digits: digits - 1) }
        append(0x30 + UInt8(number % 10))
    }
}

/// Division that rounds toward minus infinity; the divisor is positive.
private func floorDivide(_ dividend: Int128, _ divisor: Int128) -> Int128 {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
}

/// The remainder that is never negative; the divisor is positive.
private func floorModulo(_ dividend: Int64, _ divisor: Int64) -> Int64 {
    let remainder = dividend % divisor
    return remainder < 0 ? remainder + divisor : remainder
}
