// When an evaluation has to answer with what it has: it looks at a clock now and then, between
// stretches of documents, never for each posting.

/// A moment, and the clock that tells whether it has come.
package struct Deadline: Sendable {
    private let moment: Double
    private let clock: @Sendable () -> Double

    /// A moment in seconds of a clock that only goes forward.
    package init(_ moment: Double, on clock: @escaping @Sendable () -> Double) {
        self.moment = moment
        self.clock = clock
    }

    /// Whether the moment has come.
    package var hasPassed: Bool { clock() >= moment }
}

/// Asked by everything that takes part in one evaluation whether it is time to stop.
final class Watch {
    /// A single document is looked at so often before the clock is.
    private static let patience: UInt32 = 256

    var deadline: Deadline?
    /// Whether it was time once; what an evaluation finds from then on does not count.
    private(set) var isOver = false
    private var steps: UInt32 = 0

    /// Looks at the clock, where there is a deadline.
    @inline(__always)
    func isTime() -> Bool { deadline == nil ? false : look() }

    /// The same, for those who ask at every document: looks at the clock the first time, and then
    /// rarely.
    @inline(__always)
    func isTimeAtLast() -> Bool {
        guard deadline != nil else { return false }
        steps &+= 1
        return steps % Self.patience == 1 ? look() : isOver
    }

    private func look() -> Bool {
        if !isOver { isOver = deadline?.hasPassed ?? false }
        return isOver
    }
}
