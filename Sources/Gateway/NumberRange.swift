// Ranges of numbers as people write them: `2000..2010`, `2000..`, `..2010`, ends included.

/// Reads ranges of numbers.
enum NumberRange {
    /// What stands between the ends of a range.
    static let mark = ".."

    /// A range, or a number alone; nil for what is neither.
    static func read(_ text: some StringProtocol) -> ClosedRange<Double>? {
        guard let dots = text.firstRange(of: mark) else {
            return Double(String(text)).flatMap { $0.isNaN ? nil : $0...$0 }
        }
        let (from, to) = (text[..<dots.lowerBound], text[dots.upperBound...])
        guard !from.isEmpty || !to.isEmpty else { return nil }
        let lower = from.isEmpty ? -Double.infinity : Double(String(from))
        let upper = to.isEmpty ? Double.infinity : Double(String(to))
        guard let lower, let upper, lower <= upper else { return nil }
        return lower...upper
    }

    /// A range as it is written.
    static func text(_ range: ClosedRange<Double>) -> String {
        if range.lowerBound == range.upperBound { return "\(range.lowerBound)" }
        let ends = [range.lowerBound, range.upperBound].map { $0.isInfinite ? "" : "\($0)" }
        return ends.joined(separator: mark)
    }
}
