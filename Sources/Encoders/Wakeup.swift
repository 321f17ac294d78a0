// Wakes the thread of an encoder out of its poll; and starts that thread.

private import CProcess
import Glibc

/// A pipe to oneself.
final class Wakeup: Sendable {
    /// What the waiting thread polls.
    let descriptor: Int32
    private let other: Int32

    /// Throws when there is no pipe to be had.
    init() throws(EncoderError) {
        var ends: [Int32] = [0, 0]
        let failure = unsafe mspd_pipe(&ends, false)
        guard failure == 0 else { throw .start("no pipe (errno \(failure))") }
        (descriptor, other) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(other)
    }

    /// Has the next poll, or the one under way, return.
    func signal() {
        var byte: UInt8 = 0
        // A pipe that is full wakes as well.
        _ = unsafe write(other, &byte, 1)
    }

    /// Takes the signals that have come.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(descriptor, &bytes, bytes.count) > 0 {}
    }
}

/// Runs `body` on a thread of its own, for which nobody waits; false when there is none to be had.
package func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
    let context = unsafe Unmanaged.passRetained(Body(body))
    var thread = pthread_t()
    let failure = unsafe pthread_create(
        &thread, nil,
        { context in
            guard let context = unsafe context else { return nil }
            unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }, context.toOpaque())
    guard failure == 0 else {
        unsafe context.release()
        return false
    }
    pthread_detach(thread)
    return true
}
