// What a typed time consists of, before anyone knows what it means: numbers with colons between
// them, a decimal fraction, a unit. Also how a fraction becomes whole nanoseconds.

/// The parts of a typed time: 1 to 4 number fields, a decimal fraction, a unit.
///
/// Numbers have at most 18 digits, so that none of them overflows; what a fraction has behind them
/// is less than any time.
struct ScannedTime {
    enum Unit {
        case none, frames, milliseconds, seconds, minutes, hours
    }

    private(set) var fields: (Int64, Int64, Int64, Int64) = (0, 0, 0, 0)
    private(set) var fieldCount = 0
    var hasSemicolon = false
    private(set) var fraction: Int64 = 0
    private(set) var decimals = 0
    private(set) var unit = Unit.none
    /// Whether the fraction had more digits.
    private var isCut = false

    init(_ text: String) throws(TimecodeError) {
        var number: Int64 = 0
        var digits = 0
        var inFraction = false
        var bytes = (Self.withoutExponent(text) ?? text).utf8.makeIterator()
        scan: while let byte = bytes.next() {
            switch byte {
            case 0x30...0x39 where inFraction && digits == 18: isCut = isCut || byte != 0x30
            case 0x30...0x39:
                number = number * 10 + Int64(byte - 0x30)
                digits += 1
                if digits > 18 { throw .tooLarge(text) }
            case UInt8(ascii: ":") where digits > 0 && !inFraction,
                UInt8(ascii: ";") where digits > 0 && !inFraction:
                guard append(number) else { throw .notATime(text) }
                hasSemicolon = hasSemicolon || byte == UInt8(ascii: ";")
                (number, digits) = (0, 0)
            case UInt8(ascii: ".") where digits > 0 && !inFraction:
                guard append(number) else { throw .notATime(text) }
                inFraction = true
                (number, digits) = (0, 0)
            default:
                guard let unit = ScannedTime.unit(byte, bytes.next()), bytes.next() == nil else {
                    throw .notATime(text)
                }
                self.unit = unit
                break scan
            }
        }
        guard digits > 0 else { throw .notATime(text) }
        if inFraction {
            (fraction, decimals) = (number, digits)
        } else {
            guard append(number) else { throw .notATime(text) }
        }
    }

    private mutating func append(_ number: Int64) -> Bool {
        switch fieldCount {
        case 0: fields.0 = number
        case 1: fields.1 = number
        case 2: fields.2 = number
        case 3: fields.3 = number
        default: return false
        }
        fieldCount += 1
        return true
    }

    private static func unit(_ first: UInt8, _ second: UInt8?) -> Unit? {
        switch (first, second) {
        case (UInt8(ascii: "f"), nil): return .frames
        case (UInt8(ascii: "m"), UInt8(ascii: "s")): return .milliseconds
        case (UInt8(ascii: "s"), nil): return .seconds
        case (UInt8(ascii: "m"), nil): return .minutes
        case (UInt8(ascii: "h"), nil): return .hours
        default: return nil
        }
    }

    /// A number such as `1.5e-05s` as one without an exponent; nil where there is none.
    private static func withoutExponent(_ text: String) -> String? {
        guard let mark = text.utf8.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else {
            return nil
        }
        let parts = text[..<mark].split(separator: ".", omittingEmptySubsequences: false)
        let digits = parts.joined()
        var rest = text[text.utf8.index(after: mark)...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        let power = rest.prefix { isDigit($0) }
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }), digits.allSatisfy(isDigit),
            power.count <= 3, let size = Int(power),
            rest.dropFirst(power.count).allSatisfy(\.isLetter)
        else { return nil }
        // Beyond so many digits a number is too large, or nothing.
        let point = parts[0].count + (isNegative ? -min(size, farthest) : min(size, farthest))
        let zeros = { String(repeating: "0", count: max(0, $0)) }
        let padded = zeros(1 - point) + digits + zeros(point - digits.count)
        let whole = max(point, 1)
        let fraction = padded.dropFirst(whole)
        return "\(padded.prefix(whole))\(fraction.isEmpty ? "" : ".\(fraction)")"
            + rest.dropFirst(power.count)
    }

    /// Digits by which an exponent moves the point at most.
    private static let farthest = 40

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    /// Nanoseconds of `whole` and the fraction together, `unit` nanoseconds each.
    ///
    /// What is no whole number of them is rounded to the nearest, halves up; where a frame of the
    /// rate begins within a nanosecond behind that, to the frame, for which the time was divided.
    func time(
        of whole: Int128, unit: Int64, _ text: String, _ rate: FrameRate?
    ) throws(TimecodeError) -> Int64 {
        var scale: Int128 = 1
        for _ in 0..<decimals { scale *= 10 }
        let (part, rest) = (Int128(fraction) * Int128(unit)).quotientAndRemainder(
            dividingBy: scale)
        let rounded = whole * Int128(unit) + part + (2 * rest >= scale ? 1 : 0)
        guard let time = Int64(exactly: rounded) else { throw .tooLarge(text) }
        guard rest > 0 || isCut, let rate, time < .max else { return time }
        let isBeforeFrame =
            Timecode.frame(at: time + 1, rate: rate) > Timecode.frame(at: time, rate: rate)
        return isBeforeFrame ? time + 1 : time
    }
}
