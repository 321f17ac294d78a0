// How fast files are read by what can wait: checks and copies that share the disk with requests.
//
// After so many bytes the reader sleeps as long as they may take; the time of the reads themselves
// comes on top, so the rate is a bound that is never passed.

import Glibc
import Synchronization

/// The speed of a long piece of reading, its progress, and whether it is to be given up.
package final class Pace: Sendable {
    /// Reading sleeps after so many bytes.
    private static let stepBytes = 1 << 20

    private let bytesPerSecond: UInt64
    private let onAdvance: @Sendable (Int) -> Void
    private let isCancelled = Atomic<Bool>(false)
    private let read = Atomic<Int>(0)

    /// At most `bytesPerSecond`; 0 for as fast as it goes.
    ///
    /// `onAdvance` is told how many bytes were read altogether, again and again.
    package init(
        bytesPerSecond: UInt64 = 0, onAdvance: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.bytesPerSecond = bytesPerSecond
        self.onAdvance = onAdvance
    }

    /// Asks the reader to give up; it does so within a step.
    package func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Whether the reader was asked to give up.
    package var wasCancelled: Bool { isCancelled.load(ordering: .relaxed) }

    /// Tells of bytes that were read, and sleeps when they came too fast.
    package func advance(_ count: Int) {
        let before = read.wrappingAdd(count, ordering: .relaxed).oldValue
        onAdvance(before + count)
        let steps = (before + count) / Self.stepBytes - before / Self.stepBytes
        guard bytesPerSecond > 0, steps > 0 else { return }
        let seconds = Double(steps * Self.stepBytes) / Double(bytesPerSecond)
        // In short sleeps, so that a cancellation does not wait for long.
        for _ in 0..<Int((seconds / 0.05).rounded(.up)) where !wasCancelled {
            let part = min(seconds, 0.05)
            var time = timespec(tv_sec: 0, tv_nsec: Int(part * 1e9))
            unsafe nanosleep(&time, nil)
        }
    }
}
