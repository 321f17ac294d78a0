// Why a text is not a time. Each case carries the facts, and its description says what would be
// accepted, with the nearest label where there is one: these sentences reach the person who typed.

/// Why a time or a label could not be read.
package enum TimecodeError: Error, Equatable, CustomStringConvertible {
    /// A part of a label that has an upper limit.
    package enum Field: String, Sendable {
        case hours, minutes, seconds, frames
    }

    /// The text has none of the accepted forms.
    case notATime(String)
    /// A number other than 0 without a unit.
    case missingUnit(String)
    /// A label or a count of frames, where the title has no frame rate.
    case needsFrameRate(String)
    /// A field above `limit`; `nearest` is the nearest time that can be written, if there is one.
    case fieldTooLarge(String, field: Field, limit: Int64, nearest: String?)
    /// A drop-frame label at a rate that has no drop-frame counting.
    case noDropFrame(String, rate: FrameRate, nearest: String)
    /// A label that drop-frame counting skips.
    case droppedLabel(String, rate: FrameRate, nearest: String)
    /// A label before the label of the title's first frame.
    case beforeStart(String, start: String)
    /// A time beyond what 64 bits of nanoseconds can hold, some 292 years.
    case tooLarge(String)

    /// One sentence for a person: what is wrong, and what would be right.
    package var description: String {
        switch self {
        case .notATime(let text):
            return "\(quoted(text)) is not a time: write HH:MM:SS:FF, HH:MM:SS.mmm, MM:SS.mmm, "
                + "62.5s, 62500ms, 1488f, 5m, 1h or 0"
        case .missingUnit(let text):
            return "\(quoted(text)) has no unit: put s for seconds, ms, m, h or f (frames) after it"
        case .needsFrameRate(let text):
            return "\(quoted(text)) counts frames, and the title has no frame rate: set fps, "
                + "or write HH:MM:SS.mmm"
        case .fieldTooLarge(let text, let field, let limit, let nearest):
            let hint = nearest.map { "; the nearest is \($0)" } ?? ""
            return "\(quoted(text)): \(field.rawValue) go from 0 to \(limit)\(hint)"
        case .noDropFrame(let text, let rate, let nearest):
            return "\(quoted(text)): \(rate) fps has no drop-frame labels (only 29.97 and 59.94 "
                + "have): write \(nearest)"
        case .droppedLabel(let text, let rate, let nearest):
            return "\(quoted(text)): drop-frame at \(rate) fps skips frames 00 to "
                + "0\(rate.droppedPerMinute - 1) of each minute that is not a tenth one; "
                + "the nearest is \(nearest)"
        case .beforeStart(let text, let start):
            return "\(quoted(text)) is before the title's first frame, \(start)"
        case .tooLarge(let text):
            return "\(quoted(text)) is too large a time"
        }
    }
}

private func quoted(_ text: String) -> String { "'\(clipped(text))'" }

/// At most 40 characters of what was typed, without control characters.
private func clipped(_ text: String) -> String {
    let start = String(text.unicodeScalars.prefix(40).map { $0.value < 0x20 ? "?" : Character($0) })
    return text.unicodeScalars.count > 40 ? start + "..." : start
}
