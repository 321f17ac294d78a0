// Reading the times and labels people type. One pass over the bytes splits a text into number
// fields, a decimal fraction and a unit; what it means is then decided from their count:
//
//   HH:MM:SS:FF  HH:MM:SS;FF  a SMPTE label; any ';' makes it drop-frame (Avid writes 01;18;00;02),
//                             as does a title that counts so, whose labels many write with ':'
//   HH:MM:SS.fff MM:SS.fff    a clock, with decimals or none
//   62.5s 62500ms 5m 1h 1488f a number with a unit, also as programs write it: 6.25e1s
//   0                         the first frame
//
// A SMPTE label counts from the label of the title's first frame, every other form from the frame
// itself. Nothing is guessed: a field out of range is an error that names the nearest right label.
// Decimals below a nanosecond are rounded, since programs print what they have divided.

extension Timecode {
    /// Nanoseconds from the title's first frame to the time or label in `text`.
    ///
    /// `start` is the number of the first frame's label; `dropFrame` says that the title counts in
    /// drop-frame, so that every label does. A label more than half a day before it is
    /// taken to be after midnight, any other earlier label is an error. A label and a count of
    /// frames stand for the moment their frame begins, and need a rate.
    package static func parse(
        _ text: String, rate: FrameRate?, start: Int64, dropFrame: Bool = false
    ) throws(TimecodeError) -> Int64 {
        var scanned = try ScannedTime(text)
        switch scanned.fieldCount {
        case 4:
            guard let rate else { throw .needsFrameRate(text) }
            if dropFrame, rate.allowsDropFrame { scanned.hasSemicolon = true }
            let label = try frames(scanned, text, rate: rate)
            return try nanoseconds(label: label, text, rate: rate, start: start)
        case 2, 3:
            return try clock(scanned, text, rate: rate)
        default:
            return try count(scanned, text, rate: rate)
        }
    }

    /// The frame number a SMPTE label stands for, counted from label zero, and how it counts.
    package static func frames(
        label text: String, rate: FrameRate
    ) throws(TimecodeError) -> (frames: Int64, dropFrame: Bool) {
        let scanned = try ScannedTime(text)
        guard scanned.fieldCount == 4 else { throw .notATime(text) }
        return try frames(scanned, text, rate: rate)
    }

    private static func nanoseconds(
        label: (frames: Int64, dropFrame: Bool), _ text: String, rate: FrameRate, start: Int64
    ) throws(TimecodeError) -> Int64 {
        let dropped = label.dropFrame ? rate.droppedPerMinute : 0
        let day = framesPerDay(rate, dropped: dropped)
        var (frame, overflow) = label.frames.subtractingReportingOverflow(start)
        if overflow { throw .tooLarge(text) }
        if frame < -day / 2 { frame += day }
        guard frame >= 0 else {
            let first = Timecode.label(frames: start, rate: rate, dropFrame: label.dropFrame)
            throw .beforeStart(text, start: first)
        }
        return try nanoseconds(frame: frame, text, rate: rate)
    }

    private static func nanoseconds(
        frame: Int64, _ text: String, rate: FrameRate
    ) throws(TimecodeError) -> Int64 {
        let time = nanoseconds(ofFrame: frame, rate: rate)
        guard self.frame(at: time, rate: rate) == frame else { throw .tooLarge(text) }
        return time
    }

    private static func frames(
        _ scanned: ScannedTime, _ text: String, rate: FrameRate
    ) throws(TimecodeError) -> (frames: Int64, dropFrame: Bool) {
        guard scanned.unit == .none, scanned.decimals == 0 else { throw .notATime(text) }
        let (hours, minutes, seconds, frame) = scanned.fields
        guard hours <= 23 else {
            throw .fieldTooLarge(text, field: .hours, limit: 23, nearest: nil)
        }
        if let excess = excess(scanned, rate: rate) {
            let nearest = nearestLabel(scanned, rate: rate)
            throw .fieldTooLarge(text, field: excess.field, limit: excess.limit, nearest: nearest)
        }
        let number = ((hours * 60 + minutes) * 60 + seconds) * rate.nominal + frame
        guard scanned.hasSemicolon else { return (number, false) }
        let dropped = rate.droppedPerMinute
        let nearest = { nearestLabel(scanned, rate: rate) ?? "" }
        guard dropped > 0 else { throw .noDropFrame(text, rate: rate, nearest: nearest()) }
        guard seconds > 0 || frame >= dropped || minutes % 10 == 0 else {
            throw .droppedLabel(text, rate: rate, nearest: nearest())
        }
        let wholeMinutes = hours * 60 + minutes
        return (number - dropped * (wholeMinutes - wholeMinutes / 10), true)
    }

    /// The first field below the hours that is above its limit.
    private static func excess(
        _ scanned: ScannedTime, rate: FrameRate
    ) -> (field: TimecodeError.Field, limit: Int64)? {
        if scanned.fields.1 > 59 { return (.minutes, 59) }
        if scanned.fields.2 > 59 { return (.seconds, 59) }
        return scanned.fields.3 >= rate.nominal ? (.frames, rate.nominal - 1) : nil
    }

    /// The label meant by fields that are too large: each carries into the one before it.
    private static func nearestLabel(_ scanned: ScannedTime, rate: FrameRate) -> String? {
        let (hours, minutes, seconds, frames) = scanned.fields
        let limit: Int64 = 1_000_000_000
        guard minutes < limit, seconds < limit, frames < limit else { return nil }
        let (carried, shown) = frames.quotientAndRemainder(dividingBy: rate.nominal)
        let total = (hours * 60 + minutes) * 60 + seconds + carried
        guard total < 86400 else { return nil }
        let dropFrame = scanned.hasSemicolon && rate.allowsDropFrame
        let isDropped = dropFrame && total % 60 == 0 && total / 60 % 10 != 0
        return label(
            hours: total / 3600, minutes: total / 60 % 60, seconds: total % 60,
            frame: isDropped ? max(shown, rate.droppedPerMinute) : shown,
            style: LabelStyle(rate: rate, dropFrame: dropFrame))
    }

    private static func clock(
        _ scanned: ScannedTime, _ text: String, rate: FrameRate?
    ) throws(TimecodeError) -> Int64 {
        guard scanned.unit == .none, !scanned.hasSemicolon else { throw .notATime(text) }
        let (first, second, third, _) = scanned.fields
        let isLong = scanned.fieldCount == 3
        let (hours, minutes, seconds) = isLong ? (first, second, third) : (0, first, second)
        let whole = (Int128(hours) * 60 + Int128(minutes)) * 60 + Int128(seconds)
        let time = try scanned.time(of: whole, unit: nanosecondsPerSecond, text, rate)
        guard minutes <= 59, seconds <= 59 else {
            throw .fieldTooLarge(
                text, field: minutes > 59 ? .minutes : .seconds, limit: 59,
                nearest: clock(nanoseconds: time))
        }
        return time
    }

    private static func count(
        _ scanned: ScannedTime, _ text: String, rate: FrameRate?
    ) throws(TimecodeError) -> Int64 {
        let number = scanned.fields.0
        let whole = Int128(number)
        switch scanned.unit {
        case .none:
            guard number == 0, scanned.decimals == 0 else { throw .missingUnit(text) }
            return 0
        case .frames:
            guard scanned.decimals == 0 else { throw .notATime(text) }
            guard let rate else { throw .needsFrameRate(text) }
            return try nanoseconds(frame: number, text, rate: rate)
        case .milliseconds:
            return try scanned.time(of: whole, unit: 1_000_000, text, rate)
        case .seconds:
            return try scanned.time(of: whole, unit: nanosecondsPerSecond, text, rate)
        case .minutes:
            return try scanned.time(of: whole, unit: 60 * nanosecondsPerSecond, text, rate)
        case .hours:
            return try scanned.time(of: whole, unit: 3600 * nanosecondsPerSecond, text, rate)
        }
    }
}
