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

/// Asked by everything that takes part in one evaluation whether it is time to stop; there is none
/// where there is no deadline.
final class Watch {
    /// A single document is looked at so often before the clock is.
    private static let patience: UInt32 = 256

    private let deadline: Deadline
    /// Whether it was time once; what an evaluation finds from then on does not count.
    private(set) var isOver = false
    private var steps: UInt32 = 0

    init(_ deadline: Deadline) { self.deadline = deadline }

    /// Looks at the clock.
    func isTime() -> Bool {
        if !isOver { isOver = deadline.hasPassed }
        return isOver
    }

    /// The same, for those who ask at every document: looks at the clock the first time, and then
    /// rarely.
    @inline(__always)
    func isTimeAtLast() -> Bool {
        steps &+= 1
        return steps % Self.patience == 1 ? isTime() : isOver
    }
}
