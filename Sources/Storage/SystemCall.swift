// What system calls do short of failing: they are interrupted by a signal before anything was done,
// and they move fewer bytes than they were asked to. Both are to be gone on with, not errors.
//
// These loops stand apart from the calls so that tests can put calls of their own under them.

import Glibc

/// Loops around system calls.
package enum SystemCall {
    /// What one call did.
    package enum Outcome: Equatable, Sendable {
        /// It moved so many bytes, perhaps fewer than asked; 0 at the end of the file.
        case moved(Int)
        /// It failed with this errno.
        case failed(Int32)

        /// The outcome of a call that returns a count, or -1 and sets errno.
        init(_ count: Int) { self = count >= 0 ? .moved(count) : .failed(errno) }
    }

    /// Makes a call, and makes it again as long as it is interrupted.
    ///
    /// `call` returns nil for success and otherwise an errno; so does this.
    package static func uninterrupted(_ call: () -> Int32?) -> Int32? {
        while true {
            let failure = call()
            if failure != EINTR { return failure }
        }
    }

    /// Calls until `count` bytes have been moved, the end is reached or a call fails.
    ///
    /// `call` is told how many bytes have been moved before. The errno comes with the bytes that
    /// were moved until then.
    package static func transfer(
        _ count: Int, _ call: (_ done: Int) -> Outcome
    ) -> (moved: Int, failure: Int32?) {
        var done = 0
        while done < count {
            switch call(done) {
            case .moved(0): return (done, nil)
            case .moved(let more): done += more
            case .failed(EINTR): continue
            case .failed(let failure): return (done, failure)
            }
        }
        return (done, nil)
    }
}
